"""Cuts text into words, character bigrams and characters: the only importer of jieba (and of rjieba, its fast twin).

Documents and queries are analysed alike, and the fingerprint names everything the analysis depends on: a knowledge base
built with another fingerprint must be built again. jieba is imported on first use and not with this module, because it
takes 0.4 s to import and load (1 s for the first time), which commands that cut nothing should not wait for.
"""

from __future__ import annotations

import logging
import marshal
import os
import re
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib import import_module, resources
from importlib.metadata import PackageNotFoundError, version
from operator import add
from pathlib import Path
from typing import Literal, Protocol

from knowledge.cutting import WordCutter, make_table
from knowledge.errors import DictionaryError
from knowledge.normalization import HAN, normalize, normalizer_version

ANALYZER = 1
"""Version of the analysis below; raise it whenever the same text would come out differently."""

Program = Literal["jieba", "rjieba"]

_RUNS = re.compile(f"[{HAN}]+|[^\\W_{HAN}]+(?:\\.[0-9]+)?")
_FIRST_HAN = re.compile(f"[{HAN}]")
_ENTRY = re.compile(r"(\S+)(?:[ \t]+(\d{1,9}))?\Z")
_USUAL_FREQUENCY = 300
_LONGEST_WORD = 20

_FEW, _SHORT = 8, 200
# Several readers cut one question in turn: so many texts of so many characters are remembered, and not for longer.


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a text is indexed by.

    ``words`` are in search mode (a long word and the shorter ones inside it) and have at least two characters: a
    single one is among ``characters`` anyway. Numbers and foreign words stand in each of the three.
    """

    words: tuple[str, ...]
    bigrams: tuple[str, ...]
    characters: tuple[str, ...]


class _Cutter(Protocol):
    """A loaded segmentation program."""

    def cut(self, run: str) -> list[str]: ...
    def cut_for_search(self, run: str) -> list[str]: ...
    def is_word(self, word: str) -> bool: ...


class _FastCutter:
    """rjieba with our words."""

    def __init__(self, entries: Mapping[str, int]) -> None:
        try:
            self._program = import_module("rjieba").Jieba()
        except ImportError as error:
            raise DictionaryError("没有安装rjieba：请运行 pip install rjieba，或不要选用它") from error
        for word, frequency in entries.items():
            self._program.add_word(word, frequency, None)

    def cut(self, run: str) -> list[str]:
        return list(self._program.cut(run))

    def cut_for_search(self, run: str) -> list[str]:
        return list(self._program.cut_for_search(run))

    def is_word(self, word: str) -> bool:
        return bool(self._program.has_word(word))


class Segmenter:
    """A word segmenter (分词) of its own: own tokenizer, own dictionary, private cache; safe to share between threads.

    ``dictionaries`` and ``words`` are added to the bundled dictionary of party-affairs terms; a dictionary file has one
    word and, if wanted, its frequency on each line. ``cache`` is the folder for jieba's loaded dictionary (default:
    the user's cache folder); where it can't be written, loading takes longer and nothing else changes.
    Raises ``DictionaryError`` for a dictionary that can't be read.
    """

    def __init__(
        self,
        dictionaries: Sequence[Path] = (),
        *,
        words: Iterable[str] = (),
        cache: Path | None = None,
        program: Program = "jieba",
    ) -> None:
        self._program: Program = program
        self._cache = cache
        self._entries = _read_entries(_bundled_dictionary(), "自带词典")
        for path in dictionaries:
            self._entries |= _read_file(path)
        self._entries |= _read_entries("\n".join(words), "补充词")
        self._loading = threading.Lock()
        self._cutter: _Cutter | None = None
        self._words = lru_cache(_FEW)(self._cut)

    @property
    def domain_words(self) -> frozenset[str]:
        """The words of the bundled and the added dictionaries."""
        return frozenset(self._entries)

    @cached_property
    def fingerprint(self) -> str:
        """What the analysis depends on: its version, program, dictionary and normal form."""
        listing = "\n".join(f"{word} {frequency}" for word, frequency in sorted(self._entries.items()))
        digest = sha256(listing.encode()).hexdigest()[:16]
        return (
            f"analyzer-{ANALYZER}+{self._program}-{_version(self._program)}+{digest}+normalizer-{normalizer_version()}"
        )

    def load(self) -> None:
        """Load the dictionary now instead of on first use (0.4 s, for the first time 1 s)."""
        self._loaded()

    def words(self, text: str) -> tuple[str, ...]:
        """Return the words of a text in order, each character in one word only; punctuation is left out."""
        return self._words(text) if len(text) <= _SHORT else self._cut(text)

    def _cut(self, text: str) -> tuple[str, ...]:
        return tuple(word for run in self.runs(text) for word in self.cut_run(run))

    def search_words(self, text: str) -> tuple[str, ...]:
        """Return the words of a text together with the shorter words inside long ones (search mode)."""
        search = self._loaded().cut_for_search
        return tuple(word for run in self.runs(text) for word in (search(run) if is_han(run) else (run,)))

    def analyze(self, text: str) -> Analysis:
        """Return what a text is indexed by."""
        search = self._loaded().cut_for_search
        words: list[str] = []
        bigrams: list[str] = []
        characters: list[str] = []
        for run in self.runs(text):
            if is_han(run):
                words += [word for word in search(run) if len(word) > 1]
                bigrams += pairs(run)
                characters += run
            else:
                for terms in (words, bigrams, characters):
                    terms.append(run)
        return Analysis(tuple(words), tuple(bigrams), tuple(characters))

    def runs(self, text: str) -> Iterator[str]:
        """Yield the stretches of Chinese characters, and the numbers and foreign words, of a text in normal form."""
        for found in _RUNS.finditer(normalize(text, joined=False).lower()):
            yield found.group()

    def cut_run(self, run: str) -> Iterable[str]:
        """Cut one stretch that ``runs`` yielded into words."""
        return self._loaded().cut(run) if is_han(run) else (run,)

    def is_word(self, word: str) -> bool:
        """Tell whether the dictionary has the word as it stands."""
        return self._loaded().is_word(word)

    def _loaded(self) -> _Cutter:
        if self._cutter is None:
            with self._loading:
                if self._cutter is None:
                    self._cutter = _FastCutter(self._entries) if self._program == "rjieba" else self._load_jieba()
        return self._cutter

    def _load_jieba(self) -> _Cutter:
        with warnings.catch_warnings():
            # jieba has invalid escapes in its patterns and imports pkg_resources, which setuptools deprecates.
            warnings.simplefilter("ignore")
            import jieba  # noqa: PLC0415 see the module's docstring
        jieba.setLogLevel(logging.CRITICAL)
        tokenizer = jieba.Tokenizer()
        cache = self._cache_folder() / f"jieba-{version('jieba')}.cache"
        stored = _read_cache(cache)
        if stored is not None:
            tokenizer.FREQ, tokenizer.total = stored
            tokenizer.initialized = True
        else:
            tokenizer.tmp_dir, tokenizer.cache_file = str(cache.parent), cache.name
            tokenizer.initialize()
        for word, frequency in self._entries.items():
            tokenizer.add_word(word, max(frequency, tokenizer.FREQ.get(word, 0)))
        return WordCutter(make_table(tokenizer.FREQ), tokenizer.total, jieba.finalseg.cut)

    def _cache_folder(self) -> Path:
        """Return the folder for jieba's cache. jieba itself copes with one that can't be written."""
        try:
            folder = self._cache or Path.home() / ".cache" / "bigan"
        except RuntimeError:  # no home folder: no cache
            return Path(os.devnull)
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder


def is_han(run: str) -> bool:
    """Tell whether a stretch that ``Segmenter.runs`` yielded is of Chinese characters."""
    return _FIRST_HAN.match(run) is not None


def pairs(run: str) -> Iterable[str]:
    """Return the overlapping character pairs of a stretch; a single character stands for itself."""
    return map(add, run, run[1:]) if len(run) > 1 else (run,)


def _bundled_dictionary() -> str:
    return resources.files("knowledge").joinpath("data", "dictionary.txt").read_text(encoding="utf-8")


def _read_file(path: Path) -> dict[str, int]:
    try:
        return _read_entries(path.read_text(encoding="utf-8-sig"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise DictionaryError(f"词典读不了：{path.name}（应为UTF-8文本）") from error


def _read_entries(text: str, name: str) -> dict[str, int]:
    """Read “word frequency” lines; a line without a frequency gets a usual one, one that starts with # is skipped."""
    entries: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        found = _ENTRY.match(stripped)
        word = normalize(found.group(1)).lower() if found else ""
        if not found or not _RUNS.fullmatch(word) or len(word) > _LONGEST_WORD:
            raise DictionaryError(f"{name}第{number}行看不懂：每行一个词，后面可加空格和词频")
        entries[word] = int(found.group(2) or _USUAL_FREQUENCY)
    return entries


def _read_cache(path: Path) -> tuple[dict[str, int], int] | None:
    """Read what jieba stored in its cache, a third of the time jieba takes for it; ``None`` if it can't be used."""
    try:
        frequencies, total = marshal.loads(path.read_bytes())  # noqa: S302 our own file in the user's private folder
    except (OSError, ValueError, EOFError, TypeError):
        return None
    return (frequencies, total) if isinstance(frequencies, dict) and isinstance(total, int) else None


def _version(program: Program) -> str:
    try:
        return version(program)
    except PackageNotFoundError:
        return "missing"
