"""Hostile requests made of genuine ones: the same seed gives the same request, so that every finding can be repeated."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.wecom.peer import AGENT, CORP, NOW, Peer, event_xml, text_xml

PATH = "/wecom/callback"
MOST_BYTES = 80_000
OTHER_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

SEEDS = (
    text_xml(),
    text_xml("检查：要严格落实两个维护，一是抓学习。三是抓整改。" * 8),
    text_xml("]]>&lt;<xml>\u202e\u200b\x00\ufeff"),
    event_xml("click", EventKey="outline"),
    event_xml("enter_agent", EventKey=""),
    event_xml("subscribe"),
    event_xml("template_card_event", EventKey="k", TaskId="t", CardType="vote_interaction", ResponseCode="r").replace(
        "</xml>",
        "<SelectedItems><SelectedItem><QuestionKey>q</QuestionKey><OptionIds><OptionId>a</OptionId>"
        "<OptionId>b</OptionId></OptionIds></SelectedItem></SelectedItems></xml>",
    ),
    text_xml().replace("[text]", "[image]").replace("Content>", "PicUrl>"),
    text_xml().replace("[text]", "[location]").replace("Content>", "Label>"),
    text_xml().replace("[text]", "[file]").replace("Content>", "Title>"),
)

TEXTS = (
    "党建工作总结提纲",
    "意识形态怎么写",
    "展开（五）",
    "更多",
    "检查：一是抓学习。三是抓整改，落实两个维护。",
    "三会一棵 2条 50字以内",
    "加入1、3",
    "（" * 400 + "）" * 400,
    "一是" * 500,
    "\u202e\u200b\u00ad党\u0301建",
)

PIECES = [
    *(b"<", b">", b"</", b"/>", b"&", b"&amp;", b"&#0;", b"&#x10FFFF;", b"&a;", b"'", b'"', b"=", b"%", b"%00", b"%ff", b"+"),
    *(b"<xml>", b"</xml>", b"<Encrypt>", b"</Encrypt>", b"<![CDATA[", b"]]>", b"<!DOCTYPE x>", b"<!--", b"-->", b"<?a?>"),
    *(b"<!ENTITY a 'b'>", b"<A>" * 50, b"<A/>" * 70, b"<ToUserName>", b"<AgentID>", b"<Content>", b"<item>", b"<SelectedItem>"),
    *(b"\x00", b"\xff", b"\xfe\xff", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\r\n", b"\n", b" "),
    *(b"0", b"-1", b"9" * 30, b"1e9", b"0x1", "٣".encode(), b"NaN", b"A" * 4096, b"=" * 64, b"../../", b"{{7*7}}", b"${a}"),
    *(b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b"Expect: 100-continue\r\n"),
    *(b"msg_signature=", b"timestamp=", b"nonce=", b"echostr=", CORP.encode(), AGENT.encode(), str(NOW).encode()),
]  # fmt: skip


class SteadyPeer(Peer):
    """A peer whose random bytes are zeros: the same message is the same ciphertext."""

    def frame(self, content: bytes, *, length: int | None = None, corp: str | None = None) -> bytes:
        return bytes(16) + super().frame(content, length=length, corp=corp)[16:]


Mutator = Callable[[bytes, random.Random], bytes]


@dataclass(frozen=True)
class Case:
    """One request: its bytes, and whether somebody without token and key could have made it."""

    sent: bytes
    forged: bool
    layer: str


def make_case(seed: int) -> Case:
    """Make the request of one seed: a genuine one, changed in one of its layers."""
    chance = random.Random(seed)
    layer = chance.choice(LAYERS)
    case = layer(SteadyPeer(), chance.choice(SEEDS).encode("utf-8", "surrogatepass"), chance)
    return Case(case.sent[:MOST_BYTES], case.forged, case.layer)


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Change bytes in one to four places."""
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(MUTATORS)(data, chance)
    return data


def _flip(data: bytes, chance: random.Random) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _insert(data: bytes, chance: random.Random) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(PIECES) + data[at:]


def _overwrite(data: bytes, chance: random.Random) -> bytes:
    at, piece = chance.randint(0, len(data)), chance.choice(PIECES)
    return data[:at] + piece + data[at + len(piece) :]


def _delete(data: bytes, chance: random.Random) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + data[at + chance.randint(1, 40) :]


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def _repeat(data: bytes, chance: random.Random) -> bytes:
    at = chance.randint(0, len(data))
    piece = data[at : at + chance.randint(1, 60)]
    return data[:at] + piece * chance.choice((2, 3, 20, 200)) + data[at:]


def _swap(data: bytes, chance: random.Random) -> bytes:
    low, middle, high = sorted(chance.randint(0, len(data)) for _ in range(3))
    return data[:low] + data[middle:high] + data[low:middle] + data[high:]


