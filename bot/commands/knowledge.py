"""``bigan kb …``, ``bigan search`` and ``bigan evaluate``: build, look into and measure knowledge bases."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from bot.commands.shared import JSON_OPTION, UserError, open_shelf, print_json, progress_bar, user_errors
from bot.settings import load_settings
from knowledge.build.base import build_base, bundled_reports
from knowledge.build.pipeline import Digest, digest
from knowledge.corpus.reader import Document, UnreadableDocument, read
from knowledge.model import Source
from knowledge.search.engine import Query
from knowledge.search.evaluation import evaluate as evaluate_folder

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


@kb.command(help="看库里有什么；--problems 列出订正、扣留和读不出的材料。")
@click.option("--problems", is_flag=True, help="列出建库时的每一个决定")
@JSON_OPTION
def show(problems: bool, as_json: bool) -> None:
    """Show a summary of the knowledge base, or every decision taken while building it."""
    with user_errors():
        base = open_shelf().open()
    found = base.problems()
    if problems:
        if as_json:
            print_json([asdict(problem) for problem in found])
            return
        for problem in found:
            click.echo(f"{problem.report}\t{problem.stage}\t{problem.reason}\t{problem.text}")
        return
    summary = {
        "version": base.version,
        "reports": [
            {"report": r.id, "title": r.title, "kind": r.kind, "year": r.year, "unit_level": r.unit_level}
            for r in base.reports()
        ],
        "passages": base.count_passages(),
        "heading_sets": len(base.heading_sets()),
        "problems": dict(Counter(f"{problem.stage}·{problem.reason}" for problem in found).most_common()),
    }
    if as_json:
        print_json(summary)
    else:
        _print_summary(summary)


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
        hits = base.search(Query(text=shelf.library(base).normalize(text), limit=limit))
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
        print_json(asdict(report))
    else:
        for name, value in asdict(report).items():
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
    head = "　".join(str(explained[name]) for name in ("kind", "year", "unit_level", "encoding") if explained[name])
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


def _print_summary(summary: dict[str, Any]) -> None:
    click.echo(
        f"版本 {summary['version']}　材料{len(summary['reports'])}篇　例句{summary['passages']}条　小标题{summary['heading_sets']}组"
    )
    for report in summary["reports"]:
        click.echo(
            f"{report['report']}　{report['kind'] or '文种不明'}　{report['year'] or '年份不明'}　{report['title']}"
        )
    for reason, count in summary["problems"].items():
        click.echo(f"{reason}　{count}")


def _source(source: Source) -> dict[str, Any]:
    return asdict(source)
