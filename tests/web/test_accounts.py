"""Coming in: the session is new, ends when idle, and a form that meets a closed one is not lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kb.config import Settings
from kb.domain.workflow import Actor
from kb.store import users
from kb.store.database import open_database
from tests.web.conftest import PASSWORD, Desk, made

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


def test_readers_get_no_cookie(app: Flask) -> None:
    client = app.test_client()
    for address in ("/", "/search?q=社保", "/entries/nat-2020-mohrss-11"):
        assert "Set-Cookie" not in client.get(address).headers


def test_ones_own_password_is_changed_and_the_other_sessions_end(app: Flask) -> None:
    here, there = app.test_client(), app.test_client()
    log_in(here)
    log_in(there)
    soup = BeautifulSoup(here.get("/desk/password").get_data(as_text=True), "lxml")
    field = soup.select_one("input[name=csrf_token]")
    assert field is not None
    form = {
        "csrf_token": str(field["value"]),
        "old": PASSWORD,
        "new": "six other words",
        "again": "six other words",
    }
    assert here.post("/desk/password", data={**form, "again": "different words"}).status_code == 422
    assert here.post("/desk/password", data=form).status_code == 303
    assert here.get("/desk/password").status_code == 200
    assert there.get("/desk/password").status_code == 303


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
