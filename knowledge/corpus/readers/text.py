"""Plain text (txt): lines into paragraphs."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from knowledge.corpus.readers.document import Extract, Line
from knowledge.corpus.readers.furniture import strip_page_furniture
from knowledge.corpus.readers.lines import check_length, check_rows, clean_text, join_cut_lines
from knowledge.corpus.readers.wrapping import unwrap

# Capture notes of archiving tools: ASCII keys, closed by a rule, before the document itself.
_CAPTURE_KEY: Final = re.compile(r"(?:[-*]\s+)?[a-z][a-z0-9_ -]{1,30}:\s*\S.*", re.ASCII)
_CAPTURE_NOTE: Final = re.compile(
    r"(?:标题|来源|网址|URL|链接|(?:抓取|采集|下载)时间|文种|发布(?:日期|时间|机构))\s*[：:]\s*\S.*"
)
_CAPTURE_PROOF: Final = re.compile(r"(?:抓取|采集|下载)时间|https?://")
_CAPTURE_LIMIT: Final = 40
_QUOTE_MARK: Final = re.compile(r"^[>\uff1e]+\s*(?=[（(]?[一二三四五六七八九十\d])")
_PAGE_NUMBER: Final = re.compile(r"[-—－–]+\s*\d{1,4}\s*[-—－–]+|第\s*\d{1,4}\s*页(?:[，,/\s]*共\s*\d{1,4}\s*页)?")
_LABEL: Final = re.compile(r"专栏|附件|附表|附录|表|图")
_BARE_NUMBER: Final = re.compile(r"\d{1,4}")


def read_text(text: str) -> Extract:
    """Return the paragraphs of a plain text: wrapped and broken lines joined, page numbers and web buttons left out."""
    check_length(text)
    rows = drop_capture_notes(clean_text(text).split("\n"))
    check_rows(rows)
    rows, wrapped = unwrap(_drop_page_numbers(rows))
    paragraphs = [Line(_QUOTE_MARK.sub("", row.strip())) for row in rows if row.strip()]
    kept = strip_page_furniture(paragraphs)
    joined = join_cut_lines(kept)
    remarks = []
    if wrapped:
        remarks.append("原文按固定宽度折行，已合并成段落。")
    if len(kept) < len(paragraphs):
        remarks.append("略去网页的按钮、栏目等文字。")
    if len(joined) < len(kept):
        remarks.append(f"接上断开的行{len(kept) - len(joined)}处。")
    return Extract(joined, remarks=tuple(remarks))


def drop_capture_notes(rows: list[str]) -> list[str]:
    """Return ``rows`` without the notes an archiving tool put before the document.

    These are ``key: value`` lines closed by ``---`` (front matter), or 标题：… 来源：… lines closed by a blank one, with
    an address or a time of capture among them.
    """
    notes = next((index for index, row in enumerate(rows) if not _CAPTURE_NOTE.fullmatch(row.strip())), 0)
    if notes and not rows[notes].strip() and any(_CAPTURE_PROOF.search(row) for row in rows[:notes]):
        return rows[notes:]
    seen = False
    for index, row in enumerate(rows[:_CAPTURE_LIMIT]):
        stripped = row.strip()
        if stripped == "---":
            if seen:
                return rows[index + 1 :]
            if index:
                return rows
        elif _CAPTURE_KEY.fullmatch(stripped):
            seen = True
        elif stripped and not stripped.startswith("#"):
            return rows
    return rows


def _drop_page_numbers(rows: list[str]) -> list[str]:
    """Leave out rows that are page numbers: dressed ones always, bare ones when they count up over the whole file."""
    bare = [int(row) for row in rows if _BARE_NUMBER.fullmatch(row.strip()) and row.isascii()]
    counting = len(bare) >= 3 and all(later == earlier + 1 for earlier, later in pairwise(bare))
    kept: list[str] = []
    for row in rows:
        stripped = row.strip()
        if _PAGE_NUMBER.fullmatch(stripped):
            continue
        if _BARE_NUMBER.fullmatch(stripped) and kept and _LABEL.fullmatch(kept[-1].strip()):
            kept[-1] += stripped
        elif not (counting and _BARE_NUMBER.fullmatch(stripped)):
            kept.append(row)
    return kept
