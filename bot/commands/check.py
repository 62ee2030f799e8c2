"""``bigan check``: findings in documents, on the terminal, as JSON, or as comments in a copy of a Word file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import click

from bot.commands.findings import Outcome, exit_code
from bot.commands.shared import JSON_OPTION, UserError, open_shelf, print_json, progress_bar, user_errors
from bot.office.proof import NOTICE, Proof, YearSource, levels_down_to
from bot.office.word_text import WordText, read_word
from knowledge.checking.checker import Checker, recognise_year
from knowledge.checking.model import Level
from knowledge.corpus.reader import UnreadableDocument, load, read_bytes
from knowledge.corpus.readers.limits import MAX_FILE_BYTES
from knowledge.library import Library

_STDIN = Path("-")
_STDIN_NAME = "标准输入"
_BESIDE = ""
"""The value of ``--output`` without a name: beside the document, 原名-校对.docx."""

_HELP = """校对文件：txt、docx、md、html、pdf；- 表示标准输入。

查固定表述、过时提法、序号、空位、常见误写等，每处给出级别、理由、改法和依据。

退出码：0 没有必错，1 有必错，2 用法有误，或有文件读不了、批注稿写不成。
"""


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asks for, the same for every file; ``now`` is the local time."""

    year: int | None
    unit: str | None
    lowest: Level
    output: str | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """What every file is held against: the rules, and with ``--similar`` the reports of the knowledge base."""

    checker: Checker
    library: Library | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document as it was read; ``word`` leads from its text back to a Word file where it is one."""

    name: str
    data: bytes
    text: str
    remarks: tuple[str, ...]
    word: WordText | None


@click.command(help=_HELP)
@click.argument("files", nargs=-1, required=True, metavar="文件…", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--year", type=click.IntRange(1949, 2100), help="文稿写的是哪一年；不给则从文中识别，认不出按今年")
@click.option("--unit", help="本单位名称，例如 市住建局，用来查文中别的单位")
@click.option(
    "--level",
    type=click.Choice([level.value for level in Level]),
    default=Level.HINT.value,
    help="只列这一级和更要紧的",
)
@click.option(
    "-o",
    "--output",
    is_flag=False,
    flag_value=_BESIDE,
    metavar="[OUT.docx]",
    help="另存带批注和校对结果的docx，原文件不动；不写名字则存为 原名-校对.docx",
)
@click.option("--similar", is_flag=True, help="另查与库内材料雷同的地方（只与库内比对，不联网）")
@JSON_OPTION
@click.pass_context
def check(
    context: click.Context,
    *,
    files: tuple[Path, ...],
    year: int | None,
    unit: str | None,
    level: str,
    output: str | None,
    similar: bool,
    as_json: bool,
) -> None:
    """Check documents and print what was found."""
    _check_output(output, files)
    order = Order(year, unit, Level(level), output, datetime.now().astimezone())
    outcomes: list[Outcome] = []
    with user_errors(), _open_desk(similar=similar) as desk, progress_bar("校对") as progress:
        for number, file in enumerate(files, 1):
            outcomes.append(_check_file(desk, file, order))
            progress(number, len(files), file.name)
    _print(outcomes, as_json=as_json)
    context.exit(exit_code(outcomes))


@contextmanager
def _open_desk(*, similar: bool) -> Iterator[Desk]:
    shelf = open_shelf()
    checker = Checker.load(shelf.tables)
    if not similar:
        yield Desk(checker, None)
        return
    with closing(shelf.open()) as base:
        yield Desk(checker, shelf.library(base))


def _print(outcomes: Iterable[Outcome], *, as_json: bool) -> None:
    checked = False
    for outcome in outcomes:
        if as_json:
            print_json(outcome.to_json())
        elif outcome.proof is not None:
            click.echo("\n".join(outcome.to_lines()) + "\n")
            checked = True
        if outcome.error is not None:
            click.echo(f"{outcome.name}：{outcome.error}", err=True)
    if checked:
        click.echo(NOTICE)


def _check_output(output: str | None, files: tuple[Path, ...]) -> None:
    """Say before any work what is wrong with the name of the copy."""
    if output is None:
        return
    if output == _BESIDE:
        if _STDIN in files:
            raise UserError("从标准输入读取时，--output 后面要写文件名。")
        return
    if len(files) > 1:
        raise UserError("一次校对多个文件时，--output 后面不要写文件名，批注稿会存为“原名-校对.docx”。")
    if not output.lower().endswith(".docx"):
        raise UserError("--output 的文件名要以 .docx 结尾。")
    target = Path(output)
    if _is_same(target, files[0]):
        raise UserError("--output 不能是原文件，请换一个名字。")


def _is_same(target: Path, file: Path) -> bool:
    try:
        return target.samefile(file)
    except OSError:
        return False


def _check_file(desk: Desk, file: Path, order: Order) -> Outcome:
    name = _STDIN_NAME if file == _STDIN else click.format_filename(file)
    try:
        sheet = _read(file)
    except UnreadableDocument as error:
        return Outcome(name, error=str(error))
    proof = _prove(desk.checker, sheet, order)
    similarity = desk.library.similarity(sheet.text) if desk.library else None
    outcome = Outcome(name, proof, similarity, sheet.remarks)
    if order.output is None:
        return outcome
    try:
        return replace(outcome, output=_write_copy(sheet, proof, file, order))
    except UserError as error:
        return replace(outcome, error=error.message)


def _read(file: Path) -> Sheet:
    data: bytes = sys.stdin.buffer.read(MAX_FILE_BYTES + 1) if file == _STDIN else load(file)
    # For a docx too: this is where everything hostile is refused.
    document = read_bytes(data, "" if file == _STDIN else file.name)
    word = read_word(data) if document.format == "docx" else None
    # A copy is handed on: it names the document, not the folders it came from.
    name = _STDIN_NAME if file == _STDIN else click.format_filename(file, shorten=True)
    return Sheet(name, data, word.text if word else document.text, document.remarks, word)


def _prove(checker: Checker, sheet: Sheet, order: Order) -> Proof:
    if order.year is not None:
        year, source = order.year, YearSource.OPTION
    elif (recognised := recognise_year(sheet.text)) is not None:
        year, source = recognised, YearSource.TEXT
    else:
        year, source = order.now.year, YearSource.CLOCK
    shown = levels_down_to(order.lowest)
    findings = checker.check(sheet.text, year=year, unit=order.unit)
    kept = sorted((f for f in findings if f.level in shown), key=lambda f: (f.start, f.end))
    return Proof(sheet.name, sheet.text, year, source, tuple(kept), order.lowest)


def _write_copy(sheet: Sheet, proof: Proof, file: Path, order: Order) -> Path:
    """Write the copy with comments and return where it is."""
    from bot.office.comments import UnmarkableDocument, annotate  # noqa: PLC0415 - only who writes Word files pays for it

    if sheet.word is None:
        raise UserError("只有docx能加批注，没有写批注稿。")
    try:
        annotated = annotate(sheet.data, sheet.word, proof, order.now)
    except (UnreadableDocument, UnmarkableDocument) as error:
        raise UserError(str(error)) from error
    target = Path(order.output) if order.output else _free_name(file)
    partial = target.with_name(f".{target.name}.part")
    try:
        partial.write_bytes(annotated.data)
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UserError(f"批注稿写不到 {click.format_filename(target)}（{error.strerror}）。") from error
    return target


def _free_name(file: Path) -> Path:
    """Return 原名-校对.docx beside ``file``, numbered where that is taken: somebody may be working in it."""
    target = file.with_name(f"{file.stem}-校对.docx")
    number = 2
    while target.exists():
        target = file.with_name(f"{file.stem}-校对{number}.docx")
        number += 1
    return target
