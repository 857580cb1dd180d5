"""Papers that wait in the store: taken in whole or not at all, every answer kept, nothing written unseen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kb.domain.proposal import Proposal
from kb.domain.workflow import Draft
from kb.errors import KbError
from kb.store import drafts, intake
from kb.store.database import Database, open_database
from kb.store.intake import Paper

TEXT = "关于试验的通知\n试发〔2026〕9号\n对小规模纳税人免征增值税。"
GRANT = "对小规模纳税人免征增值税。"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path / "kb.db")) as opened:
        yield opened


def proposal(field: str, value: object, quote: str) -> Proposal:
    start = TEXT.index(quote)
    return Proposal(field, value, quote, start, start + len(quote))


PROPOSALS = (
    proposal("title", "关于试验的通知", "关于试验的通知"),
    proposal("doc_number", "试发〔2026〕9号", "试发〔2026〕9号"),
    proposal("reliefs-0-type", "tax", GRANT),
    proposal("reliefs-0-worth", {"text": GRANT}, GRANT),
)


def taken(db: Database, proposals: tuple[Proposal, ...] = PROPOSALS) -> Draft:
    paper = Paper("test", "", "https://www.example.gov.cn/a.html", "0" * 64, "0" * 16, ("请看附件",))
    return intake.take_in(db, paper, TEXT, proposals, "kb crawl", "100000")


def test_a_paper_comes_back_as_it_was_taken_in(db: Database) -> None:
    draft = taken(db)
    (item,) = intake.waiting(db)
    assert item.draft == draft
    assert item.paper.notes == ("请看附件",)
    assert tuple(one.proposal for one in item.proposals) == PROPOSALS
    assert item.left == 4
    assert draft.data["title"] == "关于试验的通知"
    assert item.paper.address == "https://www.example.gov.cn/a.html"


def test_a_quote_that_does_not_stand_in_the_text_is_refused_and_nothing_kept(db: Database) -> None:
    with pytest.raises(KbError, match="不在原文里"):
        taken(db, (Proposal("title", "关于试验的公告", "关于试验的公告", 0, 7),))
    assert intake.waiting(db) == []
    assert drafts.listed(db) == []


def test_each_answer_is_kept_with_who_gave_it(db: Database) -> None:
    number = taken(db).id
    intake.answer(db, number, 1, "changed", "liu", "试发〔2026〕10号")
    item = intake.answer(db, number, 0, "accepted", "wang")
    first, second, *_rest = item.proposals
    assert (first.answer, first.by) == ("accepted", "wang")
    assert (second.answer, second.said, second.value) == ("changed", "试发〔2026〕10号", "试发〔2026〕10号")
    assert item.draft.data["doc_number"] == "试发〔2026〕10号"
    assert item.draft.vouched == ("liu",)


def test_a_field_that_somebody_wrote_by_hand_is_not_emptied_by_dropping_a_proposal(db: Database) -> None:
    draft = taken(db)
    drafts.save(db, draft.id, draft.revision, {**draft.data, "title": "手写的标题"}, "liu")
    assert intake.answer(db, draft.id, 0, "dropped", "liu").draft.data["title"] == "手写的标题"


def test_a_relief_goes_as_a_whole_and_leaves_no_shell(db: Database) -> None:
    number = taken(db).id
    intake.answer(db, number, 3, "accepted", "liu")
    item = intake.answer(db, number, 3, "", "liu")
    assert item.draft.data["reliefs"] == []
    after = intake.answer(db, number, 2, "dropped", "liu")
    assert [one.answer for one in after.proposals][2:] == ["dropped", "dropped"]


def test_what_is_settled_takes_no_more_answers(db: Database) -> None:
    draft = taken(db)
    drafts.move(db, draft, "drop", "liu", "不收")
    assert intake.waiting(db) == []
    with pytest.raises(KbError, match="已经处理完"):
        intake.answer(db, draft.id, 0, "accepted", "liu")


def test_what_a_colleague_decided_meanwhile_is_not_overturned_by_accident(db: Database) -> None:
    number = taken(db).id
    intake.answer(db, number, 0, "accepted", "wang")
    with pytest.raises(KbError, match="wang 刚才已经定了"):
        intake.answer(db, number, 0, "dropped", "liu")
    assert intake.answer(db, number, 0, "accepted", "liu").draft.data["title"]
    intake.answer(db, number, 0, "", "liu")
    assert intake.answer(db, number, 0, "dropped", "liu").proposals[0].answer == "dropped"


def test_several_are_accepted_at_once_and_what_is_answered_stays(db: Database) -> None:
    number = taken(db).id
    intake.answer(db, number, 1, "dropped", "wang")
    after = intake.accept_all(db, number, {0, 1, 3}, "liu")
    assert [(one.answer, one.by) for one in after.proposals[:4]] == [
        ("accepted", "liu"),
        ("dropped", "wang"),
        ("", ""),
        ("accepted", "liu"),
    ]
    assert after.draft.data["title"]


def test_there_is_no_answer_to_what_was_not_proposed(db: Database) -> None:
    with pytest.raises(KbError, match="没有这一条"):
        intake.answer(db, taken(db).id, 99, "accepted", "liu")
