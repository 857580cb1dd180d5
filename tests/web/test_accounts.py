"""Coming in: the session is new, ends when idle, and a form that meets a closed one is not lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kb.config import Settings
from kb.domain.workflow import Actor
from kb.store import audit, drafts, users
from kb.store.database import open_database
from tests.web.conftest import PASSWORD, Desk, checked, made

Desks = Callable[..., Desk]


@pytest.fixture
def app(writable: Settings) -> Flask:
    with closing(open_database(writable.database)) as db:
        users.add(db, Actor("an", "安", "editor"), PASSWORD, "test")
    return made(writable)


def token(client: FlaskClient) -> str:
    soup = BeautifulSoup(client.get("/desk/login").get_data(as_text=True), "lxml")
    field = soup.find("input", attrs={"name": "csrf_token"})
    assert isinstance(field, Tag)
    return str(field["value"])


def own_token(client: FlaskClient) -> str:
    """The token of the session that ``client`` is logged in with."""
    soup = BeautifulSoup(client.get("/desk/password").get_data(as_text=True), "lxml")
    field = soup.select_one("input[name=csrf_token]")
    assert field is not None
    return str(field["value"])


def log_in(client: FlaskClient, password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post(
        "/desk/login", data={"csrf_token": token(client), "name": "an", "password": password, **more}
    )


def test_the_way_leads_on_to_where_one_wanted_to_go(app: Flask) -> None:
    client = app.test_client()
    asked = client.get("/desk/coverage?as_of=2020-03-10")
    assert asked.headers["Location"] == "/desk/login?next=/desk/coverage?as_of%3D2020-03-10"
    answer = log_in(client, next="/desk/coverage?as_of=2020-03-10")
    assert answer.headers["Location"] == "/desk/coverage?as_of=2020-03-10"


@pytest.mark.parametrize(
    "to", ["http://evil.example/", "//evil.example", "/\\evil", "/desk\\..", "/desk/login", ""]
)
def test_it_never_leads_elsewhere(app: Flask, to: str) -> None:
    assert log_in(app.test_client(), next=to).headers["Location"] == "/desk/"


def test_the_session_of_before_the_log_in_is_gone(app: Flask) -> None:
    client = app.test_client()
    before = token(client)
    cookie = client.get_cookie("kb_session")
    assert log_in(client).status_code == 303
    after = client.get_cookie("kb_session")
    assert cookie is not None
    assert after is not None
    assert cookie.value != after.value
    assert client.post("/desk/logout", data={"csrf_token": before}).status_code == 400


def test_the_cookie_is_closed_to_scripts_and_to_other_sites(app: Flask) -> None:
    client = app.test_client()
    set_cookie = log_in(client).headers["Set-Cookie"]
    assert "HttpOnly" in set_cookie
    assert "SameSite=Lax" in set_cookie
    assert "Secure" not in set_cookie


def test_over_tls_the_cookie_stays_on_it(writable: Settings) -> None:
    from dataclasses import replace

    app = made(replace(writable, base_url="https://kb.example.org"))
    assert app.config["SESSION_COOKIE_SECURE"] is True


def test_an_idle_session_is_over(app: Flask) -> None:
    from datetime import timedelta

    client = app.test_client()
    log_in(client)
    assert client.get("/desk/password").status_code == 200
    app.permanent_session_lifetime = timedelta(seconds=-1)
    assert client.get("/desk/password").status_code == 303


def test_wrong_passwords_are_throttled_even_for_the_right_one(app: Flask) -> None:
    client = app.test_client()
    for _attempt in range(8):
        assert log_in(client, "wrong password").status_code == 401
    refused = log_in(client)
    assert refused.status_code == 429
    assert "15 分钟" in refused.get_data(as_text=True)


def test_it_is_not_told_whether_the_name_exists(app: Flask) -> None:
    client = app.test_client()
    known = log_in(client, "wrong password").get_data(as_text=True)
    data = {"csrf_token": token(client), "name": "nobody", "password": "wrong password"}
    unknown = client.post("/desk/login", data=data).get_data(as_text=True)
    words = "登录名或密码不对"
    assert words in known
    assert words in unknown


def test_a_closed_account_is_out_at_once(app: Flask, writable: Settings) -> None:
    client = app.test_client()
    log_in(client)
    with closing(open_database(writable.database)) as db:
        users.set_active(db, "an", False, "boss")
    assert client.get("/desk/password").status_code == 303


def test_what_was_typed_into_a_closed_session_is_carried_over_the_log_in(app: Flask) -> None:
    client = app.test_client()
    lost = client.post("/desk/drafts/1/comment", data={"text": "写了很久的<b>话</b>", "csrf_token": "old"})
    assert lost.status_code == 401
    soup = BeautifulSoup(lost.get_data(as_text=True), "lxml")
    fields = {str(tag["name"]): str(tag["value"]) for tag in soup.select("input[type=hidden]")}
    answer = client.post("/desk/login", data={**fields, "name": "an", "password": PASSWORD})
    page = BeautifulSoup(answer.get_data(as_text=True), "lxml")
    form = page.select_one("form.narrow")
    assert form is not None
    assert form["action"] == "/desk/drafts/1/comment"
    kept = page.select_one("input[name=text]")
    assert kept is not None
    assert kept["value"] == "写了很久的<b>话</b>"


def form_on(answer: TestResponse) -> tuple[str, dict[str, str]]:
    """Where the form on a page goes, and its hidden fields."""
    form = BeautifulSoup(answer.get_data(as_text=True), "lxml").select_one("form.narrow")
    assert form is not None
    return str(form["action"]), {str(one["name"]): str(one["value"]) for one in form.select("[type=hidden]")}


OURS = {"Origin": "http://localhost"}


def test_a_form_from_before_another_log_in_is_given_back_and_saves_when_sent_again(desk: Desks) -> None:
    me = desk("editor")
    with me.database() as db:
        number = drafts.create(db, {"title": "稿"}, me.name, "100000", "desk").id
    typed = {"text": "写了很久的<b>话</b>", "csrf_token": "of another session"}
    answer = me.client.post(f"/desk/drafts/{number}/comment?lang=en", data=typed, headers=OURS)
    assert answer.status_code == 400
    to, fields = form_on(answer)
    assert to == f"/desk/drafts/{number}/comment?lang=en"
    assert me.client.post(to, data=fields, headers=OURS).status_code == 303
    with me.database() as db:
        assert drafts.events(db, number)[-1].text == "写了很久的<b>话</b>"


def test_a_stale_form_tells_people_in_words_to_send_it_again(desk: Desks) -> None:
    me = desk("admin")
    answer = me.client.post("/desk/people/", data={"name": "wang", "password": PASSWORD}, headers=OURS)
    page = checked(answer.get_data(as_text=True), dict(answer.headers))
    assert "继续保存" in page.text("form.narrow")
    assert PASSWORD not in page.html
    again = me.client.post("/desk/password", data={"old": PASSWORD, "new": "x", "again": "x"}, headers=OURS)
    assert again.status_code == 400
    assert "请再填一次" in again.get_data(as_text=True)
    assert PASSWORD not in again.get_data(as_text=True)


def test_a_script_with_a_stale_token_is_told_so_in_its_own_words(desk: Desks) -> None:
    me = desk("editor")
    headers = {**OURS, "Accept": "application/json"}
    answer = me.client.post("/desk/drafts/1/edit", data={"title": "稿"}, headers=headers)
    assert answer.status_code == 400
    assert "登录变过" in answer.get_json()["error"]
    me.post("/desk/logout")
    answer = me.client.post("/desk/drafts/1/edit", data={"title": "稿"}, headers=headers)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "登录已过期")


def test_a_stale_form_of_nobody_knows_where_is_not_offered_to_be_sent(desk: Desks) -> None:
    me = desk("editor")
    answer = me.client.post("/desk/drafts/1/comment", data={"text": "别人写的"})
    assert answer.status_code == 400
    assert "别人写的" not in answer.get_data(as_text=True)


def test_a_log_in_page_that_stood_open_too_long_keeps_what_it_carried(app: Flask) -> None:
    client = app.test_client()
    carried = json.dumps([["text", "写了很久的话"]])
    sent = {"name": "an", "password": PASSWORD, "next": "/desk/drafts/1/comment", "carried": carried}
    answer = client.post("/desk/login", data={**sent, "csrf_token": "old"}, headers=OURS)
    assert answer.status_code == 400
    assert PASSWORD not in answer.get_data(as_text=True)
    _to, fields = form_on(answer)
    assert (fields["next"], fields["carried"]) == (sent["next"], carried)
    again = client.post("/desk/login", data={**fields, "name": "an", "password": PASSWORD}, headers=OURS)
    assert form_on(again)[1]["text"] == "写了很久的话"


def test_only_what_people_do_puts_off_the_end_of_a_session(desk: Desks) -> None:
    me = desk("editor")
    with me.database() as db:
        number = drafts.create(db, {"title": "稿"}, me.name, "100000", "desk").id
    token, address = me.token(), f"/desk/drafts/{number}/edit"

    def renews(**fields: str) -> bool:
        form = {"csrf_token": token, "revision": "1", **fields}
        answer = me.client.post(address, data=form, headers={"Accept": "application/json"})
        assert answer.status_code == 200
        return "kb_session" in answer.headers.get("Set-Cookie", "")

    assert "kb_session" in me.client.get("/desk/").headers["Set-Cookie"]
    assert not renews(do="here")
    assert renews(title="改过")
    assert not renews(title="改过", revision="2")


def test_logging_out_ends_the_session_wherever_its_cookie_was_copied_and_no_other(app: Flask) -> None:
    here, copy, phone = app.test_client(), app.test_client(), app.test_client()
    log_in(here)
    log_in(phone)
    cookie = here.get_cookie("kb_session")
    assert cookie is not None
    copy.set_cookie("kb_session", cookie.value)
    assert copy.get("/desk/password").status_code == 200
    assert here.post("/desk/logout", data={"csrf_token": own_token(here)}).status_code == 303
    assert copy.get("/desk/password").status_code == 303
    assert phone.get("/desk/password").status_code == 200


def test_readers_get_no_cookie(app: Flask) -> None:
    client = app.test_client()
    for address in ("/", "/search?q=社保", "/entries/nat-2020-mohrss-11"):
        assert "Set-Cookie" not in client.get(address).headers


def test_ones_own_password_is_changed_and_the_other_sessions_end(app: Flask) -> None:
    here, there = app.test_client(), app.test_client()
    log_in(here)
    log_in(there)
    form = {
        "csrf_token": own_token(here),
        "old": PASSWORD,
        "new": "six other words",
        "again": "six other words",
    }
    assert here.post("/desk/password", data={**form, "again": "different words"}).status_code == 422
    assert here.post("/desk/password", data=form).status_code == 303
    assert here.get("/desk/password").status_code == 200
    assert there.get("/desk/password").status_code == 303


def test_wrong_passwords_before_a_new_one_are_throttled_and_are_no_log_ins(
    app: Flask, writable: Settings
) -> None:
    client = app.test_client()
    log_in(client)
    form = {
        "csrf_token": own_token(client),
        "old": "wrong",
        "new": "six other words",
        "again": "six other words",
    }
    assert [client.post("/desk/password", data=form).status_code for _attempt in range(8)] == [422] * 8
    assert client.post("/desk/password", data={**form, "old": PASSWORD}).status_code == 429
    with closing(open_database(writable.database)) as db:
        assert [row.action for row in audit.recent(db, subject="an")] == ["log-in", "user-add"]


def test_refused_log_ins_cannot_flood_the_audit(app: Flask, writable: Settings) -> None:
    client = app.test_client()
    for _attempt in range(12):
        log_in(client, "wrong password")
    with closing(open_database(writable.database)) as db:
        refused = [row for row in audit.recent(db, subject="an") if row.action == "log-in-refused"]
    assert len(refused) == 8


def test_a_branch_administrator_sees_what_the_branch_did_and_what_was_done_to_it(desk: Desks) -> None:
    boss = desk("admin", name="boss")
    branch = desk("admin", region="430000", name="hunan")
    boss.post("/desk/new", {"kind": "policy"})
    branch.post("/desk/new", {"kind": "policy"})
    boss.post("/desk/people/hunan", {"do": "role", "role": "admin", "region": "430000"})
    seen = [row.get_text(" ") for row in branch.get("/desk/people/audit").all("tbody tr")]
    assert any("user-role" in row for row in seen)
    assert any("draft-create" in row for row in seen)
    assert not any("draft-create" in row and "Boss" in row for row in seen)
    assert not any("Boss" in row and "log-in" in row for row in seen)
    everything = boss.get("/desk/people/audit").text("tbody")
    assert everything.count("draft-create") == 2


def test_a_branch_administrator_manages_the_branch_alone(desk: Desks) -> None:
    desk("admin", name="boss")
    branch = desk("admin", region="430000", name="hunan")
    new = {"name": "wang", "shown": "王", "role": "editor", "password": PASSWORD}
    assert branch.post("/desk/people/", {**new, "region": "100000"}).status_code == 403
    assert branch.post("/desk/people/", {**new, "region": "430000"}).status_code == 303
    assert branch.post("/desk/people/boss", {"do": "close"}).status_code == 403
    people = branch.get("/desk/people/").text()
    assert "wang" in people
    assert "boss" not in people
