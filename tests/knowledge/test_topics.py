"""Topics and roles: named in questions, assigned to passages as a reader of the reports would."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.kinds import Kinds
from knowledge.model import Role
from knowledge.roles import Place, Roles
from knowledge.tables import Table, TableError
from knowledge.topics import Topics

TOPICS = Topics.load()
ROLES = Roles.load()
PRACTICE, PROBLEMS, PLANS = "主要做法和成效", "存在的主要问题", "下一步工作计划"

# One sentence of the five reports each, the headings above it, and what it is about and does: judged by reading.
GOLDEN: tuple[tuple[str, tuple[str, ...], tuple[str, ...], Role], ...] = (
    (
        "充分利用学习强国app、微信群等新媒体平台第一时间学习掌握权威解读的党的二十大精神要点，做到真学真懂、以思促学，不断提升学习成效。",
        (PRACTICE, "突出政治建设，彰显政治本色为民本色"),
        ("理论武装", "宣传"),
        Role.PRACTICE,
    ),
    ("二是深化融合发展，党建+成效显著。", (PRACTICE, "突出政治建设，彰显政治本色为民本色"), ("业务融合",), Role.RESULT),
    ("三是开展社区结对共建活动。", (PRACTICE, "突出政治建设，彰显政治本色为民本色"), ("结对共建",), Role.PRACTICE),
    (
        "制定党建3份责任清单，细化清单任务40条，党组（党委）书记履行党建工作主体责任，落实党建工作责任制，其他班子成员认真履行“一岗双责”，抓好分管领域的党建工作，支部书记为支部党建工作第一责任人，抓好支部党建各项工作。",
        (PRACTICE, "扛牢党建责任，深化知责担责履责尽责"),
        ("主体责任",),
        Role.PRACTICE,
    ),
    (
        "坚持围绕主题设计活动内容和形式，力求内容丰富、方式灵活、形式多样，具体工作中注重做到“五个融合”。",
        (PRACTICE, "夯实战斗堡垒，做到提质增效赋能发展"),
        ("主题党日",),
        Role.PRACTICE,
    ),
    (
        "三是与党员发挥作用相融合，通过设立党员先锋岗、成立党员志愿服务队等，引导党员积极参与疫情防控、“双报到”等工作。",
        (PRACTICE, "夯实战斗堡垒，做到提质增效赋能发展", "落实主题党日制度"),
        ("党员教育管理", "志愿服务与双报到"),
        Role.PRACTICE,
    ),
    (
        "四是与党内关爱相融合，采取谈心交流、走访慰问、结对帮扶等形式，开展认领“微心愿”、爱心募捐、走访慰问老党员等活动。",
        (PRACTICE, "夯实战斗堡垒，做到提质增效赋能发展"),
        ("思想政治工作", "志愿服务与双报到"),
        Role.PRACTICE,
    ),
    ("二是开展创先争优活动。", (PRACTICE, "夯实战斗堡垒，做到提质增效赋能发展"), ("创先争优",), Role.PRACTICE),
    (
        "全面落实“控制总量、优化结构、提高质量、发挥作用”的十六字总要求，扎实做好发展党员工作，以控制总量为重点，加强对发展党员工作的宏观调控，做到有计划地发展党员，加强发展党员工作的制度建设。",
        (PRACTICE, "夯实战斗堡垒，做到提质增效赋能发展"),
        ("发展党员",),
        Role.PRACTICE,
    ),
    ("四是做好党费收缴工作。", (PRACTICE, "夯实战斗堡垒，做到提质增效赋能发展"), ("党费",), Role.PRACTICE),
    ("五是开展革命传统教育。", (PRACTICE, "夯实战斗堡垒，做到提质增效赋能发展"), ("党员教育管理",), Role.PRACTICE),
    (
        "一是品牌建设力度不够，党建品牌的创建载体还不够多，比如在创建过程中更多是以具体业务工作替代品牌创建工作，带头创新抓党建品牌创建的意识还不够强，党建品牌还不够响亮；",
        ("存在主要问题",),
        ("党建品牌",),
        Role.PROBLEM,
    ),
    (
        "一是继续推进基层党组织能力提升攻坚战役，集中力量共建，扎实落实各项工作任务，推动基层党组织全面进步、全面过硬，。",
        (PLANS,),
        ("组织建设",),
        Role.PLAN,
    ),
    ("重点围绕以下方面开展工作：", (PLANS,), (), Role.PLAN),
    (
        "持续深化政治忠诚教育，对机关党支部进行政治体检，不断提高党员干部的政治判断力、政治领悟力、政治执行力，推动党员干部坚定拥护“两个确立”、坚决做到“两个维护”。",
        ("主要工作措施及成效", "加强政治建设，坚定政治立场", "加强政治机关建设"),
        ("政治建设",),
        Role.PRACTICE,
    ),
    (
        "从严落实好“三会一课”、组织生活会、民主评议党员等制度，采取“重温入党誓词、学党章党规、学系列讲话”的模式，重点提升“主题党日”活动质量，切实发挥支部战斗堡垒和党员先锋模范作用。",
        ("主要工作措施及成效", "加强党建基础，建强战斗堡垒", "建强机关组织体系"),
        ("组织生活", "组织建设"),
        Role.PRACTICE,
    ),
    (
        "2023年以来开展集中理论学习3次。",
        ("主要工作措施及成效", "加强理论武装，筑牢思想根基"),
        ("理论武装",),
        Role.PRACTICE,
    ),
    (
        "紧扣“学思想、强党性、重实践、建新功”总要求，科学谋划、精心组织，推动各基层党组织在主题教育中走在前、做表率。",
        ("主要工作措施及成效", "加强理论武装，筑牢思想根基", "严肃深入开展主题教育"),
        ("主题教育",),
        Role.PRACTICE,
    ),
    (
        "定期分析党员干部思想动态，关心关爱老党员、生活困难等党员干部，帮助解决思想和实际困难。",
        ("主要工作措施及成效", "加强理论武装，筑牢思想根基", "做细做实思想政治工作"),
        ("思想政治工作",),
        Role.PRACTICE,
    ),
    (
        "扎实推进“一支部一品牌”创建活动，持续促进党建与业务深度融合。",
        ("主要工作措施及成效", "加强党建基础，建强战斗堡垒", "建强机关组织体系"),
        ("业务融合", "党建品牌"),
        Role.PRACTICE,
    ),
    (
        "积极发挥群团组织政治功能，强化工青组织的思想政治引领作用，联合工会开展系列群众性文体活动，引导广大干部职工听党话、跟党走。",
        ("主要工作措施及成效", "加强党建基础，建强战斗堡垒", "持续加强党建带群建"),
        ("群团工作",),
        Role.PRACTICE,
    ),
    (
        "重点纠治形式主义、官僚主义，坚决纠治打折扣、搞变通、消极应付以及“乱加码”等问题。",
        ("主要工作措施及成效", "加强督导检查，持续正风肃纪", "持续深化作风建设"),
        ("作风建设",),
        Role.PRACTICE,
    ),
    (
        "深化运用监督执纪“四种形态”，抓早、抓小、抓苗头，紧盯招标采购、项目资金安排等廉政风险点，主动靠前监督，及时化解廉政风险。",
        ("主要工作措施及成效", "加强督导检查，持续正风肃纪", "严肃监督执纪问责"),
        ("党风廉政",),
        Role.PRACTICE,
    ),
    (
        "2023年以来，干部职工未发生违法违纪现象。",
        ("主要工作措施及成效", "加强督导检查，持续正风肃纪", "严肃监督执纪问责"),
        ("党风廉政",),
        Role.RESULT,
    ),
    (
        "按照“政治强、业务精、作风好”的要求，配齐配强专兼职党务干部队伍。",
        ("主要工作措施及成效", "加强责任落实，凝聚工作合力", "加强党务干部队伍建设"),
        ("党务干部", "组织建设"),
        Role.PRACTICE,
    ),
    (
        "“三会一课”、主题党日等规定动作还有打折扣的现象，组织生活质量有待进一步提高。",
        ("存在的困难问题", "落实党内政治生活制度不够严"),
        ("组织生活", "主题党日"),
        Role.PROBLEM,
    ),
    ("党建工作与业务工作结合还不够紧密、融入还不够深入。", ("存在的困难问题",), ("业务融合",), Role.PROBLEM),
    ("持续深化“我为群众办实事”实践活动。", (PLANS, "在推动发展上持续下功夫"), ("志愿服务与双报到",), Role.PLAN),
    (
        "坚持党管宣传、党管意识形态，旗帜鲜明坚持党性原则，坚定不移加强党对意识形态和新闻舆论工作的全面领导，党组每年专题研究意识形态工作4次。",
        ("主要工作情况", "党建责任落实展现新局面"),
        ("意识形态", "宣传"),
        Role.PRACTICE,
    ),
    ("三是巡察整改政治责任有力有效。", ("主要工作情况", "党建责任落实展现新局面"), ("巡察整改",), Role.RESULT),
    (
        "上半年以来，某某系统共计开展政治理论集中学习70余个场次，联合主题党日14次，轮值主题党课20堂，体验式教学5场次。",
        ("主要工作情况", "政治理论学习取得新成果"),
        ("理论武装", "组织生活", "主题党日"),
        Role.RESULT,
    ),
    ("二是建设高素质机关党务干部队伍。", ("主要工作情况", "组织建设呈现新亮点"), ("党务干部",), Role.PRACTICE),
    (
        "推行“主题党日”制度，每月第一个周五为“主题党日”，组织党员开展学习教育、志愿服务、组织生活等活动，不断增强组织生活活力。",
        ("主要工作情况", "组织建设呈现新亮点"),
        ("组织生活", "主题党日", "志愿服务与双报到"),
        Role.PRACTICE,
    ),
    ("一是党务干部的业务水平普遍偏低，党建基础偏弱。", (PROBLEMS,), ("党务干部",), Role.PROBLEM),
    ("六是抓作风建设。", ("下半年工作计划",), ("作风建设",), Role.PLAN),
    (
        "严格执行请示报告制度，工作中重要问题、重大事项、重要活动及时向区委和区XX党组请示报告，坚决按照上级要求抓好贯彻落实。",
        ("主要工作开展情况", "抓实理论武装"),
        ("政治建设",),
        Role.PRACTICE,
    ),
    (
        "认真落实“双报到”制度，带领机关党员干部到社区报到，开展“党旗在一线高高飘扬”志愿服务活动XX次，认领“微心愿”并解决实际问题XX个。",
        ("主要工作开展情况", "提升XX党建质量"),
        ("志愿服务与双报到",),
        Role.PRACTICE,
    ),
    ("持续抓好模范机关创建。", ("主要工作开展情况", "提升XX党建质量"), ("模范机关",), Role.PRACTICE),
    (
        "严格执行发文办会规定，做到精文简会，坚持轻车简从等，着力整治形式主义为基层减负，树立XX机关良好形象。",
        ("主要工作开展情况", "抓实全面从严治党"),
        ("作风建设",),
        Role.PRACTICE,
    ),
    (
        "聚焦民生实事、基层社会治理难事开展协商议事的力度不够，发挥XX职能作用推动基层社会治理，服务群众还有待加强。",
        ("存在问题和不足", "发挥XX职能服务基层群众还有差距"),
        ("基层治理", "志愿服务与双报到"),
        Role.PROBLEM,
    ),
    ("目前，所有反馈问题均已整改到位，并长期坚持。", ("问题整改落实情况",), ("巡察整改",), Role.RESULT),
    (
        "组织x名科级领导围绕展开走访调研，形成调研报告x篇，在调研中梳理问题X个，提出对策措施X条，并召开调研成果交流会，真正做到以学促研、以研促查。",
        ("履职尽责情况", "强化政治引领，务求实效抓好主题教育"),
        ("调查研究", "主题教育"),
        Role.PRACTICE,
    ),
    ("累计收缴党费x元；", ("履职尽责情况", "强化政治建设，常态长效筑牢组织基础"), ("党费",), Role.RESULT),
    (
        "主观原因是对党建工作思考、谋划、研究不够深入，党建责任压得还不够实、不够细。",
        ("存在主要问题及原因",),
        ("主体责任",),
        Role.CAUSE,
    ),
    (
        "建立党建信息宣传制度，精选一批政治信念坚定、文字功底强、写作水平和综合素质较高的党员干部，担任党建信息员和网评员。",
        ("下一步工作打算", "强化工作举措，扎实做好党建宣传"),
        ("宣传", "制度建设"),
        Role.PLAN,
    ),
)


@pytest.mark.parametrize(("text", "headings", "topics", "role"), GOLDEN, ids=[text[:16] for text, *_ in GOLDEN])
def test_sentences_of_the_reports_are_classified_as_a_reader_would(
    text: str, headings: tuple[str, ...], topics: tuple[str, ...], role: Role
) -> None:
    assert (TOPICS.classify(text, headings), ROLES.classify(text, headings)) == (topics, role)


def test_a_heading_decides_only_where_the_passage_says_nothing() -> None:
    silent = "进一步细化任务、明确分工，确保落地见效。"
    assert TOPICS.classify(silent) == ()
    assert TOPICS.classify(silent, ("主要做法", "铸牢意识形态安全防线")) == ("意识形态",)
    assert TOPICS.classify("按时足额交纳党费。", ("主要做法", "铸牢意识形态安全防线")) == ("党费",)


def test_the_innermost_heading_that_names_a_topic_counts() -> None:
    assert TOPICS.classify("细化任务、明确分工。", ("加强理论武装", "做好党费收缴工作")) == ("党费",)
    assert TOPICS.classify("细化任务、明确分工。", ("加强理论武装", "第二个方面")) == ("理论武装",)


def test_a_document_title_weighs_less_than_the_words_around_it() -> None:
    assert TOPICS.classify("学习了《关于加强党风廉政建设的意见》。")[:1] != ("党风廉政",)
    assert TOPICS.classify("学习了党风廉政建设的意见。")[:1] == ("党风廉政",)


# ---- questions ----


@pytest.mark.parametrize(
    ("question", "topic", "term"),
    [
        ("意识形态怎么写", "意识形态", None),
        ("三会一课", "组织生活", "三会一课"),
        ("“三会一课”落实情况怎么表述", "组织生活", "三会一课"),
        ("主题党日 3条", "主题党日", None),
        ("廉政风险点", "党风廉政", "廉政风险点"),
        ("双报到制度", "志愿服务与双报到", "双报到"),
        ("第一议题 例句", "理论武装", "第一议题"),
        ("党建和业务两张皮 怎么表述", "业务融合", "两张皮"),
        ("五基三化", "支部标准化", "五基三化"),
        ("反四风", "作风建设", "四风"),
        ("作风这块咋写", "作风建设", None),
        ("抓学习的话，给两句", "理论武装", None),
        ("党风廉政部分的小标题", "党风廉政", None),
        ("非公党建例句", "基层治理", "非公党建"),
        ("老干部支部的表述有没有", "党员教育管理", "离退休干部党建"),
        ("三个务必", "作风建设", "三个务必"),
        ("民主集中制", "干部队伍", "民主集中制"),
    ],
)
def test_a_question_names_its_topic_and_the_narrower_term(question: str, topic: str, term: str | None) -> None:
    mention = TOPICS.find(question)[0]
    assert (mention.topic, mention.term) == (topic, term)
    assert question[mention.start : mention.end] == mention.alias
    found = TOPICS.term(question)
    assert (found.name if found else None) == term


@pytest.mark.parametrize("question", ["今天天气怎么样", "宣传部部长还是宣传部长", "提纲", "小标题", "你好", ""])
def test_a_question_about_something_else_names_no_topic(question: str) -> None:
    assert TOPICS.find(question) == ()
    assert TOPICS.term(question) is None


def test_the_longest_name_is_meant() -> None:
    assert [mention.alias for mention in TOPICS.find("党建引领基层治理和双重组织生活")] == [
        "党建引领基层治理",
        "双重组织生活",
    ]


def test_no_name_stands_for_a_topic_and_a_role_or_a_kind() -> None:
    topics = {name for entry in TOPICS.topics for name in (entry.name, *entry.aliases)}
    topics |= {name for term in TOPICS.terms for name in (term.name, *term.aliases)}
    assert not {name for name in topics if ROLES.find(name)[:1] and ROLES.find(name)[0].alias == name}
    assert not topics & {name for kind in Kinds.load().kinds for name in (kind.id, *kind.aliases)}


def test_related_topics_exist_and_are_others() -> None:
    names = {topic.name for topic in TOPICS.topics}
    assert len(names) >= 26
    for topic in TOPICS.topics:
        assert set(TOPICS.related(topic.name)) <= names - {topic.name}
        assert len(TOPICS.related(topic.name)) >= 2
    assert TOPICS.related("没有这个板块") == ()


@pytest.mark.parametrize(
    ("question", "role"),
    [
        ("开头", Role.OPENING),
        ("导语怎么起", Role.OPENING),
        ("帽段", Role.OPENING),
        ("开头那段指导思想怎么写", Role.OPENING),
        ("存在问题 三条", Role.PROBLEM),
        ("问题不足怎么写，不要太狠", Role.PROBLEM),
        ("原因分析怎么写", Role.CAUSE),
        ("下步工作计划写四点", Role.PLAN),
        ("明年打算", Role.PLAN),
        ("结尾段怎么收", Role.CLOSING),
        ("工作亮点怎么写", Role.RESULT),
        ("主要做法", Role.PRACTICE),
    ],
)
def test_a_question_names_its_role(question: str, role: Role) -> None:
    assert ROLES.find(question)[0].role is role


@pytest.mark.parametrize(
    "question", ["问题整改怎么写", "坚持问题导向", "党建工作计划", "整改措施例句", "有什么问题吗", "慰问困难党员"]
)
def test_words_that_only_look_like_a_role_name_none(question: str) -> None:
    assert ROLES.find(question) == ()


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("主要做法和成效", Role.PRACTICE),
        ("主要工作措施及成效", Role.PRACTICE),
        ("问题整改落实情况", Role.PRACTICE),
        ("履职尽责情况", Role.PRACTICE),
        ("存在的困难问题", Role.PROBLEM),
        ("存在问题和不足", Role.PROBLEM),
        ("存在主要问题及原因", Role.PROBLEM),
        ("执行机关工作制度不严格", Role.PROBLEM),
        ("原因分析", Role.CAUSE),
        ("下步工作打算", Role.PLAN),
        ("下半年工作计划", Role.PLAN),
        ("工作亮点", Role.RESULT),
        ("指导思想", Role.OPENING),
        ("组织建设呈现新亮点", None),
        ("着力解决突出问题", None),
        ("加强理论武装，筑牢思想根基", None),
    ],
)
def test_headings_announce_the_role_of_their_section(heading: str, role: Role | None) -> None:
    assert ROLES.of_heading(heading) is role


def test_a_practice_inside_a_plan_is_still_a_plan() -> None:
    assert ROLES.of_path(("下一步工作打算", "强化工作举措，扎实做好党建宣传")) is Role.PLAN
    assert ROLES.of_path(("主题教育开展情况", "存在问题")) is Role.PROBLEM
    assert ROLES.of_path(("加强理论武装",)) is None


def test_what_stands_before_the_first_heading_opens_and_a_last_look_ahead_closes() -> None:
    opening = "2023年，在区委的坚强领导下，坚持以习近平新时代中国特色社会主义思想为指导，扎实抓好各项工作。"
    assert ROLES.classify(opening, (), Place.HEAD) is Role.OPENING
    assert ROLES.classify(opening, ()) is Role.OPENING
    farewell = "让支部党建亮起来、活起来，为推动我局事业高质量发展凝心聚力。"
    assert ROLES.classify(farewell, (PLANS,)) is Role.PLAN
    assert ROLES.classify(farewell, (PLANS,), Place.END) is Role.CLOSING
    assert ROLES.classify("以上述职，请予评议。", ("履职情况",)) is Role.CLOSING


# ---- the tables themselves ----


def topic_table(extra: str = "", terms: str = "") -> Table:
    one = '[[topic]]\nname = "甲"\nstrong = ["甲"]\nrelated = ["乙"]\nsource = ["某"]\n'
    two = '[[topic]]\nname = "乙"\nstrong = ["乙"]\nrelated = ["甲"]\nsource = ["某"]\n'
    return Table("t.toml", f"{one}{extra}\n{two}{terms}")


@pytest.mark.parametrize(
    ("extra", "terms", "problem"),
    [
        ('aliases = ["乙"]', "", "“乙”同时属于“甲”和“乙”"),
        ('weak = ["甲"]', "", "“甲”在这个板块里写了两次"),
        ('parent = "丙"', "", "“甲”指向的板块“丙”不存在"),
        ('colour = "红"', "", "有不认识的项：colour"),
        ("", '[[term]]\nname = "甲"\ntopic = "乙"\nsource = ["某"]\n', "有重复的名称"),
        ("", '[[term]]\nname = "丁"\ntopic = "丙"\nsource = ["某"]\n', "“丁”指向的板块“丙”不存在"),
        ("", '[[term]]\nname = "丁"\ntopic = "甲"\n', "缺少“source”"),
    ],
)
def test_a_slip_in_the_topic_table_is_refused(extra: str, terms: str, problem: str) -> None:
    Topics.read(topic_table())
    with pytest.raises(TableError, match=problem):
        Topics.read(topic_table(extra, terms))


def test_a_role_without_an_entry_is_refused() -> None:
    with pytest.raises(TableError, match="每个部位要有且只有一条"):
        Roles.read(Table("r.toml", '[[role]]\nrole = "结尾"\naliases = ["收尾"]\nsource = ["某"]\n'))


# ---- any text at all ----

WORDS = st.sampled_from(
    ["党建", "《", "》", "主题教育", "，", "。", "廉政", "不够", "下一步", "\n", "在", "领导下", "ab", "\ud800"]
)
ANY_TEXT = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=40).map("".join))


@given(ANY_TEXT, st.lists(ANY_TEXT, max_size=4))
def test_any_text_can_be_classified(text: str, headings: list[str]) -> None:
    names = {topic.name for topic in TOPICS.topics}
    found = TOPICS.classify(text, headings)
    assert set(found) <= names
    assert len(set(found)) == len(found)
    assert TOPICS.classify(text, headings) == found
    for place in Place:
        assert ROLES.classify(text, headings, place) in Role


@given(ANY_TEXT)
def test_mentions_in_any_text_stand_where_they_say(text: str) -> None:
    topics = [(mention.start, mention.end, mention.alias) for mention in TOPICS.find(text)]
    roles = [(mention.start, mention.end, mention.alias) for mention in ROLES.find(text)]
    for mentions in (topics, roles):
        assert all(text[start:end] == alias for start, end, alias in mentions)
        assert all(left[1] <= right[0] for left, right in pairwise(mentions))
