"""What a web page leaves behind is told; the words of ordinary work that look like it are not."""

from __future__ import annotations

import pytest

from knowledge.checking.model import Level
from knowledge.checking.web import rules
from tests.knowledge.checking.structural import correct, find, tell

RULES = rules()


@pytest.mark.parametrize("mark", ["##paidbegin##", "##paidend##", "## PaidBegin ##", "###paid##"])
def test_a_pay_mark_is_certain_and_taken_out(mark: str) -> None:
    text = f"关心党员，{mark}帮助群众。"
    assert [finding.level for finding in find(RULES, text)] == [Level.WRONG]
    assert correct(RULES, text, "page.paid") == "关心党员，帮助群众。"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("落实&ldquo;三会一课制度", "page.code"),
        ("抓好学习<br/>抓好实践", "page.code"),
        ("加强党员\ufffd教育", "page.garbled"),
        ("正文。\n责任编辑：某某", "page.line"),
        ("来源：某某学习网\n正文。", "page.line"),
        ("返回顶部", "page.line"),
        ("来源：某某日报\n正文。", "page.byline"),
        ("强化管理。点击查看更多", "page.advert"),
        ("下载全文", "page.advert"),
        ("以下是小编为大家整理的总结", "page.advert"),
        ("网站水印", "page.advert"),
        ("推动落实https://www.example.org/a/1.html", "page.address"),
    ],
)
def test_what_a_page_leaves_is_told(text: str, rule: str) -> None:
    assert [name for name, _ in tell(RULES, text)] == [rule]


@pytest.mark.parametrize(
    "text",
    [
        "群众扫描二维码反映问题，运用公众号推送学习内容。",
        "请登录http://example.org报名，或进入某某培训网（http://example.org）。",
        "责任编辑由宣传委员担任，经费来源：党费。",
        "走好网上群众路线，建强党建网络阵地，研发投入R&D占比提高。",
        "指标A<B，满意率>95%，#党建品牌#话题受到关注。",
    ],
)
def test_words_of_ordinary_work_are_left_alone(text: str) -> None:
    assert tell(RULES, text) == []
