"""Web pages (html): the main text by density, without what the page puts around it."""

from __future__ import annotations

import re
from typing import Final

from knowledge.corpus.readers.document import Extract, Line
from knowledge.corpus.readers.errors import Reason, UnreadableDocument
from knowledge.corpus.readers.furniture import is_furniture, strip_page_furniture
from knowledge.corpus.readers.html_tree import Block, Element, Page, parse_page
from knowledge.corpus.readers.lines import join_cut_lines
from knowledge.corpus.readers.templates import strip_template_code

# The main text is the innermost element with this share of all sentences on the page.
_MAIN_SHARE: Final = 0.9
_SENTENCE_MARKS: Final = frozenset("，。；：！？、,;")
_PLAIN_LENGTH: Final = 30
# An introduction outside the main text has at least a long sentence.
_INTRODUCTION: Final = 60
# Less than two short sentences outside links: a page of columns.
_MIN_SENTENCES: Final = 40
_LEAVES: Final = frozenset({"p", "li", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "tr"})
# Elements of these kinds and names are furniture when they hold hardly any sentences.
_FRAME_TAGS: Final = frozenset({"nav", "footer", "header", "aside"})
_FRAME_NAMES: Final = re.compile(
    r"(?:^|[\s_-])(?:top|header|nav|navbar|menu|crumbs?|breadcrumbs?|foot|footer|copyright|share|bdsharebuttonbox|sidebar|related|"
    r"recommend|comments?|toolbar|pagination|pager|search|banner|logo|friendlink|links)(?:[\s_-]|\d|$)"
)
_FRAME_WEIGHT: Final = 150
_LINK_SHARE: Final = 0.7
_LINK_LENGTH: Final = 80
_ATTACHMENT: Final = re.compile(r"附件|附表|附：")
# A <title> that stands nowhere on the page is believed only when it names a document, not a site or a template.
_DOCUMENT_WORD: Final = re.compile(
    r"报告|总结|汇报|通知|通报|意见|决定|办法|规定|细则|条例|方案|要点|计划|讲话|发言|致辞|体会|材料|公告|公报|纪要|函|批复|清单|大事记|规划|述职"
)
_PUBLISHED: Final = re.compile(r"(?:19|20)\d\d\s*[-年./]\s*\d{1,2}|来源\s*[:：]|发布(?:时间|日期)")
_PUBLISHED_LENGTH: Final = 80
_SITE_MARK: Final = re.compile(r"\s*[_|]\s*|\s+[-—–]\s+|(?<![\d\-—])[-–](?![\d\-—])")
_LOOK_BACK: Final = 40
_MIN_TITLE: Final = 4


def read_html(text: str) -> Extract:
    """Return the main text of a web page with its headline, and what the page says about date and source.

    Raises ``UnreadableDocument`` when the page holds links and columns but no text of its own.
    """
    page = parse_page(strip_template_code(text))
    total = _weigh(page)
    if total < _MIN_SENTENCES:
        words = sum(len(block.text) for block in page.blocks)
        raise UnreadableDocument(Reason.NO_MAIN_TEXT if words else Reason.EMPTY)
    main = _find_main(page, total)
    frames = _find_frames(page, main)
    start = _find_start(page, main, frames)
    body = [block for index, block in enumerate(page.blocks[start : main.end], start) if index not in frames]
    body = _drop_links(body)
    before = [block for index, block in enumerate(page.blocks[:start]) if index not in frames][-_LOOK_BACK:]
    title, opening = _find_headline(page, before, body)
    lines = [*opening, *(Line(block.text, block.level) for block in body)]
    kept = _drop_empty_headings(join_cut_lines(strip_page_furniture(lines)))
    dropped = len(kept) < len(page.blocks)
    return Extract(kept, title=title, remarks=("略去网页的导航、按钮等文字。",) if dropped else ())


def _weigh(page: Page) -> int:
    """Give every element the number of characters in sentences outside links below it; return the page's."""
    for block in page.blocks:
        weight = _sentence_weight(block)
        element: Element | None = block.element
        while weight and element is not None:
            element.weight += weight
            element = element.parent
    return page.elements[0].weight


