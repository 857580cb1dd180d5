"""Every route against every role: what is not granted is refused, and nothing is granted by oversight."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from kb.config import Settings
from kb.domain.workflow import ROLES, Role
from tests.web.conftest import Desk, made
from web.access import ANYWHERE, REQUIRED, TOKENLESS

Desks = Callable[..., Desk]
VALUES = {
    "entry_id": "nat-2020-mohrss-11",
    "number": "1",
    "key": "mine",
    "name": "nobody",
    "token": "none",
    "sha256": "0" * 64,
    "filename": "site.css",
}


def addresses(app: Flask) -> list[tuple[str, str, str]]:
    """``(endpoint, method, address)`` of every route, its places filled in."""
    found = []
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            values = {name: VALUES.get(name, "1") for name in rule.arguments}
            address = adapter.build(rule.endpoint, values, force_external=False)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                found.append((rule.endpoint, method, address))
    return found


def test_every_route_has_its_role_and_every_role_its_route(loaded: Settings) -> None:
    app = made(loaded)
    assert set(app.view_functions) == set(REQUIRED)


def test_what_staff_do_is_under_desk_and_what_readers_see_is_not(loaded: Settings) -> None:
    staff = [one for one in addresses(made(loaded)) if REQUIRED[one[0]] != "public"]
    assert staff
    assert all(address.startswith("/desk") for _, _, address in staff)


def test_a_reader_is_sent_to_the_log_in_wherever_a_role_is_asked_for(loaded: Settings) -> None:
    app = made(loaded)
    client = app.test_client()
    for endpoint, method, address in addresses(app):
        if REQUIRED[endpoint] != "public":
            response = client.open(address, method=method)
            assert response.status_code == (303 if method == "GET" else 401), (endpoint, method)
            assert "login" in response.headers.get("Location", "login")


@pytest.mark.parametrize("role", ROLES)
def test_each_role_comes_as_far_as_its_own(desk: Desks, role: Role) -> None:
    desk("admin", name="boss")
    me = desk(role)
    app = me.client.application
    app.testing = False
    for endpoint, method, address in addresses(app):
        needed = REQUIRED[endpoint]
        if endpoint == "accounts.log_out" or needed == "public":
            continue
        answer = me.post(address) if method == "POST" else me.client.get(address)
        allowed = ROLES.index(role) >= ROLES.index(needed)
        told = "您的账号没有这个权限".encode() in answer.data
        assert answer.status_code < 500, (endpoint, answer.get_data(as_text=True)[:300])
        if not allowed:
            assert answer.status_code == 403, (endpoint, method)
            assert told


def test_every_form_needs_the_token_of_its_session(desk: Desks) -> None:
    me = desk("admin")
    app = me.client.application
    for endpoint, method, address in addresses(app):
        if method == "POST" and endpoint not in TOKENLESS:
            answer = me.client.post(address)
            assert answer.status_code == 400, (endpoint, answer.status_code)
            forged = me.client.post(address, data={"csrf_token": "x" * 60})
            assert forged.status_code == 400, endpoint
            ours = me.client.post(address, headers={"Origin": "http://localhost"})
            assert ours.status_code == 400, endpoint


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://other.localhost"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_is_refused_even_with_the_token(desk: Desks, headers: dict[str, str]) -> None:
    me = desk("admin")
    app = me.client.application
    for endpoint, method, address in addresses(app):
        if method == "POST" and endpoint not in ANYWHERE:
            answer = me.post(address, headers=headers)
            assert answer.status_code == 403, (endpoint, headers)


def test_only_one_click_unsubscribing_is_taken_from_any_site() -> None:
    assert {"alerts.stop", "alerts.leave"} == ANYWHERE


def test_a_form_of_this_site_is_let_through(desk: Desks) -> None:
    me = desk("admin")
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert me.post("/desk/people/nobody", headers=headers).status_code == 404


@pytest.mark.parametrize("number", ["9" * 18, "9" * 20, "9" * 5000], ids=["18", "20", "5000"])
def test_a_number_that_nothing_can_have_is_no_failure_of_ours(desk: Desks, number: str) -> None:
    me = desk("admin")
    entry = "/desk/entries/nat-2020-mohrss-11"
    asked = [
        me.client.get(f"/desk/drafts/{number}"),
        me.client.get(f"/desk/drafts/{number}/edit"),
        me.client.get(f"/desk/files/?draft={number}"),
        me.client.get(f"/desk/people/audit?before={number}"),
        me.post("/desk/files/", {"draft": number}),
        me.post(f"{entry}/restore", {"version": number}),
        me.post(f"/desk/drafts/{number}/step", {"step": "publish"}),
    ]
    assert [one.status_code for one in asked if one.status_code not in (200, 400, 404)] == []
    assert [one.status_code for one in asked[:3]] == [404] * 3
