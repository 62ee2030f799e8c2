"""Rendering: how an answer looks, and what holds for the pages of any answer whatever."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.paging import MARKER_ROOM, MORE_MARKER, SMALLEST_LIMIT, Chunk, paginate
from bot.rendering import TEXT_LIMIT_BYTES, render
from handlers.citation import cite
from handlers.reply import (
    Block,
    Choices,
    HeadingBlock,
    Item,
    ItemType,
    Moves,
    OutlineBlock,
    Paragraph,
    PassageBlock,
    Reply,
    SourceLine,
    Title,
)
from knowledge.model import Source

TITLE = "某局党组2023年党建工作总结"


def source(*section: str, report: str = "000", title: str = TITLE) -> Source:
    return Source(report, title, 2023, section, 0, 1)


def node(level: int, ordinal: str, text: str, *marks: str) -> Item:
    return Item(ItemType.OUTLINE_NODE, text, None, level, ordinal, marks=marks)


def passage(n: int | None, text: str, *sources: Source, marks: tuple[str, ...] = ()) -> Item:
    return Item(ItemType.PASSAGE, text, n, sources=sources, marks=marks)


def only_page(*blocks: Block) -> str:
    [page] = render(Reply(blocks))
    return page


class TestLook:
    def test_outline(self) -> None:
        page = only_page(
            Title("【提纲】党建工作总结（年度）　第1版，共3版"),
            OutlineBlock(
                (
                    node(1, "一", "主要做法和成效"),
                    node(2, "一", "突出政治建设，彰显政治本色"),
                    node(3, "1", "坚持第一议题"),
                    node(4, "1", "领导领学"),
                    node(2, "一是", "突出政治建设"),
                    node(1, "二", "存在主要问题", "⚠2023年提法"),
                    node(1, "第三", "下一步打算"),
                    node(1, "", "没有序号的一行"),
                )
            ),
            SourceLine((source(),)),
            Moves(("展开（五）", "例句（三）", "换一版")),
        )
        assert page == (
            "【提纲】党建工作总结（年度）　第1版，共3版\n"
            "一、主要做法和成效\n"
            "　（一）突出政治建设，彰显政治本色\n"
            "　　1. 坚持第一议题\n"
            "　　　（1）领导领学\n"
            "　一是突出政治建设\n"
            "二、存在主要问题　⚠2023年提法\n"
            "第三，下一步打算\n"
            "没有序号的一行\n"
            "出处：某局党组2023年党建工作总结\n"
            "回复：展开（五） · 例句（三） · 换一版"
        )

    def test_passages(self) -> None:
        where = source("一、主要做法和成效", "（三）防范化解风险，铸牢意识形态安全防线")
        page = only_page(
            Title("【例句】意识形态　第1–3条，共4条"),
            PassageBlock(
                (
                    passage(1, "将意识形态工作纳入考核。", where),
                    passage(2, "抓好阵地。", where, source(report="001"), source(report="002"), marks=("⚠2023年提法",)),
                    passage(None, "不能选的一条。"),
                )
            ),
            Moves(("更多", "原文1")),
        )
        assert page == (
            "【例句】意识形态　第1–3条，共4条\n"
            "1. 将意识形态工作纳入考核。\n"
            "　出处：某局党组2023年党建工作总结·一（三）\n"
            "2. 抓好阵地。　⚠2023年提法\n"
            "　出处：某局党组2023年党建工作总结·一（三）等3篇\n"
            "不能选的一条。\n"
            "回复：更多 · 原文1"
        )

    def test_heading_sets_have_a_blank_line_between(self) -> None:
        headings = [
            Item(ItemType.HEADING, "强化理论武装", 1, 2, "一", 1),
            Item(ItemType.HEADING, "强化组织建设", 2, 2, "二", 1),
            Item(ItemType.HEADING, "抓学习", None, 2, "一", 2),
            Item(ItemType.HEADING, "抓队伍", None, 2, "二是", 2),
        ]
        page = only_page(Title("【小标题】"), HeadingBlock(tuple(headings)), SourceLine((source(),)))
        assert page == (
            "【小标题】\n1. 强化理论武装\n2. 强化组织建设\n\n（一）抓学习\n二是抓队伍\n出处：某局党组2023年党建工作总结"
        )

    def test_choices_and_paragraphs(self) -> None:
        page = only_page(Paragraph("想要哪一种？"), Choices((Item(ItemType.CHOICE, "年度总结提纲", 1),)))
        assert page == "想要哪一种？\n1. 年度总结提纲"

    def test_moves_stand_last_wherever_they_were(self) -> None:
        assert only_page(Moves(("更多",)), Title("甲"), Moves(("返回",))) == "甲\n回复：更多 · 返回"

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(()),
            Reply((Title(""), Moves(()), SourceLine(()), Paragraph(" \n\t "))),
        ],
    )
    def test_nothing_to_say_is_no_page(self, reply: Reply) -> None:
        assert render(reply) == ()

    def test_what_no_message_can_carry_is_left_out(self) -> None:
        assert only_page(Paragraph("甲\x00乙\ud800丙\r\n\x1b丁\t戊  \n\n\n\n己\n")) == "甲乙丙\n丁 戊\n\n己"

    @pytest.mark.parametrize(
        ("section", "numbers"),
        [
            ((), ""),
            (("一、主要做法和成效",), "·一"),
            (("一、主要做法和成效", "（三）防范化解风险"), "·一（三）"),
            (("一、做法", "（三）风险", "2. 严肃组织生活"), "·一（三）2"),
            (("一、做法", "（三）风险", "2．严肃", "（1）领学"), "·一（三）2（1）"),
            (("一、做法", "二是开展活动"), "·一·二是"),
            (("(十二) 半角", "1、顿号", "三是再"), "·（十二）1·三是"),
            (("第一部分 回顾",), "·第一"),
            (("没有序号的标题", "（二）有的"), "·（二）"),
            (("2023年工作",), ""),
            (("一切为了群众",), ""),
        ],
    )
    def test_section_is_shortened_to_its_numbers(self, section: tuple[str, ...], numbers: str) -> None:
        assert cite(source(*section)) == TITLE + numbers

    def test_several_sections_of_one_report_are_one_report(self) -> None:
        page = only_page(SourceLine((source("一、做法"), source("二、问题"))))
        assert page == f"出处：{TITLE}·一"


def pages_of(*blocks: Block, limit: int = TEXT_LIMIT_BYTES) -> list[str]:
    """Return the pages without their markers, having checked what holds for all."""
    pages = render(Reply(blocks), limit)
    for page in pages:
        assert len(page.encode()) <= limit
    assert all(page.endswith(f"\n{MORE_MARKER}") for page in pages[:-1])
    return [page.removesuffix(f"\n{MORE_MARKER}") for page in pages[:-1]] + list(pages[-1:])


SENTENCE = "坚持党的全面领导，深入学习贯彻习近平新时代中国特色社会主义思想。"


class TestPages:
    def test_cut_at_sentence_ends(self) -> None:
        first, second, *_ = pages_of(Title("标题"), Paragraph(SENTENCE * 60))
        assert first.endswith("。")
        assert second.startswith("坚持")
        assert len(first.encode()) > TEXT_LIMIT_BYTES * 0.9

    def test_cut_at_line_ends_before_sentence_ends(self) -> None:
        for shift in range(0, 200, 20):
            lines = "\n".join(f"{number}{SENTENCE}{SENTENCE}" for number in range(30))
            for page in pages_of(Paragraph("a" * shift + "\n" + lines))[1:]:
                assert re.match(r"\d+坚持", page)

    def test_closing_quote_stays_with_its_sentence(self) -> None:
        for shift in range(40):
            text = "a" * shift + "“要把政治建设摆在首位。”" * 100
            for page in pages_of(Paragraph(text)):
                assert page.endswith("。”")

    def test_sentence_longer_than_a_page_is_cut_at_a_clause_else_between_characters(self) -> None:
        clauses = pages_of(Paragraph("坚持党的领导，" * 300))
        assert all(page.endswith("，") for page in clauses)
        solid = pages_of(Paragraph("党" * 2000))
        assert "".join(solid) == "党" * 2000
        assert len(solid) == 3

    def test_passage_stays_with_its_source(self) -> None:
        where = source("一、做法", "（三）风险")
        items = tuple(passage(n, SENTENCE * 4, where) for n in range(1, 21))
        for page in pages_of(Title("【例句】"), PassageBlock(items)):
            assert page.count(SENTENCE * 4) == page.count("出处：") > 0

    def test_passage_moves_to_the_next_page_sooner_than_it_is_parted(self) -> None:
        long = passage(1, SENTENCE * 18, source("一、做法"))
        first, second = pages_of(Paragraph(SENTENCE * 6), PassageBlock((long,)))
        assert first == SENTENCE * 6
        assert second.startswith("1. ")
        assert "出处：" in second

    def test_heading_set_stays_whole(self) -> None:
        items = tuple(
            Item(ItemType.HEADING, f"第{number}组的小标题要对仗工整", set=number)
            for number in range(12)
            for _ in range(6)
        )
        pages = pages_of(HeadingBlock(items))
        assert len(pages) > 1
        for number in range(12):
            assert sorted(page.count(f"第{number}组") for page in pages)[-2:] == [0, 6]
        assert not any(page.startswith("\n") for page in pages)

    def test_moves_stand_on_the_last_page_only(self) -> None:
        *others, last = pages_of(Paragraph(SENTENCE * 60), Moves(("更多", "返回")))
        assert last.endswith("回复：更多 · 返回")
        assert not any("回复：" in page for page in others)

    def test_moves_beyond_a_page_are_left_out_whole(self) -> None:
        options = tuple(f"展开第{number}部分" for number in range(300))
        last = pages_of(Title("甲"), Moves(options))[-1]
        assert last.split("\n")[-1].removeprefix("回复：").split(" · ") == list(options[: last.count(" · ") + 1])

    def test_room_kept_for_a_marker_serves_the_last_page(self) -> None:
        text = "党" * (TEXT_LIMIT_BYTES // 3)
        assert pages_of(Paragraph(text)) == [text]
        lines = Paragraph("\n".join(["党" * 300, "建" * 300, "学" * 300, "习" * 370]))
        assert len(pages_of(lines)) == 2

    @pytest.mark.parametrize("cluster", ["👨‍👩‍👧‍👦", "🇨🇳", "e\u0301", "👍🏽", "☭\ufe0f"])
    def test_what_a_reader_sees_as_one_character_is_not_parted(self, cluster: str) -> None:
        for shift in range(8):
            for page in pages_of(Paragraph("a" * shift + cluster * 900))[:-1]:
                assert page.removeprefix("a" * shift).replace(cluster, "") == ""

    def test_cluster_longer_than_a_page_is_parted_between_code_points(self) -> None:
        text = "e" + "\u0301" * 3000
        assert "".join(pages_of(Paragraph(text))) == text

    def test_page_too_small_is_refused(self) -> None:
        with pytest.raises(ValueError, match="256"):
            paginate([Chunk("甲")], SMALLEST_LIMIT - 1)


TEXTS = st.text(max_size=40) | st.builds(
    lambda part, times: part * times,
    st.sampled_from([SENTENCE, "坚持", "一，", "甲\n", "👨‍👩‍👧", " ", "　", "\n", "e\u0301", "🇨", "。”", "x"]),
    st.integers(0, 150),
)
SOURCES = st.builds(
    Source,
    st.sampled_from(["a", "b"]),
    TEXTS,
    st.none() | st.integers(),
    st.lists(TEXTS, max_size=3).map(tuple),
    *[st.just(0)] * 2,
)
ITEMS = st.lists(
    st.builds(
        Item,
        st.sampled_from(ItemType),
        TEXTS,
        st.none() | st.integers(),
        st.none() | st.integers(1, 6),
        st.none() | st.sampled_from(["", "一", "3", "一是", "第二", "\x00", "x" * 50]),
        st.none() | st.integers(1, 3),
        st.lists(SOURCES, max_size=2).map(tuple),
        st.lists(st.text(max_size=8), max_size=2).map(tuple),
    ),
    max_size=6,
).map(tuple)
BLOCKS = st.one_of(
    st.builds(Title, TEXTS),
    st.builds(Paragraph, TEXTS),
    *(st.builds(kind, ITEMS) for kind in (OutlineBlock, PassageBlock, HeadingBlock, Choices)),
    st.builds(SourceLine, st.lists(SOURCES, max_size=2).map(tuple)),
    st.builds(Moves, st.lists(st.text(max_size=10), max_size=4).map(tuple)),
)


CLUSTERS = ["党", "建", "a", "。", "，", "。”", "e\u0301", "👨‍👩‍👧", "🇨🇳", "👍🏽", "☭\ufe0f", "กำ"]


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


class TestAnyReply:
    @given(st.lists(BLOCKS, max_size=6), st.integers(SMALLEST_LIMIT, 4000))
    def test_pages_fit_and_together_are_the_whole(self, blocks: list[Block], limit: int) -> None:
        reply = Reply(tuple(blocks))
        pages = render(reply, limit)
        whole = render(reply, 10**7)
        assert all(len(page.encode()) <= limit for page in pages)
        assert all(page.strip() and not page.startswith("\n") for page in pages)
        assert all(page.endswith(f"\n{MORE_MARKER}") for page in pages[:-1])
        parts = [page.removesuffix(f"\n{MORE_MARKER}") for page in pages[:-1]] + list(pages[-1:])
        joined = bare("".join(parts))
        moves = "".join(render(Reply(tuple(block for block in blocks if isinstance(block, Moves))), 10**7))
        if len(moves.encode()) <= limit - MARKER_ROOM:
            assert joined == bare("".join(whole))
        else:
            # Moves that do not fit a page of this size are left out, whole, from the end.
            assert bare("".join(whole)).startswith(joined)

    @given(st.lists(st.sampled_from(CLUSTERS), min_size=1, max_size=400), st.integers(SMALLEST_LIMIT, 600))
    def test_pages_end_between_characters_as_a_reader_sees_them(self, clusters: list[str], limit: int) -> None:
        ends = set(itertools.accumulate(len(cluster) for cluster in clusters))
        pages = pages_of(Paragraph("".join(clusters)), limit=limit)
        assert "".join(pages) == "".join(clusters)
        assert set(itertools.accumulate(len(page) for page in pages)) <= ends

    @given(st.lists(BLOCKS, max_size=6))
    def test_rendering_twice_is_the_same(self, blocks: list[Block]) -> None:
        assert render(Reply(tuple(blocks))) == render(Reply(tuple(blocks)))
