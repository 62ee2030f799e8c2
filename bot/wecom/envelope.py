"""From the decrypted XML of a delivery to a :class:`Message`, and from an answer to the XML of a passive reply.

wechatpy supplies the message and event classes. Its parser is not used: the tree comes from
:mod:`bot.wecom.bounded_xml`, so that what was checked and what is read cannot differ. Nor are its replies: a ``]]>`` in
them breaks out of its section. Facts about the fields:
developer.work.weixin.qq.com/document/path/90239, 90240 and 90241.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from wechatpy.fields import IntegerField, StringField
from wechatpy.messages import BaseMessage
from wechatpy.work.events import EVENT_TYPES, BaseEvent
from wechatpy.work.messages import MESSAGE_TYPES, register_message

from bot.errors import ReplyTooLongError, XmlError
from bot.wecom.bounded_xml import Node, Tree, read_tree, strip_illegal
from bot.wecom.cards import mark_of_card
from handlers.dialogue import IncomingFile, Message, MessageKind

CHANNEL = "wecom"

MAX_CONTENT_BYTES = 2048
"""Longest text WeChat Work shows in a reply; it cuts the rest off without a word (path 90241)."""

MESSAGE_DEPTH = 5
"""Levels of the deepest message: xml, SelectedItems, SelectedItem, OptionIds, OptionId of a template card."""

_KINDS = {
    "text": MessageKind.TEXT,
    "image": MessageKind.IMAGE,
    "voice": MessageKind.VOICE,
    "video": MessageKind.VIDEO,
    "shortvideo": MessageKind.VIDEO,
    "location": MessageKind.LOCATION,
    "link": MessageKind.LINK,
    "file": MessageKind.FILE,
}
_EVENT_KINDS = {
    "enter_agent": MessageKind.ENTER,
    "subscribe": MessageKind.SUBSCRIBE,
    "click": MessageKind.CLICK,
    "template_card_event": MessageKind.CLICK,
}

_UNNUMBERED = ("CreateTime", "MsgType", "Event", "EventKey", "TaskId", "Content")
"""What tells apart two deliveries of one user that carry no MsgId, as events do."""

_REPLY = (
    "<xml><ToUserName><![CDATA[{target}]]></ToUserName><FromUserName><![CDATA[{source}]]></FromUserName>"
    "<CreateTime>{created}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[{content}]]></Content><AgentID>{agent}</AgentID></xml>"
)

_NUMBER = re.compile(r"[0-9]{1,20}")
_SECONDS = re.compile(r"[0-9]{1,10}")
_USER = re.compile(r".{1,128}", re.DOTALL)
_REFERENCE = re.compile(r"[!-~]{1,512}")
"""What an id or a code of WeChat Work's looks like; they are documented as opaque."""

_FILE_NAMES = ("Title", "FileName", "Name")
"""Where the name of a file may stand, which is documented nowhere."""

LONGEST_FILE_NAME = 255


@register_message("file")
class FileMessage(BaseMessage):  # type: ignore[misc]  # wechatpy carries no types
    """A file sent to the app: undocumented for apps, yet seen."""

    type = "file"
    agent = IntegerField("AgentID", 0)


class UnknownMessage(BaseMessage):  # type: ignore[misc]  # wechatpy carries no types
    """A message type neither wechatpy nor we know."""

    agent = IntegerField("AgentID", 0)


class TemplateCardEvent(BaseEvent):  # type: ignore[misc]  # wechatpy carries no types
    """A button or a choice of a template card was used."""

    event = "template_card_event"
    agent = IntegerField("AgentID", 0)
    key = StringField("EventKey", "")
    task_id = StringField("TaskId", "")


class UnknownEvent(BaseEvent):  # type: ignore[misc]  # wechatpy carries no types
    """An event wechatpy does not know, such as the life-cycle events of an agent."""

    agent = IntegerField("AgentID", 0)
    key = StringField("EventKey", "")


