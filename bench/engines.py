"""Five engines over the same tokens, each behind the same few functions.

Every one ranks the OR of a query's terms by BM25, filters by region, counts types and years, and cuts a
snippet for each of the first ten. Ours is what the site searches with: its scorer over Whoosh's postings,
its filters and facets over relief rows, its snippets.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import tantivy
import whoosh.index
from whoosh import fields as wfields
from whoosh import query as wq
from whoosh import sorting
from whoosh.scoring import BM25F

from bench.corpus import Corpus, Doc
from kb.config import ROOT
from kb.domain.relief import Regions
from kb.domain.taxonomy import NATION
from kb.domain.timeline import Trust
from kb.search import Library, ranking, record, storage
from kb.search.indexing import MEMORY_MB, IndexSettings
from kb.search.reader import Reader
from kb.search.record import Record, Row
from kb.search.schema import WATERMARK_ID, whoosh_schema
from kb.search.scorer import Scorer, whoosh_idf
from kb.search.snippets import snippet
from kb.search.table import Filters, facets, select
from kb.store.terms import load_terms

TOP = 10
DAY = date(2026, 11, 22)

Search = Callable[[tuple[str, ...], str, bool, bool], list[str]]
"""``(terms, region or "", facets too, snippets too)`` to the ids of the first ten."""


@dataclass(frozen=True)
class Engine:
    """An engine with its documents: how it searches, what building took, and what it holds on disk."""

    name: str
    search: Search
    build_s: float
    disk: Path | None


def ours(corpus: Corpus, folder: Path) -> tuple[Engine, Engine, Library]:
    """Ours and stock Whoosh over one and the same index, ranked by the same weights and Whoosh's idf."""
    terms = load_terms(ROOT / "policies")
    settings = IndexSettings(folder / "whoosh", terms.lexicon)
    started = time.perf_counter()
    directory = _whoosh_index(corpus, settings)
    written = time.perf_counter() - started
    storage.end_commit(directory, settings.version)
    built = time.perf_counter() - started
    storage.point_to(settings.root, directory)
    library = Library(Reader(settings), terms.taxonomy, ranking.Synonyms(()))
    found = Engine("relief-kb", _our_search(library), built, directory)
    return found, Engine("whoosh", _whoosh_search(directory), written, directory), library


def _whoosh_index(corpus: Corpus, settings: IndexSettings) -> Path:
    schema = whoosh_schema()
    for name in ("region", "type", "year"):
        schema.add(name, wfields.ID(sortable=True))
    directory = storage.new_directory(settings.root)
    writer = whoosh.index.create_in(str(directory), schema).writer(limitmb=MEMORY_MB)
    for doc in corpus.docs:
        writer.add_document(
            id=doc.id,
            data=record.to_json(_record(doc)),
            text=text_of(doc),
            words=list(doc.tokens),
            region=doc.region,
            type=doc.type,
            year=str(doc.year),
        )
    writer.add_document(id=WATERMARK_ID, watermark=0)
    writer.commit()
    return directory


def _record(doc: Doc) -> Record:
    """The document as an entry with one relief. Its region stands as issuer: regions of ours form a tree."""
    nation = Regions(include=(NATION,))
    row = Row("a", doc.type, "", (), (), (nation,), ())
    return Record(
        id=doc.id,
        kind="policy",
        version=1,
        title="",
        promise="",
        aliases=(),
        doc_number=None,
        candidate=None,
        issuers=(doc.region,),
        issued_on=date(doc.year, 1, 1),
        known_on=date(doc.year, 1, 1),
        regions=nation,
        needs=(),
        lead=False,
        confirmed_on=None,
        trust=Trust(date(doc.year, 1, 1), False),
        rows=(row,),
        text=text_of(doc),
    )


def text_of(doc: Doc) -> str:
    """The document as a reader would see it."""
    lines = ["".join(doc.tokens[at : at + 12]) for at in range(0, len(doc.tokens), 12)]
    return "。".join(lines)


def _our_search(library: Library) -> Search:
    generation = library.reader.generation()
    held = generation.scorer
    scorer = Scorer(held.segments, held.positions, held.size, whoosh_idf)
    rows, taxonomy = generation.table, library.taxonomy

    def search(terms: tuple[str, ...], region: str, counting: bool, cutting: bool) -> list[str]:
        scores = scorer.scores({("words", term): 1.0 for term in terms})
        filters = Filters(issuer=(region,) if region else (), status=("all",))
        candidates = scores > 0
        if region:
            chosen = select(rows, filters, candidates, DAY, taxonomy)
            scores = np.where(chosen, scores, np.float32(0.0))
        if counting:
            facets(rows, filters, candidates, DAY, taxonomy, ("type", "year"))
        best = ranking.top(scores, generation.ids, TOP)
        if cutting:
            weights = dict.fromkeys(terms, 1.0)
            for at in best:
                snippet(generation.text(at), weights)
        return [generation.ids[at] for at in best]

    return search


def _whoosh_search(directory: Path) -> Search:
    searcher = whoosh.index.open_dir(str(directory)).searcher(weighting=BM25F())
    texts = sorting.FieldFacet("type"), sorting.FieldFacet("year")

    def search(terms: tuple[str, ...], region: str, counting: bool, cutting: bool) -> list[str]:
        grouped = {"type": texts[0], "year": texts[1]} if counting else None
        found = searcher.search(
            wq.Or([wq.Term("words", term) for term in terms]),
            limit=TOP,
            filter=wq.Term("region", region) if region else None,
            groupedby=grouped,
        )
        if counting:
            for name in ("type", "year"):
                {value: len(docs) for value, docs in found.groups(name).items()}
        hits = list(found)
        if cutting:
            weights = dict.fromkeys(terms, 1.0)
            for hit in hits:
                snippet(hit["text"], weights)
        return [hit["id"] for hit in hits]

    return search


