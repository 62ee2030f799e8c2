"""From inbound XML to a message, and from an answer to reply XML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.work.parser import parse_message

from bot.errors import ReplyTooLongError, XmlError
from bot.wecom.bounded_xml import parse_tree
from bot.wecom.envelope import MAX_CONTENT_BYTES, WecomMessage, clean_reply, read_message, write_reply
from handlers.dialogue import IncomingFile, MessageKind

from .peer import AGENT, CORP, NOW, event_xml, read_fields, text_xml

CARD_EVENT = event_xml(
    "template_card_event",
    EventKey="submit",
    TaskId="task-1",
    CardType="multiple_interaction",
    ResponseCode="code",
    SelectedItems="".join(
        f"<SelectedItem><QuestionKey>q{n}</QuestionKey><OptionIds><OptionId>a</OptionId><OptionId>b</OptionId></OptionIds>"
        "</SelectedItem>"
        for n in range(3)
    ),
)

PHOTO_EVENT = event_xml(
    "pic_sysphoto",
    EventKey="photo",
    SendPicsInfo="<Count>2</Count><PicList><item><PicMd5Sum>1</PicMd5Sum></item><item><PicMd5Sum>2</PicMd5Sum></item></PicList>",
)


LIFE_EVENTS = (
    "inactive_alert",
    "close_inactive_agent",
    "reopen_inactive_agent",
    "low_active_alert",
    "low_active",
    "active_restored",
)


def content_xml(kind: str, fields: str) -> str:
    head, tail = text_xml().replace("CDATA[text]", f"CDATA[{kind}]").split("<Content>")
    return head + fields + tail.split("</Content>")[1]


def read(xml: str) -> WecomMessage:
    return read_message(xml).message


@pytest.mark.parametrize(
    ("xml", "kind"),
    [
        (content_xml("image", "<PicUrl>http://a.invalid/</PicUrl><MediaId>m</MediaId>"), MessageKind.IMAGE),
        (content_xml("voice", "<MediaId>m</MediaId><Format>amr</Format>"), MessageKind.VOICE),
        (content_xml("video", "<MediaId>m</MediaId><ThumbMediaId>t</ThumbMediaId>"), MessageKind.VIDEO),
        (content_xml("shortvideo", "<MediaId>m</MediaId>"), MessageKind.VIDEO),
        (content_xml("location", "<Location_X>1.5</Location_X><Label>路</Label>"), MessageKind.LOCATION),
        (content_xml("link", "<Title>题</Title><Url>http://a.invalid/</Url>"), MessageKind.LINK),
        (content_xml("file", "<Title>a.docx</Title>"), MessageKind.FILE),
        (content_xml("IMAGE", ""), MessageKind.IMAGE),
        (content_xml("hologram", "<Content>a</Content>"), MessageKind.OTHER),
        (event_xml("enter_agent", EventKey=""), MessageKind.ENTER),
        (event_xml("subscribe"), MessageKind.SUBSCRIBE),
        (event_xml("unsubscribe"), MessageKind.OTHER),
        (event_xml("view", EventKey="http://a.invalid/"), MessageKind.OTHER),
        (event_xml("LOCATION", Latitude="1.5"), MessageKind.OTHER),
        (event_xml("batch_job_result", BatchJob="<JobId>1</JobId>"), MessageKind.OTHER),
        (event_xml("inactive_alert"), MessageKind.OTHER),
        (event_xml("close_inactive_agent"), MessageKind.OTHER),
        (event_xml("something_new"), MessageKind.OTHER),
        (event_xml(""), MessageKind.OTHER),
        (PHOTO_EVENT, MessageKind.OTHER),
    ],
)
def test_kind_of_every_inbound_message(xml: str, kind: MessageKind) -> None:
    message = read(xml)
    assert message.kind is kind
    assert message.text == ""
    assert message.user == "zhangsan"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("意识形态怎么写", "意识形态怎么写"),
        ("\n  意识形态 怎么写\u3000\n", "意识形态 怎么写"),
        ("", ""),
        (" \n ", ""),
        ("😀 & < > \" '", "😀 & < > \" '"),
        ("a]]]]><![CDATA[>b", "a]]>b"),
        ("粘贴\x0b而来\x00", "粘贴而来"),
        ("<b>不是标签</b>", "<b>不是标签</b>"),
    ],
)
def test_text_is_what_was_typed_without_margins(content: str, text: str) -> None:
    assert read(text_xml(content)).text == text


def test_absent_content_is_an_empty_text() -> None:
    message = read(content_xml("text", ""))
    assert (message.kind, message.text) == (MessageKind.TEXT, "")


@pytest.mark.parametrize(("key", "text"), [("<EventKey>outline</EventKey>", "outline"), ("<EventKey/>", ""), ("", "")])
def test_click_carries_the_key_of_the_menu_entry(key: str, text: str) -> None:
    message = read(event_xml("click").replace("</xml>", key + "</xml>"))
    assert (message.kind, message.text) == (MessageKind.CLICK, text)


def test_button_of_a_card_says_its_key_and_brings_the_code_to_update_it() -> None:
    xml = event_xml(
        "template_card_event", EventKey="换一版", TaskId="t", CardType="button_interaction", ResponseCode="c-1_2"
    )
    message = read(xml)
    assert (message.kind, message.text, message.response_code) == (MessageKind.CLICK, "换一版", "c-1_2")
    assert "c-1_2" not in repr(message)


def test_choice_on_a_card_says_what_was_chosen_first() -> None:
    message = read(CARD_EVENT)
    assert (message.kind, message.text, message.response_code) == (MessageKind.CLICK, "a", "code")
    alone = "<SelectedItem><QuestionKey>q</QuestionKey><OptionIds><OptionId>述职报告提纲</OptionId></OptionIds></SelectedItem>"
    fields = {"EventKey": "submit", "TaskId": "t", "ResponseCode": "c"}
    assert read(event_xml("template_card_event", **fields, SelectedItems=alone)).text == "述职报告提纲"
    assert read(event_xml("template_card_event", **fields, SelectedItems="")).text == "submit"


@pytest.mark.parametrize("code", ["", "两", "a b", "a" * 513, "<Deep>a</Deep>"])
def test_code_that_is_none_costs_no_answer(code: str) -> None:
    message = read(event_xml("template_card_event", EventKey="更多", TaskId="t", ResponseCode=code))
    assert (message.text, message.response_code) == ("更多", "")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ("<Title>总结.docx</Title><MediaId>m-1</MediaId>", "总结.docx"),
        ("<FileName>总结.docx</FileName><MediaId>m-1</MediaId>", "总结.docx"),
        ("<Title></Title><FileName>总结.txt</FileName><MediaId>m-1</MediaId>", "总结.txt"),
        ("<MediaId>m-1</MediaId>", ""),
        ("<Title>C:\\材料\\总结.docx</Title><MediaId>m-1</MediaId>", "总结.docx"),
        ("<Title>../../总结.docx</Title><MediaId>m-1</MediaId>", "总结.docx"),
        ("<Title><Deep>x</Deep></Title><MediaId>m-1</MediaId>", ""),
    ],
)
def test_file_is_known_by_its_media_id_whatever_its_name_stands_in(fields: str, name: str) -> None:
    message = read(content_xml("file", fields))
    assert message.kind is MessageKind.FILE
    assert message.file == IncomingFile(name, "m-1")


@pytest.mark.parametrize("fields", ["<Title>总结.docx</Title>", "<MediaId></MediaId>", "<MediaId>a b</MediaId>"])
def test_file_that_cannot_be_fetched_is_none(fields: str) -> None:
    assert read(content_xml("file", fields)).file is None


@pytest.mark.parametrize("event", LIFE_EVENTS)
def test_event_of_the_apps_own_life_is_told_by_its_name(event: str) -> None:
    message = read(event_xml(event, FromUserName="sys", EffectTime=NOW))
    assert (message.kind, message.event, message.user) == (MessageKind.OTHER, event, "sys")


MESSAGES = [
    text_xml(),
    text_xml(number=1),
    text_xml(user="lisi"),
    text_xml(agent="1000003"),
    text_xml(user="2zhangsan", agent="100000"),
    event_xml("enter_agent", EventKey=""),
    event_xml("subscribe"),
    event_xml("click", EventKey="a"),
    event_xml("click", EventKey="b"),
    event_xml("click", EventKey="a", CreateTime=NOW + 1),
    event_xml("click", EventKey="a", FromUserName="lisi"),
    event_xml("click", EventKey="a", AgentID="1000003"),
    event_xml("template_card_event", EventKey="a", TaskId="1"),
    event_xml("template_card_event", EventKey="a", TaskId="2"),
    text_xml("一").replace("<MsgId>4561255354251345929</MsgId>", ""),
    text_xml("二").replace("<MsgId>4561255354251345929</MsgId>", ""),
]


def test_distinct_deliveries_never_share_an_id() -> None:
    assert len({read(xml).delivery for xml in MESSAGES}) == len(MESSAGES)


def test_delivery_id_depends_on_nothing_else_and_shows_no_user() -> None:
    for xml in MESSAGES:
        delivery = read(xml).delivery
        assert delivery == read(xml).delivery
        assert delivery is not None
        assert "zhangsan" not in delivery
    assert read(text_xml("甲")).delivery == read(text_xml("乙", created=NOW + 1)).delivery


@pytest.mark.parametrize("name", ["FromUserName", "ToUserName", "CreateTime", "MsgType"])
def test_message_without_a_common_field_is_refused(name: str) -> None:
    tree = parse_tree(text_xml().encode(), 5)
    del tree[name]
    with pytest.raises(XmlError):
        read_message("<xml>" + "".join(f"<{key}>{value}</{key}>" for key, value in tree.items()) + "</xml>")


def test_reply_goes_back_to_the_sender() -> None:
    fields = read_fields(write_reply(read_message(text_xml()), "好"))
    assert fields == {
        "MsgType": "text",
        "FromUserName": CORP,
        "ToUserName": "zhangsan",
        "CreateTime": str(NOW),
        "AgentID": AGENT,
        "Content": "好",
    }


HOSTILE_PIECES = [
    "]]>",
    "]",
    ">",
    "]]]]>>",
    "<",
    "&amp;",
    "\x00",
    "\x1b[0m",
    "\x7f",
    "\ud800",
    "\udfff",
    "\ufffe",
    "\r\n",
]


@given(st.lists(st.sampled_from([*HOSTILE_PIECES, "😀", "党建", "</Content><MsgType>"]) | st.characters(), max_size=60))
def test_any_reply_parses_back_to_exactly_one_content(pieces: list[str]) -> None:
    text = "".join(pieces)
    cleaned = clean_reply(text)
    content = read_fields(write_reply(read_message(text_xml()), text))["Content"]
    assert content == cleaned.replace("\r\n", "\n").replace("\r", "\n")
    assert "]]>" not in cleaned
    assert clean_reply(cleaned) == cleaned
    assert len(cleaned.encode()) <= len(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a]]>b", "a]] >b".replace(" >", " ")),
        ("a]]>>b", "a]] >b"),
        ("提纲\x00\x08\x0b\x1f。", "提纲。"),
        ("一\ud83d二\ude00三", "一二三"),
        ("😀一、\t二\n三", "😀一、\t二\n三"),
    ],
)
def test_reply_text_is_cleaned_of_what_breaks_xml(text: str, sent: str) -> None:
    assert clean_reply(text) == sent


def test_user_id_cannot_break_out_of_the_reply() -> None:
    incoming = read_message(text_xml(user="a]]]]><![CDATA[></ToUserName><MsgType>b"))
    assert incoming.message.user == "a]]></ToUserName><MsgType>b"
    assert read_fields(write_reply(incoming, "好"))["MsgType"] == "text"


def test_reply_beyond_the_limit_is_an_error_of_the_caller() -> None:
    incoming = read_message(text_xml())
    write_reply(incoming, "a" * MAX_CONTENT_BYTES)
    with pytest.raises(ReplyTooLongError) as caught:
        write_reply(incoming, "笔" * 682 + "杆")
    assert isinstance(caught.value, ValueError)
    assert "笔" not in str(caught.value)


def test_library_parser_still_refuses_entities() -> None:
    """Our own reader comes first; that the library's would refuse as well is a second wall worth keeping."""
    bomb = '<!DOCTYPE xml [<!ENTITY a "b">]><xml><MsgType>text</MsgType><Content>&a;</Content></xml>'
    with pytest.raises(ValueError, match="entities are disabled"):
        parse_message(bomb)
    external = '<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/hostname">]><xml><MsgType>&a;</MsgType></xml>'
    with pytest.raises(ValueError, match="entities are disabled"):
        parse_message(external)
