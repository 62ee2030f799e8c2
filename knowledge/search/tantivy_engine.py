"""The search engine of a served knowledge base: an index on disk, searched by tantivy; the only importer of tantivy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from time import sleep
from typing import Any

import tantivy

from knowledge.errors import SearchError
from knowledge.search.engine import Entry, Facet, Form, Hit, Query
from knowledge.search.terms import HEADING_LAYERS, Layer, Term, drop_common, idf, weigh
from knowledge.segmentation import Segmenter

_PARTS = {"text": tuple(Layer), "headings": HEADING_LAYERS}
_HEADINGS = 1024
"""How many heading paths stay analysed: neighbouring entries stand under the same headings."""

_NO_WATCHING = ("manual", 0)
"""tantivy's other policy loads an index again whenever its folder changes; ours never changes."""

_REMOVALS = 20
_REMOVAL_PAUSE_SECONDS = 0.01

_TERM_INDEX = "freq"
_FACET_INDEX = "basic"
_BUILD_MEMORY = 128_000_000
_UPDATE_MEMORY = 16_000_000
"""Bytes that the writer may hold before it writes a segment; tantivy's floor is 15 million."""


class TantivyWriter:
    """Writes an index into a folder: a new one, or further entries into the copy of one."""

    def __init__(self, folder: Path, segmenter: Segmenter) -> None:
        self._segmenter = segmenter
        fresh = not tantivy.Index.exists(str(folder))
        with _writing():
            index = tantivy.Index(_schema(), path=str(folder)) if fresh else tantivy.Index.open(str(folder))
            index.config_reader(*_NO_WATCHING)
            self._writer = index.writer(_BUILD_MEMORY if fresh else _UPDATE_MEMORY, 1)
        self._fresh = fresh
        self._added: set[str] = set()
        self._fields = lru_cache(maxsize=_HEADINGS)(self._analyze)

    def add(self, entries: Iterable[Entry]) -> None:
        """Add entries, each replacing the one of the same form and id."""
        for entry in entries:
            key, document = _key(entry.form, entry.id), self._document(entry)
            with _writing():
                if not self._fresh or key in self._added:
                    self._writer.delete_documents_by_term("key", key)
                self._writer.add_document(document)
            self._added.add(key)

    def remove(self, form: Form, ids: Iterable[str]) -> None:
        """Remove entries by id; unknown ids are passed over."""
        for id_ in ids:
            with _writing():
                self._writer.delete_documents_by_term("key", _key(form, id_))

    def commit(self) -> None:
        """Make the changes permanent and close the writer."""
        with _writing():
            self._writer.commit()
            self._writer.wait_merging_threads()

    def _document(self, entry: Entry) -> tantivy.Document:
        document = tantivy.Document()
        document.add_text("key", _key(entry.form, entry.id))
        for facet in Facet:
            for value in entry.facet(facet):
                document.add_text(facet, value)
        fields = (
            *self._analyze(entry.form, "text", entry.text),
            *self._fields(entry.form, "headings", "\n".join(entry.headings)),
        )
        for name, terms in fields:
            document.add_text(name, terms)
        return document

    def _analyze(self, form: Form, part: str, text: str) -> tuple[tuple[str, str], ...]:
        """Return the fields of one part of an entry that are not empty, each with its terms."""
        analysis = self._segmenter.analyze(text)
        terms = ((_field(form, part, layer), " ".join(getattr(analysis, layer))) for layer in _PARTS[part])
        return tuple((name, joined) for name, joined in terms if joined)


