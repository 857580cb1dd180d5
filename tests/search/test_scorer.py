"""The scorer gives the scores of stock Whoosh, over random documents, segments, deletions and queries."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import query as wq
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from kb.search import arrays, postings, ranking, storage
from kb.search.schema import SEARCHED
from kb.search.scorer import Scorer, lucene_idf, whoosh_idf
from tests.conftest import Base

TOKENS = ["免征", "缓缴", "租金", "社保", "5g", "税"]
FIELDS = ("words", "pairs")

Document = dict[str, list[str]]
documents = st.lists(
    st.fixed_dictionaries({field: st.lists(st.sampled_from(TOKENS), max_size=9) for field in FIELDS}),
    min_size=1,
    max_size=25,
)
queries = st.dictionaries(
    st.tuples(st.sampled_from(FIELDS), st.sampled_from(TOKENS)), st.sampled_from([0.25, 0.7, 1.0]), min_size=1
)


class Lucene(BM25F):  # type: ignore[misc]
    """Whoosh's own ranking with Lucene's idf."""

    def idf(self, searcher: Any, fieldname: str, text: str) -> float:
        return lucene_idf(searcher.doc_count_all(), searcher.doc_frequency(fieldname, text))


def write(directory: Path, docs: list[Document], cuts: list[int], gone: set[int]) -> None:
    """An index of several segments; the numbers in ``gone`` are deleted afterwards."""
    index = storage.create_index(directory)
    bounds = [0, *sorted({cut % (len(docs) + 1) for cut in cuts}), len(docs)]
    for first, last in pairwise(bounds):
        writer = index.writer()
        for number in range(first, last):
            writer.add_document(id=f"d{number:03}", **docs[number])
        writer.commit(merge=False)
    writer = index.writer()
    for number in gone:
        writer.delete_by_term("id", f"d{number:03}")
    writer.commit(merge=False)


def scorer_of(reader: Any, idf: Any) -> tuple[Scorer, list[str]]:
    segments = [
        postings.read_segment(leaf, SEARCHED, [postings.Text()] * leaf.doc_count_all())
        for leaf, _ in reader.leaf_readers()
    ]
    live = [(number, stored["id"]) for number, stored in reader.iter_docs()]
    positions = np.full(reader.doc_count_all(), -1, dtype=np.int32)
    positions[[number for number, _ in live]] = range(len(live))
    return Scorer(segments, positions, len(live), idf), [one for _, one in live]


def stock(reader: Any, terms: dict[tuple[str, str], float], weighting: BM25F) -> dict[str, float]:
    asked = wq.Or([wq.Term(field, term, boost=weight) for (field, term), weight in terms.items()])
    searcher = Searcher(reader, weighting=weighting)
    found = searcher.search(asked, limit=None)
    return {hit["id"]: hit.score for hit in found}


def best_ten(scores: dict[str, float]) -> list[str]:
    """The first ten ids; scores alike to seven digits are a tie, broken by id."""
    return sorted(scores, key=lambda one: (-float(f"{scores[one]:.6g}"), one))[:10]


@pytest.mark.parametrize(("idf", "weighting"), [(whoosh_idf, BM25F()), (lucene_idf, Lucene())])
@settings(max_examples=60)
@given(
    docs=documents,
    cuts=st.lists(st.integers(0, 25), max_size=3),
    gone=st.sets(st.integers(0, 24), max_size=4),
    terms=queries,
)
def test_scores_and_the_first_ten_are_those_of_stock_whoosh(
    idf: Any, weighting: BM25F, docs: list[Document], cuts: list[int], gone: set[int], terms: Any
) -> None:
    with TemporaryDirectory() as folder:
        write(Path(folder), docs, cuts, gone)
        reader = storage.open_reader(Path(folder))
        scorer, ids = scorer_of(reader, idf)
        scores = scorer.scores(terms)
        ours = {ids[at]: float(scores[at]) for at in np.flatnonzero(scores)}
        theirs = stock(reader, terms, weighting)
        reader.close()
    assert ours == pytest.approx(theirs, rel=1e-5)
    assert best_ten(ours) == best_ten(theirs)
    assert [ids[at] for at in ranking.top(scores, ids, 10)] == sorted(
        ours, key=lambda one: (-ours[one], one)
    )[:10]


@settings(max_examples=60)
@given(text=st.text("养老保险免征租金贷款中小企业电费 5gict稳岗", min_size=1, max_size=20))
def test_the_shipped_entries_score_as_in_stock_whoosh(shipped: Base, text: str) -> None:
    generation = shipped.library.reader.generation()
    terms = ranking.weighted_terms(text, shipped.library.settings.segmenter, ranking.Synonyms(()))
    scores = generation.scorer.scores(terms)
    reader = storage.open_reader(generation.directory)
    theirs = stock(reader, terms, Lucene())
    reader.close()
    ours = {generation.ids[at]: float(scores[at]) for at in np.flatnonzero(scores)}
    assert ours == pytest.approx(theirs, rel=1e-4)
    assert best_ten(ours) == best_ten(theirs)


@settings(max_examples=40)
@given(docs=documents, gone=st.sets(st.integers(0, 24), max_size=3))
def test_whole_blocks_and_single_postings_decode_alike(docs: list[Document], gone: set[int]) -> None:
    with TemporaryDirectory() as folder:
        write(Path(folder), docs, [], gone)
        reader = storage.open_reader(Path(folder))
        for leaf, _ in reader.leaf_readers():
            for field, term in leaf.all_terms():
                if field in FIELDS:
                    blocks = list(postings.decoded(leaf.postings(field, term)))
                    numbers = [one for some, _ in blocks for one in some]
                    counts = [one for _, some in blocks for one in some]
                    assert (numbers, counts) == postings.walked(leaf.postings(field, term))
        reader.close()


def test_blocks_of_a_long_list_decode_as_single_postings_do(tmp_path: Path) -> None:
    docs = [{"words": ["免征"] * (1 + number % 7)} for number in range(700)]
    write(tmp_path, docs, [], set())
    reader = storage.open_reader(tmp_path)
    blocks = list(postings.decoded(reader.postings("words", "免征")))
    assert len(blocks) > 1
    numbers, counts = postings.walked(reader.postings("words", "免征"))
    assert [one for some, _ in blocks for one in some] == numbers == list(range(700))
    assert [one for _, some in blocks for one in some] == counts


def test_a_term_in_every_document_counts_a_little_and_one_in_none_nothing(tmp_path: Path) -> None:
    write(tmp_path, [{"words": ["税"]}] * 40, [20], set())
    reader = storage.open_reader(tmp_path)
    scorer, _ = scorer_of(reader, lucene_idf)
    everywhere = scorer.scores({("words", "税"): 1.0})
    assert everywhere == pytest.approx(np.full(40, math.log(1 + 0.5 / 40.5)), rel=1e-5)
    assert not scorer.scores({("words", "缓缴"): 1.0}).any()


def test_coverage_is_the_weighted_share_of_what_was_asked(tmp_path: Path) -> None:
    docs: list[Document] = [{"pairs": ["免征", "缓缴"]}, {"pairs": ["免征"]}, {"pairs": ["租金"]}]
    write(tmp_path, docs, [], set())
    scorer, _ = scorer_of(storage.open_reader(tmp_path), lucene_idf)
    both, one, none = scorer.coverage("pairs", ["免征", "缓缴", "缓缴"]).tolist()
    assert both == pytest.approx(1.0)
    assert 0 < one < 0.5
    assert none == 0


def test_little_memory_gives_the_same_scores(shipped: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    generation = shipped.library.reader.generation()
    terms = {("pairs", token): 1.0 for token in ("企业", "贷款", "社保", "租金")}
    expected = generation.scorer.scores(terms)
    monkeypatch.setattr("kb.search.scorer.KEPT_BYTES", 1)
    again = Scorer(generation.scorer.segments, generation.scorer.positions, generation.scorer.size)
    assert (again.scores(terms) == expected).all()
    assert (again.scores(terms) == expected).all()


# Saved beside the segment


def test_saved_arrays_are_mapped_and_the_same(tmp_path: Path) -> None:
    named = {"a": np.arange(5, dtype=np.int32), "b": np.zeros(0, dtype=np.uint64), "c": np.ones(3)}
    arrays.save(tmp_path / "x", named)
    found = arrays.load(tmp_path / "x")
    assert list(found) == ["a", "b", "c"]
    for name, array in named.items():
        assert (found[name] == array).all()
        assert not found[name].flags.writeable
        assert not found[name].flags.owndata


@given(cut=st.integers(0, 150))
def test_a_file_cut_off_is_told_from_a_whole_one(cut: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        arrays.save(path, {"a": np.arange(20, dtype=np.int32)})
        whole = path.read_bytes()
        path.write_bytes(whole[: min(cut, len(whole) - 1)])
        with pytest.raises(ValueError, match="x "):
            arrays.load(path)


def test_every_segment_of_the_index_has_its_arrays_beside_it(shipped: Base) -> None:
    generation = shipped.library.reader.generation()
    saved = list(generation.directory.glob(f"*{postings.SUFFIX}"))
    assert len(saved) == len(generation.scorer.segments)


def test_without_saved_arrays_the_segment_itself_is_read(shipped: Base, tmp_path: Path) -> None:
    generation = shipped.library.reader.generation()
    reader = storage.open_reader(generation.directory)
    (anew,) = storage.segments(reader, tmp_path)[:1]
    saved = generation.scorer.segments[0]
    assert (anew.codes == saved.codes).all()
    for field in SEARCHED:
        assert (anew.fields[field].documents == saved.fields[field].documents).all()
        assert (anew.fields[field].counts == saved.fields[field].counts).all()
