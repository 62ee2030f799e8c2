"""Forms (日期与格式) per GB/T 9704: dates, document numbers, the lines of attachments; and days that do not exist."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator

from knowledge.checking.declaring import LANGUAGE, Hit, Kind, looking_for
from knowledge.checking.model import Category, Copy, Level, Rule
from knowledge.corpus.numbering import chinese_number

_DATES = "GB/T 9704—2012 7.3.5.4（成文日期用阿拉伯数字，年份标全称，月、日不编虚位）"
_NUMBERS = "GB/T 9704—2012 7.2.5（发文字号）"
_KIND = Kind(Category.FORM, _DATES)

_DOTTED = re.compile(
    r"(?:19|20)\d\d(?<![\d.．/:-]....)(?P<sign>[.．/-])(?P<month>0?[1-9]|1[0-2])(?P=sign)(?P<day>0?[1-9]|[12]\d|3[01])"
    r"(?![\d.．/:—~～至-])(?! ?\d\d:)"
)
_STAMP_BEFORE = re.compile(
    r"(?:时间|日期|发布|更新|截至|于|来源[：:][^\n]{0,12})[：: ]{0,2}\Z|[（(][^）)\n]{0,20}\Z|[—~～至/-]\Z"
)
_SHORT_YEAR = re.compile(
    r"(?P<year>[12](?<![\d.第〇一二三四五六七八九十百’'].)\d)年"
    r"(?=(?:[1-9]|1[0-2])月(?:[1-9]\d?日|份|底|初|，|至|起|以来)|度|底|初|末|上半年|下半年)"
)
_SPAN_BEFORE = re.compile(r"(?:[近历经满约达超余长刑期各]|工作|未来|连续|至少|服役)\Z")
_NOUGHT = "○零0Oo\uff2f"
_SIGN = f"[{_NOUGHT}〇一二三四五六七八九]"
_HAN_DATE = re.compile(
    rf"^[ \t\u3000]*(?P<date>(?P<year>二[{_NOUGHT}〇]{_SIGN}{{2}}年)(?P<month>[一二三四五六七八九十]{{1,2}})月"
    r"(?P<day>[一二三四五六七八九十]{1,3})日)[ \t\u3000]*$",
    re.MULTILINE,
)
_HAN_YEAR = re.compile(rf"[一二](?:[{_NOUGHT}]{_SIGN}{{2}}|〇[{_NOUGHT}]{_SIGN}|[〇九]{_SIGN}[{_NOUGHT}])年")
_YEAR_DIGITS = {sign: str(value) for value, sign in enumerate("〇一二三四五六七八九")} | dict.fromkeys(_NOUGHT, "0")
_PADDED = re.compile(r"(?:[12]\d{3}年)?(?:0[1-9]月(?:\d{1,2}日)?|(?:1[0-2]|[1-9])月0[1-9]日)")
_STAMP_AFTER = re.compile(r" ?\d\d[:：时]")
_HAO = re.compile(
    r"(?P<day>[1-9](?<![\d.第].)(?:(?<=1)[0-2])?月(?:[12]\d|3[01]|[1-9]))号(?![文楼令线院房车公馆仓台信机井店卡船矿轮厂坑路棚地段点])"
)
_NUMBER = re.compile(
    r"(?P<letters>[\u4e00-\u9fff])(?P<open>[\[（(【〈\uff3b])(?P<year>(?:19|20)\d\d)(?:年)?[\]）)】〉\uff3d] ?(?P<rest>第?)(?P<number>\d{1,5}) ?号"
)
_NUMBER_PADDED = re.compile(r"〔(?P<year>(?:19|20)\d\d)〕 ?(?P<word>第?)(?P<zeros>0*)(?P<number>[1-9]\d{0,4}) ?号")
_DAY = re.compile(r"(?:(?P<year>(?:19|20)\d\d)年)?(?P<month>\d(?<![\d.].)\d?)月(?P<day>\d{1,2})日")
_ATTACHMENT = re.compile(r"^[ \t\u3000]*附件[：:][^\n]{1,60}?(?P<stop>[。；，、])[ \t\u3000]*$", re.MULTILINE)


def rules() -> tuple[Rule, ...]:
    """Return the rules on dates, document numbers and attachments."""
    return (
        _no_such_day(),
        _dotted(),
        _short_year(),
        _han_date(),
        _zero(),
        _padded(),
        _hao(),
        _brackets(),
        _padded_number(),
        _attachment(),
    )


def _no_such_day() -> Rule:
    def word(found: re.Match[str]) -> tuple[str, str | None] | None:
        month, day = int(found["month"]), int(found["day"])
        if not 1 <= month <= 12:
            return f"没有{month}月", None
        # Without its year 29 February is possible.
        longest = monthrange(int(found["year"] or 2024), month)[1]
        year = f"{found['year']}年" if found["year"] else ""
        return None if 1 <= day <= longest else (f"{year}{month}月没有{day}日", None)

    return _KIND.rule(
        "form.no-such-day",
        Level.WRONG,
        "不存在的日期",
        looking_for(_DAY, word),
        source=LANGUAGE,
        flags=("2023年2月29日召开党员大会。", "6月31日完成换届。", "2023年13月5日印发。"),
        misses=("2024年2月29日召开党员大会。", "6月30日完成换届，12月31日总结。"),
    )


def _dotted() -> Rule:
    def word(found: re.Match[str]) -> tuple[str, str | None] | None:
        text, start, end = found.string, found.start(), found.end()
        if _STAMP_BEFORE.search(text, max(0, start - 24), start) or _heads_page(text, start, end):
            return None
        return "日期应写年月日", f"{found[0][:4]}年{int(found['month'])}月{int(found['day'])}日"

    return _KIND.rule(
        "form.dotted-date",
        Level.DOUBTFUL,
        "日期用点、斜线或短横",
        looking_for(_DOTTED, word),
        flags=("支部于昨日下发通知，2023.5.6召开党员大会。", "报告人：支部书记\n2023/5/6", "某局党支部\n2023-05-06"),
        misses=(
            "发布时间：2023-05-06",
            "任职时间2019.10.1—2023.5.6",
            "2023年5月6日召开党员大会。",
            "软件版本2023.5.6.1",
        ),
    )


def _heads_page(text: str, start: int, end: int) -> bool:
    """Whether a date is a line of its own with more text below: the stamp of a web page, not the date of a signature."""
    alone = text[start - 1 : start] in {"", "\n"} and text[end : end + 1] == "\n"
    return alone and bool(text[end : end + 200].strip())


def _short_year() -> Rule:
    def word(found: re.Match[str]) -> tuple[str, str | None] | None:
        if _SPAN_BEFORE.search(found.string, max(0, found.start() - 2), found.start()):
            return None
        return "年份应写全四位", f"20{found['year']}年"

    return _KIND.rule(
        "form.short-year",
        Level.DOUBTFUL,
        "年份未写全称",
        looking_for(_SHORT_YEAR, word),
        flags=("23年5月份召开党员大会。", "现将22年度工作情况报告如下。", "支部自21年底成立。"),
        misses=("2023年5月召开党员大会。", "工作23年，历经15年底线教育。", "第15年度表彰。", "现有党龄23年的党员5名。"),
    )


def _han_date() -> Rule:
    def hits(copy: Copy) -> Iterator[Hit]:
        for found in _HAN_DATE.finditer(copy.text):
            year = "".join(_YEAR_DIGITS[sign] for sign in found["year"][:-1])
            month, day = chinese_number(found["month"]), chinese_number(found["day"])
            right = f"{year}年{month}月{day}日" if month and day else None
            yield Hit(*found.span("date"), "成文日期应用阿拉伯数字", right)

    return _KIND.rule(
        "form.han-date",
        Level.DOUBTFUL,
        "成文日期用汉字",
        hits,
        flags=("某局党支部\n二〇二三年五月六日", "中共某县委员会\n　　二○二四年十二月三十一日"),
        misses=("到二〇三五年五月六日那一天", "某局党支部\n2023年5月6日", "二〇三五年基本实现社会主义现代化。"),
    )


def _zero() -> Rule:
    def word(found: re.Match[str]) -> tuple[str, str | None] | None:
        return "汉字年份里的零应写“〇”", re.sub(f"[{_NOUGHT}]", "〇", found[0])

    return _KIND.rule(
        "form.han-zero",
        Level.HINT,
        "汉字年份里的零",
        looking_for(_HAN_YEAR, word),
        source="GB/T 15835—2011《出版物上数字用法》",
        flags=("二O二三年工作总结", "二零二三年工作总结", "二〇○八年以来"),
        misses=("二〇二三年工作总结", "二〇三五年远景目标"),
    )


def _padded() -> Rule:
    def word(found: re.Match[str]) -> tuple[str, str | None] | None:
        text, start = found.string, found.start()
        if text[start - 1 : start].isdecimal() or _STAMP_AFTER.match(text, found.end()):
            return None
        if _STAMP_BEFORE.search(text, max(0, start - 6), start) and text[start - 1] != "于":
            return None
        return "月、日不编虚位（1不写01）", re.sub(r"(?<!\d)0(?=\d[月日])", "", found[0])

    return _KIND.rule(
        "form.padded-date",
        Level.DOUBTFUL,
        "月日编虚位",
        looking_for(_PADDED, word),
        flags=("某局党支部\n2023年02月03日", "于5月06日召开党员大会。"),
        misses=("2023年2月3日、10月20日召开会议。", "发布时间：2023年02月03日"),
    )


def _hao() -> Rule:
    return _KIND.rule(
        "form.day-hao",
        Level.DOUBTFUL,
        "日期写成“号”",
        looking_for(_HAO, lambda found: ("书面语写“日”", f"{found['day']}日")),
        source=LANGUAGE,
        flags=("5月31号前报送。", "于6月1号召开党员大会。"),
        misses=("5月31日前报送。", "学习中发〔2023〕6月号文章，到1月3号楼开会。"),
    )


def _brackets() -> Rule:
    def hits(copy: Copy) -> Iterator[Hit]:
        for found in _NUMBER.finditer(copy.text):
            start = found.start("open")
            yield Hit(start, found.end(), "发文字号的年份用六角括号〔〕", f"〔{found['year']}〕{found['number']}号")

    return _KIND.rule(
        "form.number-brackets",
        Level.WRONG,
        "发文字号的括号",
        hits,
        source=_NUMBERS,
        flags=("根据某党发[2023]5号文件", "按照某组通（2023）12号要求", "某政办发【2022】3号"),
        misses=("根据某党发〔2023〕5号文件", "（2023）某01民初5号判决", "中央文件（2023年第5号）"),
    )


def _padded_number() -> Rule:
    def word(found: re.Match[str]) -> tuple[str, str | None] | None:
        if not found["zeros"] and not found["word"]:
            return None
        wrong = "不编虚位" if found["zeros"] else "不加“第”字"
        return f"发文字号的序号{wrong}", f"〔{found['year']}〕{found['number']}号"

    return _KIND.rule(
        "form.number-padded",
        Level.DOUBTFUL,
        "发文字号编虚位或加“第”",
        looking_for(_NUMBER_PADDED, word),
        source=_NUMBERS,
        flags=("某党发〔2023〕05号", "某党发〔2023〕第5号"),
        misses=("某党发〔2023〕5号", "某党发〔2023〕105号"),
    )


def _attachment() -> Rule:
    def hits(copy: Copy) -> Iterator[Hit]:
        for found in _ATTACHMENT.finditer(copy.text):
            last = found.start("stop") - 1
            yield Hit(last, last + 2, "附件名称后不加标点", copy.text[last])

    return _KIND.rule(
        "form.attachment",
        Level.HINT,
        "附件说明末尾的标点",
        hits,
        source="GB/T 9704—2012 7.3.4（附件说明）",
        flags=("附件：党员名册。", "　　附件：1.任务清单；"),
        misses=("附件：党员名册", "附件：按月报送，具体要求见附件1和附件2所列内容"),
    )
