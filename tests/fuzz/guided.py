"""Fuzz the gate along its branches: ``python -m tests.fuzz.guided [-max_total_time=600]``, where atheris is installed.

atheris (libFuzzer) watches which branches an input takes and goes on from those that reach a new one. It is no dependency of
this project: it exists as a wheel for Linux on x86-64 alone. What is asked of the gate is the same as elsewhere: whatever
arrives is opened or refused with one of our errors, and both readers of XML read alike.
"""

from __future__ import annotations

import base64
import importlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

INSTRUMENTED = ["bot.wecom"]


class Gate:
    """The gate of the published example, and a peer that signs whatever it is given."""

    def __init__(self, atheris: Any) -> None:
        with atheris.instrument_imports(include=INSTRUMENTED):
            self._gate = importlib.import_module("bot.wecom.gate")
            self._xml = importlib.import_module("bot.wecom.bounded_xml")
        self._errors = importlib.import_module("bot.errors")
        # Only now: whatever imports the gate before is not watched.
        self._seeds = importlib.import_module("tests.fuzz.mutations").SEEDS
        peer = importlib.import_module("tests.wecom.peer")
        self._credentials, self._now, self._post = peer.CREDENTIALS, peer.NOW, peer.Peer().post
        self._peer = peer.Peer()
        self._doors = (self._query, self._around, self._ciphertext, self._frame, self._message, self._read_alike)

    def try_one(self, data: bytes) -> None:
        """Send one input to the door its first byte names."""
        if data:
            self._doors[data[0] % len(self._doors)](data[1:])

    def _open(self, posted: Any) -> None:
        gate = self._gate.CallbackGate(self._credentials, lambda: float(self._now))
        try:
            query = gate.admit(posted.query)
            incoming = gate.open(query, posted.body)
            gate.seal(query, incoming, "好")
        except self._errors.RefusedError:
            pass

    def _query(self, data: bytes) -> None:
        gate = self._gate.CallbackGate(self._credentials, lambda: float(self._now))
        try:
            query = gate.admit(parse_qsl(data.decode("latin-1")), echo=True)
            gate.verify_address(query)
        except self._errors.RefusedError:
            pass

    def _around(self, data: bytes) -> None:
        posted = self._post()
        genuine = posted.body
        at = genuine.index(b"<Encrypt>")
        self._open(type(posted)(posted.query, data + genuine[at:]))

    def _ciphertext(self, data: bytes) -> None:
        self._open(self._post(encrypted=base64.b64encode(data).decode() or "A"))

    def _frame(self, data: bytes) -> None:
        self._open(self._post(encrypted=self._peer.encrypt_padded(data + b"\x10" * (-len(data) % 16) or b"\x20" * 32)))

    def _message(self, data: bytes) -> None:
        self._open(self._post(data))

    def _read_alike(self, data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        if self._tree(self._xml.read_tree, text) != self._tree(self._xml.parse_tree, text.encode()):
            raise AssertionError("the two readers read one document differently")

    def _tree(self, read: Callable[[Any, int], Any], document: str | bytes) -> Any:
        try:
            return read(document, 3)
        except self._errors.XmlError:
            return None

    def seeds(self) -> Iterator[bytes]:
        """Yield genuine inputs for every door, for the fuzzer to begin with."""
        yield b"\x00" + urlencode(self._peer.echo()).encode()
        yield b"\x01" + self._post().body.partition(b"<Encrypt>")[0]
        for seed in self._seeds:
            xml = seed.encode("utf-8", "surrogatepass")
            yield b"\x02" + base64.b64decode(self._peer.encrypt(xml))
            yield b"\x03" + self._peer.pad(self._peer.frame(xml))
            yield b"\x04" + xml
            yield b"\x05" + xml


def main() -> None:
    """Fuzz until told to stop."""
    try:
        atheris: Any = importlib.import_module("atheris")
    except ImportError:
        sys.exit("atheris is not installed; it is not needed for anything else: pip install atheris")
    gate = Gate(atheris)
    corpus = Path(tempfile.mkdtemp(prefix="bigan-fuzz-"))
    for number, seed in enumerate(gate.seeds()):
        (corpus / f"seed {number}").write_bytes(seed)
    atheris.Setup([*sys.argv, "-max_len=4096", str(corpus)], gate.try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
