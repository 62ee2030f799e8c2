"""The overlay and the knowledge base: without slips, there, whole, and built with the analyser in use."""

from __future__ import annotations

from bot.diagnosis.finding import Finding, fault, good, notice, skipped
from bot.opening import Shelf
from bot.settings import Settings
from knowledge.errors import BaseMissingError, KnowledgeError
from knowledge.overlay import Overlay
from knowledge.store import KnowledgeBase, open_base
from knowledge.tables import TableError

_OVERLAY = "覆盖表"
_BASE = "知识库"


def check_knowledge(settings: Settings) -> list[Finding]:
    """Read the overlay and open the base; builds nothing."""
    try:
        shelf = Shelf(settings)
    except TableError as error:
        # The base is looked at all the same, without the overlay.
        plain = Shelf(settings.model_copy(update={"knowledge_overlay": None}))
        slip = fault(_OVERLAY, str(error), "改好后保存即可，服务两秒内自动读入；在此之前沿用上一次的")
        return [slip, *_check_base(settings, plain)]
    return [_describe_overlay(settings), *_check_base(settings, shelf)]


def _describe_overlay(settings: Settings) -> Finding:
    if settings.knowledge_overlay is None:
        return skipped(_OVERLAY, "没有设置 KNOWLEDGE_OVERLAY，只用自带的表")
    changes = Overlay.read(settings.knowledge_overlay).changes()
    replacing = sum(change.replaces is not None for change in changes)
    return good(_OVERLAY, f"{len(changes)}条，其中{replacing}条换掉自带的")


def _check_base(settings: Settings, shelf: Shelf) -> list[Finding]:
    try:
        base = open_base(shelf.folder, shelf.segmenter)
    except BaseMissingError as error:
        if settings.knowledge_base is None:
            return [
                notice(_BASE, "自带语料的库还没有建", "启动时会自动建（约半分钟）；想先建好，运行一次 bigan ask 你好")
            ]
        return [fault(_BASE, str(error), "请核对 KNOWLEDGE_BASE，或运行 bigan kb build")]
    except KnowledgeError as error:
        return [fault(_BASE, str(error), "请运行 bigan kb build 重新建库")]
    try:
        return [_describe(base)]
    finally:
        base.close()


def _describe(base: KnowledgeBase) -> Finding:
    damaged = base.verify()
    if damaged:
        return fault(
            _BASE, f"有{len(damaged)}个文件缺失或被改动：{'、'.join(damaged)}", "请运行 bigan kb build 重新建库"
        )
    counts = base.manifest.counts
    if not counts.passages:
        return notice(_BASE, "库里没有例句", "请用 bigan kb add 加入材料")
    return good(_BASE, f"完好，{counts.reports}篇材料，{counts.passages}条例句")
