"""Cleaning: typography, web marks, blanks, masks, repairs and offsets, case by case."""

from __future__ import annotations

import pytest

from knowledge.corpus.cleaning import CleanText, clean, load_gate

TABLE = load_gate()


def cleaned(text: str, year: int | None = 2023) -> str:
    return clean(text, TABLE, year=year).text


def withheld(text: str, year: int | None = 2023) -> list[str]:
    result = clean(text, TABLE, year=year)
    return [result.text[span.start : span.end] for span in result.withheld]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
        ("党\u200b建\ufeff工\u00ad作。  \n", "党建工作。\n"),
        ("　　缩进保留。", "　　缩进保留。"),
        ("以党建引领\u2002某某\u2002事业高质量发展 。", "以党建引领【系统】事业高质量发展。"),
        ("“横向到边、纵向到底” 的体系", "“横向到边、纵向到底”的体系"),
        ("述 职 报 告", "述职报告"),
        ("第一章 总则", "第一章 总则"),
        ("工作总结 一、主要做法", "工作总结 一、主要做法"),
        ("省长 王予波", "省长 王予波"),
        ("红通人员落马 3名干部被查", "红通人员落马 【X名】干部被查"),
        ("打响“好客山东 好品山东”品牌，成效明显。", "打响“好客山东 好品山东”品牌，成效明显。"),
        ("“四个意识”,坚定信念;落实责任:一是", "“四个意识”，坚定信念；落实责任：一是"),
        ("增长1,234项,时间12:30", "增长【X项】，时间12:30"),
        ("(一)抓学习(含自学)", "（一）抓学习（含自学）"),
        ("函数f(x)与GDP(总量)", "函数f(x)与GDP(总量)"),
        ("全面过硬，。", "全面过硬。"),
        ("学习，，开展；。推进、，落实。。", "学习，开展。推进，落实。"),
        ("意犹未尽……——再说", "意犹未尽……——再说"),
        ("２０２３年共５次，占比３０％。", "【年份】年共【X次】，占比【X%】。"),
    ],
)
def test_writing_is_made_regular(raw: str, text: str) -> None:
    assert cleaned(raw) == text


def test_stops_that_contradict_each_other_are_withheld() -> None:
    assert withheld("抓好落实。，进一步推进。") == ["。，"]


def test_a_paragraph_cut_off_before_a_heading_is_withheld() -> None:
    assert withheld("做好课题调研工作，\n（三）推动融合。") == ["，"]
    assert withheld("要做到以下几点：\n（一）抓学习。") == []


def test_emptied_quotation_marks_and_garbled_text_are_withheld() -> None:
    assert withheld("学习《》和“”精神，\ufffd\ue000。") == ["《》", "“”", "\ufffd\ue000"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("心理状况，##paidbegin##定期分析。##paidend##", "心理状况，定期分析。"),
        ("工作，\n##paidbegin##（三）推动", "工作，\n（三）推动"),
        ("抓好落实。##paidbegin##（三）推动", "抓好落实。\n（三）推动"),
        ("抓好落实。##PaidBegin##二、问题", "抓好落实。\n二、问题"),
        ("##pa##paidbegin##idbegin##甲", "##甲"),
        ("下载\n打印\n党建工作总结\n来源：某日报\n责任编辑：甲", "\n\n党建工作总结\n\n"),
        ("下面是小编为大家整理的范文，供大家参考。\n>一、坚定立场", "\n一、坚定立场"),
        ("市长(zhǎng)在党(dǎng)建会上", "市长在党建会上"),
    ],
)
def test_marks_of_web_pages_go(raw: str, text: str) -> None:
    assert cleaned(raw) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("集中学习70余个场次，500多个风险点", "集中学习【X场次】，【X个】风险点"),
        ("共交纳党费36827.56元、3.5万元、1.2亿元", "共交纳党费【X元】、【X万元】、【X亿元】"),
        ("满意率100%，占比约5至10%", "满意率【X%】，占比约【X%】"),
        ("编制3项目标任务", "编制【X项】目标任务"),
        ("第3次会议，7×24小时，24小时值班", "第3次会议，7×24小时，24小时值班"),
        ("每半年一次，每月第一个周五，四个意识", "每半年一次，每月第一个周五，四个意识"),
        ("1.3个支部完成整改。\n2.5名党员", "1.【X个】支部完成整改。\n2.【X名】党员"),
        ("12371平台，GB/T 9704，A4纸", "12371平台，GB/T 9704，A4纸"),
        ("建党102周年、成立100周年、改革开放40周年", "建党【X】周年、成立100周年、改革开放40周年"),
    ],
)
def test_figures_with_their_measure_word_become_blanks(raw: str, text: str) -> None:
    assert cleaned("总结\n" + raw + "。") == "总结\n" + text + "。"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("2023年以来，2022年述职，2024年计划", "【年份】年以来，【上年份】年述职，【下年份】年计划"),
        ("《2023年党建工作要点》", "《【年份】年党建工作要点》"),
        ("2023年是贯彻党的二十大精神的开局之年", "2023年是贯彻党的二十大精神的开局之年"),
        ("2021年在天安门广场，1921年7月", "2021年在天安门广场，1921年7月"),
        ("2022年10月16日，党的二十大开幕", "2022年10月16日，党的二十大开幕"),
        ("《规划（2023—2027年）》《纲要（2023年版）》", "《规划（2023—2027年）》《纲要（2023年版）》"),
        ("2月召开会议，6月15日至20日培训", "【X月】召开会议，【X月】【X日】至【X日】培训"),
        ("2023年6月15日，我局召开", "【年份】年【X月】【X日】，我局召开"),
        ("1—6月，今年3月", "【X月】至【X月】，今年【X月】"),
        ("每月1日交纳，每年7月开展，自3月1日起", "每月1日交纳，每年7月开展，自3月1日起"),
    ],
)
def test_own_years_and_dates_become_blanks_and_stated_facts_stay(raw: str, text: str) -> None:
    assert cleaned("总结\n" + raw + "。") == "总结\n" + text + "。"


