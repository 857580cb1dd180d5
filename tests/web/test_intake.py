"""Papers that wait: listed with what was found, answered one by one beside the original, never published."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from kb.ingest.alike import fingerprint
from kb.ingest.proposals import propose_all
from kb.store import changes, drafts, entries, intake
from kb.store.intake import Item, Paper
from kb.store.terms import load_terms
from tests.conftest import POLICIES
from tests.ingest.papers_in import PAPER
from tests.web.conftest import Desk

Desks = Callable[..., Desk]
TAXONOMY = load_terms(POLICIES).taxonomy


def upload(desk: Desk, text: str = PAPER, name: str = "通知.txt") -> int:
    """The number of the draft that a text handed in became."""
    response = desk.post(
        "/desk/intake/upload", {"file": (io.BytesIO(text.encode()), name)}, content_type="multipart/form-data"
    )
    assert response.status_code == 303, response.get_data(as_text=True)[:400]
    return int(response.headers["Location"].rpartition("/")[2])


def came_in(desk: Desk, address: str, text: str = PAPER, office: str = "100000") -> int:
    """The number of the draft of a page that a crawl brought."""
    with desk.database() as db:
        paper = Paper("试验来源", "", address, "0" * 64, fingerprint(text))
        return intake.take_in(db, paper, text, propose_all(text, TAXONOMY), "kb crawl", office).id


def held(desk: Desk, number: int) -> Item:
    with desk.database() as db:
        found = intake.item(db, number)
    assert found is not None
    return found


def proposed(desk: Desk, number: int, field: str) -> int:
    return next(one.number for one in held(desk, number).proposals if one.proposal.field == field)


def say(desk: Desk, number: int, field: str, do: str, **values: object) -> int:
    """Answer a proposal; the status of the answer."""
    form = {"proposal": proposed(desk, number, field), "do": do, **values}
    return desk.post(f"/desk/intake/{number}", form).status_code


def test_what_waits_is_listed_with_its_source_and_what_was_found(desk: Desks) -> None:
    me = desk("editor")
    upload(me)
    came_in(me, "https://www.example.gov.cn/b.html", PAPER.replace("11号", "12号").replace("试验", "测验"))
    rows = [row.get_text(" ") for row in me.get("/desk/intake/").all(".papers > li")]
    assert len(rows) == 2
    assert "采集自 试验来源" in rows[0]
    assert "上传的文件 通知.txt" in rows[1]
    for fact in (
        "关于阶段性减免试验费用的通知",
        "试发〔2026〕11号",
        "试验部、试验总局",
        "税费减免、社保减免缓缴",
    ):
        assert fact in rows[1]


def test_an_empty_list_says_so_and_offers_the_form(desk: Desks) -> None:
    page = desk("editor").get("/desk/intake/")
    assert "这里没有" in page.text()
    assert page.one("input[type=file]")["accept"] == ".txt,.htm,.html,.pdf,.docx"


def test_a_paper_shows_its_proposals_and_marks_their_words_in_the_original(desk: Desks) -> None:
    me = desk("editor")
    page = me.get(f"/desk/intake/{upload(me)}")
    shown, kept = page.one(".original").get_text(), held(me, 1).draft.original
    assert shown.split() == kept.split()
    marks = {str(one["id"]) for one in page.all(".original mark[id]")}
    links = [href for href in page.hrefs(".proposal blockquote a") if href.startswith("#")]
    assert links
    assert all(href.removeprefix("#") in marks for href in links)
    titles = [one.get_text() for one in page.all(".proposals h2")]
    assert "支持事项 1：税费减免" in titles
    assert "和别的文件的关系" in titles


def test_accepting_writes_the_draft_and_publishes_nothing(desk: Desks) -> None:
    me = desk("editor")
    number = upload(me)
    with me.database() as db:
        before = changes.last_number(db)
    for field in ("issuers", "reliefs-0-type", "reliefs-0-worth", "reliefs-0-conditions-0"):
        assert say(me, number, field, "accept") == 303
    item = held(me, number)
    assert item.draft.data["issuers"] == ["试验部", "试验总局"]
    (relief,) = item.draft.data["reliefs"]
    assert relief["id"] == "tax-1"
    assert relief["conditions"][0]["field"] == "monthly_sales"
    assert item.draft.state == "draft"
    with me.database() as db:
        assert changes.last_number(db) == before
    assert me.get(f"/desk/drafts/{number}/edit").one("#f-reliefs-0-worth-text")["value"]


def test_a_changed_value_is_read_as_the_form_reads_it(desk: Desks) -> None:
    me = desk("editor")
    number = upload(me)
    assert say(me, number, "issued_on", "change", issued_on="2026年2月21日") == 303
    assert held(me, number).draft.data["issued_on"] == "2026-02-21"
    form = {"reliefs-0-worth-text": "最高300万元", "reliefs-0-worth-cap": "200万元"}
    worth = next(one.proposal for one in held(me, number).proposals if "cap" in str(one.proposal.value))
    assert say(me, number, worth.field, "change", **form) == 303
    (relief,) = held(me, number).draft.data["reliefs"]
    assert relief["worth"] == {"text": "最高300万元", "cap": "2000000"}


@pytest.mark.parametrize(("typed", "told"), [("3月某日", "看不懂这个日期"), ("", "不要这一条，请按“不要”")])
def test_a_change_that_cannot_be_read_is_told_at_its_place_and_stays(
    desk: Desks, typed: str, told: str
) -> None:
    me = desk("editor")
    number = upload(me)
    form = {"proposal": proposed(me, number, "issued_on"), "do": "change", "issued_on": typed}
    response = me.post(f"/desk/intake/{number}", form)
    assert response.status_code == 422
    page = response.get_data(as_text=True)
    assert told in page
    assert not typed or f'value="{typed}"' in page
    assert held(me, number).draft.data["issued_on"] == "2026-02-20"


def test_dropping_takes_out_and_may_be_taken_back(desk: Desks) -> None:
    me = desk("editor")
    number = upload(me)
    say(me, number, "title", "drop")
    assert "title" not in held(me, number).draft.data
    say(me, number, "title", "undo")
    assert held(me, number).left == len(held(me, number).proposals)
    say(me, number, "title", "accept")
    assert held(me, number).draft.data["title"] == "关于阶段性减免试验费用的通知"


def test_a_relief_that_is_none_goes_with_all_that_was_proposed_for_it(desk: Desks) -> None:
    me = desk("editor")
    number = upload(me)
    say(me, number, "reliefs-0-worth", "accept")
    say(me, number, "reliefs-0-type", "drop")
    item = held(me, number)
    assert {one.answer for one in item.proposals if one.proposal.field.startswith("reliefs-0-")} == {
        "dropped"
    }
    assert item.draft.data["reliefs"] == []


def test_all_that_is_certain_is_accepted_at_once_and_the_rest_still_waits(desk: Desks) -> None:
    me = desk("editor")
    number = upload(me)
    me.post(f"/desk/intake/{number}", {"do": "certain"})
    item = held(me, number)
    assert item.left
    assert all((one.proposal.confidence == "certain") == (one.answer == "accepted") for one in item.proposals)


def test_when_everything_is_answered_the_paper_moves_to_the_other_list(desk: Desks) -> None:
    me = desk("editor")
    number = upload(me)
    for one in held(me, number).proposals:
        me.post(f"/desk/intake/{number}", {"proposal": one.number, "do": "accept"})
    assert "这里没有" in me.get("/desk/intake/").text()
    assert "建议都看过了" in me.get("/desk/intake/?show=done").text(".papers")


def test_a_file_that_cannot_be_read_says_what_to_do(desk: Desks) -> None:
    me = desk("editor")
    response = me.post(
        "/desk/intake/upload", {"file": (io.BytesIO(b" \n"), "空.txt")}, content_type="multipart/form-data"
    )
    assert response.status_code == 422
    assert "没有文字" in response.get_data(as_text=True)
    assert me.post("/desk/intake/upload", {}).status_code == 422


def test_an_old_format_says_how_to_save_it(desk: Desks) -> None:
    response = desk("editor").post(
        "/desk/intake/upload",
        {"file": (io.BytesIO(b"\xd0\xcf"), "通知.doc")},
        content_type="multipart/form-data",
    )
    assert response.status_code == 422
    assert "请在 WPS 中另存为 .docx 后再传" in response.get_data(as_text=True)


def test_a_web_page_that_was_saved_is_read_as_a_page(desk: Desks) -> None:
    me = desk("editor")
    lines = "".join(f"<p>{line.strip()}</p>" for line in PAPER.splitlines())
    number = upload(me, f"<!doctype html><html><body><h1>首页</h1><div>{lines}</div></body></html>", "a.html")
    assert held(me, number).draft.data["doc_number"] == "试发〔2026〕11号"


def test_the_same_file_is_not_taken_twice(desk: Desks) -> None:
    me = desk("editor")
    number = upload(me)
    response = me.post(
        "/desk/intake/upload",
        {"file": (io.BytesIO(PAPER.encode()), "又一次.txt")},
        content_type="multipart/form-data",
    )
    assert response.status_code == 422
    assert f"草稿 {number}" in response.get_data(as_text=True)


def test_a_repost_is_joined_to_the_paper_it_repeats(desk: Desks) -> None:
    me = desk("editor")
    first = came_in(me, "https://www.example.gov.cn/a.html")
    again = came_in(me, "https://www.example.org/repost.html", "（转载）\n" + PAPER)
    page = me.get(f"/desk/intake/{again}")
    assert "内容几乎一样" in page.text(".same-as")
    response = me.post(f"/desk/intake/{again}/join", {"into": f"item:{first}"})
    assert response.headers["Location"].endswith(f"/desk/drafts/{first}")
    urls = [one["url"] for one in held(me, first).draft.data["sources"]]
    assert urls == ["https://www.example.gov.cn/a.html", "https://www.example.org/repost.html"]
    assert held(me, again).draft.state == "dropped"


def test_a_paper_that_is_published_already_adds_its_address_in_a_revision(desk: Desks) -> None:
    me = desk("editor")
    text = PAPER.replace("试发〔2026〕11号", "人社部发〔2020〕11号")
    number = came_in(me, "https://www.example.org/repost.html", text)
    assert "文号相同" in me.get(f"/desk/intake/{number}").text(".same-as")
    response = me.post(f"/desk/intake/{number}/join", {"into": "entry:nat-2020-mohrss-11"})
    into = int(response.headers["Location"].rpartition("/")[2])
    with me.database() as db:
        draft, entry = drafts.existing(db, into), entries.get(db, "nat-2020-mohrss-11")
    assert entry is not None
    assert draft.data["sources"][-1]["url"] == "https://www.example.org/repost.html"
    assert len(draft.data["sources"]) == len(entry.entry.sources) + 1
    assert draft.base_version == entry.version.number


def test_an_upload_that_is_published_already_is_put_away_and_leaves_no_empty_revision(desk: Desks) -> None:
    me = desk("editor")
    number = came_in(me, "", PAPER.replace("试发〔2026〕11号", "人社部发〔2020〕11号"))
    response = me.post(f"/desk/intake/{number}/join", {"into": "entry:nat-2020-mohrss-11"})
    assert response.headers["Location"].endswith("/desk/intake/")
    with me.database() as db:
        assert drafts.listed(db) == []
        assert drafts.existing(db, number).state == "dropped"


def test_what_a_colleague_decided_meanwhile_stays_and_what_was_typed_is_told(desk: Desks) -> None:
    me = desk("editor")
    number = upload(me)
    assert say(me, number, "issued_on", "drop") == 303
    assert say(me, number, "issued_on", "change", issued_on="2026年2月21日") == 303
    page = me.get(f"/desk/intake/{number}")
    assert "刚才已经定了这一条" in page.text()
    assert "您填的是：2026-02-21" in page.text()
    one = held(me, number).proposals[proposed(me, number, "issued_on")]
    assert one.answer == "dropped"


def test_conditions_read_in_words_and_are_changed_by_choosing(desk: Desks) -> None:
    me = desk("editor")
    number = upload(me, PAPER + "\n六、对增值税小规模纳税人免征印花税。")
    at = next(
        one.number
        for one in held(me, number).proposals
        if isinstance(one.proposal.value, dict) and one.proposal.value.get("field") == "taxpayer"
    )
    row = me.get(f"/desk/intake/{number}").one(f"#p-{at}")
    assert "比什么：小规模纳税人" in row.get_text(" ")
    assert "small-scale" not in row.get_text(" ")
    chosen = row.select_one("select[name$='-value'] option[selected]")
    assert chosen is not None
    assert chosen["value"] == "small-scale"


def test_another_branch_does_not_see_it(desk: Desks) -> None:
    number = upload(desk("editor", region="430000"))
    other = desk("editor", region="440000")
    assert "这里没有" in other.get("/desk/intake/").text()
    other.get(f"/desk/intake/{number}", status=404)
    assert other.post(f"/desk/intake/{number}", {"proposal": 0, "do": "accept"}).status_code == 404


def test_what_is_pasted_can_be_gone_through_proposal_by_proposal(desk: Desks) -> None:
    me = desk("editor")
    response = me.post("/desk/paste", {"text": PAPER, "to": "proposals"})
    number = int(response.headers["Location"].rpartition("/")[2])
    assert held(me, number).paper.source == "paste"
    assert proposed(me, number, "reliefs-0-type")
    assert "粘贴的文字" in me.get(f"/desk/intake/{number}").text()
    again = me.post("/desk/paste", {"text": PAPER, "to": "proposals"})
    assert again.status_code == 422
    assert f"草稿 {number}" in again.get_data(as_text=True)
    assert "关于阶段性减免试验费用的通知" in again.get_data(as_text=True)