@dataclass(frozen=True, slots=True)
class WecomMessage(Message):
    """A message with what the active API needs of it.

    ``event`` is the name of an event, in lower case; ``response_code`` serves to update the card whose button was used, once.
    """

    event: str = ""
    response_code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A delivery that passed every check of form: the message for dialogue, and what its reply must carry.

    ``agent`` is empty when the message names none; ``created`` is in seconds since 1970.
    """

    message: WecomMessage
    corp: str
    agent: str
    created: int


def read_message(xml: str) -> Incoming:
    """Read the decrypted XML of one delivery. No address in it is ever fetched.

    Raises:
        XmlError: a bound is broken or a field every message has is missing or misshapen.
    """
    # Signed content of WeChat Work: a pasted control character must not cost the user the answer.
    tree = read_tree(strip_illegal(xml), MESSAGE_DEPTH)
    user = _field(tree, "FromUserName", _USER)
    created = int(_field(tree, "CreateTime", _SECONDS))
    agent = _field(tree, "AgentID", _NUMBER) if tree.get("AgentID") else ""
    arrived = _classify(tree)
    kind = _kind(arrived)
    message = WecomMessage(
        channel=CHANNEL,
        user=user,
        text=_text(arrived, kind, tree),
        sent_at=datetime.fromtimestamp(created, UTC),
        kind=kind,
        delivery=_delivery(tree, agent, user),
        file=_file(tree) if kind is MessageKind.FILE else None,
        event=_string(tree, "Event").lower() if arrived.type == "event" else "",
        response_code=_reference(tree, "ResponseCode") if kind is MessageKind.CLICK else "",
        mark=mark_of_card(_reference(tree, "TaskId")) if kind is MessageKind.CLICK else "",
    )
    return Incoming(message, _field(tree, "ToUserName", _USER), agent, created)


def _field(tree: Tree, name: str, shape: re.Pattern[str]) -> str:
    value = _string(tree, name)
    if not shape.fullmatch(value):
        raise XmlError
    return value


def _string(tree: Tree, name: str) -> str:
    value = tree.get(name, "")
    if not isinstance(value, str):
        raise XmlError
    return value.strip()


def _classify(tree: Tree) -> BaseMessage:
    kind = _string(tree, "MsgType").lower()
    if not kind:
        raise XmlError
    fields = dict(tree)  # wechatpy writes its defaults into what it is given
    if kind == "event":
        return EVENT_TYPES.get(_string(tree, "Event").lower(), UnknownEvent)(fields)
    return MESSAGE_TYPES.get(kind, UnknownMessage)(fields)


def _kind(arrived: BaseMessage) -> MessageKind:
    if arrived.type == "event":
        return _EVENT_KINDS.get(arrived.event, MessageKind.OTHER)
    return _KINDS.get(arrived.type, MessageKind.OTHER)


def _text(arrived: BaseMessage, kind: MessageKind, tree: Tree) -> str:
    if kind is MessageKind.TEXT:
        value = arrived.content
    elif kind is MessageKind.CLICK:
        value = next(_options(tree.get("SelectedItems")), None) or arrived.key
    else:
        return ""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise XmlError
    return value.strip()


def _options(node: Node | None) -> Iterator[str]:
    """Yield what was chosen on a card: the words inside each OptionId, however deep."""
    if isinstance(node, list):
        for entry in node:
            yield from _options(entry)
    elif isinstance(node, dict):
        for name, entry in node.items():
            if name == "OptionId":
                words = entry if isinstance(entry, list) else [entry]
                yield from (word.strip() for word in words if isinstance(word, str) and word.strip())
            else:
                yield from _options(entry)


def _file(tree: Tree) -> IncomingFile | None:
    """Return the file of a message, or ``None`` where nothing says how to fetch it."""
    reference = _reference(tree, "MediaId")
    named = (value.strip() for name in _FILE_NAMES if isinstance(value := tree.get(name), str))
    name = next(filter(None, named), "").replace("\\", "/").rpartition("/")[2]
    return IncomingFile(name[-LONGEST_FILE_NAME:], reference) if reference else None


def _reference(tree: Tree, name: str) -> str:
    """Return a field that nobody can do without but we: empty where it is missing or misshapen."""
    value = tree.get(name)
    return value.strip() if isinstance(value, str) and _REFERENCE.fullmatch(value.strip()) else ""


def _delivery(tree: Tree, agent: str, user: str) -> str:
    """Identify one delivery across its repetitions.

    The official advice (MsgId alone; user and time for events) lets distinct deliveries collide, so agent and user
    join the MsgId, and an event's name, key and task join its time. A digest keeps user ids out of whatever stores it.
    """
    numbered = _string(tree, "MsgType").lower() != "event" and _string(tree, "MsgId")
    names = ("MsgId",) if numbered else _UNNUMBERED
    # No field can hold a NUL (strip_illegal), so joined fields of different deliveries stay different.
    parts = "\0".join((agent, user, *(_string(tree, name) for name in names)))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def clean_reply(text: str) -> str:
    """Return ``text`` as a reply can carry it: nothing illegal in XML, nothing that ends the CDATA section around it.

    The result is never longer in bytes than ``text``.
    """
    return strip_illegal(text).replace("]]>", "]] ")


def write_reply(incoming: Incoming, text: str) -> str:
    """Return the XML of the passive text reply to ``incoming``; equal deliveries give equal XML.

    Raises:
        ReplyTooLongError: ``text`` is longer than :data:`MAX_CONTENT_BYTES`.
    """
    content = clean_reply(text)
    if len(content.encode()) > MAX_CONTENT_BYTES:
        raise ReplyTooLongError(f"回复超过{MAX_CONTENT_BYTES}字节")
    return _REPLY.format(
        target=clean_reply(incoming.message.user),
        source=clean_reply(incoming.corp),
        created=incoming.created,
        content=content,
        agent=int(incoming.agent or 0),
    )