def test_a_title_keeps_its_year_and_loses_its_masks() -> None:
    text = "XX机关2023年党建工作总结\n2023年，我们认真工作。"
    assert cleaned(text) == "【单位】机关2023年党建工作总结\n【年份】年，我们认真工作。"


def test_years_stay_where_the_year_of_the_report_is_not_known() -> None:
    assert cleaned("总结\n2023年以来，召开会议3次。", None) == "总结\n2023年以来，召开会议【X次】。"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("某某局党组", "【单位】党组"),
        ("区XX机关党总支", "区【单位】机关党总支"),
        ("驻某局纪检监察组", "驻【单位】纪检监察组"),
        ("XX市委、某县、××街道", "【地区】市委、【地区】县、【地区】街道"),
        ("在某某系统开展", "在【系统】开展"),
        ("以“XXX”活动为牵引，印发《XX》", "以“【名称】”活动为牵引，印发《【名称】》"),
        ("到***、***等基地", "到【名称】、【名称】等基地"),
        ("20XX年XX月XX日，202X年", "【年份】年【X月】【X日】，【年份】年"),
        ("共x余次、XX万元、**名、____份", "共【X次】、【X万元】、【X名】、【X份】"),
        ("X委、X支部带领X员干部开展主题X日", "党委、党支部带领党员干部开展主题党日"),
        ("压实ZZ责任", "压实政治责任"),
        ("某些同志、某种程度、某部门", "某些同志、某种程度、某部门"),
        ("“数据要素×”行动、1+X证书、X光机", "“数据要素×”行动、1+X证书、X光机"),
        ("二○二三年", "二○二三年"),
    ],
)
def test_a_mask_becomes_what_it_stands_for(raw: str, text: str) -> None:
    assert cleaned(raw + "。") == text + "。"
    assert withheld(raw + "。") == []


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("学习党的XX大精神。", ["XX大精神"]),
        ("市委XXX次全会。", ["XXX次全会"]),
        ("省委十X届全会。", ["X届全会"]),
        ("党对人民XX工作的领导。", ["XX工作"]),
        ("习近平总书记关于XX工作的论述。", ["XX"]),
        ("着力提升保障XX平。", ["XX"]),
        ("以XJP新时代思想为指导。", ["XJP"]),
        ("李某某受贿案。", ["某某"]),
        ("X委、X政府出台意见。", ["X委、X政府", "X政府"]),
    ],
)
def test_a_mask_that_cant_be_told_is_withheld(raw: str, words: list[str]) -> None:
    assert cleaned(raw) == raw
    assert withheld(raw) == words


def test_a_repair_shows_what_stood_there_and_what_stands_there_now() -> None:
    result = clean("总结\n紧扣“学思想、强党性、重实效、建新功”总要求，开展3次。", TABLE, year=2023)
    wording, figure = result.repairs
    assert (wording.before, wording.after, wording.reason) == ("重实效", "重实践", "固定提法误写")
    assert wording.source == "新闻联播20230330"
    assert (figure.before, figure.after, figure.reason) == ("3次", "【X次】", "空位")
    for repair in result.repairs:
        assert result.text[repair.start : repair.end] == repair.after


def test_an_insertion_has_a_place_of_its_own() -> None:
    result = clean("今年以来廉洁从政学习。", TABLE, year=2023)
    (repair,) = result.repairs
    assert result.text == "今年以来开展廉洁从政学习。"
    assert repair.before in "廉洁从政"
    assert repair.after.startswith("开展")


def test_an_offset_leads_back_to_the_raw_text() -> None:
    raw = "\ufeff某某局党组##paidbegin##召开会议12次，\r\n推进落实。"
    result = clean(raw, TABLE, year=2023)
    for word in ("党组", "召开", "推进"):
        start = result.text.index(word)
        assert raw.startswith(word, result.origin(start))
    assert result.origin(result.text.index("【X次】")) == raw.index("12次")
    assert result.origin(len(result.text)) == len(raw)


def test_an_offset_outside_of_the_text_is_an_error() -> None:
    result = clean("党建", TABLE, year=None)
    for offset in (-1, 3):
        with pytest.raises(IndexError):
            result.origin(offset)


def test_a_text_without_offsets_is_its_own_raw_text() -> None:
    assert CleanText("党建", (), ()).origin(1) == 1
