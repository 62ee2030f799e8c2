"""Figures (数据) that cannot be true together: a rate against its counts, a share beyond all, a sum, an impossible 约…左右."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from knowledge.checking.declaring import COUNTING, LANGUAGE, Hit, Kind
from knowledge.checking.model import Category, Copy, Level, Rule

_KIND = Kind(Category.FIGURE, COUNTING)

_NUMBER = r"\d{1,7}(?:\.\d{1,4})?"
_COUNT = r"[个条项件人名次份户家处起批]"
_GAP = r"[^。；;\d\n]"
_DONE = r"整改|办结|解决|完成|化解|销号|答复|落实|处理|销项"

_SHARE = re.compile(
    r"(?P<name>(?:完成|覆盖|参与|参学|参训|参会|到会|到课|出勤|出席|合格|达标|优良|优秀|满意|知晓|整改|办结|落实|签订|收缴|收回|"
    r"回收|组建|建成|准确|及时|普及|培训|轮训|兑现|按期|化解|解决|执行|上线|入户|签约|投票|通过|参评)率|满意度|知晓度)"
    rf"(?:已|均|也|都|全部)?(?:达到了?|达|为|是|提升[到至]|提高[到至]|保持在?|稳定在|实现|高达)?[ ：:]?(?P<value>{_NUMBER})[%％](?!以)"
)
_OF_TARGET = re.compile(r"任务|目标|计划|指标|投资|预算|序时|进度|产值|拨备|毛[^，。]{0,3}\Z|电话|百人|储备")
_PART_OF = re.compile(
    r"占(?:本|全|总|所|党|支|职|应|同|在|参|到|其|干|问)[^，。；：、\d\n增长升倍]{0,14}?(?:比重|比例|比)?(?:的|为|达到?|约)?"
    rf"(?P<value>{_NUMBER})[%％]"
)

_DONE_OF_ALL = re.compile(
    rf"(?P<all>\d{{1,6}})(?P<unit>{_COUNT}){_GAP}{{0,16}}?[，、,；]{_GAP}{{0,10}}?(?:{_DONE})(?:了|完成)?{_GAP}{{0,6}}?"
    rf"(?P<done>\d{{1,6}})(?P=unit)(?P<rest>{_GAP}{{0,16}}?率(?:达到?|为|是)?[ ]?(?P<rate>{_NUMBER})[%％])?"
)
_FOUND_BEFORE = re.compile(
    r"(?:发现|梳理|排查|查摆|反馈|收集|征集|受理|交办|承办|检视|查找|查出|列出|确定|指出|移交|接到|收到|提出|认领)[^。；，,\d\n]{0,16}\Z"
)
_ALL_DONE = re.compile(
    r"[^。\n]{0,12}?(?:全部|均已|均|都已)(?:按期|按时)?(?:整改|办结|解决|完成|销号|化解)(?:到位|完毕|完成|销号)?"
)

_PRESENT = re.compile(
    rf"应(?:到会?|参加|参会|参评|参训|交|收|签|发放?)[^，。；\d\n]{{0,10}}(?P<all>\d{{1,6}})(?P<unit>[人名份])[^。；\d\n]{{0,12}}?"
    rf"实(?:到会?|际到会|际参加|际|参加|参会|交|收|签)[^，。；\d\n]{{0,10}}(?P<done>\d{{1,6}})(?P=unit)"
    rf"(?P<rest>[^。；\d\n]{{0,12}}?率(?:达到?|为|是)?[ ]?(?P<rate>{_NUMBER})[%％])?"
)
_ISSUED = re.compile(
    rf"发放[^，。；\d\n]{{0,16}}(?P<all>\d{{1,6}})(?P<unit>[份张])[^。；\d\n]{{0,8}}?(?:收回|回收)[^，。；\d\n]{{0,8}}(?P<done>\d{{1,6}})"
    rf"(?P=unit)(?P<rest>[^。；\d\n]{{0,8}}?(?:收回|回收)率(?:达到?|为|是)?[ ]?(?P<rate>{_NUMBER})[%％])?"
)

_TOTAL = re.compile(
    r"(?:共|现有|共有|共计|总数|总计|合计)[^，。；（(\d\n]{0,12}?(?P<all>\d{1,6})(?P<unit>[人名个])[^，。；（(\d\n]{0,6}[，,（(:：]"
    r"(?:其中|包括|分别是?)?[：:，,]?(?P<parts>[^。；）)\n]{4,60})"
)
_AMONG = re.compile(
    rf"(?P<all>(?<![\d.])\d{{1,6}})(?P<unit>人次|场次|{_COUNT}|场|篇|期)[^。；;，,：:（(\d\n]{{0,8}}[，,（(]其中[：:，,]?{_GAP}{{0,14}}?"
    r"(?P<part>\d{1,6})(?P=unit)(?!次)"
)
_OUT_OF = re.compile(
    rf"(?P<all>(?<![\d.])\d{{1,6}})(?P<unit>{_COUNT}){_GAP}{{0,8}}?中的?(?P<part>\d{{1,6}})(?P=unit)(?!次)"
)
_WHOLES = (
    (r"男(?:性|党员|同志|职工|生)?", r"女(?:性|党员|同志|职工|生)?"),
    (r"正式党员", r"预备党员"),
    (r"在职(?:党员|职工|人员)", r"(?:离退休|退休|离休)(?:党员|职工|人员)"),
)
_ABOUT = re.compile(
    r"(?P<first>(?:将近|接近|近(?<![最附临邻靠远亲相将接].)|约(?<![节合预制条公违签集简契特履守大].)|大约|超过|超(?<![高赶反中].)"
    r"|多达|高达|至少|最少|不少于|不低于|最多|不超过))(?:(?<=少)[^，。；\d\n]{1,4})?有? ?[\d.]{1,9}"
    r"(?P<some>[余多]?)[万亿千百]{0,2}(?P<more>[余多]?)"
    r"(?:人次|场次|[个名人次场件项份元户家条篇年天周]|公里|小时|[%％])?(?P<last>左右|上下|以上|以下|以内)?"
)
_SAME = re.compile(
    r"(?P<key>(?P<who>[本我全](?:党?支部|总支|局|委|公司|单位|党委|校|院|厅|办|系统|县|市|区|镇|街道|村|社区)(?:机关)?)(?:现|目前|现共|共)?有"
    r"(?P<what>(?:正式|在册|在职|预备)?党员|基层党组织|党支部|干部职工|职工|干部))(?P<value>\d{1,6})(?P<unit>[名人个])"
)
_OTHER_TIME = re.compile(r"年|月|原|初|此前|以前|当时|增|减|换届")


def rules() -> tuple[Rule, ...]:
    """Return the rules on figures."""
    return (_share(), _rate(), _part_of_whole(), _sum(), _two_values(), _approximation())


def _share() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        for found in _SHARE.finditer(copy.text):
            if Decimal(found["value"]) > 100 and not _OF_TARGET.search(
                copy.text, max(0, found.start() - 14), found.end()
            ):
                yield Hit(found.start(), found.end(), f"“{found['name']}”不会超过100%")
        for found in _PART_OF.finditer(copy.text):
            if Decimal(found["value"]) > 100:
                yield Hit(found.start(), found.end(), "占比不会超过100%")

    return _KIND.rule(
        "figure.share",
        Level.DOUBTFUL,
        "占比、完成率等超过100%",
        look,
        flags=("党员参学率达到105%。", "主题党日覆盖率为120%。", "青年党员30名，占党员总数的130%。"),
        misses=(
            "走访企业数量同比增长120%。",
            "群众满意率达到100%。",
            "固定资产投资目标完成率112%。",
            "不良贷款拨备覆盖率210%。",
        ),
    )


def _rate() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        text = copy.text
        for found in _DONE_OF_ALL.finditer(text):
            if _FOUND_BEFORE.search(text, max(0, found.start() - 24), found.start()):
                yield from _against(found)
                everything = _ALL_DONE.match(text, found.end())
                if everything and not found["rate"] and int(found["done"]) < int(found["all"]):
                    yield Hit(found.start(), everything.end(), f"{_of(found)}，与“全部”不符")
        for pattern in (_PRESENT, _ISSUED):
            for found in pattern.finditer(text):
                yield from _against(found)

    return _KIND.rule(
        "figure.rate",
        Level.DOUBTFUL,
        "数量与比率对不上",
        look,
        flags=(
            "督查发现问题20条，完成整改18条，整改率100%。",
            "应到党员50人，实到45人，到会率95%。",
            "发放问卷200份，收回190份，回收率99%。",
            "排查隐患12个，已整改15个。",
            "反馈问题20个，已整改17个，全部整改到位。",
        ),
        misses=(
            "督查发现问题20条，完成整改18条，整改率90%。",
            "应到党员48人，实到46人，到会率95.8%。",
            "梳理问题15个，制定整改措施22条，完成整改14个。",
            "梳理问题18个，建立制度20个。",
        ),
    )


def _part_of_whole() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        for pattern in (_AMONG, _OUT_OF):
            for found in pattern.finditer(copy.text):
                if int(found["part"]) > int(found["all"]):
                    span = found.start("all"), found.end("part") + len(found["unit"])
                    yield Hit(
                        *span, f"总数{found['all']}{found['unit']}，其中的一部分却有{found['part']}{found['unit']}"
                    )

    return _KIND.rule(
        "figure.part",
        Level.DOUBTFUL,
        "其中的一部分多于总数",
        look,
        flags=("组织中心组学习12次，其中专题研讨15次。", "完成18项任务中的20项。", "发展党员3名，其中一线职工5名。"),
        misses=(
            "组织中心组学习15次，其中专题研讨12次。",
            "完成20项任务中的18项。",
            "培训党员120人次，其中骨干3期150人。",
            "去年新增5名，现有党员80名，其中女党员30名。",
        ),
    )


def _against(found: re.Match[str]) -> Iterator[Hit]:
    """Yield what is wrong between the counts of a match (``all``, ``done``) and its ``rate``."""
    total, done = Decimal(found["all"]), Decimal(found["done"])
    if done > total:
        yield Hit(found.start("all"), found.end("done") + 1, f"{_of(found)}，前少后多")
    elif found["rate"] and total and not _rounds_to(done * 100 / total, found["rate"]):
        real = (done * 100 / total).quantize(Decimal("0.1")).normalize()
        yield Hit(found.start("all"), found.end(), f"{_of(found)}，算得{real:f}%，不是{found['rate']}%")


def _of(found: re.Match[str]) -> str:
    return f"总数{found['all']}{found['unit']}、完成{found['done']}{found['unit']}"


def _rounds_to(value: Decimal, stated: str) -> bool:
    """Whether ``value`` is ``stated`` when rounded or cut off to as many places."""
    step = Decimal(1).scaleb(-len(stated.partition(".")[2]))
    return Decimal(stated) in {value.quantize(step, ROUND_HALF_UP), value.quantize(step, ROUND_DOWN)}


def _sum() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        for found in _TOTAL.finditer(copy.text):
            for names in _WHOLES:
                parts = [_part(name, found) for name in names]
                values = [int(part["value"]) for part in parts if part is not None]
                if len(values) == len(names) and sum(values) != int(found["all"]):
                    end = found.start("parts") + max(part.end() for part in parts if part is not None)
                    written = "＋".join(str(value) for value in values)
                    yield Hit(found.start(), end, f"各项相加{written}={sum(values)}，与总数{found['all']}不符")

    return _KIND.rule(
        "figure.sum",
        Level.DOUBTFUL,
        "分项相加不等于总数",
        look,
        flags=("支部共有党员20名，其中男12名、女9名。", "共有党员45名（正式党员41名，预备党员3名）。"),
        misses=(
            "支部共有党员20名，其中男12名、女8名。",
            "共有党员45名，其中女党员12名、少数民族党员3名。",
            "共有干部30人，其中党员18人、女性14人。",
        ),
    )


def _part(name: str, found: re.Match[str]) -> re.Match[str] | None:
    """Return the part called ``name`` in the list behind a total, as a match of ``found["parts"]``."""
    pattern = rf"(?:^|[，、,：:和及]){name} ?(?P<value>\d{{1,6}})(?:{found['unit']}|(?=[，、,]|$))"
    return re.search(pattern, found["parts"])


def _two_values() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        first: dict[tuple[str, str], str] = {}
        for found in _SAME.finditer(copy.text):
            if _OTHER_TIME.search(copy.text, max(0, found.start() - 12), found.start()):
                continue
            stated = first.setdefault((found["who"], found["what"]), found["value"])
            if stated != found["value"]:
                yield Hit(
                    found.start(),
                    found.end(),
                    f"前文写“{found['who']}”有{found['what']}{stated}{found['unit']}，两处不一",
                )

    return _KIND.rule(
        "figure.two-values",
        Level.DOUBTFUL,
        "同一数量前后不一",
        look,
        flags=(
            "本支部现有党员42名。支部班子健全。本支部共有党员45名，平均年龄38岁。",
            "全局现有干部职工120人，队伍稳定。全局共有干部职工126人。",
        ),
        misses=(
            "2022年底，本支部现有党员42名。2023年，本支部现有党员45名。",
            "本支部现有党员42名，全局共有党员120名。",
        ),
    )


def _approximation() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        for found in _ABOUT.finditer(copy.text):
            some, last = found["some"] or found["more"], found["last"] or ""
            clash = last if _clashes(found["first"], last) else some if found["first"].endswith("近") else ""
            if clash:
                yield Hit(found.start(), found.end(), f"“{found['first']}”与“{clash}”重复或矛盾，留一个")

    return _KIND.rule(
        "figure.about",
        Level.DOUBTFUL,
        "概数词重复或矛盾",
        look,
        source=LANGUAGE,
        flags=("近500余名党员参加。", "约30人左右参加培训。", "每月至少开展3次以上。", "超过200人以上受到教育。"),
        misses=("近500名党员参加。", "30余人参加培训。", "每月至少开展3次。", "大约200人，以上数据来自台账。"),
    )


def _clashes(first: str, last: str) -> bool:
    if first.endswith(("近", "约")):
        return last in {"左右", "上下", "以上"}
    if first in {"至少", "最少", "不少于", "不低于", "超过", "超", "多达", "高达"}:
        return last in {"以上", "左右", "上下"}
    return last in {"以下", "以内", "左右", "上下"}
