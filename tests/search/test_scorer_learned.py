"""What orders the best anew: explainable features, small trees, and the rules that they never break."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import peers
from bench.trees import Candidates, Fit, correction, fit, measured
from kb.search import Library, Request, indexing, learned, ranking, search, storage
from kb.search import query as queries
from kb.search.evaluate import evaluate, read_documents
from kb.search.features import FEATURES, Parts, features
from kb.search.indexing import IndexSettings, build
from kb.search.reader import Generation, Reader
from kb.search.table import Filters
from kb.store import entries
from kb.store.terms import Terms
from tests.conftest import TODAY, Base, an_entry

LONG = "本通知所称单位应当按照规定办理有关手续并妥善保存材料。" * 60


def generation_of(folder: Path, terms: Terms, rows: list[dict[str, str]]) -> Generation:
    path = folder / "docs.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    index = IndexSettings(folder / "index", terms.lexicon)
    storage.point_to(index.root, build(index, read_documents(path), 0))
    return Reader(index).generation()


def ranked_ids(generation: Generation, terms: Terms, text: str) -> list[str]:
    query = queries.parse(text, terms.taxonomy)
    segmenter = IndexSettings(Path(), terms.lexicon).segmenter
    ranked = ranking.rank(generation, query, segmenter, ranking.Synonyms(()))
    best = ranking.top(ranked.scores, generation.ids, 100)
    return [generation.ids[at] for at in ranking.reranked(generation, ranked, ranked.scores, best)]


def columns(generation: Generation, text: str) -> dict[str, list[float]]:
    count = generation.scorer.size
    ones = np.ones(count, dtype=np.float32)
    rows = features(generation, text, Parts(ones, ones, ones, ones), range(count))
    return {name: rows[:, at].tolist() for at, name in enumerate(FEATURES)}


def test_an_article_of_the_law_that_is_about_it_comes_before_one_of_another(
    tmp_path: Path, terms: Terms
) -> None:
    rows = [
        {"id": "a1", "title": "渔业法第三条", "text": "违反规定的，责令改正。"},
        {"id": "a2", "title": "渔业法第四条", "text": "渔船应当登记。"},
        {"id": "b1", "title": "劳务派遣规定第三条", "text": "违反规定的，责令改正。"},
        {"id": "b2", "title": "劳务派遣规定第四条", "text": "派遣员工的工资由劳务派遣单位支付。"},
    ]
    found = ranked_ids(generation_of(tmp_path, terms, rows), terms, "劳务派遣 违反规定 责令改正")
    assert found.index("b1") < found.index("a1")


def test_among_long_texts_the_passage_that_has_it_all_together_wins(tmp_path: Path, terms: Terms) -> None:
    scattered = f"办公用房{LONG}租金减免{LONG}申请材料{LONG}"
    together = f"{LONG}办公用房租金减免申请材料{LONG}{LONG}"
    rows = [{"id": "scattered", "text": scattered}, {"id": "together", "text": together}]
    generation = generation_of(tmp_path, terms, rows)
    assert ranked_ids(generation, terms, "办公用房租金减免申请材料") == ["together", "scattered"]
    near = columns(generation, "办公用房租金减免申请材料")["passage_60"]
    assert near[1] == pytest.approx(1.0)
    assert near[0] < 0.5


def test_features_say_what_their_names_say(tmp_path: Path, terms: Terms) -> None:
    rows = [
        {"id": "a", "title": "租金减免办法第二条", "text": "缓缴三个月。"},
        {"id": "b", "title": "", "text": "免征增值税。减免租金。"},
    ]
    found = columns(generation_of(tmp_path, terms, rows), "租金减免")
    assert found["longest_piece"] == [4.0, 2.0]
    assert found["weightiest_piece"][0] == pytest.approx(1.0)
    assert found["in_title"] == [pytest.approx(1.0), 0.0]
    assert found["beginning"][0] == pytest.approx(1.0)
    assert found["title_in_query"][0] == pytest.approx(3 / 5)
    assert found["siblings"] == [0.0, 0.0]
    assert found["place"] == [1.0, 0.5]
    assert found["query_length"] == [3.0, 3.0]


@settings(max_examples=60)
@given(text=st.text("养老保险免征租金贷款中小企业电费 5gict稳岗𠀀", min_size=1, max_size=40))
def test_features_of_anything_typed_are_finite_and_shares_are_shares(shipped: Base, text: str) -> None:
    generation = shipped.library.reader.generation()
    settings_ = shipped.library.settings
    query = queries.parse(text, shipped.terms.taxonomy)
    ranked = ranking.rank(generation, query, settings_.segmenter, shipped.library.synonyms)
    best = ranking.top(ranked.scores, generation.ids, learned.DEPTH)
    if ranked.parts is None or not best:
        return
    rows = features(generation, ranked.text, ranked.parts, best)
    assert rows.shape == (len(best), len(FEATURES))
    assert np.isfinite(rows).all()
    shares = [at for at, name in enumerate(FEATURES) if name.startswith(("passage", "coverage", "in_"))]
    assert rows[:, shares].min() >= 0
    assert rows[:, shares].max() <= 1.0001


@settings(max_examples=40)
@given(
    text=st.sampled_from(["租金", "贷款 企业", "稳岗返还", "公告2023年第7号 研发", "建金〔2020〕23号 租金"])
)
def test_ordering_anew_loses_and_invents_nothing_and_a_number_stays_first(shipped: Base, text: str) -> None:
    generation = shipped.library.reader.generation()
    query = queries.parse(text, shipped.terms.taxonomy)
    segmenter = shipped.library.settings.segmenter
    ranked = ranking.rank(generation, query, segmenter, shipped.library.synonyms)
    best = ranking.top(ranked.scores, generation.ids, 100)
    found = ranking.reranked(generation, ranked, ranked.scores, best)
    assert sorted(found) == sorted(best)
    numbered = [at for at in best if ranked.scores[at] >= ranking.NUMBER_BONUS]
    assert found[: len(numbered)] == numbered


def test_shown_scores_never_rise_down_the_list_and_pages_fit_together(shipped: Base) -> None:
    filters = Filters(status=("all",))
    whole = search(shipped.library, Request("企业 贷款 贴息", TODAY, filters, limit=100)).hits
    scores = [hit.score for hit in whole]
    assert scores == sorted(scores, reverse=True)
    parts = [
        hit.record.id
        for offset in (0, 20, 40)
        for hit in search(
            shipped.library, Request("企业 贷款 贴息", TODAY, filters, limit=20, offset=offset)
        ).hits
    ]
    assert parts == [hit.record.id for hit in whole][:60]


def test_a_tree_adds_the_number_at_the_end_of_its_answers() -> None:
    tree = {"if": [["place", 0.4], ["length", 5.0]], "add": [1.0, 2.0, 3.0, 4.0]}
    rows = np.zeros((4, len(FEATURES)))
    rows[:, FEATURES.index("place")] = [0.1, 0.1, 0.9, 0.9]
    rows[:, FEATURES.index("length")] = [1.0, 9.0, 1.0, 9.0]
    model = learned.model_of([tree, tree])
    assert model.correction(rows).tolist() == [2.0, 4.0, 6.0, 8.0]


def test_trees_count_for_short_texts_only() -> None:
    tree = {"if": [["place", 0.6]], "add": [1.0, -1.0]}
    rows = np.zeros((2, len(FEATURES)))
    rows[:, FEATURES.index("place")] = [1.0, 0.5]
    model = learned.model_of([tree])
    hand_set = np.array([2.0, 1.9])
    for length, expected in ((100, [1, 0]), (5000, [0, 1])):
        rows[:, FEATURES.index("length")] = np.log1p(length)
        assert learned.order(hand_set, rows, model) == expected


def test_the_shipped_file_is_small_and_names_its_features() -> None:
    trees = json.loads(learned.FILE.read_text(encoding="utf-8"))["trees"]
    assert 0 < len(trees) <= 250
    assert learned.FILE.stat().st_size < 40_000
    for tree in trees:
        assert {name for name, _ in tree["if"]} <= set(FEATURES)
        assert len(tree["add"]) == 1 << len(tree["if"])


def test_fitting_puts_first_what_a_feature_tells_apart() -> None:
    random = np.random.default_rng(1)
    rows = np.zeros((60, 10, len(FEATURES)), dtype=np.float32)
    rows[:, :, 5] = random.random((60, 10))
    good = rows[:, :, 5] == rows[:, :, 5].max(axis=1, keepdims=True)
    ones = np.ones(60)
    candidates = Candidates(rows, good, np.ones((60, 10), dtype=bool), np.zeros((60, 10)), ones, ones, ones)
    before, _ = measured(candidates, candidates.hand_set)
    after, _ = measured(candidates, correction(fit(candidates, Fit(trees=40)), candidates))
    assert before.mean() < 0.5
    assert after.mean() > 0.8


def test_statutes_like_sets_are_measured_with_their_titles(shipped: Base, tmp_path: Path) -> None:
    docs, asked = tmp_path / "docs.jsonl", tmp_path / "asked.jsonl"
    docs.write_text('{"id": "a", "title": "甲法第一条", "text": "乙"}\n', encoding="utf-8")
    asked.write_text('{"query": "甲法", "doc": "a"}\n', encoding="utf-8")
    assert evaluate(shipped.library, docs, asked).mrr_at_10 == 1.0


def test_an_alias_and_a_quoted_alias_find_the_entry(base: Base) -> None:
    entries.publish(base.db, an_entry("nat-2020-a", aliases=["老板票"]), "x", "")
    entries.publish(base.db, an_entry("nat-2020-b"), "x", "")
    indexing.catch_up(base.library.settings, base.db)
    for text in ("老板票", '"老板票"'):
        assert _ids(base.library, text) == ["nat-2020-a"]


def _ids(library: Library, text: str) -> list[str]:
    return [hit.record.id for hit in search(library, Request(text, TODAY, Filters(status=("all",)))).hits]


def test_the_bench_of_peers_prints_what_was_agreed(capsys: pytest.CaptureFixture[str]) -> None:
    peers.main(["--docs", "150", "--json", "--no-pages"])
    figures = json.loads(capsys.readouterr().out)
    assert figures["docs"] == 150
    assert list(figures["engines"]) == ["relief-kb", "whoosh", "fts5", "tantivy", "bm25s"]
    for row in figures["engines"].values():
        assert row["build_docs_s"] > 0
        for operation in ("or6", "or6_filter_facets", "or6_filter_facets_snippets"):
            assert set(row[operation]) == {"p50", "p95"}
    same, of = figures["same_top_10_as_whoosh"].split(" of ")
    assert same == of
