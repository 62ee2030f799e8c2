"""``bigan kb …``, ``bigan search`` and ``bigan evaluate``: build, look into and measure knowledge bases."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from bot.commands.shared import JSON_OPTION, UserError, open_shelf, print_json, progress_bar, user_errors
from bot.commands.summary import STAGES, OverlayState, summarise
from bot.opening import Shelf
from bot.settings import load_settings
from knowledge.build.base import add_documents, build_base, bundled_reports, remove_reports
from knowledge.build.pipeline import Digest, digest
from knowledge.contents import Problem
from knowledge.corpus.reader import Document, UnreadableDocument, read
from knowledge.model import Source
from knowledge.search.engine import Query
from knowledge.search.evaluation import evaluate as evaluate_folder
from knowledge.tables import TableError

_PATH = click.Path(path_type=Path)
_BASE_OPTION = click.option("-o", "--output", "base", type=_PATH, help="知识库目录，默认为 KNOWLEDGE_BASE")


@click.group(help="建库、查库。")
def kb() -> None:
    """Tend a knowledge base."""


@kb.command(help="用文件夹里的材料建库；不给文件夹则用自带的语料。")
@click.argument("folders", nargs=-1, type=_PATH)
@_BASE_OPTION
def build(folders: tuple[Path, ...], base: Path | None) -> None:
    """Build a knowledge base, replacing what it held."""
    with user_errors():
        shelf = open_shelf(load_settings(knowledge_base=base))
        with progress_bar("建库") as progress:
            outcome = build_base(folders or (bundled_reports(),), shelf.folder, shelf.tables, shelf.segmenter, progress)
        library = shelf.library(shelf.open())
    click.echo(f"知识库已建成：{shelf.folder}")
    click.echo(
        f"材料{len(library.reports())}篇，例句{outcome.manifest.counts.passages}条，小标题{outcome.manifest.counts.heading_sets}组"
    )
    for problem in outcome.unreadable:
        click.echo(f"未收：{problem.report}：{problem.reason}", err=True)


@kb.command(help="把材料加进库里；同名的材料换成新的。正在运行的笔杆两秒内用上。")
@click.argument("files", nargs=-1, required=True, type=_PATH)
@_BASE_OPTION
def add(files: tuple[Path, ...], base: Path | None) -> None:
    """Add documents to the knowledge base."""
    with user_errors():
        shelf = open_shelf(load_settings(knowledge_base=base))
        with progress_bar("加入") as progress:
            outcome = add_documents(files, shelf.folder, shelf.tables, shelf.segmenter, progress)
    counts = outcome.manifest.counts
    click.echo(f"已加入。现有材料{counts.reports}篇，例句{counts.passages}条，小标题{counts.heading_sets}组")
    for problem in outcome.unreadable:
        click.echo(f"未收：{problem.report}：{problem.reason}", err=True)


@kb.command(help="从库里删掉材料（编号见 bigan kb list）。")
@click.argument("reports", nargs=-1, required=True, metavar="编号…")
@_BASE_OPTION
def remove(reports: tuple[str, ...], base: Path | None) -> None:
    """Remove reports from the knowledge base."""
    with user_errors():
        shelf = open_shelf(load_settings(knowledge_base=base))
        counts = remove_reports(reports, shelf.folder, shelf.segmenter).counts
    click.echo(f"已删除。现有材料{counts.reports}篇，例句{counts.passages}条，小标题{counts.heading_sets}组")


@kb.command("list", help="列出库里的材料。")
@JSON_OPTION
def list_reports(as_json: bool) -> None:
    """List the reports of the knowledge base."""
    with user_errors():
        reports = open_shelf().open().reports()
    if as_json:
        print_json([asdict(report) for report in reports])
        return
    for report in reports:
        click.echo(f"{report.id}\t{report.kind or '文种不明'}\t{report.year or '年份不明'}\t{report.title}")


@kb.command(help="核对库里的每个文件是否完好。")
def verify() -> None:
    """Read every file of the knowledge base again and compare it with its checksum."""
    with user_errors():
        damaged = open_shelf().open().verify()
    if damaged:
        raise UserError(f"有{len(damaged)}个文件缺失或被改动：{'、'.join(damaged)}。请用 bigan kb build 重新建库。")
    click.echo("知识库完好。")


@kb.command(help="看库里有什么、覆盖表换掉了什么；--problems 列出订正、扣留和读不出的材料。")
@click.option("--problems", is_flag=True, help="列出建库时的每一个决定")
@JSON_OPTION
def show(problems: bool, as_json: bool) -> None:
    """Show a summary of the knowledge base, or every decision taken while building it."""
    with user_errors():
        shelf, overlay = _open_despite_overlay()
        base = shelf.open()
    if problems:
        _show_problems(base.problems(), as_json=as_json)
        return
    summary = summarise(base, [topic.name for topic in shelf.tables.topics.topics], overlay)
    if as_json:
        print_json(summary.to_json())
    else:
        click.echo(summary.to_text())


def _open_despite_overlay() -> tuple[Shelf, OverlayState | None]:
    """Open the shelf and say what the overlay does; one that can't be used is left out and its slip is told."""
    settings = load_settings()
    try:
        shelf = open_shelf(settings)
    except TableError as error:
        # A slip in a bundled table shows itself a second time.
        bundled = open_shelf(settings.model_copy(update={"knowledge_overlay": None}))
        return bundled, OverlayState(0, (), str(error))
    changes = shelf.tables.registry.changes
    return shelf, OverlayState.of(changes) if settings.knowledge_overlay is not None else None


