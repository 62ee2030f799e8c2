"""What a web page leaves in a copied text (网页残留): pay marks, navigation, adverts, addresses, codes, garbled signs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from knowledge.checking.declaring import LANGUAGE, Hit, Kind, looking_for, told_once
from knowledge.checking.model import Category, Copy, Level, Rule

_KIND = Kind(Category.WEB, LANGUAGE)

_PAID = re.compile(r"#(?<!#.)#++\s?paid\s?(?:begin|end)?\s?#*+", re.IGNORECASE)
_CODE = re.compile(
    r"&(?:nbsp|ldquo|rdquo|lsquo|rsquo|mdash|ndash|hellip|middot|amp|lt|gt|quot|emsp|ensp|#\d{2,6}|#x[0-9a-fA-F]{2,5});"
    r"|</?(?:p|br|div|span|strong|b|font|td|tr|table|a|img|h[1-6]|section|o:p|li|ul)(?:\s[^<>\n]{0,200})?\s?/?>"
)
_GARBLED = re.compile("[\ufffd\ue000-\uf8ff]+|锟斤拷|烫烫烫|ï»¿|â€[œ\u009d™]")
_LINES = re.compile(
    r"""^[ \t\u3000]*(?P<line>(?:
        (?:责任编辑|责编|编辑|编审|审核|当前位置|您的位置|您现在的位置|所在位置|上一篇|下一篇|浏览次数|阅读次数|点击数|点击量|文章来源|信息来源|稿件来源)[：:][^\n]{0,60}
      | 来源[：:][^\n]{0,20}(?:网|公众号|客户端|频道|平台|文库)[^\n]{0,20}
      | (?:打印(?:本页)?|关闭(?:窗口|本页)?|返回(?:顶部|首页|列表|上一页)|分享(?:到)?|收藏(?:本文)?|我要纠错|展开全文|阅读原文|字号[：:]?[大中小 ]{0,6})
      | (?:相关(?:报道|文章|阅读|推荐|链接)|猜你喜欢|热门推荐)[：:]?
      | 第\d{1,3}页[/ ，,]{0,3}共\d{1,3}页
      | (?:版权所有|Copyright|©)[^\n]{0,60}
    ))[ \t\u3000]*$""",
    re.MULTILINE | re.VERBOSE,
)
_BYLINE = re.compile(
    r"^[ \t\u3000]*(?P<line>来源[：:][^\n]{1,16}(?:日报|晚报|时报|早报|社|电视台|杂志)|(?:发布|更新|发表)(?:时间|日期|于)[：:]?[ ]?\d{4}[-年./][^\n]{0,24})[ \t\u3000]*$",
    re.MULTILINE,
)
_ADVERTS = re.compile(
    r"(?:点击|扫码|长按|立即|免费|付费|登录后?|开通会员后?)(?:即可)?(?:查看|下载|阅读|获取|领取|展开|解锁)(?:更多|全文|原文|完整版|剩余|资料|文档|内容|word)?"
    r"|(?:下载|查看|阅读|展开)(?:完整)?(?:全文|原文|更多精彩|完整版|完整文档|Word版)(?!件|本)"
    r"|(?:微信)?扫(?:一扫|描|码)?(?:下方|上方|左侧|右侧|本)?(?:二维码)?(?:关注|加群|领取|获取|查看|下载)(?:更多|公众号|资料|原文|全文|文档|完整版|我们|模板)"
    r"|(?:长按|识别)(?:识别)?(?:图中|下方|上方)?二维码|(?:请)?关注(?:我们的?|本)?(?:微信)?公众号[：:“”][^，。；\n]{0,12}"
    r"|(?:百度|道客|豆丁|原创力|新浪|觅知)文库|范文(?:大全|网|库|之家|吧)|(?:公文|秘书|材料|文秘|笔杆子)(?:之家|网)(?!络|站建|格|民|友评)"
    r"|(?:小编|本站)(?:为|给|整理|搜集|收集|推荐|带来|今天)[^。\n]{0,12}|未经(?:授权|许可)(?:不得|禁止|严禁)转载|本文(?:来自|来源于|转载自|由[^。\n]{2,16}整理)"
    r"|(?:仅供参考，?)?(?:禁止|严禁)(?:商用|转载)|网站水印|此处(?:隐藏|省略)\d{1,6}字|剩余\d{1,3}[%％]未读"
)
_ADDRESS = re.compile(r"(?:https?://|www\.)[A-Za-z0-9][^\s\u3000-\u9fff，。；）】》”]{2,200}", re.IGNORECASE)
_MEANT = re.compile(
    r"(?:网址|网站|官网|链接|登录|登陆|访问|地址|平台|系统|门户|邮箱|进入|打开)[^。；\n]{0,8}[：:（(“]?[ ]?\Z|[（(]\Z"
)


def rules() -> tuple[Rule, ...]:
    """Return the rules on what a web page leaves in a text."""
    return (_paid(), _code(), _garbled(), _line(), _byline(), _advert(), _address())


def _paid() -> Rule:
    return _KIND.rule(
        "page.paid",
        Level.WRONG,
        "付费标记",
        looking_for(_PAID, lambda found: (f"“{found[0].strip()}”是网站的付费标记，应删去", "")),
        flags=("定期分析思想动态，##paidbegin##关心困难党员。", "巩固良好生态。\n##paidend##"),
        misses=("#党建品牌#话题阅读量10万次。", "## 一、主要做法"),
    )


def _code() -> Rule:
    return _KIND.rule(
        "page.code",
        Level.WRONG,
        "网页代码",
        looking_for(_CODE, lambda found: (f"“{found[0][:20]}”是网页代码", None)),
        flags=("落实&ldquo;三会一课&rdquo;制度。", "<p>加强党员教育</p>", "党支部&nbsp;&nbsp;书记"),
        misses=("研发投入R&D占比提高。", "指标A<B且C>D。", "满意率>95%"),
    )


def _garbled() -> Rule:
    return _KIND.rule(
        "page.garbled",
        Level.WRONG,
        "乱码",
        looking_for(_GARBLED, lambda _found: ("乱码，请对照原文补上", None)),
        flags=("加强党员\ufffd\ufffd教育。", "提高\ue5e5水平。", "锟斤拷党建工作"),
        misses=("加强党员教育。", "提高水平😀。"),
    )


def _line() -> Rule:
    return _KIND.rule(
        "page.line",
        Level.DOUBTFUL,
        "网页栏目信息",
        _lines(_LINES),
        flags=(
            "推动工作落实。\n责任编辑：某某",
            "来源：某某党建网\n2023年党建工作总结",
            "上一篇：主题党日方案",
            "【正文】\n打印本页",
        ),
        misses=("经费来源：党费和工会经费。", "责任编辑由宣传委员担任。", "来源：群众反映、日常检查"),
    )


def _byline() -> Rule:
    return _KIND.rule(
        "page.byline",
        Level.HINT,
        "报刊来源和发布时间",
        _lines(_BYLINE),
        flags=("2023年工作报告\n来源：某某日报\n各位代表：", "发布时间：2023-05-06 09:30"),
        misses=("发布时间另行通知。", "来源：群众反映、日常检查", "据某某日报报道，活动反响良好。"),
    )


def _lines(pattern: re.Pattern[str]) -> Callable[[Copy], Iterator[Hit]]:
    def hits(copy: Copy) -> Iterator[Hit]:
        for found in pattern.finditer(copy.text):
            yield Hit(*found.span("line"), f"“{found['line'][:16].strip()}”像是网页上的栏目信息")

    return lambda copy: told_once(hits(copy))


def _advert() -> Rule:
    return _KIND.rule(
        "page.advert",
        Level.DOUBTFUL,
        "网站推广用语",
        looking_for(_ADVERTS, lambda found: (f"“{found[0][:16]}”像是网站推广用语", None)),
        flags=(
            "强化党员教育管理。点击查看更多",
            "下载全文需要登录",
            "以下是小编为大家整理的党建工作总结",
            "网站水印：党建材料",
            "扫描二维码关注公众号",
        ),
        misses=(
            "在公示栏张贴二维码，群众扫描二维码反映问题。",
            "运用公众号推送学习内容，组织党员阅读原著。",
            "下载安装“学习强国”，查看全文件目录。",
            "走好网上群众路线，建强党建网络阵地。",
        ),
    )


def _address() -> Rule:
    def word(found: re.Match[str]) -> tuple[str, str | None] | None:
        if _MEANT.search(found.string, max(0, found.start() - 16), found.start()):
            return None
        return "网页地址残留", None

    return _KIND.rule(
        "page.address",
        Level.DOUBTFUL,
        "网址残留",
        looking_for(_ADDRESS, word),
        flags=("推动工作落实。\nhttps://www.example.org/doc/12345.html", "强化责任www.example.com落实"),
        misses=(
            "请登录http://example.org报名。",
            "培训平台网址：www.example.org。",
            "某某培训网（http://example.org）",
        ),
    )