def _sentence_weight(block: Block) -> int:
    own = len(block.text) - block.link_length
    if own < 2 or (own < _PLAIN_LENGTH and not any(mark in _SENTENCE_MARKS for mark in block.text)):
        return 0
    return 0 if is_furniture(block.text) or _is_publication(block.text) else own


def _find_main(page: Page, total: int) -> Element:
    """Return the innermost element that holds the main text, never a single paragraph of it."""
    main = page.elements[0]
    for element in page.elements:
        if element.weight >= total * _MAIN_SHARE and element.end - element.start > 0:
            main = element
    while main.tag in _LEAVES and main.parent is not None and main.end - main.start < 3:
        main = main.parent
    while main.tag in {"p", "li", "tr"} and main.parent is not None:
        main = main.parent
    return main


def _find_frames(page: Page, main: Element) -> set[int]:
    """Return the indexes of blocks inside menus, footers, share bars and the like."""
    around: set[int] = set()
    enclosing = set()
    element: Element | None = main
    while element is not None:
        enclosing.add(id(element))
        element = element.parent
    for element in page.elements:
        named = element.tag in _FRAME_TAGS or _FRAME_NAMES.search(element.names)
        if named and id(element) not in enclosing and element.weight < _FRAME_WEIGHT:
            blocks = range(element.start, element.end)
            if not any(page.blocks[index].level for index in blocks):
                around.update(blocks)
    return around


def _find_start(page: Page, main: Element, frames: set[int]) -> int:
    """Return the index of the first block of the text: an introduction often stands in an element of its own."""
    for index, block in enumerate(page.blocks[: main.start]):
        if index not in frames and _sentence_weight(block) >= _INTRODUCTION and "。" in block.text:
            return index - 1 if index and page.blocks[index - 1].level else index
    return main.start


def _drop_links(blocks: list[Block]) -> list[Block]:
    """Leave out blocks that are hardly more than links to elsewhere; attachments keep their names."""
    return [
        block
        for block in blocks
        if block.link_length < len(block.text) * _LINK_SHARE
        or len(block.text) > _LINK_LENGTH
        or _ATTACHMENT.match(block.text)
    ]


def _find_headline(page: Page, before: list[Block], body: list[Block]) -> tuple[str | None, list[Line]]:
    """Return the page's title, and the lines to put before its main text when they stand outside it."""
    named = page.meta_title or clean_page_title(page.title)
    inside = next((block for block in body[:8] if _is_same_title(block.text, named)), None)
    if inside is not None:
        return inside.text, []
    outside = next((block for block in reversed(before) if _is_same_title(block.text, named)), None)
    if outside is None:
        headings = [block for block in before if block.level and block.level <= 2 and len(block.text) >= _MIN_TITLE]
        outside = headings[-1] if headings and not any(block.level == 1 for block in body) else None
    if outside is None:
        top = [block.text for block in body if block.level == 1]
        trusted = named if page.meta_title or _DOCUMENT_WORD.search(named) else None
        return (top[0] if len(top) == 1 else trusted), [Line(b.text) for b in before if _is_publication(b.text)]
    after = before[before.index(outside) + 1 :]
    published = [Line(block.text) for block in after if _is_publication(block.text)]
    return outside.text, [Line(outside.text, outside.level or 1), *published]


def _is_same_title(text: str, named: str) -> bool:
    bare, other = sorted(("".join(text.split()), "".join(named.split())), key=len)
    return len(bare) >= _MIN_TITLE and bare in other and len(other) <= 2 * len(bare) + 4


def _is_publication(text: str) -> bool:
    return len(text) <= _PUBLISHED_LENGTH and _PUBLISHED.search(text) is not None and not is_furniture(text)


def clean_page_title(title: str) -> str:
    """Return the text of ``<title>`` without the site's name behind it."""
    parts = [part.strip() for part in _SITE_MARK.split("".join(title.split("\n")).strip())]
    long = [part for part in parts if len(part) >= _MIN_TITLE]
    return long[0] if long else ""


def _drop_empty_headings(lines: list[Line]) -> list[Line]:
    """Leave out headings at the very end with nothing under them (columns of pictures)."""
    end = len(lines)
    while end > 1 and lines[end - 1].level is not None:
        end -= 1
    return lines[:end]