def _show_problems(found: tuple[Problem, ...], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(problem) for problem in found])
        return
    for problem in found:
        click.echo(f"{problem.report}\t{STAGES.get(problem.stage, problem.stage)}\t{problem.reason}\t{problem.text}")


@kb.command(help="逐步显示一篇材料是怎样处理的。")
@click.argument("file", type=_PATH)
@JSON_OPTION
def explain(file: Path, as_json: bool) -> None:
    """Print the result of every stage for one document."""
    with user_errors():
        shelf = open_shelf()
        found = digest(_read(file), shelf.tables)
    explained = _explain(found)
    if as_json:
        print_json(explained)
    else:
        _print_explained(explained)


@click.command(help="只查例句，不经对话。")
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="最多几条")
@JSON_OPTION
def search(text: str, limit: int, as_json: bool) -> None:
    """Search passages with the retrieval layer alone."""
    with user_errors():
        shelf = open_shelf()
        base = shelf.open()
        hits = base.search(Query(text=shelf.library(base).questions.normalize(text), limit=limit))
        passages = base.passages(tuple(hit.id for hit in hits))
    results: list[dict[str, Any]] = [
        {"n": n, "id": p.id, "score": round(hit.score, 3), "text": p.text, "sources": [_source(s) for s in p.sources]}
        for n, (hit, p) in enumerate(zip(hits, passages, strict=True), 1)
    ]
    if as_json:
        print_json({"query": text, "total": len(results), "results": results})
    elif not results:
        click.echo("没有找到。")
    else:
        for entry in results:
            click.echo(f"{entry['n']}. {entry['text']}\n   {entry['sources'][0]['title']}　{entry['score']}")


@click.command(help="用一套评测集衡量检索：corpus.jsonl、queries.jsonl、qrels.tsv。")
@click.argument("folder", type=_PATH)
@JSON_OPTION
def evaluate(folder: Path, as_json: bool) -> None:
    """Measure retrieval on an evaluation set."""
    with user_errors():
        report = evaluate_folder(folder, open_shelf().segmenter)
    if as_json:
        print_json(report.figures())
    else:
        for name, value in report.figures().items():
            click.echo(f"{name}\t{value:.4f}" if isinstance(value, float) else f"{name}\t{value}")


def _read(file: Path) -> Document:
    try:
        return read(file)
    except UnreadableDocument as error:
        raise UserError(f"{file.name}：{error}") from error


def _explain(found: Digest) -> dict[str, Any]:
    text = found.clean.text
    return {
        "report": found.report.id,
        "title": found.report.title,
        "kind": found.report.kind,
        "year": found.report.year,
        "unit_level": found.report.unit_level,
        "person": found.report.person,
        "encoding": found.report.encoding,
        "text": text,
        "outline": [[h.level, h.ordinal, h.text, h.run_in] for h in found.structure.headings],
        "heading_sets": [[heading.text for heading in entry.headings] for entry in found.heading_sets],
        "passages": [
            {
                "text": p.text,
                "topic": list(p.topics),
                "role": p.role.value,
                "section": list(p.sources[0].section),
                "start": p.sources[0].start,
                "end": p.sources[0].end,
            }
            for p in found.passages
        ],
        "withheld": [{"text": text[w.start : w.end], "reason": w.reason} for w in found.clean.withheld]
        + [{"text": text[r.cut.start : r.cut.end], "reason": r.reason} for r in found.refusals],
        "repairs": [{"before": r.before, "after": r.after, "reason": r.reason} for r in found.clean.repairs],
        "problems": [{"reason": p.reason, "text": p.text} for p in found.structure.problems],
    }


def _print_explained(explained: dict[str, Any]) -> None:
    head = "　".join(
        str(explained[name]) for name in ("kind", "year", "unit_level", "person", "encoding") if explained[name]
    )
    click.echo(f"{explained['report']}\n{explained['title']}\n{head}")
    click.echo("\n【清洗后的正文】\n" + explained["text"])
    click.echo("\n【结构】")
    for level, ordinal, heading, run_in in explained["outline"]:
        click.echo(f"{'　' * (level - 1)}{ordinal} {heading}{'（段首）' if run_in else ''}")
    click.echo(f"\n【例句】{len(explained['passages'])}条")
    for entry in explained["passages"]:
        click.echo(
            f"{entry['start']}–{entry['end']} {entry['role']} {'、'.join(entry['topic']) or '无板块'}\n　{entry['text']}"
        )
    for name, title in (("repairs", "订正"), ("withheld", "不给出"), ("problems", "编号问题")):
        click.echo(f"\n【{title}】{len(explained[name])}处")
        for entry in explained[name]:
            text = f"{entry['before']} → {entry['after']}" if name == "repairs" else entry["text"]
            click.echo(f"{entry['reason']}：{text}")


def _source(source: Source) -> dict[str, Any]:
    return asdict(source)
