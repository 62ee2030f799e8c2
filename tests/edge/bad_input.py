"""More than two hundred bad inputs: bodies nobody should send, and messages nobody would type."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Iterator

from tests.wecom.peer import Peer, Posted, text_xml

CAP = 64 * 1024
LONG_BYTES = 45_000
"""Of a text that still fits into one delivery once it is encrypted: 15 000 Chinese characters."""

PATIENCE_SECONDS = 20.0
"""For the answer to an input. All of them are whole requests, so there is one."""

PASTE_BYTES = 5_000
"""A request with a longer text is a paste, which every rule of the checker reads."""

_CLOSED = "<xml><ToUserName>{corp}</ToUserName><Encrypt>{encrypted}</Encrypt>"


def bad_bodies() -> dict[str, bytes]:
    """Bodies as they stand, without any signature that fits."""
    chance = random.Random(2)
    shapes: dict[str, bytes] = {
        "empty": b"",
        "blank": b" " * CAP,
        "zeros": bytes(CAP),
        "ones": b"\xff" * CAP,
        "json": b'{"encrypt":"AAAA"}',
        "json nesting": b"[" * CAP,
        "form": b"a=b&" * (CAP // 4),
        "html": b"<html><body>" + b"<p>" * 20_000,
        "yaml anchors": b"a: &a [*a,*a]\n" * 4000,
        "pickle": b"\x80\x04\x95" + b"." * 4000,
        "zip": b"PK\x03\x04" + chance.randbytes(4000),
        "gzip": b"\x1f\x8b\x08" + chance.randbytes(4000),
        "pdf": b"%PDF-1.7\n" + chance.randbytes(4000),
        "multipart": b"--x\r\nContent-Disposition: form-data\r\n\r\n" * 1500,
        "utf-16": "<xml><Encrypt>AAAA</Encrypt></xml>".encode("utf-16"),
        "utf-32": "<xml><Encrypt>AAAA</Encrypt></xml>".encode("utf-32"),
        "gbk": "<xml><Encrypt>党建</Encrypt></xml>".encode("gbk"),
        "open tags": b"<a>" * (CAP // 3),
        "close tags": b"</a>" * (CAP // 4),
        "angles": b"<" * CAP,
        "ampersands": b"&" * CAP,
        "cdata starts": b"<![CDATA[" * (CAP // 9),
        "cdata ends": b"]]>" * (CAP // 3),
        "comments": b"<!---->" * (CAP // 7),
        "instructions": b"<?a?>" * (CAP // 5),
        "attributes": b"<xml " + b'a="1" ' * 10_000 + b"/>",
        "one long attribute": b'<xml a="' + b"b" * 60_000 + b'"/>',
        "one long name": b"<" + b"a" * 60_000 + b"/>",
        "namespaces": b"<xml " + b"".join(b'xmlns:n%d="u" ' % n for n in range(3000)) + b"/>",
        "laughs": _laughs(),
        "quadratic entity": b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 30_000 + b'">]><x>' + b"&a;" * 10_000 + b"</x>",
        "external entity": b'<!DOCTYPE x SYSTEM "file:///etc/hostname"><xml/>',
        "parameter entity": b'<!DOCTYPE x [<!ENTITY % a SYSTEM "http://example.invalid/">%a;]><xml/>',
        "xinclude": b'<xml xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="/etc/hostname"/></xml>',
        "encrypt without end": b"<Encrypt>" + b"A" * 60_000,
        "encrypt many times": b"<xml>" + b"<Encrypt>AAAA</Encrypt>" * 2500 + b"</xml>",
        "encrypt empty": b"<xml><Encrypt></Encrypt></xml>",
        "encrypt blanks": b"<xml><Encrypt>" + b" " * 60_000 + b"</Encrypt></xml>",
        "encrypt not base64": b"<xml><Encrypt>" + b"-" * 60_000 + b"</Encrypt></xml>",
        "encrypt equals": b"<xml><Encrypt>" + b"=" * 60_000 + b"</Encrypt></xml>",
        "encrypt full": b"<xml><Encrypt>" + b"A" * 60_000 + b"</Encrypt></xml>",
    }
    for size in (1, 15, 16, 31, 255, 4096, CAP):
        shapes[f"noise of {size}"] = chance.randbytes(size)
    for byte in (0x00, 0x0A, 0x20, 0x22, 0x25, 0x27, 0x2B, 0x3D, 0x41, 0x5B, 0x7F, 0x80, 0xC0, 0xE4, 0xF8):
        shapes[f"byte {byte:02x}"] = bytes([byte]) * CAP
    return shapes


def _laughs() -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><xml>&a9;</xml>'.encode()


def bad_envelopes() -> dict[str, Posted]:
    """Bodies around a genuine ciphertext, with its signature."""
    peer = Peer()
    around = {
        "siblings": _CLOSED + "<A/>" * 10_000 + "</xml>",
        "depth": _CLOSED + "<a>" * 6000 + "</a>" * 6000 + "</xml>",
        "depth left open": _CLOSED + "<a>" * 15_000,
        "attributes": "<xml " + 'a="1" ' * 8000 + ">" + _CLOSED[5:] + "</xml>",
        "comment": _CLOSED + "<!--" + "-" * 50_000 + "--></xml>",
        "instruction": _CLOSED + "<?a " + "b" * 50_000 + "?></xml>",
        "cdata pieces": _CLOSED + "<A>" + "<![CDATA[]]>" * 4000 + "</A></xml>",
        "references": _CLOSED + "<A>" + "&#65;" * 10_000 + "</A></xml>",
        "long text": _CLOSED + "<A>" + "a" * 55_000 + "</A></xml>",
        "long name": _CLOSED + f"<{'a' * 20_000}></{'a' * 20_000}></xml>",
        "doctype": "<!DOCTYPE xml>" + _CLOSED + "</xml>",
        "laughs": _laughs().decode().partition("<xml>")[0] + _CLOSED + "<A>&a9;</A></xml>",
        "text around": "a" * 50_000 + _CLOSED + "</xml>",
        "text after": _CLOSED + "</xml>" + "a" * 50_000,
        "newlines": "\n" * 50_000 + _CLOSED + "</xml>",
        "second root": (_CLOSED + "</xml>") * 2,
        "lone bracket": _CLOSED + "<A>]</A></xml>",
        "carriage returns": _CLOSED.replace("><", ">\r\n<") + "\r\n</xml>",
    }
    return {name: peer.post(outer=outer) for name, outer in around.items()}


def bad_ciphers() -> dict[str, Posted]:
    """Ciphertexts of all sorts, each with a signature that fits."""
    peer, chance = Peer(), random.Random(3)
    texts: dict[str, str] = {
        "one character": "A",
        "one byte": base64.b64encode(b"a").decode(),
        "padding alone": "====",
        "padding inside": "AA==AAAA",
        "largest": base64.b64encode(chance.randbytes(48_000)).decode(),
        "largest of blocks": base64.b64encode(bytes(32 * 1500)).decode(),
    }
    for blocks in (1, 2, 3, 16, 1000):
        texts[f"noise of {blocks} blocks"] = base64.b64encode(chance.randbytes(16 * blocks)).decode()
    for count in (0, 1, 31, 32, 33, 64, 255):
        texts[f"padding {count}"] = peer.encrypt_padded(peer.pad(peer.frame(b"<xml/>"))[:-1] + bytes([count]))
    for length in (0, 1, 5, 7, 2**16, 2**31, 2**32 - 1):
        texts[f"length {length}"] = peer.encrypt(b"<xml/>", length=length)
    for corp in ("", "ww0", peer.corp[:-1], peer.corp + "\0", "党" * 100):
        texts[f"corp of {len(corp)}: {corp[:3]!r}"] = peer.encrypt(text_xml().encode(), corp=corp)
    return {name: peer.post(encrypted=text) for name, text in texts.items()}


def bad_messages() -> dict[str, Posted]:
    """XML of all sorts behind a sound signature and cipher."""
    plain = text_xml()
    inner: dict[str, str | bytes] = {
        "empty": "",
        "not utf-8": b"\xff" * 40_000,
        "surrogates": b"\xed\xa0\x80" * 10_000,
        "deep": plain.replace("</xml>", "<a>" * 5000 + "</a>" * 5000 + "</xml>"),
        "deep and open": "<xml>" * 8000,
        "wide": plain.replace("</xml>", "<A/>" * 8000 + "</xml>"),
        "laughs": _laughs(),
        "items": plain.replace("</xml>", "<item>a</item>" * 60 + "</xml>"),
        "too many items": plain.replace("</xml>", "<item>a</item>" * 2500 + "</xml>"),
        "user of blanks": text_xml(user=" " * 10_000),
        "user of 128 emoji": text_xml(user="😀" * 128),
        "user of elements": plain.replace("<![CDATA[zhangsan]]>", "<a/>" * 50),
        "number of digits": text_xml(number="9" * 30_000),
        "time of digits": text_xml(created="9" * 30_000),
        "time of nought": text_xml(created=0),
        "agent of digits": text_xml(agent="9" * 30_000),
        "type of nonsense": plain.replace("[text]", "[" + "a" * 30_000 + "]"),
        "event without name": plain.replace("[text]", "[event]"),
        "controls": text_xml("\x00\x01\x02\x1b[31m" * 2000),
        "references": plain.replace("<![CDATA[党建工作总结提纲]]>", "&#20826;" * 3000),
    }
    return {name: Peer().post(xml) for name, xml in inner.items()}


def bad_texts() -> dict[str, str]:
    """Texts that mean to be slow, large or confusing to whoever understands them."""
    chance = random.Random(4)
    han = [chr(code) for code in range(0x4E00, 0x9FA5)]
    units = {
        "one character": "党",
        "a word": "提纲",
        "a request": "党建工作总结提纲",
        "requests in a row": "意识形态怎么写，",
        "ordinals": "一是",
        "numbers": "1、",
        "circled": "①",
        "full-width": "\uff11\uff12\uff13",
        "opening brackets": "（",
        "closing brackets": "）",
        "opening quotes": "“",
        "quotes in pairs": "“党”",
        "straight quotes": '"',
        "apostrophes": "a'",
        "book titles": "《",
        "blanks": "【X次】",
        "ideographic blanks": "　",
        "tabs": "\t",
        "newlines": "\n",
        "returns": "\r\n",
        "stops": "。",
        "commas": "，",
        "questions": "？",
        "dots": "…",
        "dashes": "—",
        "digits": "1",
        "letters": "a",
        "pinyin": "dang jian ",
        "pinyin in one": "dangjiangongzuo",
        "capitals": "ABC",
        "times": "2023年",
        "quantities": "3条",
        "lengths": "50字以内",
        "zero width": "\u200b",
        "joiners": "\u200d",
        "bidi": "\u202e党\u202c",
        "combining": "党\u0301\u0302\u0303",
        "soft hyphens": "党\u00ad建",
        "emoji": "😀",
        "families": "👨\u200d👩\u200d👧",
        "flags": "🇨🇳",
        "variants": "葛\U000e0100",
        "compatibility": "㈠㋀㍻",
        "traditional": "黨建工作總結",
        "rare": "\U00020000\U0002a6d6",
        "private": "\ue000",
        "arabic digits": "٣",
        "math letters": "\U0001d400\U0001d401",
        "html": "<b>党建</b>",
        "script": "<script>alert(1)</script>",
        "markdown": "**[a](b)**",
        "templates": "{{7*7}}${7*7}",
        "sql": "' OR 1=1 --",
        "shell": "$(id)`id`;",
        "paths": "../../etc/passwd",
        "addresses": "http://example.invalid/a?b=c ",
        "json": '{"a":[',
        "format": "%s%n{0}",
        "patterns": "(a+)+$",
        "checks": "检查：一是抓学习。",
        "formulations": "四个意识、四个自信、两个维护，",
        "names of topics": "意识形态主题党日三会一课",
        "slips": "三会一棵",
        "commands": "展开（五）更多返回",
        "collections": "加入1、3，收藏2；",
        "rewrites": "不要数字，口气软一点，",
    }
    texts = {f"{name}, long": unit * (LONG_BYTES // len(unit.encode())) for name, unit in units.items()}
    texts |= {f"{name}, short": (unit * 60)[:60] for name, unit in units.items()}
    texts["all characters"] = "".join(han[:15_000])
    texts["shuffled characters"] = "".join(chance.choices(han, k=15_000))
    texts["sixty shuffled"] = "".join(chance.choices(han, k=60))
    texts["nested brackets"] = "（" * 7000 + "）" * 7000
    texts["nested quotes"] = "“" * 7000 + "”" * 7000
    texts["check of one sentence"] = "检查：" + "深入学习贯彻，" * 2000
    texts["check of brackets"] = "检查：" + "（" * 14_000
    texts["outline of numbers"] = "拆成提纲：\n" + "".join(f"{n}．事\n" for n in range(2500))
    return texts


Make = Callable[[int], Posted]
"""Makes a request; with another number a message is another one."""


def cases() -> Iterator[tuple[str, Make]]:
    """Name every request and how to make it."""
    for name, body in bad_bodies().items():
        yield f"body: {name}", _always(Posted(Peer().post().query, body))
    for group, made in (("envelope", bad_envelopes()), ("cipher", bad_ciphers()), ("message", bad_messages())):
        for name, posted in made.items():
            yield f"{group}: {name}", _always(posted)
    for name, text in bad_texts().items():
        yield f"text: {name}", _message(text.replace("]]>", ""))


def _always(posted: Posted) -> Make:
    return lambda _: posted


def _message(text: str) -> Make:
    return lambda number: Peer().post(text_xml(text, user=f"u{number}", number=number))
