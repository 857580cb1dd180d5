"""Searches as data: JSON, CSV and Atom; refusals; limits; and whatever anybody may type."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kb.config import Settings
from kb.domain.cells import escaped, unescaped
from kb.errors import KbError
from kb.search.indexing import catch_up
from kb.store import entries
from tests.conftest import Base, an_entry
from tests.web.conftest import checked, made
from web import create_app

ATOM = "{http://www.w3.org/2005/Atom}"
DATA = ("/search.json", "/search.csv", "/search.atom")


def test_json_keeps_its_contract(client: FlaskClient) -> None:
    data = client.get("/search.json?q=养老保险 免征&as_of=2020-03-10").get_json()
    assert {"query", "as_of", "total", "took_ms", "suggestion", "facets", "hits"} <= set(data)
    assert "nat-2020-mohrss-11" in [hit["id"] for hit in data["hits"][:3]]
    assert data["as_of"] == "2020-03-10"
    assert data["caveat"].startswith("本库由")


def test_json_lists_every_kind(client: FlaskClient) -> None:
    data = client.get("/search.json?q=复工&as_of=2020-03-10").get_json()
    assert {one["value"] for one in data["facets"]["kind"]} > {"policy", "case"}


def test_json_pages(client: FlaskClient) -> None:
    first, second = (client.get(f"/search.json?page={n}").get_json()["hits"] for n in (1, 2))
    assert len(first) == 10
    assert not {hit["id"] for hit in first} & {hit["id"] for hit in second}


@pytest.mark.parametrize("address", DATA)
@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("size=巨型", "size"),
        ("region=火星", "region"),
        ("sort=best", "sort"),
        ("page=-1", "page"),
        ("as_of=soon", "as_of"),
    ],
)
def test_an_unknown_value_is_refused_by_name(
    client: FlaskClient, address: str, query: str, parameter: str
) -> None:
    response = client.get(f"{address}?q=社保&{query}")
    assert response.status_code == 400
    problem = response.get_json()["problems"][0]
    assert problem["parameter"] == parameter
    assert problem["message"]
    assert problem["accepted"] or parameter in ("page", "as_of")


def test_labels_are_accepted_for_keys(client: FlaskClient) -> None:
    by_label = client.get("/search.json?region=湖南&type=税费减免&size=小型").get_json()
    by_key = client.get("/search.json?region=430000&type=tax&size=small").get_json()
    assert by_label["hits"] == by_key["hits"] != []


def test_csv_opens_in_a_spreadsheet_and_runs_nothing(base: Base) -> None:
    entries.publish(base.db, an_entry(title="=HYPERLINK(1)", promise="＝1+1，中小企业缓交。"), "test", "test")
    catch_up(base.library.settings, base.db)
    response = made(base.settings).test_client().get("/search.csv?as_of=2020-03-01")
    raw = response.get_data()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    cells = [cell for row in rows for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert all(cell == escaped(unescaped(cell)) for cell in cells)
    assert rows[1][-1].endswith("/entries/nat-2020-test-1")
    assert rows[-1][0].startswith("本库由")


def test_csv_holds_every_hit_whatever_the_page(client: FlaskClient) -> None:
    total = client.get("/search.json").get_json()["total"]
    rows = list(csv.reader(io.StringIO(client.get("/search.csv?page=3").get_data().decode("utf-8-sig"))))
    assert len(rows) == total + 2


def parsed(client: FlaskClient, address: str) -> ElementTree.Element:
    return ElementTree.fromstring(client.get(address).get_data())  # noqa: S314 - our own answer


def test_atom_is_well_formed_and_tells_of_an_extension(client: FlaskClient) -> None:
    def updated(day: str) -> str | None:
        address = f"/search.atom?q=养老保险 免征&as_of={day}"
        root = parsed(client, address)
        return next(
            one.findtext(f"{ATOM}updated")
            for one in root.iter(f"{ATOM}entry")
            if str(one.findtext(f"{ATOM}id")).endswith("/nat-2020-mohrss-11")
        )

    assert str(updated("2020-03-10")).startswith("2020-02-20")
    assert str(updated("2020-08-01")).startswith("2020-06-22")


def test_atom_stays_well_formed_with_an_odd_title(client: FlaskClient) -> None:
    address = "/search.atom?q=" + quote('<a>&"\x01\x0b]]>')
    assert parsed(client, address).findtext(f"{ATOM}title")


def test_suggestions_are_labels_and_queries(client: FlaskClient) -> None:
    options = client.get("/suggest?q=社保").get_json()
    assert options
    assert set(options[0]) == {"label", "query", "id", "tag", "address"}
    assert all(client.get(one["address"]).status_code == 200 for one in options)
    assert client.get("/suggest").get_json() == []


def test_an_entry_is_data_with_its_status_on_the_day(client: FlaskClient) -> None:
    spring = client.get("/entries/nat-2020-mohrss-11.json?as_of=2020-03-10").get_json()
    summer = client.get("/entries/nat-2020-mohrss-11.json?as_of=2020-08-01").get_json()
    assert spring["relief_status"]["exempt-sme"]["until"] == "2020-06-30"
    assert summer["relief_status"]["exempt-sme"]["because"] == "nat-2020-mohrss-49"
    assert summer["related"][0]["type"] == "extends"
    assert spring["related"] == []
    assert client.get("/entries/nat-2020-mohrss-11.json?as_of=soon").status_code == 400
    assert client.get("/entries/nat-2026-gwy-802.json?as_of=2020-03-10").get_json()["status"] is None


def test_what_is_typed_is_never_markup(client: FlaskClient) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    for name in ("q", "region", "issuer", "as_of", "sort", "page", "lang"):
        response = client.get("/search?" + name + "=" + quote(evil))
        html = response.get_data(as_text=True)
        assert response.status_code == 200
        assert "<script>alert" not in html
        assert "<img" not in html
        checked(html, dict(response.headers))


@hypothesis_settings(max_examples=40)
@given(text=st.text(max_size=300), field=st.sampled_from(["q", "region", "issuer", "year", "page", "as_of"]))
@example(text="(" * 10_000, field="q")
@example(text="\x00\ud7ff\ufffe", field="q")
@example(text="region:" * 200, field="q")
@example(text="9" * 5000, field="page")
@example(text="²", field="page")
@example(text="9999-12-31", field="as_of")
def test_nothing_that_can_be_typed_breaks_a_search(app: Flask, text: str, field: str) -> None:
    client = app.test_client()
    value = quote(text.encode("utf-8", "surrogatepass"))
    assert client.get(f"/search?{field}={value}").status_code == 200
    assert client.get(f"/search.json?{field}={value}").status_code in (200, 400)
    assert client.get(f"/search.atom?{field}={value}").status_code in (200, 400)
    assert client.get(f"/suggest?{field}={value}").status_code == 200


@pytest.mark.parametrize(
    "query", ["_external=1", "_scheme=javascript", "endpoint=x", "_anchor=x", "entry_id=x"]
)
def test_parameters_that_pages_do_not_know_are_dropped(client: FlaskClient, query: str) -> None:
    for address in ("/", "/search", "/entries/case-04", "/about"):
        response = client.get(f"{address}?{query}")
        assert response.status_code == 200
        assert query not in response.get_data(as_text=True)


def test_an_endless_query_makes_no_endless_page(client: FlaskClient) -> None:
    html = client.get("/search?q=" + "(" * 10_000).get_data(as_text=True)
    assert len(html) < 200_000
    assert "搜索词太长" in html


def test_bytes_that_are_no_text_break_nothing(client: FlaskClient) -> None:
    assert client.get("/search?q=%ff%fe%00&region=%c3%28").status_code == 200


def test_searching_too_often_is_told_kindly(shipped: Base) -> None:
    client = made(replace(shipped.settings, rate_limit="3 per minute")).test_client()
    answers = [client.get("/search?q=社保").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    assert "查得太快了" in client.get("/search").get_data(as_text=True)
    assert [client.get("/suggest?q=社保").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert client.get("/suggest?q=社保").get_json()["error"]
    assert client.get("/about").status_code == 200


def test_a_rate_that_is_none_is_a_clear_error(settings: Settings) -> None:
    with pytest.raises(KbError, match="KB_RATE_LIMIT"):
        create_app(replace(settings, rate_limit="often"))