def _noise(data: bytes, chance: random.Random) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.randbytes(chance.randint(1, 64)) + data[at:]


MUTATORS: tuple[Mutator, ...] = (_flip, _insert, _insert, _overwrite, _delete, _cut, _repeat, _swap, _noise)


def _write(query: bytes, body: bytes, *, method: bytes = b"POST", length: bool = True) -> bytes:
    sized = b"Content-Length: %d\r\n" % len(body) if length else b""
    return b"%s %s?%s HTTP/1.1\r\nHost: bot\r\n%s\r\n%s" % (method, PATH.encode(), query, sized, body)


def _quote(query: tuple[tuple[str, str], ...]) -> bytes:
    return urlencode(query).encode()


def _raw(peer: Peer, xml: bytes, chance: random.Random) -> Case:
    """Anything in the bytes of the whole request; a genuine one whose signed part stayed whole is no forgery."""
    posted = peer.post(xml)
    return Case(mutate(_write(_quote(posted.query), posted.body), chance), False, "raw")


def _query(peer: Peer, xml: bytes, chance: random.Random) -> Case:
    posted = peer.post(xml)
    pairs = [list(pair) for pair in posted.query]
    chosen = chance.choice(pairs)
    before = chosen[1]
    chosen[1] = mutate(before.encode(), chance).decode("latin-1")
    if chance.random() < 0.2:
        pairs.append(chosen)
    quoted = urlencode([(name, value) for name, value in pairs], encoding="latin-1", errors="replace").encode()
    return Case(_write(quoted, posted.body), chosen[1] != before or len(pairs) > 3, "query")


def _address(peer: Peer, _: bytes, chance: random.Random) -> Case:
    """A verification of the address with something changed."""
    echo = _quote(peer.echo())
    changed = mutate(echo, chance).translate(None, b" \r\n")
    return Case(_write(changed, b"", method=b"GET", length=False), False, "address")


def _unsigned_body(peer: Peer, xml: bytes, chance: random.Random) -> Case:
    posted = peer.post(xml).with_query(msg_signature="0" * 40)
    return Case(_write(_quote(posted.query), mutate(posted.body, chance)), True, "unsigned body")


def _signed_envelope(peer: Peer, xml: bytes, chance: random.Random) -> Case:
    """The signature fits the ciphertext, what stands around it is changed."""
    posted = peer.post(xml)
    return Case(_write(_quote(posted.query), mutate(posted.body, chance)), False, "signed envelope")


def _signed_ciphertext(peer: Peer, xml: bytes, chance: random.Random) -> Case:
    raw = mutate(base64.b64decode(peer.encrypt(xml)), chance)
    if chance.random() < 0.7:
        raw = raw[: len(raw) // 16 * 16]
    posted = peer.post(encrypted=base64.b64encode(raw).decode() or "A")
    return Case(_write(_quote(posted.query), posted.body), False, "signed ciphertext")


def _signed_frame(peer: Peer, xml: bytes, chance: random.Random) -> Case:
    """Random bytes, length, CorpID and padding are changed before encryption."""
    padded = mutate(peer.pad(peer.frame(xml)), chance)
    padded = padded + b"\x10" * (-len(padded) % 16)
    posted = peer.post(encrypted=peer.encrypt_padded(padded or b"\x20" * 32))
    return Case(_write(_quote(posted.query), posted.body), False, "signed frame")


def _signed_message(peer: Peer, xml: bytes, chance: random.Random) -> Case:
    """Whoever has token and key sends any XML, or any text in sound XML."""
    if chance.random() < 0.5:
        text = mutate(chance.choice(TEXTS).encode(), chance).decode(errors="replace").replace("]]>", "")
        xml = text_xml(text[:20_000], user=f"u{chance.randrange(50)}", number=chance.randrange(10**9)).encode()
    else:
        xml = mutate(xml, chance)
    posted = peer.post(xml[:40_000])
    return Case(_write(_quote(posted.query), posted.body), False, "signed message")


def _wrong_tenant(peer: Peer, xml: bytes, chance: random.Random) -> Case:
    other = chance.choice((SteadyPeer(token="another"), SteadyPeer(aes_key=OTHER_KEY), SteadyPeer(corp="ww0")))
    posted = other.post(mutate(xml, chance)[:40_000])
    return Case(_write(_quote(posted.query), posted.body), True, "wrong tenant")


Layer = Callable[[Peer, bytes, random.Random], Case]

LAYERS: tuple[Layer, ...] = (
    _raw,
    _raw,
    _query,
    _address,
    _unsigned_body,
    _signed_envelope,
    _signed_ciphertext,
    _signed_frame,
    _signed_message,
    _signed_message,
    _wrong_tenant,
)
