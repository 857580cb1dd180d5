"""A document by hand: drafts of what is new, revisions of what is published, nothing made twice."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from kb.domain.document import Document
from kb.domain.entry import Entry
from kb.errors import BlockedError, KbError, SourceError
from kb.ingest import importing
from kb.ingest.documents import files, from_text
from kb.ingest.guard import Guard
from kb.ingest.importing import Plan
from kb.ingest.papers.prints import read_prints
from kb.store import drafts, entries, intake
from tests.conftest import POLICIES, Base, an_entry
from tests.ingest.documents.making import a_docx
from tests.ingest.loopback import serving
from tests.ingest.papers.making import REPORT

SEEDS = ("survey-report-2020-02-24", "briefing-31-2020-03-19", "initiative-letter-2020-03-15")
NOTICE = (
    "试验部\n关于阶段性缓缴试验费用的通知\n试发〔2020〕1号\n各单位：\n"
    "为支持中小企业，现就有关事项通知如下。本通知自2020年2月1日起施行，有效期至2020年6月30日。\n"
    "试验部\n2020年2月1日\n"
)


def plan(base: Base, text: str, name: str = "a.txt") -> Plan:
    paper = importing.paper_of(text.encode(), name)
    return importing.plan(base.db, from_text(text), paper, base.terms, POLICIES)


def whats(made: Plan) -> Counter[tuple[str, str]]:
    return Counter((one.item.kind, one.what) for one in made.outcomes)


def test_a_report_becomes_a_draft_an_item_with_the_paper_as_its_original(base: Base) -> None:
    made = importing.take_in(base.db, plan(base, REPORT), "刘敏", "100000")
    assert Counter(one.kind for one in made) == {"measure": 3, "recommendation": 2, "case": 3}
    assert {one.original for one in made} == {from_text(REPORT).text}
    waiting = intake.item(base.db, made[0].id)
    assert waiting
    assert (waiting.paper.source, waiting.paper.name) == ("import", "a.txt")
    assert all(one.proposal.quote in made[0].original for one in waiting.proposals)


def test_importing_twice_makes_no_second_draft(base: Base) -> None:
    importing.take_in(base.db, plan(base, REPORT), "刘敏", "100000")
    again = plan(base, REPORT)
    assert {one.what for one in again.outcomes} == {"waiting"}
    assert importing.take_in(base.db, again, "刘敏", "100000") == []
    assert len(drafts.listed(base.db)) == 8


def test_what_was_imported_and_published_is_known_whatever_was_made_of_it(base: Base) -> None:
    one = importing.take_in(base.db, plan(base, REPORT), "刘敏", "100000")[0]
    data = {**one.data, "promise": "改过的一句话。", "body": "改成我们的话。"}
    saved = drafts.save(base.db, one.id, one.revision, data, "刘敏").draft
    entries.publish(base.db, Entry.model_validate(saved.data), "刘敏", "导入")
    drafts.move(base.db, saved, "publish", "王芳")
    assert whats(plan(base, REPORT))["recommendation", "unchanged"] == 1


def test_nothing_is_published_by_importing(base: Base) -> None:
    importing.take_in(base.db, plan(base, REPORT), "刘敏", "100000")
    assert list(entries.all_data(base.db)) == []


def test_any_other_document_is_one_paper_for_the_desk(base: Base) -> None:
    made = plan(base, NOTICE)
    assert whats(made) == {("policy", "new"): 1}
    (draft,) = importing.take_in(base.db, made, "刘敏", "100000")
    assert (draft.title, draft.data["doc_number"]) == ("关于阶段性缓缴试验费用的通知", "试发〔2020〕1号")
    assert whats(plan(base, NOTICE)) == {("policy", "waiting"): 1}


def test_a_document_that_is_published_is_revised_only_where_the_entry_says_nothing(base: Base) -> None:
    entries.publish(base.db, an_entry(regions={"include": ["430000"]}, issuers=[]), "刘敏", "试")
    made = plan(base, NOTICE)
    assert whats(made) == {("policy", "changed"): 1}
    fields = {one.field for one in made.outcomes[0].item.proposals}
    assert "issuers" in fields
    assert not fields & {"title", "doc_number", "issued_on", "regions-include"}
    (draft,) = importing.take_in(base.db, made, "刘敏", "100000")
    assert (draft.entry_id, draft.base_version) == ("nat-2020-test-1", 1)
    assert draft.data["regions"] == {"include": ["430000"]}


def test_a_file_without_text_says_what_to_do(base: Base) -> None:
    with pytest.raises(KbError, match="WPS"):
        importing.plan(
            base.db,
            Document(needs_hand="请在 WPS 中另存为 .docx 后再传"),
            importing.paper_of(b"x", "a.doc"),
            base.terms,
            POLICIES,
        )


def test_a_scan_with_some_text_says_so_on_every_draft(base: Base) -> None:
    read = replace(from_text(NOTICE), needs_hand="扫描件：1 页里没有文字层")
    made = importing.plan(base.db, read, importing.paper_of(b"x", "a.pdf"), base.terms, POLICIES)
    (draft,) = importing.take_in(base.db, made, "刘敏", "100000")
    waiting = intake.item(base.db, draft.id)
    assert waiting
    assert "扫描件：1 页里没有文字层" in waiting.paper.notes


def test_a_bad_file_of_fingerprints_is_named(tmp_path: Path) -> None:
    (tmp_path / "papers.yml").write_text("a: b\n", encoding="utf-8")
    with pytest.raises(KbError, match=r"papers\.yml"):
        read_prints(tmp_path)


def test_the_fingerprints_are_of_shipped_entries() -> None:
    shipped = {path.stem for path in (POLICIES / "entries").rglob("*.yml")}
    assert read_prints(POLICIES).keys() <= shipped


# -- the association's papers of 2020 --------------------------------------------------------------


def seed(shared: Path, name: str) -> str:
    return (shared / "seeds" / f"{name}.txt").read_text(encoding="utf-8")


def test_the_survey_report_proposes_every_item_and_all_figures(shared: Path, base: Base) -> None:
    made = plan(base, seed(shared, SEEDS[0]))
    assert whats(made) == {("measure", "new"): 10, ("recommendation", "new"): 9, ("case", "new"): 12}
    assert [(one.held, one.differing, len(one.figures.values)) for one in made.figures] == [(True, (), 28)]
    for one in made.outcomes:
        if one.item.kind == "case":
            profile = one.item.data["profile"]
            assert all(profile[name] for name in ("sizes", "business", "problems", "demands"))
            assert one.item.data["regions"]["include"]


def test_the_briefing_and_the_letter_propose_the_services_they_name(shared: Path, base: Base) -> None:
    briefing, letter = (plan(base, seed(shared, name)) for name in SEEDS[1:])
    assert (whats(briefing), whats(letter)) == ({("service", "new"): 15}, {("service", "new"): 7})
    titles = {one.item.title for one in (*briefing.outcomes, *letter.outcomes)}
    assert {"湖北省通信行业协会免费法律咨询", "湖北省通信行业协会免费网上培训"} <= titles
    assert all(one.item.section for one in briefing.outcomes)


def test_beside_the_shipped_entries_the_papers_propose_no_duplicate(shared: Path, shipped: Base) -> None:
    survey, briefing, letter = (plan(shipped, seed(shared, name)) for name in SEEDS)
    assert whats(survey) == {
        ("measure", "unchanged"): 10,
        ("recommendation", "unchanged"): 9,
        ("case", "unchanged"): 12,
    }
    ids = [one.entry_id for one in survey.outcomes]
    assert len(set(ids)) == 31
    assert whats(briefing) == {("service", "unchanged"): 14, ("service", "changed"): 1}
    assert whats(letter) == {("service", "unchanged"): 6, ("service", "new"): 1}


def test_a_changed_paper_revises_the_shipped_entries_it_changes(shared: Path, shipped: Base) -> None:
    text = seed(shared, SEEDS[0])
    later = text.replace("避免形成新增逾期拖欠", "避免形成新增逾期拖欠，每季度公布一次").replace(
        "甘肃省\t7.8", "甘肃省\t7.9"
    )
    made = plan(shipped, later)
    assert [(one.what, one.entry_id) for one in made.outcomes if one.what != "unchanged"] == [
        ("changed", "measure-06")
    ]
    assert made.figures[0].differing == ("620000",)


@pytest.mark.parametrize("kind", ["docx", "html"])
@pytest.mark.parametrize("name", SEEDS[:2])
def test_a_paper_proposes_the_same_as_a_word_file_or_a_web_page(
    shared: Path, base: Base, name: str, kind: str
) -> None:
    text = seed(shared, name)
    data = as_word(text) if kind == "docx" else as_page(text)
    read, page = files.opened(data, f"a.{kind}")
    paper = importing.paper_of(data, f"a.{kind}")
    made = importing.plan(base.db, read, paper, base.terms, POLICIES, page)
    plain = plan(base, text)
    assert whats(made) == whats(plain)
    assert [len(one.figures.values) for one in made.figures] == [
        len(one.figures.values) for one in plain.figures
    ]


def as_word(text: str) -> bytes:
    parts: list[str | list[list[str]]] = []
    for line in text.splitlines():
        if line.count("\t") < 2:
            parts.append(line.replace("\t", " "))
        elif parts and isinstance(parts[-1], list):
            parts[-1].append(line.split("\t"))
        else:
            parts.append([line.split("\t")])
    return a_docx(*parts)


def as_page(text: str) -> bytes:
    rows: list[str] = []
    for line in text.splitlines():
        if line.count("\t") >= 2:
            cells = "".join(f"<td>{cell}</td>" for cell in line.split("\t"))
            rows.append(f"<tr>{cells}</tr>")
        else:
            rows.append(f"<p>{line}</p>")
    body = (
        "\n".join(rows).replace("</p>\n<tr>", "</p>\n<table><tr>").replace("</tr>\n<p>", "</tr></table>\n<p>")
    )
    return (
        f"<html><head><meta charset='utf-8'></head><body><div id='zoom'>{body}</div></body></html>".encode()
    )


def test_every_document_of_the_evaluation_is_read_without_loss(shared: Path) -> None:
    for line in (shared / "eval" / "ncp" / "docs.jsonl").read_text(encoding="utf-8").splitlines():
        text = json.loads(line)["text"]
        assert bare(from_text(text).text) == bare(text)


def bare(text: str) -> Counter[str]:
    return Counter(char for char in text if not char.isspace())


# -- from the web ----------------------------------------------------------------------------------

LOCAL = Guard(loopback=True)


def test_a_page_at_an_address_is_imported_with_that_address(base: Base) -> None:
    with serving() as web:
        address = web.page("/2020/a.html", content_type="text/html; charset=utf-8")
        given = importing.fetched(address, "relief-kb", LOCAL)
    read, page = files.opened(given.data, given.name, given.address, given.media)
    paper = importing.paper_of(given.data, given.name, given.address)
    made = importing.plan(base.db, read, paper, base.terms, POLICIES, page)
    assert (given.name, made.paper.address) == ("a.html", address)
    assert whats(made) == {("policy", "new"): 1}


def test_a_challenge_is_blocked_and_a_missing_page_is_not_there() -> None:
    with serving() as web:
        web.page("/wall", "<script>var acw_sc__v2=1</script>")
        with pytest.raises(BlockedError):
            importing.fetched(web.url("/wall"), "relief-kb", LOCAL)
        with pytest.raises(SourceError, match="404"):
            importing.fetched(web.url("/none"), "relief-kb", LOCAL)
