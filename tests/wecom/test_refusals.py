"""What is refused: always with the same answer, always before any work, always with a reason in the log alone."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from aiohttp import ClientResponse

from .conftest import Client
from .peer import AES_KEY, CORP, NOW, TOKEN, Peer, Posted, RecordingReceiver, text_xml

PATH = "/wecom/callback"
OTHER_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def forge(peer: Peer) -> Posted:
    return peer.post().with_query(msg_signature="0" * 40)


def forge_around_bad_xml(peer: Peer) -> Posted:
    return Posted(forge(peer).query, b"<xml><Encrypt>AAAA</Encrypt>" + b"<a>" * 5000)


def change_nonce(peer: Peer) -> Posted:
    return peer.post().with_query(nonce="999")


def change_ciphertext(peer: Peer) -> Posted:
    return Posted(peer.post().query, peer.post().body)


def sign_with_other_token(_: Peer) -> Posted:
    return Peer(token="another").post()


def swap_timestamp_and_nonce(peer: Peer) -> Posted:
    genuine = dict(peer.post(nonce="12345").query)
    return peer.post().with_query(timestamp=genuine["nonce"], nonce=genuine["timestamp"])


def shift_digits_from_timestamp_to_nonce(peer: Peer) -> Posted:
    posted = peer.post()
    return posted.with_query(timestamp=str(NOW)[:-1], nonce=str(NOW)[-1] + "263014780")


def swap_into_the_window(peer: Peer) -> Posted:
    """The signature stays valid, and the nonce of ten digits is a time, but not of now."""
    return peer.post(nonce="1409659589").with_query(timestamp="1409659589", nonce=str(NOW))


def at_time(timestamp: str) -> Callable[[Peer], Posted]:
    return lambda peer: peer.post(timestamp=timestamp)


def drop(name: str) -> Callable[[Peer], Posted]:
    def build(peer: Peer) -> Posted:
        posted = peer.post()
        return Posted(tuple(pair for pair in posted.query if pair[0] != name), posted.body)

    return build


def repeat(name: str) -> Callable[[Peer], Posted]:
    def build(peer: Peer) -> Posted:
        posted = peer.post()
        return Posted((*posted.query, (name, dict(posted.query)[name])), posted.body)

    return build


def with_nonce(nonce: str) -> Callable[[Peer], Posted]:
    return lambda peer: peer.post(nonce=nonce)


def shout_signature(peer: Peer) -> Posted:
    posted = peer.post()
    return posted.with_query(msg_signature=dict(posted.query)["msg_signature"].upper())


def outer(template: str) -> Callable[[Peer], Posted]:
    return lambda peer: peer.post(outer=template)


def inner(xml: str | bytes) -> Callable[[Peer], Posted]:
    return lambda peer: peer.post(xml)


def ciphertext(build: Callable[[Peer], str]) -> Callable[[Peer], Posted]:
    return lambda peer: peer.post(encrypted=build(peer))


def padded(change: Callable[[bytes], bytes]) -> Callable[[Peer], Posted]:
    """Encrypt a message whose padding of 20 bytes was changed."""

    def build(peer: Peer) -> str:
        content = text_xml().encode()
        content += b" " * ((12 - len(peer.frame(content))) % 32)
        return peer.encrypt_padded(change(peer.pad(peer.frame(content))))

    return ciphertext(build)


BOMB = '<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
PLAIN = text_xml()
CLOSED = "<xml><ToUserName>{corp}</ToUserName><Encrypt>{encrypted}</Encrypt>"

FORBIDDEN: list[tuple[str, str, Callable[[Peer], Posted]]] = [
    # name, reason in the log, request
    ("forged signature", "signature", forge),
    ("forged signature around bad XML: nothing is parsed", "signature", forge_around_bad_xml),
    ("another nonce", "signature", change_nonce),
    ("another ciphertext", "signature", change_ciphertext),
    ("another token", "signature", sign_with_other_token),
    ("swapped timestamp and nonce", "query", swap_timestamp_and_nonce),
    ("digits moved from timestamp to nonce", "query", shift_digits_from_timestamp_to_nonce),
    ("swapped timestamp and nonce, both of ten digits", "timestamp", swap_into_the_window),
    ("301 s old", "timestamp", at_time(str(NOW - 301))),
    ("6 min old", "timestamp", at_time(str(NOW - 360))),
    ("301 s ahead", "timestamp", at_time(str(NOW + 301))),
    ("6 min ahead", "timestamp", at_time(str(NOW + 360))),
    ("timestamp in milliseconds", "query", at_time(f"{NOW}000")),
    ("timestamp with a sign", "query", at_time(f"+{str(NOW)[1:]}")),
    ("timestamp in full-width digits", "query", at_time("".join(chr(ord(d) + 0xFEE0) for d in str(NOW)))),
    ("empty timestamp", "query", at_time("")),
    ("no signature", "query", drop("msg_signature")),
    ("no timestamp", "query", drop("timestamp")),
    ("no nonce", "query", drop("nonce")),
    ("signature twice", "query", repeat("msg_signature")),
    ("timestamp twice", "query", repeat("timestamp")),
    ("nonce twice", "query", repeat("nonce")),
    ("empty nonce", "query", with_nonce("")),
    ("nonce of 129 characters", "query", with_nonce("1" * 129)),
    ("nonce that closes CDATA", "query", with_nonce("]]><a/>")),
    ("nonce with a NUL", "query", with_nonce("1\x00")),
    ("signature in capitals", "query", shout_signature),
    ("empty body", "xml", lambda peer: Posted(peer.post().query, b"")),
    ("not XML", "xml", lambda peer: Posted(peer.post().query, b'{"encrypt": "AAAA"}')),
    ("binary body", "xml", lambda peer: Posted(peer.post().query, bytes(range(256)))),
    ("outer XML cut off", "xml", outer(CLOSED)),
    ("outer DOCTYPE", "xml", outer("<!DOCTYPE xml>" + CLOSED + "</xml>")),
    ("outer entity bomb", "xml", outer(BOMB + CLOSED + "<A>&b;</A></xml>")),
    ("outer external entity", "xml", outer('<!DOCTYPE x SYSTEM "file:///etc/hostname">' + CLOSED + "</xml>")),
    ("outer nesting", "xml", outer(CLOSED + "<a>" * 3 + "</a>" * 3 + "</xml>")),
    ("outer deep nesting", "xml", outer(CLOSED + "<a>" * 3000 + "</a>" * 3000 + "</xml>")),
    ("outer element flood", "xml", outer(CLOSED + "".join(f"<a{n}/>" for n in range(62)) + "</xml>")),
    ("outer second Encrypt", "xml", outer(CLOSED + "<Encrypt>AAAA</Encrypt></xml>")),
    (
        "outer first Encrypt in disguise",
        "xml",
        outer("<xml><Encrypt >AAAA</Encrypt ><Encrypt>{encrypted}</Encrypt></xml>"),
    ),
    ("outer Encrypt inside another element", "xml", outer("<xml><A><Encrypt>{encrypted}</Encrypt></A></xml>")),
    ("outer Encrypt inside a CDATA section", "xml", outer("<xml><![CDATA[<Encrypt>{encrypted}</Encrypt>]]></xml>")),
    ("outer duplicate ToUserName", "xml", outer(CLOSED + "<ToUserName>{corp}</ToUserName></xml>")),
    ("outer attribute", "xml", outer(CLOSED.replace("<xml>", '<xml a="1">') + "</xml>")),
    ("outer comment", "xml", outer(CLOSED + "<!-- a --></xml>")),
    ("outer processing instruction", "xml", outer(CLOSED + "<?a b?></xml>")),
    ("outer other root", "xml", outer("<x><Encrypt>{encrypted}</Encrypt></x>")),
    (
        "outer ToUserName of another corp",
        "recipient",
        outer("<xml><ToUserName>ww1</ToUserName><Encrypt>{encrypted}</Encrypt></xml>"),
    ),
    ("ciphertext not base64", "cipher", ciphertext(lambda _: "AAA=AAA")),
    ("ciphertext empty", "xml", ciphertext(lambda _: "")),
    ("ciphertext cut inside a block", "cipher", ciphertext(lambda peer: cut(peer, 17))),
    ("ciphertext cut at 16 bytes", "cipher", ciphertext(lambda peer: cut(peer, 16))),
    ("ciphertext cut at a block", "cipher", ciphertext(lambda peer: cut(peer, 32))),
    ("another key", "cipher", lambda _: Peer(aes_key=OTHER_KEY).post()),
    ("padding 0", "cipher", padded(lambda p: p[:-1] + b"\x00")),
    ("padding 33", "cipher", padded(lambda p: p[:-1] + b"\x21")),
    ("padding 255", "cipher", padded(lambda p: p[:-1] + b"\xff")),
    ("padding with one wrong byte inside", "cipher", padded(lambda p: p[:-2] + b"\x00" + p[-1:])),
    ("padding longer than the message", "cipher", ciphertext(lambda peer: peer.encrypt_padded(b"\x20" * 32))),
    ("too short for a length", "cipher", ciphertext(lambda peer: peer.encrypt_padded(peer.pad(b"a" * 19)))),
    ("length beyond the message", "cipher", ciphertext(lambda peer: peer.encrypt(b"<xml/>", length=2**31))),
    ("length of all ones", "cipher", ciphertext(lambda peer: peer.encrypt(b"<xml/>", length=2**32 - 1))),
    (
        "length one short",
        "recipient",
        ciphertext(lambda peer: peer.encrypt(PLAIN.encode(), length=len(PLAIN.encode()) - 1)),
    ),
    ("not UTF-8", "cipher", inner(b"\xff\xfe<xml/>")),
    ("another corp", "recipient", ciphertext(lambda peer: peer.encrypt(PLAIN.encode(), corp="ww0000000000000000"))),
    ("no corp", "recipient", ciphertext(lambda peer: peer.encrypt(PLAIN.encode(), corp=""))),
    ("corp with a tail", "recipient", ciphertext(lambda peer: peer.encrypt(PLAIN.encode(), corp=CORP + "x"))),
    ("inner ToUserName of another corp", "recipient", inner(text_xml(corp="ww0000000000000000"))),
    ("another agent", "recipient", inner(text_xml(agent="1000003"))),
    ("no agent", "recipient", inner(PLAIN.replace("<AgentID>1000002</AgentID>", ""))),
    ("empty agent", "recipient", inner(text_xml(agent=""))),
    ("agent that is no number", "xml", inner(text_xml(agent="一"))),
    ("inner DOCTYPE", "xml", inner("<!DOCTYPE xml>" + PLAIN)),
    ("inner entity bomb", "xml", inner(BOMB + PLAIN.replace("</xml>", "<A>&b;</A></xml>"))),
    ("inner nesting", "xml", inner(PLAIN.replace("</xml>", "<a>" * 5 + "</a>" * 5 + "</xml>"))),
    ("inner element flood", "xml", inner(PLAIN.replace("</xml>", "".join(f"<a{n}/>" for n in range(60)) + "</xml>"))),
    ("inner duplicate Content", "xml", inner(PLAIN.replace("</xml>", "<Content>a</Content></xml>"))),
    ("inner duplicate FromUserName", "xml", inner(PLAIN.replace("</xml>", "<FromUserName>a</FromUserName></xml>"))),
    ("inner second root", "xml", inner(PLAIN + PLAIN)),
    ("inner text beside elements", "xml", inner(PLAIN.replace("</xml>", "a</xml>"))),
    ("inner cut off", "xml", inner(PLAIN[:-3])),
    ("inner empty", "xml", inner("")),
    ("inner without fields", "xml", inner("<xml></xml>")),
    ("no user", "xml", inner(text_xml(user=""))),
    ("user of 129 characters", "xml", inner(text_xml(user="a" * 129))),
    ("user with elements inside", "xml", inner(PLAIN.replace("<![CDATA[zhangsan]]>", "<a/>"))),
    ("text with elements inside", "xml", inner(PLAIN.replace("<![CDATA[党建工作总结提纲]]>", "<a>b</a>"))),
    ("time that is no number", "xml", inner(text_xml(created="now"))),
    ("time beyond the calendar", "xml", inner(text_xml(created="99999999999999"))),
    ("no type", "xml", inner(PLAIN.replace("<MsgType><![CDATA[text]]></MsgType>", ""))),
]


def cut(peer: Peer, count: int) -> str:
    raw = base64.b64decode(peer.encrypt(PLAIN.encode()))
    return base64.b64encode(raw[:-count]).decode()


async def snapshot(response: ClientResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    headers = [(name, value) for name, value in response.headers.items() if name != "Date"]
    return response.status, await response.read(), headers


@pytest.mark.parametrize(("reason", "build"), [case[1:] for case in FORBIDDEN], ids=[case[0] for case in FORBIDDEN])
async def test_hostile_delivery_gets_the_one_403_and_no_work(
    client: Client,
    receiver: RecordingReceiver,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
    reason: str,
    build: Callable[[Peer], Posted],
) -> None:
    plain = forge(peer)
    expected = await snapshot(await client.post(PATH, params=plain.query, data=plain.body))
    caplog.clear()
    posted = build(peer)
    answer = await snapshot(await client.post(PATH, params=posted.query, data=posted.body))
    assert answer == expected
    assert answer[0] == 403
    assert receiver.messages == []
    assert [record.message for record in caplog.records] == [f"callback refused: {reason}"]


def echo_changed(name: str, value: str) -> Callable[[Peer], tuple[tuple[str, str], ...]]:
    return lambda peer: tuple((key, value if key == name else given) for key, given in peer.echo())


VERIFICATIONS: list[tuple[str, str, Callable[[Peer], tuple[tuple[str, str], ...]]]] = [
    ("forged", "signature", echo_changed("msg_signature", "0" * 40)),
    ("no signature", "query", echo_changed("msg_signature", "")),
    ("another echo", "signature", echo_changed("echostr", "AAAA")),
    ("empty echo", "query", echo_changed("echostr", "")),
    ("long echo", "query", echo_changed("echostr", "A" * 1025)),
    ("stale", "timestamp", lambda peer: peer.echo(timestamp=str(NOW - 301))),
    ("ahead", "timestamp", lambda peer: peer.echo(timestamp=str(NOW + 301))),
    ("milliseconds", "query", lambda peer: peer.echo(timestamp=f"{NOW}000")),
    ("no echo", "query", lambda peer: peer.echo()[:-1]),
    ("two echoes", "query", lambda peer: (*peer.echo(), peer.echo()[-1])),
    ("another corp", "recipient", lambda _: Peer(corp="ww0000000000000000").echo()),
    ("another key", "cipher", lambda _: Peer(aes_key=OTHER_KEY).echo()),
    ("another token", "signature", lambda _: Peer(token="another").echo()),
    ("nothing at all", "query", lambda _: ()),
]


@pytest.mark.parametrize(
    ("reason", "build"), [case[1:] for case in VERIFICATIONS], ids=[case[0] for case in VERIFICATIONS]
)
async def test_hostile_verification_gets_the_same_403(
    client: Client,
    peer: Peer,
    caplog: pytest.LogCaptureFixture,
    reason: str,
    build: Callable[[Peer], tuple[tuple[str, str], ...]],
) -> None:
    plain = forge(peer)
    expected = await snapshot(await client.post(PATH, params=plain.query, data=plain.body))
    caplog.clear()
    assert await snapshot(await client.get(PATH, params=build(peer))) == expected
    assert [record.message for record in caplog.records] == [f"callback refused: {reason}"]


async def test_log_of_a_refusal_names_the_remedy_and_nothing_secret(
    client: Client, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    posted = Peer(aes_key=OTHER_KEY).post(text_xml("四个意识"))
    await client.post(PATH, params=posted.query, data=posted.body)
    (record,) = caplog.records
    assert "EncodingAESKey" in record.fields["hint"]  # type: ignore[attr-defined]  # set by the log call
    written = str(record.__dict__)
    for secret in (TOKEN, AES_KEY, OTHER_KEY, "四个意识", "zhangsan", dict(posted.query)["msg_signature"]):
        assert secret not in written
