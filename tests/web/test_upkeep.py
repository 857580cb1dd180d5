"""The upkeep of the desk: addresses, duplicates, what was searched in vain, words."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from kb.config import Settings
from kb.ingest.guard import Guard
from kb.store import addresses, apart, audit, drafts, entries, searches, words
from kb.store.database import open_database
from kb.store.searches import Tally
from tests.conftest import TODAY, an_entry
from tests.ingest.loopback import serving
from tests.web.conftest import Desk, made

LogIn = Callable[..., Desk]
QUERY = "包租费"


def publish(desk: Desk, entry_id: str, **fields: object) -> None:
    with desk.database() as db:
        entries.publish(db, an_entry(entry_id, **fields), "test", "test", reviewed_by="li")


def asked_in_vain(settings: Settings, query: str = QUERY) -> None:
    searches.add(settings.database, {(TODAY, query): Tally(asked=3)})


def actions(desk: Desk) -> list[tuple[str, str, str]]:
    with desk.database() as db:
        return [(row.actor, row.action, row.subject) for row in audit.recent(db, actor=desk.name)]


@pytest.mark.parametrize("address", ["", "/links", "/links?state=broken", "/searches", "/searches?days=90"])
def test_pages_of_the_upkeep_are_sound_in_both_languages(desk: LogIn, address: str) -> None:
    me = desk("editor")
    asked_in_vain(me.settings)
    me.get(f"/desk/upkeep{address or '/'}")
    me.get(f"/desk/upkeep{address or '/'}{'&' if '?' in address else '?'}lang=en")


# Addresses


def test_each_address_is_shown_with_its_state_worst_first(desk: LogIn) -> None:
    me = desk("editor")
    with me.database() as db:
        (first, *_rest) = addresses.due(db)
        for day in range(3):
            addresses.note(db, first, "broken", "对方说没有这一页（404）", first, TODAY - timedelta(days=day))
    page = me.get("/desk/upkeep/links")
    assert "打不开 失败 3 天" in page.text(".rows li")
    assert first in page.text(".rows li")
    only = me.get("/desk/upkeep/links?state=broken")
    assert {first} == {str(tag["href"]) for tag in only.all(".rows > li > a")}
    board = me.get("/desk/")
    assert first in board.text()


def test_one_address_can_be_checked_now(desk: LogIn) -> None:
    me = desk("editor")
    with serving() as web:
        url = web.page("/a.html")
        publish(me, "test-1", sources=[{"document": "试", "url": url}])
        me.client.application.config["GUARD"] = Guard(loopback=True)
        answer = me.post("/desk/upkeep/links/check", {"url": url})
        assert answer.status_code == 303
        assert [path for path, _headers in web.asked] == ["/a.html"]
    with me.database() as db:
        held = addresses.get(db, url)
    assert held is not None
    assert held.state == "ok"


def test_only_addresses_of_entries_are_asked(desk: LogIn) -> None:
    me = desk("editor")
    with serving() as web:
        me.client.application.config["GUARD"] = Guard(loopback=True)
        assert me.post("/desk/upkeep/links/check", {"url": web.page("/secret")}).status_code == 404
        assert web.asked == []


# Duplicates


def two(me: Desk) -> None:
    publish(me, "test-one", needs=["cash"])
    publish(me, "test-two", title="（转载）关于阶段性缓缴试验费用的通知", aliases=["缓缴试验费"])


def test_a_pair_is_listed_and_shown_side_by_side(desk: LogIn) -> None:
    me = desk("reviewer")
    two(me)
    listed = me.get("/desk/duplicates/")
    assert "文号相同、标题几乎一样" in listed.text(".rows")
    pair = me.get("/desk/duplicates/pair?one=test-one&other=test-two")
    assert "缓缴试验费" in pair.text(".changes")
    assert len(pair.all("form[action$='/merge']")) == 2
    me.get("/desk/duplicates/pair?one=test-one&other=test-two&lang=en")


def test_merging_keeps_both_addresses_alive(desk: LogIn) -> None:
    me = desk("reviewer")
    two(me)
    form = {"stays": "test-one", "goes": "test-two", "reason": "转载件", "carry-aliases": "1"}
    answer = me.post("/desk/duplicates/merge", form)
    assert (answer.status_code, answer.location) == (303, "/desk/entries/test-one")
    reader = me.client.application.test_client()
    gone = reader.get("/entries/test-two")
    assert gone.status_code == 410
    assert "/entries/test-one" in gone.get_data(as_text=True)
    assert reader.get("/entries/test-one").status_code == 200
    found = reader.get("/search.json?q=缓缴试验费&status=all").get_json()
    assert [hit["id"] for hit in found["hits"]][:1] == ["test-one"]
    assert ("reviewer-100000", "merge", "test-one") in actions(me)
    assert "test-two" not in me.get("/desk/duplicates/").text("main .rows")


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"reason": ""}, "理由"),
        ({"reason": "转载件", "goes": "test-later"}, "先后两份文件"),
    ],
)
def test_what_is_in_the_way_is_said_and_nothing_happens(
    desk: LogIn, form: dict[str, object], says: str
) -> None:
    me = desk("reviewer")
    two(me)
    publish(
        me, "test-later", doc_number="试发〔2021〕2号", relations=[{"type": "succeeds", "to": "test-one"}]
    )
    answer = me.post("/desk/duplicates/merge", {"stays": "test-one", "goes": "test-two", **form})
    assert answer.status_code == 422
    assert says in answer.get_data(as_text=True)
    with me.database() as db:
        assert {held.state for one in ("test-two", "test-later") if (held := entries.get(db, one))} == {
            "published"
        }


def test_a_branch_merges_only_its_own_and_an_editor_nothing(desk: LogIn) -> None:
    hunan = desk("reviewer", region="430000")
    two(hunan)
    form = {"stays": "test-one", "goes": "test-two", "reason": "转载件"}
    answer = hunan.post("/desk/duplicates/merge", form)
    assert answer.status_code == 422
    assert "不归本办公室管" in answer.get_data(as_text=True)
    desk("reviewer")
    assert desk("editor").post("/desk/duplicates/merge", form).status_code == 403


def test_a_pair_kept_apart_leaves_the_list_and_can_come_back(desk: LogIn) -> None:
    me = desk("editor")
    two(me)
    form = {"one": "test-two", "other": "test-one"}
    assert me.post("/desk/duplicates/apart", form).status_code == 303
    assert "/desk/duplicates/pair?" not in me.get("/desk/duplicates/").html
    with me.database() as db:
        assert apart.pairs(db) == {("test-one", "test-two")}
    me.post("/desk/duplicates/together", form)
    assert "/desk/duplicates/pair?" in me.get("/desk/duplicates/").html


def test_a_branch_keeps_apart_only_its_own(desk: LogIn) -> None:
    hunan = desk("editor", region="430000")
    two(hunan)
    form = {"one": "test-two", "other": "test-one"}
    assert hunan.post("/desk/duplicates/apart", form).status_code == 422
    assert not hunan.get("/desk/duplicates/pair?one=test-one&other=test-two").all("form[action$='/apart']")
    national = desk("editor")
    national.post("/desk/duplicates/apart", form)
    hunan.post("/desk/duplicates/together", form)
    with hunan.database() as db:
        assert apart.pairs(db) == {("test-one", "test-two")}
    for name in ("test-one", "test-two"):
        publish(hunan, name, regions={"include": ["430100"]})
    assert hunan.post("/desk/duplicates/together", form).status_code == 303
    assert hunan.post("/desk/duplicates/apart", form).status_code == 303
    with hunan.database() as db:
        assert apart.listed(db)[0].by == hunan.name


# Searches


def browse(client: FlaskClient, address: str, **headers: str) -> None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    client.get(address, headers={"User-Agent": "Mozilla/5.0 MicroMessenger", **named})


def counted(settings: Settings, client: FlaskClient) -> dict[str, tuple[int, int, int]]:
    client.application.extensions["searchlog"].write()
    with closing(open_database(settings.database)) as db:
        rows = db.query("SELECT query, asked, found, clicked FROM searches")
        return {row["query"]: (row["asked"], row["found"], row["clicked"]) for row in rows}


def test_searches_and_clicks_are_counted_by_day_and_query(writable: Settings) -> None:
    client = made(writable).test_client()
    browse(client, "/search?q=社保")
    browse(client, "/search?q=社保 ")
    browse(client, "/search?q=ｚｚｑｑ")
    browse(client, "/entries/case-04", Referer="http://localhost/search?q=社保&region=430000")
    assert counted(writable, client) == {"社保": (2, 2, 1), "zzqq": (1, 0, 0)}


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/search?q=社保&page=2", {}),
        ("/search?q=社保&region=430000", {}),
        ("/search?q=社保&as_of=2020-03-10", {}),
        ("/search?q=", {}),
        ("/search?q=张三13800138000", {}),
        ("/search.json?q=社保", {}),
        ("/search?q=社保", {"User_Agent": "Baiduspider/2.0"}),
        ("/search?q=社保", {"User_Agent": ""}),
        ("/search?q=社保", {"Sec_Purpose": "prefetch"}),
        ("/entries/case-04", {"Referer": "http://elsewhere.example/search?q=社保"}),
        ("/entries/case-04", {"Referer": "http://localhost/match?q=社保"}),
        ("/entries/case-04", {"Referer": "http://[/search?q=社保"}),
        ("/entries/no-such", {"Referer": "http://localhost/search?q=社保"}),
    ],
)
def test_what_is_no_question_of_a_reader_is_not_counted(
    writable: Settings, address: str, headers: dict[str, str]
) -> None:
    client = made(writable).test_client()
    browse(client, address, **headers)
    assert counted(writable, client) == {}


def test_staff_are_not_counted(desk: LogIn) -> None:
    me = desk("editor")
    browse(me.client, "/search?q=社保")
    assert counted(me.settings, me.client) == {}


def test_a_store_that_is_busy_loses_no_count_and_fails_no_search(writable: Settings) -> None:
    client = made(writable).test_client()
    browse(client, "/search?q=社保")
    with closing(open_database(writable.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert not client.application.extensions["searchlog"].write()
        assert client.get("/search?q=社保").status_code == 200
        other.execute("ROLLBACK")
    assert counted(writable, client)["社保"][0] == 2


def test_a_missed_query_becomes_a_synonym_that_works_at_once(desk: LogIn) -> None:
    me = desk("editor")
    publish(me, "test-one")
    asked_in_vain(me.settings, "玄铁重剑")
    assert "玄铁重剑" in me.get("/desk/upkeep/searches").text()
    reader = me.client.application.test_client()
    assert reader.get("/search.json?q=玄铁重剑&status=all").get_json()["total"] == 0
    form = {"word": "玄铁重剑", "query": "玄铁重剑", "other": "社会保险"}
    assert me.post("/desk/words/synonym", form).status_code == 303
    assert reader.get("/search.json?q=玄铁重剑&status=all").get_json()["total"] > 0
    assert "玄铁重剑" not in me.get("/desk/upkeep/searches").text("#nothing + .rows")
    assert [name for _actor, name, _subject in actions(me)][:2] == ["search-settle", "word-add"]


def test_a_missed_query_becomes_an_alias_by_way_of_a_draft(desk: LogIn) -> None:
    me = desk("editor")
    asked_in_vain(me.settings)
    page = me.get(f"/desk/upkeep/searches/one?q={QUERY}&find=房租")
    assert page.all("form[action$='/searches/alias']")
    answer = me.post("/desk/upkeep/searches/alias", {"q": QUERY, "entry": "nat-2020-mohrss-11"})
    with me.database() as db:
        (draft,) = drafts.listed(db, entry_id="nat-2020-mohrss-11")
        assert draft.data["aliases"][-1] == QUERY
        assert searches.missed(db, "result", TODAY) == []
    assert answer.location == f"/desk/drafts/{draft.id}"
    missing = me.post("/desk/upkeep/searches/alias", {"q": QUERY, "entry": "no-such"})
    assert missing.location.startswith("/desk/upkeep/searches/one")


def test_a_missed_query_becomes_a_new_draft(desk: LogIn) -> None:
    me = desk("editor")
    asked_in_vain(me.settings)
    answer = me.post("/desk/upkeep/searches/begin", {"q": QUERY})
    with me.database() as db:
        (draft,) = drafts.listed(db)
    assert answer.location == f"/desk/drafts/{draft.id}/edit"
    assert draft.data["aliases"] == [QUERY]


def test_a_missed_query_can_be_ignored_and_taken_up_again(desk: LogIn) -> None:
    me = desk("editor")
    asked_in_vain(me.settings)
    me.post("/desk/upkeep/searches/settle", {"q": QUERY})
    page = me.get("/desk/upkeep/searches")
    assert QUERY not in page.text("#nothing + .rows")
    assert "不用管" in page.text(".fold")
    me.post("/desk/upkeep/searches/unsettle", {"q": QUERY})
    assert QUERY in me.get("/desk/upkeep/searches").text("#nothing + .rows")


@pytest.mark.parametrize(("role", "region"), [("admin", "430000"), ("editor", "100000")])
def test_words_and_settlements_of_every_office_are_for_national_reviewers(
    desk: LogIn, role: str, region: str
) -> None:
    desk("reviewer")
    me = desk(role, region=region)
    asked_in_vain(me.settings)
    for address, form in {
        "/desk/words/synonym": {"word": "社保", "other": "玄铁重剑", "query": QUERY},
        "/desk/words/lexicon": {"whole": "玄铁重剑"},
        "/desk/words/remove": {"kind": "synonym", "word": "社保", "other": "社会保险费"},
        "/desk/upkeep/searches/settle": {"q": QUERY},
        "/desk/upkeep/searches/unsettle": {"q": QUERY},
    }.items():
        assert me.post(address, form).status_code == 403, address
    for page in ("/desk/words/?q=社保", "/desk/upkeep/searches", f"/desk/upkeep/searches/one?q={QUERY}"):
        assert not me.get(page).all("form[action*='/words/']:not([method=get]), form[action$=settle]"), page
    with me.database() as db:
        assert words.listed(db) == ()


def test_a_branchs_draft_leaves_the_query_on_the_lists_of_the_others(desk: LogIn) -> None:
    hunan = desk("editor", region="430000")
    asked_in_vain(hunan.settings)
    assert hunan.post("/desk/upkeep/searches/begin", {"q": QUERY}).status_code == 303
    with hunan.database() as db:
        assert [one.query for one in searches.missed(db, "result", TODAY)] == [QUERY]


# Words


def test_words_are_tried_added_stopped_and_removed(desk: LogIn) -> None:
    me = desk("reviewer")
    page = me.get("/desk/words/?q=社保")
    assert "社会保险费（0.7）" in page.text()
    me.post("/desk/words/synonym", {"word": "社保", "other": "社会保险费", "weight": "0"})
    assert "社会保险费（0.7）" not in me.get("/desk/words/?q=社保").text("#try ~ p + p")
    page = me.get("/desk/words/")
    assert "社保 → 社会保险费 已停用 · Reviewer-100000" in page.text("#own + .rows")
    me.post("/desk/words/remove", {"kind": "synonym", "word": "社保", "other": "社会保险费"})
    with me.database() as db:
        assert words.listed(db) == ()
    assert [name for _actor, name, _subject in actions(me)][:2] == ["word-remove", "word-add"]


def test_a_bad_word_is_said_beside_what_was_typed(desk: LogIn) -> None:
    me = desk("editor")
    form = {"word": "租金", "other": "租金", "weight": "0.5", "both": "1"}
    answer = me.post("/desk/words/synonym", form)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "两个词是一样的" in html
    assert html.count('value="租金"') == 2
    assert 'value="0.5"' in html
    assert "0 到 1" in me.post("/desk/words/synonym", {**form, "weight": "很重"}).get_data(as_text=True)


def test_a_word_to_cut_by_is_for_reviewers_and_asks_for_another_index(desk: LogIn) -> None:
    me = desk("reviewer")
    assert desk("editor").post("/desk/words/lexicon", {"whole": "玄铁重剑"}).status_code == 403
    before = me.client.application.extensions["kb"].library.settings.version
    assert me.post("/desk/words/lexicon", {"whole": "玄铁重剑"}).status_code == 303
    assert me.client.application.extensions["kb"].library.settings.version != before
    assert me.client.application.test_client().get("/search?q=社保").status_code == 200


HOSTILE = "<script>alert(1)</script>"


def test_what_others_wrote_stays_text(desk: LogIn) -> None:
    me = desk("reviewer")
    asked_in_vain(me.settings, HOSTILE)
    publish(me, "test-one", title=HOSTILE, sources=[{"document": HOSTILE, "url": "http://a.cn/<b>'\""}])
    publish(me, "test-two", title=HOSTILE)
    me.post("/desk/words/synonym", {"word": HOSTILE, "other": "租金"})
    for address in (
        "/desk/upkeep/searches",
        f"/desk/upkeep/searches/one?q={HOSTILE}",
        "/desk/upkeep/links",
        "/desk/duplicates/",
        "/desk/duplicates/pair?one=test-one&other=test-two",
        f"/desk/words/?q={HOSTILE}",
    ):
        assert "<script>alert" not in me.get(address).html, address
