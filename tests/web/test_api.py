"""The interface for programs: problems, caching, pages that publishing does not move, mirrors, keys."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from kb.config import Settings
from kb.domain.entry import KINDS
from kb.errors import KbError
from kb.search.indexing import catch_up
from kb.store import apikeys, entries
from kb.store.database import Database, open_database
from tests.conftest import Base, an_entry
from tests.web.conftest import checked, made
from web.api.serving import RESOURCES

PROBLEM = "application/problem+json"
READS = (
    "search?q=养老保险",
    "entries",
    "entries/nat-2020-mohrss-11",
    "entries/nat-2020-mohrss-11/versions",
    "entries/nat-2020-mohrss-11/versions/1",
    "changes",
    "match?region=430100",
    "suggest?q=yanglao",
    "taxonomy",
    "survey",
    "openapi.json",
)


def get(client: FlaskClient, path: str, status: int = 200, **headers: str) -> Any:
    """What is answered at ``/api/v1/…``."""
    answer = client.get(f"/api/v1/{path}", headers={name.replace("_", "-"): v for name, v in headers.items()})
    assert answer.status_code == status, answer.get_data(as_text=True)[:400]
    return answer.get_json()


def following(client: FlaskClient, address: str) -> Iterator[dict[str, Any]]:
    """Every page from an address on."""
    while address:
        parts = urlsplit(address)
        answer = client.get(f"{parts.path}?{parts.query}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        page = answer.get_json()
        yield page
        address = page["next"] or ""


# -- problems --------------------------------------------------------------------------------------


def test_a_problem_names_the_parameter_and_what_is_accepted(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?size=巨型&q=社保")
    problem = answer.get_json()
    assert (answer.status_code, answer.mimetype) == (400, PROBLEM)
    assert set(problem) == {"type", "title", "status", "detail", "problems"}
    assert problem["status"] == 400
    assert problem["type"].endswith("/api/v1/#bad-parameter")
    (part,) = problem["problems"]
    assert part["parameter"] == "size"
    assert {"value": "small", "label": "小型"} in part["accepted"]


@pytest.mark.parametrize("path", [path.partition("?")[0] for path in READS])
def test_an_unknown_parameter_is_refused_everywhere(client: FlaskClient, path: str) -> None:
    problem = get(client, f"{path}?colour=red", 400)
    assert "colour" in [one["parameter"] for one in problem["problems"]]
    accepted = next(one["accepted"] for one in problem["problems"] if one["parameter"] == "colour")
    assert {"value": "lang"} in accepted


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "limit=1&limit=2", "as_of=soon", "region=火星", "year=20", "lang=fr", "issuer="],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(client: FlaskClient, query: str) -> None:
    problem = get(client, f"search?{query}", 400)
    assert query.partition("=")[0] in {one["parameter"] for one in problem["problems"]}


def test_problems_are_told_in_english_if_asked(client: FlaskClient) -> None:
    chinese, english = (get(client, f"search?limit=0{lang}", 400) for lang in ("", "&lang=en"))
    assert re.search("[\u4e00-\u9fff]", chinese["detail"])
    assert not re.search("[\u4e00-\u9fff]", english["detail"] + english["title"])


def test_what_never_was_and_what_is_gone_are_told_apart(base: Base) -> None:
    client = made(base.settings).test_client()
    for entry_id in ("nat-2020-one", "nat-2020-two", "nat-2020-three"):
        entries.publish(base.db, an_entry(entry_id), "test", "test")
    entries.withdraw(base.db, "nat-2020-one", "test", "wrong")
    entries.withdraw(base.db, "nat-2020-two", "test", "same", merged_into="nat-2020-three")
    assert get(client, "entries/never", 404)["type"].endswith("#not-found")
    gone, merged = get(client, "entries/nat-2020-one", 410), get(client, "entries/nat-2020-two", 410)
    assert (gone["state"], gone["merged_into"]) == ("withdrawn", None)
    assert (merged["state"], merged["merged_into"]) == ("merged", "nat-2020-three")
    assert get(client, "entries/nat-2020-two/versions")["merged_into"] == "nat-2020-three"
    assert get(client, "entries/nat-2020-three?as_of=2020-01-01", 404)["type"].endswith("#not-then")
    assert get(client, "entries/nat-2020-three?known_at=2020-01-01", 404)["type"].endswith("#not-then")


def test_an_address_that_is_none_is_a_problem_too(client: FlaskClient) -> None:
    for path in ("nothing", "entries/a/versions/x", "entries/a/b/c"):
        answer = client.get(f"/api/v1/{path}")
        assert (answer.status_code, answer.mimetype) == (404, PROBLEM)


# -- reading ---------------------------------------------------------------------------------------


def test_an_entry_is_of_a_day_and_its_record_shows_nobody(base: Base) -> None:
    entry = an_entry(
        doc_number=None, doc_number_candidate="试发〔2020〕9号", verified={"confirmed_by": "王某"}
    )
    entries.publish(base.db, entry, "liu.min", "first", reviewed_by="wang")
    client = made(base.settings).test_client()
    data = get(client, "entries/nat-2020-test-1?as_of=2020-03-01")
    assert (data["status"]["status"], data["status"]["until"]) == ("open", "2020-06-30")
    assert data["record"]["title"] == entry.title
    for path in ("entries/nat-2020-test-1", "changes", "entries/nat-2020-test-1/versions/1", "entries"):
        told = json.dumps(get(client, path), ensure_ascii=False)
        for hidden in ("liu.min", "wang", "王某", "9号"):
            assert hidden not in told, (path, hidden)


def test_a_version_is_as_it_was(base: Base) -> None:
    client = made(base.settings).test_client()
    for title in ("第一版标题", "第二版标题"):
        entries.publish(base.db, an_entry(title=title), "test", f"为了{title}")
    assert [one["number"] for one in get(client, "entries/nat-2020-test-1/versions")["versions"]] == [2, 1]
    assert get(client, "entries/nat-2020-test-1/versions/1")["record"]["title"] == "第一版标题"
    assert get(client, "entries/nat-2020-test-1")["record"]["title"] == "第二版标题"
    get(client, "entries/nat-2020-test-1/versions/3", 404)


def test_known_at_answers_with_the_version_of_that_moment(base: Base) -> None:
    client = made(base.settings).test_client()
    first = entries.publish(base.db, an_entry(title="第一版标题"), "test", "test")
    entries.publish(base.db, an_entry(title="第二版标题"), "test", "test")
    assert first is not None
    data = get(client, f"entries/nat-2020-test-1?known_at={first.published_at.replace('+', '%2B')}")
    assert (data["version"], data["record"]["title"]) == (1, "第一版标题")


def test_search_and_match_keep_the_contracts_of_the_command_line(client: FlaskClient) -> None:
    data = get(client, "search?q=养老保险 免征&as_of=2020-03-10")
    assert {"query", "as_of", "total", "took_ms", "suggestion", "facets", "hits"} <= set(data)
    assert "nat-2020-mohrss-11" in [hit["id"] for hit in data["hits"][:3]]
    found = get(client, "match?region=430100&employees=10-29&fact=rent=20000&revenue=800")
    assert found["company"]["facts"]["revenue"] == "800 万元"
    assert found["company"]["facts"]["rent"] == "2 万元/月"
    assert found["caveat"].startswith("本库由")


def test_figures_may_be_sent_in_a_body_and_then_stand_in_no_address(client: FlaskClient) -> None:
    body = {"region": "430100", "headcount": 25, "insured": True, "rent": 20000.0, "industry": ["通信工程"]}
    answer = client.post("/api/v1/match", json=body)
    data = answer.get_json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert data["company"]["facts"] == {"headcount": "25 人", "insured": "是", "rent": "2 万元/月"}
    assert client.post("/api/v1/match?rent=20000", json=body).status_code == 400
    assert client.post("/api/v1/match", data={"rent": "1"}).status_code == 415


@pytest.mark.parametrize(
    "body",
    [
        "[1]",
        '"x"',
        "{broken",
        "{}x",
        '{"region": {"a": 1}}',
        '{"rent": null}',
        '{"need": "\\ud800", "x": 1}',
        '{"rent": 1e400}',
        "[" * 50_000,
        '{"fact": ["rent"]}',
        '{"fact": ["moon=1"]}',
    ],
)
def test_a_body_that_makes_no_sense_is_refused(client: FlaskClient, body: str) -> None:
    answer = client.post("/api/v1/match", data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (400, PROBLEM)


def test_a_body_that_is_too_long_is_refused(client: FlaskClient) -> None:
    answer = client.post("/api/v1/match", data="x" * 100_000, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (413, PROBLEM)


def test_the_taxonomy_lists_every_key_that_others_accept(client: FlaskClient) -> None:
    data = get(client, "taxonomy")
    assert {one["key"] for one in data["kinds"]} == set(KINDS)
    for kind in KINDS:
        get(client, f"search?kind={kind}&limit=1")
    assert all(one["en"] for one in data["facts"])


# -- caching and other sites -----------------------------------------------------------------------


@pytest.mark.parametrize("path", READS)
def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, path: str) -> None:
    first = client.get(f"/api/v1/{path}")
    again = client.get(f"/api/v1/{path}", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert not again.get_data()
    assert client.get(f"/api/v1/{path}", headers={"If-None-Match": '"x"'}).status_code == 200


def test_an_etag_changes_with_what_is_published(base: Base) -> None:
    client = made(base.settings).test_client()
    before = client.get("/api/v1/changes").headers["ETag"]
    entries.publish(base.db, an_entry(), "test", "test")
    assert client.get("/api/v1/changes").headers["ETag"] != before


def test_pages_of_any_site_may_read_but_not_send(client: FlaskClient) -> None:
    assert client.get("/api/v1/taxonomy").headers["Access-Control-Allow-Origin"] == "*"
    assert client.get("/api/v1/search?limit=0").headers["Access-Control-Allow-Origin"] == "*"
    asked = client.options("/api/v1/search", headers={"Origin": "https://other.example"})
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in asked.headers
    sent = client.post("/api/v1/match", json={}, headers={"Origin": "https://other.example"})
    assert (sent.status_code, sent.mimetype) == (403, PROBLEM)


# -- pages -----------------------------------------------------------------------------------------


def test_following_next_lists_every_entry_once(client: FlaskClient) -> None:
    found = [one["id"] for page in following(client, "/api/v1/entries?limit=37") for one in page["entries"]]
    assert found == sorted(set(found))
    assert len(found) == 202


def test_following_next_goes_through_a_search_in_its_order(client: FlaskClient) -> None:
    pages = list(following(client, "/api/v1/search?q=企业&status=all&limit=7"))
    ids = [hit["id"] for page in pages for hit in page["hits"]]
    assert len(ids) == len(set(ids)) == pages[0]["total"]
    assert ids[:100] == [hit["id"] for hit in get(client, "search?q=企业&status=all&limit=100")["hits"]]


def names(base: Base, *, first: int, last: int) -> None:
    for number in range(first, last):
        entries.publish(
            base.db, an_entry(f"nat-2020-test-{number:03}", title=f"试验{number}"), "test", "test"
        )
    catch_up(base.library.settings, base.db)


def test_a_search_in_pages_is_not_moved_by_what_is_published_meanwhile(base: Base) -> None:
    names(base, first=100, last=130)
    client = made(base.settings).test_client()
    whole = [hit["id"] for hit in get(client, "search?status=all&limit=100&sort=date")["hits"]]
    found: list[str] = []
    for number, page in enumerate(following(client, "/api/v1/search?status=all&sort=date&limit=8")):
        found += [hit["id"] for hit in page["hits"]]
        names(base, first=number * 3, last=number * 3 + 3)
    assert found == whole


def test_what_is_withdrawn_meanwhile_is_not_shown_on_later_pages(base: Base) -> None:
    names(base, first=0, last=20)
    client = made(base.settings).test_client()
    pages = following(client, "/api/v1/search?status=all&limit=10")
    shown = {hit["id"] for hit in next(pages)["hits"]}
    gone = next(f"nat-2020-test-{n:03}" for n in range(20) if f"nat-2020-test-{n:03}" not in shown)
    entries.withdraw(base.db, gone, "test", "wrong")
    assert gone not in {hit["id"] for page in pages for hit in page["hits"]}


def test_a_list_that_is_gone_has_to_be_begun_anew(base: Base) -> None:
    names(base, first=0, last=20)
    address = get(made(base.settings).test_client(), "search?status=all&limit=10")["next"]
    names(base, first=20, last=21)
    other = made(base.settings).test_client()
    parts = urlsplit(address)
    answer = other.get(f"{parts.path}?{parts.query}")
    assert answer.status_code == 410
    assert answer.get_json()["type"].endswith("#restart")


@pytest.mark.parametrize("resource", ["search", "entries", "changes"])
@pytest.mark.parametrize("cursor", ["x", "AAAA", "....", "é", "A" * 299])
def test_a_cursor_that_was_not_given_out_is_refused(client: FlaskClient, resource: str, cursor: str) -> None:
    assert get(client, f"{resource}?cursor={cursor}", 400)["type"].endswith("#bad-cursor")


@pytest.mark.parametrize("body", ["[]", "{}", "null", "1", '["MARK","\\ud800"]', "[" * 200])
@pytest.mark.parametrize("resource", ["entries", "changes", "search"])
def test_a_cursor_that_was_made_to_do_harm_is_refused(client: FlaskClient, resource: str, body: str) -> None:
    mark = hashlib.sha256(json.dumps([resource, []]).encode()).hexdigest()[:16]
    data = body.replace("MARK", mark).encode()
    whole = hashlib.sha256(b"cursor" + data).digest()[:8] + data
    cursor = base64.urlsafe_b64encode(whole).rstrip(b"=").decode()
    assert get(client, f"{resource}?cursor={cursor}", 400)["type"].endswith("#bad-cursor")


def test_a_cursor_belongs_to_one_list(client: FlaskClient) -> None:
    cursor = get(client, "entries?limit=1")["cursor"]
    get(client, f"entries?limit=2&cursor={cursor}")
    assert get(client, f"entries?kind=case&cursor={cursor}", 400)["type"].endswith("#bad-cursor")
    assert get(client, f"search?cursor={cursor}", 400)["type"].endswith("#bad-cursor")


# -- mirrors ---------------------------------------------------------------------------------------


def mirrored(pages: Iterator[dict[str, Any]], held: dict[str, Any]) -> dict[str, Any]:
    """What a mirror holds after following the pages, by the three lines of the page for people."""
    for page in pages:
        for change in page["changes"]:
            if change["record"] is None:
                held.pop(change["entry"], None)
            else:
                held[change["entry"]] = change["record"]
    return held


def published(db: Database) -> dict[str, Any]:
    """What is published, as readers are shown it."""
    shown = {}
    for one in entries.all_current(db):
        data = one.entry.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        data.pop("doc_number_candidate", None)
        data.get("verified", {}).pop("confirmed_by", None)
        shown[one.entry.id] = data
    return shown


def test_following_the_changes_rebuilds_the_shipped_base(client: FlaskClient, shipped: Base) -> None:
    held = mirrored(following(client, "/api/v1/changes?after=0&limit=80"), {})
    expected = published(shipped.db)
    assert held.keys() == expected.keys()
    for entry_id, data in expected.items():
        assert json.loads(re.sub(r"http://localhost/files/", "/files/", json.dumps(held[entry_id]))) == data


acts = st.lists(
    st.tuples(
        st.sampled_from(["publish", "withdraw", "merge"]),
        st.integers(0, 4),
        st.integers(0, 4),
        st.integers(0, 99),
    ),
    max_size=12,
)


def test_a_mirror_is_exact_also_while_publishing_goes_on(base: Base) -> None:
    client = made(base.settings).test_client()

    @hypothesis_settings(max_examples=60)
    @given(before=acts, meanwhile=st.lists(acts, max_size=6), limit=st.integers(1, 5))
    def follow(before: list[Any], meanwhile: list[list[Any]], limit: int) -> None:
        for which in range(5):
            act(base.db, "withdraw", which, which, 0)
        held: dict[str, Any] = {}
        begin = get(client, "changes?after=0&limit=1")["latest"]
        for one in before:
            act(base.db, *one)
        rest, cursor = list(meanwhile), ""
        for page in following(client, f"/api/v1/changes?after={begin}&limit={limit}"):
            mirrored(iter([page]), held)
            cursor = page["cursor"]
            for one in rest.pop() if rest else []:
                act(base.db, *one)
        mirrored(following(client, f"/api/v1/changes?limit={limit}&cursor={cursor}"), held)
        assert held == published(base.db)

    follow()
    everything = mirrored(following(client, "/api/v1/changes?after=0&limit=200"), {})
    assert everything == published(base.db)


def act(db: Database, what: str, which: int, into: int, number: int) -> None:
    """Do one thing to one of five entries, if it can be done."""
    entry_id, other = f"nat-2020-test-{which}", f"nat-2020-test-{into}"
    if what == "publish":
        later = (
            {"relations": [{"type": "extends", "to": other, "end": "2020-12-31"}]} if number % 3 == 0 else {}
        )
        entries.publish(db, an_entry(entry_id, title=f"第{number}次", **later), "test", "test")
        return
    held, target = entries.get(db, entry_id), entries.get(db, other)
    if held and held.state == "published":
        merged = what == "merge" and target and target.state == "published" and other != entry_id
        entries.withdraw(db, entry_id, "test", "test", merged_into=other if merged else None)


def test_a_change_says_what_became_of_what_went(base: Base) -> None:
    client = made(base.settings).test_client()
    for entry_id in ("nat-2020-one", "nat-2020-two"):
        entries.publish(base.db, an_entry(entry_id), "test", "test")
    entries.withdraw(base.db, "nat-2020-one", "test", "same", merged_into="nat-2020-two")
    last = get(client, "changes")["changes"][-1]
    assert (last["action"], last["state"], last["merged_into"]) == ("withdraw", "merged", "nat-2020-two")
    assert last["record"] is None


def test_the_cursor_at_the_end_is_for_what_comes_next(base: Base) -> None:
    client = made(base.settings).test_client()
    entries.publish(base.db, an_entry(), "test", "test")
    page = get(client, "changes")
    assert page["next"] is None
    assert get(client, f"changes?cursor={page['cursor']}")["changes"] == []
    entries.publish(base.db, an_entry(title="改过"), "test", "test")
    (change,) = get(client, f"changes?cursor={page['cursor']}")["changes"]
    assert change["record"]["title"] == "改过"


def test_a_mirror_of_another_store_is_told_to_begin_anew(base: Base, client: FlaskClient) -> None:
    entries.publish(base.db, an_entry(), "test", "test")
    own = made(base.settings).test_client()
    cursor = get(own, "changes")["cursor"]
    assert get(client, f"changes?cursor={cursor}", 410)["type"].endswith("#restart")
    assert get(own, "changes?after=99", 410)["type"].endswith("#restart")
    get(own, f"changes?after=0&cursor={cursor}", 400)


# -- keys and limits -------------------------------------------------------------------------------


@pytest.fixture
def limited(writable: Settings) -> FlaskClient:
    """Three requests a minute, six with a key."""
    return made(replace(writable, rate_limit="3 per minute", api_rate_limit="6 per minute")).test_client()


def test_who_asks_too_often_is_told_when_to_come_back(limited: FlaskClient) -> None:
    answers = [limited.get("/api/v1/taxonomy") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[-1].mimetype == PROBLEM
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61
    assert answers[0].headers["RateLimit-Remaining"] == "2"


def test_matching_on_pages_and_in_the_interface_is_counted_together(limited: FlaskClient) -> None:
    asked = "region=430000&headcount=10-29"
    addresses = (
        f"/match?{asked}",
        f"/match.json?{asked}",
        f"/api/v1/match?{asked}",
        f"/match/checklist?{asked}",
    )
    assert [limited.get(one).status_code for one in addresses] == [200, 200, 200, 429]
    assert limited.post("/match", data={"region": "430000"}).status_code == 429
    assert "查得太快了" in limited.get(f"/match?{asked}").get_data(as_text=True)


def keyed(client: FlaskClient, key: str) -> TestResponse:
    return client.get("/api/v1/taxonomy", headers={"Authorization": f"Bearer {key}"})


def test_a_key_is_counted_for_itself_until_it_is_revoked(limited: FlaskClient, writable: Settings) -> None:
    with closing(open_database(writable.database)) as db:
        held, key = apikeys.add(db, "某省协会网站", "test")
        assert key not in json.dumps([list(row.values()) for row in db.query("SELECT * FROM api_keys")])
        assert [keyed(limited, key).status_code for _ in range(7)] == [200] * 6 + [429]
        assert limited.get("/api/v1/taxonomy").status_code == 200
        apikeys.revoke(db, held.id, "test")
    refused = keyed(limited, key)
    assert (refused.status_code, refused.mimetype) == (401, PROBLEM)
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("given", ["Bearer nonsense", "Bearer ", "Basic eDp5", "Bearer kb_" + "a" * 32])
def test_a_key_that_is_none_is_refused(client: FlaskClient, given: str) -> None:
    answer = client.get("/api/v1/taxonomy", headers={"Authorization": given})
    assert (answer.status_code, answer.mimetype) == (401, PROBLEM)


def test_a_rate_for_keys_that_is_none_is_a_clear_error(loaded: Settings) -> None:
    with pytest.raises(KbError, match="KB_API_RATE_LIMIT"):
        made(replace(loaded, api_rate_limit="often"))


# -- the description -------------------------------------------------------------------------------


def test_the_description_has_every_address_and_hides_what_is_hidden(client: FlaskClient) -> None:
    data = get(client, "openapi.json")
    assert data["openapi"] == "3.1.0"
    assert len(data["paths"]) == len(RESOURCES) == 10
    assert "doc_number_candidate" not in json.dumps(data)
    assert "confirmed_by" not in json.dumps(data)
    assert re.search("[\u4e00-\u9fff]", data["info"]["description"])


def test_the_page_for_people_shows_examples_that_work(client: FlaskClient) -> None:
    for lang in ("", "?lang=en"):
        answer = client.get(f"/api/v1/{lang}")
        page = checked(answer.get_data(as_text=True), dict(answer.headers))
        examples = page.hrefs(".api-try")
        assert len(examples) == len(RESOURCES)
        for address in examples:
            assert client.get(address).status_code == 200, address
    for sort in ("bad-parameter", "restart", "too-many"):
        assert page.one(f"#{sort}")