def fts5(corpus: Corpus, folder: Path) -> Engine:
    """SQLite's full text search, tokens with spaces between them."""
    path = folder / "fts5.db"
    started = time.perf_counter()
    db = sqlite3.connect(path)
    db.executescript(
        "CREATE TABLE docs (n INTEGER PRIMARY KEY, id TEXT, region TEXT, type TEXT, year INTEGER);"
        "CREATE VIRTUAL TABLE words USING fts5(tokens, tokenize='unicode61');"
    )
    with db:
        rows = [(at, doc.id, doc.region, doc.type, doc.year) for at, doc in enumerate(corpus.docs)]
        db.executemany("INSERT INTO docs VALUES (?, ?, ?, ?, ?)", rows)
        texts = ((at, " ".join(doc.tokens)) for at, doc in enumerate(corpus.docs))
        db.executemany("INSERT INTO words (rowid, tokens) VALUES (?, ?)", texts)
    db.execute("CREATE INDEX by_region ON docs (region)")
    db.execute("INSERT INTO words (words) VALUES ('optimize')")
    db.commit()
    return Engine("fts5", _fts5_search(db), time.perf_counter() - started, path)


def _fts5_search(db: sqlite3.Connection) -> Search:
    def search(terms: tuple[str, ...], region: str, counting: bool, cutting: bool) -> list[str]:
        match = " OR ".join(f'"{term}"' for term in terms)
        cut = "snippet(words, 0, '[', ']', '…', 24)" if cutting else "''"
        where = "words MATCH ?" + (" AND region = ?" if region else "")
        given = (match, region) if region else (match,)
        source = "FROM words JOIN docs ON docs.n = words.rowid" if region or counting else "FROM words"
        found = db.execute(
            f"SELECT words.rowid, {cut} {source} WHERE {where} ORDER BY rank LIMIT {TOP}", given
        ).fetchall()
        if counting:
            for name in ("type", "year"):
                db.execute(
                    f"SELECT {name}, count(*) {source} WHERE {where} GROUP BY {name}", given
                ).fetchall()
        return [f"d{at:07}" for at, _ in found]

    return search


def tantivy_engine(corpus: Corpus, folder: Path) -> Engine:
    """The engine written in Rust, through its Python binding."""
    path = folder / "tantivy"
    path.mkdir()
    started = time.perf_counter()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", fast=True)
    builder.add_text_field("words", stored=True, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("region", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("type", tokenizer_name="raw", fast=True, index_option="basic")
    builder.add_integer_field("year", fast=True)
    schema = builder.build()
    index = tantivy.Index(schema, path=str(path))
    writer = index.writer(heap_size=200_000_000, num_threads=1)
    for doc in corpus.docs:
        writer.add_document(
            tantivy.Document(
                id=doc.id, words=" ".join(doc.tokens), region=doc.region, type=doc.type, year=doc.year
            )
        )
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return Engine("tantivy", _tantivy_search(index, schema), time.perf_counter() - started, path)


def _tantivy_search(index: Any, schema: Any) -> Search:
    searcher = index.searcher()
    should, must = tantivy.Occur.Should, tantivy.Occur.Must
    counts = {
        "type": {"terms": {"field": "type", "size": 50}},
        "year": {"terms": {"field": "year", "size": 50}},
    }

    def search(terms: tuple[str, ...], region: str, counting: bool, cutting: bool) -> list[str]:
        parts = [(should, tantivy.Query.term_query(schema, "words", term)) for term in terms]
        words = asked = tantivy.Query.boolean_query(parts)
        if region:
            place = tantivy.Query.const_score_query(tantivy.Query.term_query(schema, "region", region), 0.0)
            asked = tantivy.Query.boolean_query([(must, words), (must, place)])
        found = searcher.search(asked, TOP)
        if counting:
            searcher.aggregate(asked, counts)
        docs = [searcher.doc(address) for _, address in found.hits]
        if cutting:
            cutter = tantivy.SnippetGenerator.create(searcher, words, schema, "words")
            for doc in docs:
                cutter.snippet_from_doc(doc).to_html()
        return [doc["id"][0] for doc in docs]

    return search


def bm25s_engine(corpus: Corpus, folder: Path) -> Engine:
    """Scores worked out ahead, in NumPy."""
    path = folder / "bm25s"
    started = time.perf_counter()
    model = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    model.index([list(doc.tokens) for doc in corpus.docs], show_progress=False)
    model.save(str(path))
    built = time.perf_counter() - started
    return Engine("bm25s", _bm25s_search(model, corpus), built, path)


def _bm25s_search(model: Any, corpus: Corpus) -> Search:
    regions = np.array([doc.region for doc in corpus.docs])
    masks = {region: regions == region for region in np.unique(regions).tolist()}
    types = np.unique([doc.type for doc in corpus.docs], return_inverse=True)[1]
    years = np.array([doc.year for doc in corpus.docs])
    texts = [text_of(doc) for doc in corpus.docs]

    def search(terms: tuple[str, ...], region: str, counting: bool, cutting: bool) -> list[str]:
        scores = model.get_scores(list(terms))
        if region:
            scores = scores * masks[region]
        if counting:
            some = np.flatnonzero(scores)
            np.bincount(types[some]), np.bincount(years[some])
        best = np.argpartition(scores, -TOP)[-TOP:]
        best = best[np.argsort(-scores[best])]
        if cutting:
            weights = dict.fromkeys(terms, 1.0)
            for at in best.tolist():
                snippet(texts[at], weights)
        return [corpus.docs[at].id for at in best.tolist() if scores[at] > 0]

    return search
