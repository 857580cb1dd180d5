"""The box for other websites, who may frame it, and what staff hand out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from kb.config import Settings, from_environment
from kb.errors import KbError
from tests.web.conftest import Desk, made

Desks = Callable[..., Desk]
HOSTS = ("www.example.org", "https://*.example.net:8443")


@pytest.fixture(scope="module")
def allowing(loaded: Settings) -> FlaskClient:
    return made(replace(loaded, embed_hosts=HOSTS)).test_client()


def framers(client: FlaskClient, address: str) -> str:
    found = re.search(r"frame-ancestors ([^;]+)", client.get(address).headers["Content-Security-Policy"])
    assert found
    return found[1]


def test_without_a_list_nobody_may_frame_the_box(client: FlaskClient) -> None:
    assert framers(client, "/embed") == "'none'"
    assert client.get("/embed").headers["X-Frame-Options"] == "DENY"


def test_the_sites_of_the_list_may_frame_the_box_and_nothing_else(allowing: FlaskClient) -> None:
    assert framers(allowing, "/embed") == " ".join(HOSTS)
    assert "X-Frame-Options" not in allowing.get("/embed").headers
    for address in ("/", "/search", "/match", "/desk/login", "/about"):
        assert framers(allowing, address) == "'none'"
        assert allowing.get(address).headers["X-Frame-Options"] == "DENY"


def test_the_box_asks_the_search_in_a_new_window(allowing: FlaskClient) -> None:
    html = allowing.get("/embed?region=430000").get_data(as_text=True)
    soup = BeautifulSoup(html, "lxml")
    form = soup.select_one("form")
    assert form
    assert (form["action"], form["method"], form["target"]) == ("/search", "get", "_blank")
    assert soup.select_one("label[for=q]")
    region = soup.select_one("input[name=region]")
    assert region
    assert region["value"] == "430000"
    assert "湖南省" in soup.get_text()
    assert "非政府网站" in soup.get_text()
    assert not soup.select("script, [style]")
    assert "Set-Cookie" not in allowing.get("/embed").headers


def test_a_place_that_there_is_not_narrows_nothing(allowing: FlaskClient) -> None:
    soup = BeautifulSoup(allowing.get("/embed?region=火星").get_data(as_text=True), "lxml")
    assert not soup.select("input[name=region]")


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("", ()),
        ("www.example.org", ("www.example.org",)),
        ("www.a.cn，https://b.cn/ *.c.cn:8080", ("www.a.cn", "https://b.cn", "*.c.cn:8080")),
    ],
)
def test_the_list_is_names_of_sites(text: str, hosts: tuple[str, ...]) -> None:
    assert from_environment({"KB_EMBED_HOSTS": text}).embed_hosts == hosts


@pytest.mark.parametrize("text", ["*", "https://a.cn/path", "a.cn; script-src *", "'self'", "javascript:x"])
def test_what_is_no_name_of_a_site_is_refused_by_name(text: str) -> None:
    with pytest.raises(KbError, match="KB_EMBED_HOSTS"):
        from_environment({"KB_EMBED_HOSTS": text})


# -- the desk ------------------------------------------------------------------------------------


def test_the_desk_gives_the_lines_to_paste_and_says_when_nobody_may_use_them(desk: Desks) -> None:
    shown = desk("editor").get("/desk/handout/?region=430000")
    assert "没有设置 KB_EMBED_HOSTS" in shown.text()
    snippet = BeautifulSoup(shown.one("#snippet").get_text(), "lxml").select_one("iframe")
    assert snippet
    assert snippet["src"] == "http://localhost/embed?region=430000"
    assert snippet["title"]


@pytest.mark.parametrize("form", ["html", "xlsx"])
def test_the_directory_is_one_click_away(desk: Desks, form: str) -> None:
    answer = desk("editor").client.get(f"/desk/handout/directory.{form}?region=湖南&as_of=2020-03-10")
    assert answer.status_code == 200
    assert f"relief-kb-430000-2020-03-10.{form}" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.data) > 5000


def test_a_directory_of_nowhere_or_no_day_is_said_on_the_page(desk: Desks) -> None:
    me = desk("editor")
    assert "没有这个地区" in me.get("/desk/handout/directory.html?region=火星", 422).text()
    assert "请写成 2020-03-10" in me.get("/desk/handout/directory.html?as_of=never", 422).text()
    me.get("/desk/handout/directory.pdf", 404)
