"""Phrases, beginnings of words and what is left out: what Whoosh's own matchers find."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from whoosh import fields
from whoosh import query as wq
from whoosh.analysis import RegexTokenizer
from whoosh.filedb.filestore import RamStorage

from kb.domain.taxonomy import Taxonomy
from kb.search import Request, analysis, indexing, narrowing, search, storage
from kb.search import query as queries
from kb.search.evaluate import read_documents
from kb.search.indexing import IndexSettings
from kb.search.narrowing import WORD_FIELDS, beginning, fitting
from kb.search.query import Query
from kb.search.reader import Generation, Reader
from kb.search.schema import WATERMARK_ID, document
from kb.search.table import Filters
from kb.store import entries
from kb.store.terms import Terms
from tests.conftest import TODAY, Base, an_entry

PIECES = ["稳岗", "稳岗返还", "返还", "人社部", "人社部门", "岗", "5g", "5g网络", "ipv6", "iptv", "，"]
texts = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)
documents = st.lists(texts, min_size=1, max_size=8)
WITH_NEIGHBOURS = ["稳岗", "稳岗返还", "返还", "人社部", "岗", "5g网", "网络", "，"]
joined = st.lists(st.sampled_from(WITH_NEIGHBOURS), min_size=1, max_size=6).map("".join)
phrases = joined.map(lambda text: text.strip("，")).filter(bool)
deleted = st.sets(st.integers(0, 7), max_size=3)
starts = st.sampled_from(["稳岗", "返还", "人社", "人社部", "5g", "ip", "ipv6", "岗返", "没有"])


def generation_of(folder: Path, terms: Terms, docs: list[str], gone: set[int]) -> Generation:
    """The documents in two segments; the numbers in ``gone`` are deleted afterwards."""
    rows = [{"id": f"d{at}", "title": "题", "text": text} for at, text in enumerate(docs)]
    path = folder / "docs.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    index = IndexSettings(folder / "index", terms.lexicon)
    directory = storage.new_directory(index.root)
    whoosh = storage.create_index(directory)
    records = list(read_documents(path))
    half = len(records) // 2
    for part in (records[:half], records[half:]):
        writer = whoosh.writer()
        for record in part:
            writer.add_document(**document(record, index.segmenter))
        writer.commit(merge=False)
    writer = whoosh.writer()
    for number in gone:
        writer.delete_by_term("id", f"d{number}")
    writer.add_document(id=WATERMARK_ID, watermark=0)
    writer.commit(merge=False)
    storage.end_commit(directory, index.version)
    storage.point_to(index.root, directory)
    return Reader(index).generation()


def named(generation: Generation, mask: narrowing.Mask) -> set[str]:
    return {generation.ids[at] for at in np.flatnonzero(mask)}


def holds(text: str, start: str) -> bool:
    """Whether the text has it: Latin words and numbers whole, Chinese anywhere."""
    whole = rf"(?<![0-9a-z]){start}(?![0-9a-z])" if start.isascii() else start
    return re.search(whole, text) is not None


@settings(max_examples=60)
@example(docs=["5gipv6"], gone=set(), start="ip")
@given(docs=documents, gone=deleted, start=starts)
def test_a_beginning_finds_the_words_that_begin_so_and_without_any_the_text(
    terms: Terms, docs: list[str], gone: set[int], start: str
) -> None:
    segmenter = analysis.segmenter(terms.lexicon)
    live = {f"d{at}": f"题\n{text}" for at, text in enumerate(docs) if at not in gone}
    having = {
        key
        for key, text in live.items()
        if any(word.startswith(start) for word in segmenter.index_words(text))
    }
    with TemporaryDirectory() as folder:
        generation = generation_of(Path(folder), terms, docs, gone)
        found = named(generation, beginning(generation, start))
        prefix = wq.Or([wq.Prefix(field, start) for field in WORD_FIELDS])
        with generation.searcher() as searcher:
            stock = {searcher.stored_fields(number)["id"] for number in prefix.docs(searcher)}
    assert having == stock
    assert found == (having or {key for key, text in live.items() if holds(text, start)})


@settings(max_examples=60)
@example(docs=["稳岗，稳岗"], gone=set(), phrase="稳岗", other="稳岗，稳岗")
@given(docs=st.lists(joined, min_size=1, max_size=8), gone=deleted, phrase=phrases, other=phrases)
def test_phrases_and_what_is_left_out_are_those_of_stock_whoosh_with_positions(
    terms: Terms, docs: list[str], gone: set[int], phrase: str, other: str
) -> None:
    characters = fields.TEXT(analyzer=RegexTokenizer("."), phrase=True)
    index = RamStorage().create_index(fields.Schema(id=fields.STORED, text=characters))
    writer = index.writer()
    for at, text in enumerate(docs):
        if at not in gone:
            writer.add_document(id=f"d{at}", text=text)
    writer.commit()
    asked = wq.And([wq.Phrase("text", list(phrase)), wq.Not(wq.Phrase("text", list(other)))])
    with index.searcher() as searcher:
        stock = {searcher.stored_fields(number)["id"] for number in asked.docs(searcher)}
    with TemporaryDirectory() as folder:
        generation = generation_of(Path(folder), terms, docs, gone)
        wanted, unwanted = map(analysis.normalise, (phrase, other))
        asked_of_ours = Query("", phrases=(wanted,), excluded=(unwanted,))
        found = named(generation, fitting(generation, asked_of_ours))
    assert found == stock


@pytest.mark.parametrize(
    ("raw", "text", "beginnings", "excluded"),
    [
        ("稳岗*", "稳岗", ("稳岗",), ()),
        ("贷款 人社部＊ -稳崗**", "贷款 人社部", ("人社部",), ("稳岗",)),
        ("稳* *", "稳* *", (), ()),
        ('"稳岗*" 5G*', "5g", ("5g",), ()),
        ("稳*岗 (稳岗)*", "稳*岗 (稳岗)*", (), ()),
    ],
)
def test_a_star_after_two_characters_or_more_is_a_beginning(
    taxonomy: Taxonomy, raw: str, text: str, beginnings: tuple[str, ...], excluded: tuple[str, ...]
) -> None:
    query = queries.parse(raw, taxonomy)
    assert (query.text, query.beginnings, query.excluded_beginnings) == (text, beginnings, excluded)


def test_a_beginning_narrows_a_search_however_little_else_fits(base: Base) -> None:
    bodies = {"a": "ipv6改造补助 " * 9, "b": "iptv，贷款贴息", "c": "贷款贴息" * 9, "d": "电视ip"}
    for name, body in bodies.items():
        entries.publish(base.db, an_entry(f"nat-2020-{name}", body=body), "x", "")
    indexing.catch_up(base.library.settings, base.db)

    def ids(text: str) -> set[str]:
        found = search(base.library, Request(text, TODAY, Filters(status=("all",))))
        return {hit.record.id[-1] for hit in found.hits}

    assert ids("ip*") == {"a", "b", "d"}
    assert ids("贷款贴息 ip*") == {"a", "b", "d"}
    assert ids("贷款贴息 -ip*") == {"c"}
    assert ids("贷款贴息 ipx*") == set()


def test_of_too_many_words_the_first_are_looked_for_and_it_is_said(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrowing, "MOST_WORDS", 1)
    entries.publish(base.db, an_entry("nat-2020-a", body="ipv4"), "x", "")
    entries.publish(base.db, an_entry("nat-2020-b", body="ipv6"), "x", "")
    indexing.catch_up(base.library.settings, base.db)
    answer = search(base.library, Request("ipv*", TODAY, Filters(status=("all",))))
    assert [hit.record.id for hit in answer.hits] == ["nat-2020-a"]
    (notice,) = answer.query.notices
    assert "以「ipv」开头的词太多" in str(notice)