class TantivyEngine:
    """Searches an index in a folder, which may be read-only. The index stays readable when its files are unlinked."""

    def __init__(self, folder: Path, segmenter: Segmenter) -> None:
        self._segmenter = segmenter
        try:
            index = _open(folder)
            self._searcher = index.searcher()
            self._schema = index.schema
        except (OSError, ValueError) as error:
            raise SearchError("检索索引打不开：请运行 bigan kb build 重新建库") from error
        self._count = self._searcher.num_docs

    def search(self, query: Query) -> tuple[Hit, ...]:
        """Return the best entries, best first; equal scores in the order in which the entries were added."""
        weights = weigh(query, self._segmenter)
        if not weights or query.limit < 1:
            return ()
        try:
            holders = {term: self._holders(query.form, term) for term in weights}
            weights = drop_common(weights, holders, self._count)
            ceiling = sum(weight * idf(holders[term], self._count) for term, weight in weights.items())
            found = self._searcher.search(self._compile(query, weights), limit=query.limit, count=False)
            return tuple(self._hit(address, score, ceiling) for score, address in found.hits)
        except ValueError as error:
            raise SearchError("检索出错：请运行 bigan kb verify 检查知识库") from error

    def document_frequency(self, term: str, form: Form = Form.PASSAGE) -> int:
        """Return how many entries have the term in their text or headings, however the text is cut into words."""
        analysis = self._segmenter.analyze(term)
        layer, terms = Layer.BIGRAMS, analysis.bigrams
        if len(analysis.characters) == 1:
            layer, terms = Layer.CHARACTERS, analysis.characters
        if not terms:
            return 0
        parts = [self._anywhere(form, Term(layer, text)) for text in terms]
        everywhere = tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts])
        found: Any = self._searcher.search(everywhere, limit=1, count=True)  # its type information lacks the count
        return int(found.count)

    def count(self) -> int:
        """Return the number of entries of all forms."""
        return self._count

    def _hit(self, address: tantivy.DocAddress, score: float, ceiling: float) -> Hit:
        key = str(self._searcher.doc(address).get_first("key"))
        return Hit(key.partition(":")[2], score, min(1.0, score / ceiling))

    def _compile(self, query: Query, weights: Mapping[Term, float]) -> tantivy.Query:
        should = [(tantivy.Occur.Should, part) for part in self._scored(query, weights)]
        words = tantivy.Query.boolean_query(should)
        if not query.demands and not query.exclude:
            return words
        clauses = [(tantivy.Occur.Must, words)]
        for demand in query.demands:
            admitted = tantivy.Query.term_set_query(self._schema, demand.facet, list(demand.values))
            clauses.append((tantivy.Occur.Must, tantivy.Query.const_score_query(admitted, 0.0)))
        if query.exclude:
            keys = [_key(query.form, id_) for id_ in query.exclude]
            clauses.append((tantivy.Occur.MustNot, tantivy.Query.term_set_query(self._schema, "key", keys)))
        return tantivy.Query.boolean_query(clauses)

    def _scored(self, query: Query, weights: Mapping[Term, float]) -> Iterator[tantivy.Query]:
        for term, weight in weights.items():
            yield tantivy.Query.boost_query(self._term(_field(query.form, "text", term.layer), term.text), weight)
            if term.layer in HEADING_LAYERS:
                heading = self._term(_field(query.form, "headings", term.layer), term.text)
                yield tantivy.Query.boost_query(heading, weight * query.weights.headings)
        for preference in query.preferences:
            wanted = tantivy.Query.term_query(self._schema, preference.facet, preference.value, _FACET_INDEX)
            yield tantivy.Query.const_score_query(wanted, preference.weight)

    def _holders(self, form: Form, term: Term) -> int:
        return self._searcher.doc_freq(_field(form, "text", term.layer), term.text)

    def _anywhere(self, form: Form, term: Term) -> tantivy.Query:
        text = self._term(_field(form, "text", term.layer), term.text)
        if term.layer not in HEADING_LAYERS:
            return text
        headings = self._term(_field(form, "headings", term.layer), term.text)
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, text), (tantivy.Occur.Should, headings)])

    def _term(self, field: str, text: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, text, _TERM_INDEX)


@contextmanager
def _writing() -> Iterator[None]:
    """Translate tantivy's errors."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise SearchError("检索索引写不了：请检查磁盘空间和目录权限") from error


def _open(folder: Path) -> tantivy.Index:
    """Open an index by links to its files: tantivy puts a lock file beside them, also where it only reads.

    All files are mapped into memory here, so the links are no longer needed afterwards.
    """
    links = Path(mkdtemp(prefix="bigan-"))
    try:
        for path in folder.resolve().iterdir():
            # tantivy opens its lock files for writing; where the base may only be read, it makes new ones beside the links.
            if path.suffix == ".lock":
                continue
            (links / path.name).symlink_to(path)
        index = tantivy.Index.open(str(links))
        index.config_reader(*_NO_WATCHING)
        index.reload()
        return index
    finally:
        _remove(links)


def _remove(folder: Path) -> None:
    """Remove a folder of links; tantivy's reader of before may just be putting its lock file there, once."""
    for _ in range(_REMOVALS):
        rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        sleep(_REMOVAL_PAUSE_SECONDS)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option=_FACET_INDEX)
    for facet in Facet:
        builder.add_text_field(facet, tokenizer_name="raw", index_option=_FACET_INDEX)
    for form in Form:
        for part, layers in _PARTS.items():
            for layer in layers:
                name = _field(form, part, layer)
                builder.add_text_field(name, tokenizer_name="whitespace", index_option=_TERM_INDEX)
    return builder.build()


def _field(form: Form, part: str, layer: Layer) -> str:
    return f"{form}_{part}_{layer}"


def _key(form: Form, id_: str) -> str:
    return f"{form}:{id_}"
