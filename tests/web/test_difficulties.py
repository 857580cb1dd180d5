"""Telling the association a difficulty: who reads it, what answers it first, the private page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kb.config import Settings
from kb.domain.difficulty import LONGEST_BODY, LONGEST_CONTACT, LONGEST_TEXT, Difficulty, Rewrite
from kb.store import difficulties
from kb.store.database import Database, open_database
from tests.conftest import TODAY
from tests.web.conftest import Page, checked, made

NEW = "/difficulties/new"
STEP_TWO = f"{NEW}?step=2&need=arrears&region=430000&size=small&industry=construction"
WORDS = "马尔克：总包压着款不给"
REWRITE = Rewrite("验收后收不到款", "一家小企业验收后收不到工程款。", "可以依条例投诉。")


@dataclass(frozen=True)
class Member:
    """Somebody with a browser, and the store behind the site."""

    client: FlaskClient
    db: Database

    def page(self, address: str, status: int = 200) -> Page:
        response = self.client.get(address)
        assert response.status_code == status, response.get_data(as_text=True)[:400]
        return checked(response.get_data(as_text=True), dict(response.headers))

    def post(self, address: str, data: Mapping[str, object] | None = None) -> TestResponse:
        """What is answered to a form of the site."""
        soup = BeautifulSoup(self.client.get(STEP_TWO).get_data(as_text=True), "lxml")
        token = soup.select_one("[name=csrf_token]")
        assert token is not None
        return self.client.post(address, data={"csrf_token": str(token["value"]), **(data or {})})

    def told(self, **fields: object) -> str:
        """The path of the private page of a difficulty that was just told."""
        answer = self.post(NEW, {"need": "arrears", "region": "430000", "text": WORDS, **fields})
        assert answer.status_code == 303, answer.get_data(as_text=True)[:400]
        return urlsplit(answer.headers["Location"]).path

    def held(self) -> Difficulty:
        """The only difficulty there is."""
        (one,) = difficulties.listed(self.db)
        return one


@pytest.fixture
def writable_app(writable: Settings) -> Flask:
    return made(writable)


@pytest.fixture
def member(writable_app: Flask, writable: Settings) -> Iterator[Member]:
    with closing(open_database(writable.database)) as db:
        yield Member(writable_app.test_client(), db)


@pytest.mark.parametrize("address", ["/difficulties", "/difficulties/deleted"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_are_sound_in_both_languages(page: Callable[..., Page], address: str, language: str) -> None:
    page(f"{address}?lang={language}")


# Telling


@pytest.mark.parametrize("address", [NEW, STEP_TWO])
@pytest.mark.parametrize("language", ["", "en"])
def test_it_says_who_will_read_it_before_the_first_field(
    page: Callable[..., Page], address: str, language: str
) -> None:
    shown = page(f"{address}{'&' if '?' in address else '?'}lang={language}")
    readers, form = shown.one(".readers"), shown.one("main form")
    assert shown.all(".readers, main form") == [readers, form]
    if not language:
        told = shown.text(".readers")
        assert all(
            word in told for word in ("秘书处", "运营商、总包和其他会员都看不到", "同意转交", "不会公开")
        )


def test_todays_list_is_offered_and_no_list_of_2020(page: Callable[..., Page]) -> None:
    labels = [tag.get_text(strip=True) for tag in page(NEW).all(".picks label")]
    assert labels == [
        "运营商或总包拖欠",
        "低价中标",
        "贷款周转",
        "税和社保负担",
        "招人留人",
        "保证金质保金",
        "设备更新和数字化",
        "资质证书",
        "订单减少",
    ]


def test_the_second_step_shows_first_what_already_answers_it(page: Callable[..., Page]) -> None:
    shown = page(STEP_TWO)
    found = shown.hrefs(".already a")
    assert any("/entries/nat-" in one for one in found)
    assert "/entries/service-arrears" in found
    assert shown.all(".already, main form[method=post]")[0]["class"] == ["already"]


def test_what_answers_it_is_what_the_search_finds_for_need_place_and_size(
    client: FlaskClient, page: Callable[..., Page]
) -> None:
    address = "kind=policy&need=loan-turnover&region=430100&size=micro"
    total = client.get(f"/search.json?{address}").get_json()["total"]
    more = page(f"{NEW}?step=2&need=loan-turnover&region=430100&size=micro").all(".already .more")
    assert total > 4
    assert f"看全部 {total} 件" in more[0].get_text()


def test_without_an_answer_it_says_so(page: Callable[..., Page]) -> None:
    shown = page(f"{NEW}?step=2&need=deposits&region=430000&size=large")
    assert shown.all(".already") == []
    assert "暂未收录" in shown.text(".notice")


def test_where_there_is_only_a_service_it_is_something_to_ask(page: Callable[..., Page]) -> None:
    shown = page(f"{NEW}?step=2&need=low-bids&region=430000&size=large")
    assert shown.text("#already") == "可以问问的"
    assert "时效待核实" in shown.text(".already")


def test_values_on_no_list_are_left_out_and_a_city_stays(page: Callable[..., Page]) -> None:
    shown = page(f"{NEW}?need=nothing&region=430100&size=huge&industry=%3Cb%3E")
    assert [tag["value"] for tag in shown.all("select option[selected]")] == ["430100"]
    assert shown.all(".picks [checked]") == []


def test_a_difficulty_is_taken_in_and_leads_to_its_private_page(member: Member) -> None:
    answer = member.post(
        NEW,
        {
            "need": ["arrears", "deposits"],
            "region": "430100",
            "size": "small",
            "industry": "construction",
            "text": WORDS,
            "contact": "13800001111",
        },
    )
    assert answer.status_code == 303
    address = answer.headers["Location"]
    assert urlsplit(address).path.startswith("/difficulties/mine/")
    shown = member.page(address)
    assert WORDS in shown.text()
    assert address.partition("?")[0] in str(shown.one("#address").get_text())
    held = member.held()
    assert (held.needs, held.region, held.size, held.segment) == (
        ("arrears", "deposits"),
        "430100",
        "small",
        "construction",
    )
    assert held.contact == "13800001111"
    assert held.consent_forward == ""


def key_of(member: Member) -> str:
    return str(member.page(STEP_TWO).one("[name=key]")["value"])


def test_a_double_tap_makes_one_difficulty_and_both_lead_to_its_private_page(member: Member) -> None:
    form = {"need": "arrears", "text": WORDS, "key": key_of(member)}
    one, other = member.post(NEW, form), member.post(NEW, form)
    assert (one.status_code, other.status_code) == (303, 303)
    assert one.headers["Location"] == other.headers["Location"]
    assert WORDS in member.page(one.headers["Location"]).text()
    assert member.held().text == WORDS


def test_every_form_has_a_key_of_its_own_and_one_given_back_keeps_it(member: Member) -> None:
    keys = {key_of(member), key_of(member)}
    assert len(keys) == 2
    key = keys.pop()
    soup = BeautifulSoup(member.post(NEW, {"text": "", "key": key}).get_data(as_text=True), "lxml")
    assert [one["value"] for one in soup.select("[name=key]")] == [key]
    assert key not in member.page(f"{STEP_TWO}&key={key}").html


def test_neither_the_key_nor_the_link_that_comes_of_it_is_in_the_store(
    member: Member, writable: Settings
) -> None:
    key = key_of(member)
    path = member.told(key=key)
    files = [one for one in writable.home.rglob("kb.sqlite*") if one.is_file()]
    assert files
    for secret in (key, path.rsplit("/", 1)[-1]):
        assert len(secret) in (22, 32)
        assert not [one for one in files if secret.encode() in one.read_bytes()]


def test_other_words_after_staff_began_are_given_back_to_be_sent_as_another(member: Member) -> None:
    key = key_of(member)
    member.told(key=key)
    difficulties.comment(member.db, member.held(), "先打电话", "li")
    answer = member.post(NEW, {"text": "另一件事", "key": key})
    assert answer.status_code == 409
    shown = checked(answer.get_data(as_text=True), dict(answer.headers))
    assert "私密链接" in shown.text(".errors")
    assert shown.one("#text").get_text().lstrip("\n") == "另一件事"
    assert (
        member.post(NEW, {"text": "另一件事", "key": str(shown.one("[name=key]")["value"])}).status_code
        == 303
    )
    assert [one.text for one in difficulties.listed(member.db)] == [WORDS, "另一件事"]


def test_a_need_alone_is_enough_and_so_are_words_alone(member: Member) -> None:
    assert member.post(NEW, {"need": "hiring"}).status_code == 303
    assert member.post(NEW, {"text": "没有订单"}).status_code == 303


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"text": "", "need": ""}, "请写几句"),
        ({"text": "长" * (LONGEST_TEXT + 1)}, "写得太长了"),
        ({"contact": "1" * (LONGEST_CONTACT + 1)}, "联系方式最多"),
        ({"forward": "1", "bodies": ""}, "请写明转给哪个单位"),
        ({"forward": "1", "bodies": "局" * (LONGEST_BODY + 1)}, "单位名称最多"),
        ({"website": "http://spam.example"}, "防广告"),
    ],
)
def test_on_a_mistake_nothing_is_taken_in_and_nothing_typed_is_lost(
    member: Member, fields: dict[str, str], told: str
) -> None:
    typed = {
        "need": "arrears",
        "region": "430000",
        "size": "small",
        "industry": "construction",
        "text": WORDS,
        "contact": "a@example.com",
        "bodies": "省通信管理局",
        **fields,
    }
    answer = member.post(NEW, typed)
    assert answer.status_code == 400
    shown = checked(answer.get_data(as_text=True), dict(answer.headers))
    assert told in shown.text(".errors")
    assert shown.one("#text").get_text().lstrip("\n") == typed["text"]
    for name in ("contact", "bodies"):
        assert shown.one(f"#{name}")["value"] == typed[name]
    hidden = {str(tag["name"]): str(tag["value"]) for tag in shown.all("form[method=post] [type=hidden]")}
    assert {name: hidden.get(name, "") for name in ("need", "region", "size", "industry")} == {
        name: typed[name] for name in ("need", "region", "size", "industry")
    }
    assert difficulties.listed(member.db) == []


def test_consent_is_only_what_was_ticked(member: Member) -> None:
    member.told(bodies="省通信管理局")
    assert member.held().consent_forward == ""


def test_too_many_from_one_network_are_put_off_with_all_that_was_typed(writable: Settings) -> None:
    app = made(replace(writable, rate_limit="1000 per minute"))
    with closing(open_database(writable.database)) as db:
        one = Member(app.test_client(), db)
        codes = [one.post(NEW, {"text": f"{WORDS} {n}"}).status_code for n in range(10)]
        answer = one.post(NEW, {"text": WORDS, "contact": "a@example.com"})
        assert codes == [303] * 10
        assert answer.status_code == 429
        shown = checked(answer.get_data(as_text=True), dict(answer.headers))
        assert "太多了" in shown.text(".errors")
        assert shown.one("#text").get_text().lstrip("\n") == WORDS
        assert shown.one("#contact")["value"] == "a@example.com"
        assert len(difficulties.listed(db)) == 10


def test_a_double_tap_on_the_last_one_allowed_still_leads_to_its_page(writable: Settings) -> None:
    app = made(replace(writable, rate_limit="1000 per minute"))
    with closing(open_database(writable.database)) as db:
        one = Member(app.test_client(), db)
        form = {"text": WORDS, "key": key_of(one)}
        for n in range(9):
            one.told(text=f"{WORDS} {n}")
        assert [one.post(NEW, form).status_code for _ in range(2)] == [303, 303]
        assert one.post(NEW, {"text": "又一件"}).status_code == 429


def test_what_already_answers_it_counts_as_a_search_and_the_first_step_does_not(writable: Settings) -> None:
    client = made(replace(writable, rate_limit="3 per minute")).test_client()
    assert [client.get(NEW).status_code for _ in range(5)] == [200] * 5
    assert client.get("/search?q=社保").status_code == 200
    assert [client.get(STEP_TWO).status_code for _ in range(3)] == [200, 200, 429]
    assert client.get("/search?q=社保").status_code == 429
    assert client.get(NEW).status_code == 200


def test_a_form_given_back_often_searches_no_more_and_still_keeps_the_words(
    writable: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.difficulties.AGAIN", "1 per hour")
    app = made(replace(writable, rate_limit="1000 per minute"))
    with closing(open_database(writable.database)) as db:
        one = Member(app.test_client(), db)
        wrong = {"need": "arrears", "text": "长" * (LONGEST_TEXT + 1)}
        first, second = [BeautifulSoup(one.post(NEW, wrong).get_data(as_text=True), "lxml") for _ in range(2)]
    assert first.select(".already")
    assert second.select(".already, .notice") == []
    box = second.select_one("#text")
    assert box is not None
    assert box.get_text().lstrip("\n") == wrong["text"]


def test_a_lost_session_gives_the_form_back_and_leads_to_no_log_in(member: Member) -> None:
    answer = member.client.post(
        NEW, data={"text": WORDS, "csrf_token": "old"}, headers={"Origin": "http://localhost"}
    )
    assert answer.status_code == 400
    shown = checked(answer.get_data(as_text=True), dict(answer.headers))
    fields = {str(tag["name"]): str(tag["value"]) for tag in shown.all("main [type=hidden]")}
    assert fields["text"] == WORDS
    assert "登录" not in shown.text()
    again = member.client.post(str(shown.one("main form")["action"]), data=fields)
    assert again.status_code == 303


@pytest.mark.parametrize(
    "address", ["/needs/arrears", "/match?region=430000&headcount=10-29&need=low-bids", "/about", "/needs"]
)
def test_the_words_lead_to_the_form(page: Callable[..., Page], address: str) -> None:
    found = [tag for tag in page(address).all("a") if "向协会反映困难" in tag.get_text()]
    assert found
    assert all(str(tag["href"]).startswith(NEW) for tag in found)


# The private page


def test_the_private_page_is_kept_by_nobody_and_its_address_goes_nowhere(member: Member) -> None:
    path = member.told()
    answer = member.client.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_the_link_is_shown_once(member: Member) -> None:
    path = member.told()
    assert member.page(f"{path}?new=1").all("#address")
    assert member.page(path).all("#address") == []


def test_the_link_is_a_qr_code_too_where_the_public_address_is_known(writable: Settings) -> None:
    app = made(replace(writable, base_url="https://kb.example.org"))
    with closing(open_database(writable.database)) as db:
        one = Member(app.test_client(), db)
        shown = one.page(f"{one.told()}?new=1")
    assert shown.one("#address").get_text().startswith("https://kb.example.org/difficulties/mine/")
    assert shown.all(".qr svg")


def test_any_other_link_leads_nowhere(member: Member) -> None:
    path = member.told()
    assert member.client.get(path[:-1] + ("a" if path[-1] != "a" else "b")).status_code == 404
    assert member.client.get("/difficulties/mine/1").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_member_sees_state_answer_and_entries_and_no_comment_of_staff(
    member: Member, language: str
) -> None:
    path = member.told()
    held = difficulties.link_entry(member.db, member.held(), "nat-2020-mohrss-11", "li")
    difficulties.comment(member.db, held, "内部留言", "li")
    difficulties.answer(member.db, held, "请先按条例催款。", "li", None)
    shown = member.page(f"{path}?lang={language}")
    assert "请先按条例催款。" in shown.text()
    assert [one for one in shown.hrefs() if "/entries/nat-2020-mohrss-11" in one]
    assert ("已失效" in shown.text(".briefs")) is (language == "zh")
    assert "内部留言" not in shown.html
    assert " li" not in shown.text(".steps")
    assert ("已答复" in shown.text(".state")) is (language == "zh")


def test_more_can_be_added_and_opens_it_again(member: Member) -> None:
    path = member.told()
    difficulties.close(member.db, member.held(), "li")
    assert member.post(f"{path}/add", {"more": "还是没有付"}).status_code == 303
    held = member.held()
    assert held.state == "received"
    assert f"补充（{TODAY.isoformat()}）：还是没有付" in held.text


@pytest.mark.parametrize("more", ["", "长" * 1001])
def test_what_cannot_be_added_is_given_back(member: Member, more: str) -> None:
    path = member.told()
    answer = member.post(f"{path}/add", {"more": more})
    assert answer.status_code == 400
    shown = checked(answer.get_data(as_text=True), dict(answer.headers))
    assert shown.one("#more").get_text().lstrip("\n") == more
    assert member.held().text == WORDS


def test_consent_to_passing_on_is_given_and_taken_back(member: Member) -> None:
    path = member.told(forward="1", bodies="省通信管理局")
    assert member.held().bodies == ("省通信管理局",)
    assert member.post(f"{path}/forwarding", {"withdraw": "1", "bodies": "省通信管理局"}).status_code == 303
    assert member.held().bodies == ()
    assert member.post(f"{path}/forwarding", {"bodies": "工信厅"}).status_code == 303
    assert member.held().bodies == ("工信厅",)
    assert member.post(f"{path}/forwarding", {"bodies": " "}).status_code == 400


def test_the_member_agrees_to_the_very_words_shown_and_may_take_it_back(member: Member) -> None:
    path = member.told()
    difficulties.propose(member.db, member.held(), REWRITE, "li")
    shown = member.page(path)
    assert REWRITE.text in shown.text("blockquote")
    seal = str(shown.one("[name=seal]")["value"])
    assert member.post(f"{path}/publication", {"agree": "1", "seal": seal}).status_code == 303
    assert member.held().may_be_published
    difficulties.publish(member.db, member.held(), "wang")
    assert REWRITE.text in member.page("/difficulties").text()
    assert member.post(f"{path}/publication", {"agree": "", "seal": seal}).status_code == 303
    assert REWRITE.text not in member.page("/difficulties").text()


def test_words_changed_while_the_page_was_open_are_not_agreed_to(member: Member) -> None:
    path = member.told()
    difficulties.propose(member.db, member.held(), REWRITE, "li")
    seal = str(member.page(path).one("[name=seal]")["value"])
    difficulties.propose(member.db, member.held(), replace(REWRITE, text="另一种说法"), "li")
    answer = member.post(f"{path}/publication", {"agree": "1", "seal": seal})
    assert answer.status_code == 409
    assert "另一种说法" in answer.get_data(as_text=True)
    assert not member.held().may_be_published


def test_everything_is_deleted_once_that_is_confirmed(member: Member) -> None:
    path = member.told()
    assert member.post(f"{path}/delete").status_code == 400
    assert member.client.get(path).status_code == 200
    answer = member.post(f"{path}/delete", {"sure": "1"})
    assert answer.status_code == 303
    assert "删除" in member.page(answer.headers["Location"]).text("h1")
    assert member.client.get(path).status_code == 404
    assert difficulties.listed(member.db) == []


# What is public


def test_nothing_is_public_by_default(member: Member) -> None:
    member.told()
    assert "还没有公开的" in member.page("/difficulties").text()
    assert member.client.get("/difficulties.json").get_json()["difficulties"] == []


def test_what_is_public_is_the_rewrite_and_its_answer_as_page_and_data(member: Member) -> None:
    member.told(contact="13800001111")
    held = difficulties.propose(member.db, member.held(), REWRITE, "li")
    held = difficulties.link_entry(member.db, held, "nat-2020-mohrss-11", "li")
    difficulties.publish(member.db, difficulties.agree(member.db, held, REWRITE.seal), "wang")
    text = member.page("/difficulties").text()
    data = member.client.get("/difficulties.json").get_json()
    (row,) = data["difficulties"]
    assert "仅供参考" in data["caveat"]
    assert (row["title"], row["text"], row["answer"]) == (REWRITE.title, REWRITE.text, REWRITE.answer)
    assert row["entries"] == ["http://localhost/entries/nat-2020-mohrss-11"]
    assert all(part in text for part in (REWRITE.title, REWRITE.text, REWRITE.answer))
    assert WORDS not in text
