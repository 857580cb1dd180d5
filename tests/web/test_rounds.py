"""Survey rounds: a member answers on a phone without a name, staff open, close and publish."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from kb.config import Settings
from kb.domain.rounds import Answer, Round
from kb.store import rounds
from kb.store.tidying import tidy
from tests.conftest import TODAY
from tests.web.conftest import Desk, Page, checked, made

Desks = Callable[..., Desk]
MARK = "绝密标记乙公司"
FORM: dict[str, object] = {
    "region": "430000",
    "size": "small",
    "segment": "construction",
    "operating": "partly",
    "difficulty": "7",
    "obstacle": ["arrears", "returning-staff", "no-such-obstacle"],
    "text": MARK,
}


@dataclass
class Member:
    """Somebody without an account on a phone of its own."""

    client: FlaskClient
    link: str

    def get(self, suffix: str = "", status: int = 200) -> Page:
        answer = self.client.get(self.link + suffix)
        assert answer.status_code == status
        return checked(answer.get_data(as_text=True), dict(answer.headers))

    def send(self, form: dict[str, object], status: int = 303, **hidden: str) -> str:
        """What is answered to a filled form, its hidden fields as the page gave them."""
        soup = self.get("?again=1").soup
        given = {
            str(one["name"]): str(one["value"]) for one in soup.select("form[method=post] input[type=hidden]")
        }
        answer = self.client.post(self.link, data={**given, **form, **hidden})
        assert answer.status_code == status, answer.get_data(as_text=True)[:500]
        return answer.get_data(as_text=True)


def open_one(me: Desk, **changes: str) -> int:
    """A round opened at the desk; its number."""
    form = {"title": "试验调查", "opens_on": "2026-11-20", "closes_on": "2026-11-30", **changes}
    answer = me.post("/desk/rounds/new", dict(form))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return int(answer.headers["Location"].rstrip("/").rsplit("/", 1)[-1])


def member_of(me: Desk, number: int) -> Member:
    message = me.get(f"/desk/rounds/{number}").text("#message")
    found = re.search(r"https?://[^/]+(/rounds/[\w-]{32})", message)
    assert found, message
    return Member(me.client.application.test_client(), found[1])


def fill(me: Desk, number: int, count: int = 12, **changes: object) -> None:
    """Answers put straight into the store."""
    with me.database() as db:
        held = rounds.existing(db, number)
        base = Answer(TODAY, "430000", "small", "construction", "normal", 6, ("arrears",))
        for _ in range(count):
            assert rounds.add_answer(db, held, replace(base, **changes), secrets.token_urlsafe(16))  # type: ignore[arg-type]


def answers_of(me: Desk, number: int) -> list[Answer]:
    with me.database() as db:
        return rounds.answers(db, number)


def round_of(me: Desk, number: int) -> Round:
    with me.database() as db:
        return rounds.existing(db, number)


# -- a member answers ------------------------------------------------------------------------------


def test_a_member_answers_and_is_thanked(desk: Desks) -> None:
    me = desk("editor")
    number = open_one(me)
    member = member_of(me, number)
    assert "不问企业名称，不问联系方式" in member.get().text()
    member.send(FORM)
    (answer,) = answers_of(me, number)
    assert answer == Answer(
        TODAY, "430000", "small", "construction", "partly", 7, ("returning-staff", "arrears"), MARK
    )
    assert "谢谢" in member.get("/thanks").text("h1")


def test_a_device_that_has_answered_is_told_so_and_may_answer_for_another_company(desk: Desks) -> None:
    me = desk("editor")
    number = open_one(me)
    member = member_of(me, number)
    member.send(FORM)
    cookie = member.client.get_cookie(f"kb_answered_{number}", path="/rounds")
    assert cookie
    assert (cookie.value, cookie.http_only, cookie.same_site) == ("1", True, "Lax")
    page = member.get()
    assert "已经答过了" in page.text("h1")
    assert any("again=1" in one for one in page.hrefs())
    assert member.get("?again=1").all("form[method=post]")


def test_a_form_sent_twice_counts_once(desk: Desks) -> None:
    me = desk("editor")
    number = open_one(me)
    member = member_of(me, number)
    key = secrets.token_urlsafe(16)
    member.send(FORM, key=key)
    member.send(FORM, key=key)
    assert len(answers_of(me, number)) == 1


def test_a_question_left_out_is_named_and_nothing_typed_is_lost(desk: Desks) -> None:
    me = desk("editor")
    number = open_one(me)
    member = member_of(me, number)
    for left_out in ("region", "size", "segment", "operating", "difficulty"):
        form = {name: value for name, value in FORM.items() if name != left_out}
        soup = BeautifulSoup(member.send(form, 200), "lxml")
        alert = soup.select_one("[role=alert]")
        assert alert
        assert alert.select_one(f"a[href='#{left_out}']"), left_out
        assert soup.select_one(f"#{left_out}")
        kept = {str(one["value"]) for one in soup.select("input[checked], option[selected]")}
        assert {str(value) for name, value in form.items() if name not in ("text", "obstacle")} <= kept
        assert {"arrears", "returning-staff"} <= kept
        text = soup.select_one("#text")
        assert text
        assert text.get_text(strip=True) == MARK
    assert answers_of(me, number) == []


def test_what_was_not_to_be_chosen_is_not_taken_in(desk: Desks) -> None:
    me = desk("editor")
    number = open_one(me)
    member = member_of(me, number)
    chosen = ("difficulty", "11"), ("difficulty", "-1"), ("region", "999999"), ("size", "huge")
    for field, value in (*chosen, ("segment", "operator"), ("operating", "")):
        member.send({**FORM, field: value}, 200)
    assert answers_of(me, number) == []


def test_words_that_are_too_long_are_kept_and_told(desk: Desks) -> None:
    me = desk("editor")
    number = open_one(me)
    html = member_of(me, number).send({**FORM, "text": "长" * 1001}, 200)
    assert "最多 1000 个字" in html
    assert "长" * 1001 in html


def test_who_is_not_sure_may_say_so(desk: Desks) -> None:
    me = desk("editor")
    number = open_one(me)
    member_of(me, number).send({**FORM, "size": "-", "segment": "-"})
    (answer,) = answers_of(me, number)
    assert (answer.size, answer.segment) == ("", "")


def test_an_answer_put_right_after_going_back_is_the_one_that_counts(desk: Desks) -> None:
    me = desk("editor")
    number = open_one(me)
    member = member_of(me, number)
    key = secrets.token_urlsafe(16)
    member.send(FORM, key=key)
    member.send({**FORM, "difficulty": "3"}, key=key)
    assert [one.difficulty for one in answers_of(me, number)] == [3]


def test_a_round_closed_while_somebody_types_gives_the_words_back_and_says_where_to_send_them(
    desk: Desks,
) -> None:
    me = desk("editor")
    number = open_one(me)
    member = member_of(me, number)
    hidden = {str(one["name"]): str(one["value"]) for one in member.get().all("main [type=hidden]")}
    me.post(f"/desk/rounds/{number}/close")
    answer = member.client.post(member.link, data={**hidden, **FORM})
    assert answer.status_code == 409
    page = checked(answer.get_data(as_text=True), dict(answer.headers))
    assert "没有收下" in page.text("[role=alert]")
    assert page.one("main textarea").get_text().lstrip("\n") == MARK
    (where,) = [one for one in page.hrefs("main a") if one.startswith("/difficulties/new")]
    assert MARK not in page.html.replace(page.one("main textarea").get_text(), "")
    assert "need=arrears" in where
    assert "region=430000" in where
    assert answers_of(me, number) == []


def test_a_round_that_is_over_shows_nothing_to_send_to_who_only_looks(desk: Desks) -> None:
    me = desk("editor")
    number = open_one(me)
    member = member_of(me, number)
    me.post(f"/desk/rounds/{number}/close")
    page = member.get()
    assert "已经结束" in page.text("h1")
    assert page.all("main textarea, [role=alert]") == []


def test_before_and_after_there_is_no_form(desk: Desks) -> None:
    me = desk("editor")
    for first, last, told in (
        ("2026-12-01", "2026-12-09", "还没开始"),
        ("2026-11-01", "2026-11-20", "已经结束"),
    ):
        page = member_of_closed(me, open_one(me, opens_on=first, closes_on=last)).get()
        assert told in page.text("h1")
        assert not page.all("form[method=post]")


def member_of_closed(me: Desk, number: int) -> Member:
    """The link of a round whose page shows none any more."""
    app = me.client.application
    from web.rounds import invite_address

    with app.test_request_context("/"):
        link = invite_address(round_of(me, number)).removeprefix("http://localhost")
    return Member(app.test_client(), link)


def test_a_link_that_was_guessed_or_altered_leads_nowhere(desk: Desks) -> None:
    me = desk("editor")
    number = open_one(me)
    link = member_of(me, number).link
    altered = link[:-1] + ("A" if link[-1] != "A" else "B")
    for address in (altered, "/rounds/" + "x" * 32, f"/rounds/{round_of(me, number).salt}", "/rounds/1"):
        assert me.client.get(address).status_code == 404


def test_no_cache_keeps_the_form_and_no_search_engine_finds_it(desk: Desks) -> None:
    me = desk("editor")
    member = member_of(me, open_one(me))
    answer = member.client.get(member.link)
    assert answer.headers["Cache-Control"] == "no-store"
    assert member.get().one("meta[name=robots]")["content"] == "noindex"


def test_one_network_cannot_answer_without_end(writable: Settings, desk: Desks) -> None:
    me = desk("editor")
    number = open_one(me)
    link = member_of(me, number).link
    app = made(replace(writable, rate_limit="1000 per minute"))
    member = Member(app.test_client(), link)
    with app.test_request_context("/"):
        from web import limits
        from web import rounds as page

        while limits.allows("rounds", page.ANSWERING):
            pass
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        while limits.allows("rounds", page.ANSWERING):
            pass
    html = member.send(FORM, 429)
    assert MARK in html
    assert answers_of(me, number) == []


SENSELESS = (
    ("title", ""),
    ("title", "长" * 61),
    ("opens_on", "明天"),
    ("closes_on", "2026-11-01"),
    ("invited", "很多"),
    ("by_province", "火星 12"),
    ("by_province", "湖南 五十"),
)


# -- staff -----------------------------------------------------------------------------------------


def test_a_plan_that_makes_no_sense_is_told_and_kept(desk: Desks) -> None:
    me = desk("editor")
    form = {"title": "试验", "opens_on": "2026-11-20", "closes_on": "2026-11-30"}
    for field, value in SENSELESS:
        answer = me.post("/desk/rounds/new", {**form, field: value})
        assert answer.status_code == 200
        soup = BeautifulSoup(answer.get_data(as_text=True), "lxml")
        assert soup.select_one(f"#{field}-problem"), (field, value)
        held = soup.select_one(f"#{field}")
        assert held
        assert value in (str(held.get("value", "")), held.get_text())
    with me.database() as db:
        assert rounds.listed(db) == []


def test_invitations_are_read_by_province(desk: Desks) -> None:
    me = desk("editor")
    number = open_one(me, invited="620", by_province="湖南 40\n 北京市：30 \n")
    assert round_of(me, number).invited == {"": 620, "430000": 40, "110000": 30}
    assert "湖南省 40" in me.get(f"/desk/rounds/{number}/edit").text("#by_province")
    fill(me, number, 10, size="")
    came = me.get(f"/desk/rounds/{number}").text("#came ~ .three")
    assert "湖南省 发给 40 家，收回 25.0% 10" in came
    assert "没有说明 10" in came


def test_provinces_cannot_have_more_members_than_there_are(desk: Desks) -> None:
    me = desk("editor")
    form = {"title": "试验", "opens_on": "2026-11-20", "closes_on": "2026-11-30", "invited": "10"}
    answer = me.post("/desk/rounds/new", {**form, "by_province": "湖南 40"})
    assert "比总数还多" in answer.get_data(as_text=True)


def test_a_branch_sees_its_own_rounds_only_and_asks_for_its_cities(desk: Desks) -> None:
    boss, hunan = desk("editor"), desk("editor", region="430000", name="hunan")
    theirs, ours = open_one(boss), open_one(hunan, title="湖南调查")
    assert hunan.client.get(f"/desk/rounds/{theirs}").status_code == 404
    listed = hunan.get("/desk/rounds/").text()
    assert "湖南调查" in listed
    assert "试验调查" not in listed
    options = member_of(hunan, ours).get().all("#region option")
    assert {"430000", "430100"} <= {str(one["value"]) for one in options}
    assert not {"110000"} & {str(one["value"]) for one in options}
    assert boss.get(f"/desk/rounds/{ours}")


def test_without_a_public_address_there_is_no_code_and_the_desk_says_why(desk: Desks) -> None:
    me = desk("editor")
    page = me.get(f"/desk/rounds/{open_one(me)}")
    assert not page.all(".qr svg")
    assert "KB_BASE_URL" in page.text()


def test_the_words_of_members_are_for_staff_only(desk: Desks) -> None:
    me = desk("reviewer")
    number = open_one(me)
    fill(me, number, 8, text=MARK)
    assert MARK in me.get(f"/desk/rounds/{number}").text()
    me.post(f"/desk/rounds/{number}/close")
    me.post(f"/desk/rounds/{number}/publish", {"crossing": "region-size"})
    for address in (f"/survey/rounds/{number}", f"/survey/rounds/{number}.json", "/survey/rounds"):
        assert MARK not in me.client.get(address).get_data(as_text=True)


def test_results_are_public_only_once_staff_published_them(desk: Desks) -> None:
    me = desk("reviewer")
    number = open_one(me)
    fill(me, number)
    address = f"/survey/rounds/{number}"
    assert me.client.get(address).status_code == 404
    me.post(f"/desk/rounds/{number}/publish")
    assert me.client.get(address).status_code == 404, "an open round"
    me.post(f"/desk/rounds/{number}/close")
    assert me.client.get(address).status_code == 404
    me.post(f"/desk/rounds/{number}/publish")
    assert "试验调查" in me.get(address).text("h1")
    assert "试验调查" in me.get("/survey/rounds").text()
    me.post(f"/desk/rounds/{number}/publish", {"off": "1"})
    assert me.client.get(address).status_code == 404
    me.post(f"/desk/rounds/{number}/publish")
    assert me.client.get(address).status_code == 200


def test_an_editor_does_not_publish(desk: Desks) -> None:
    desk("reviewer", name="wang")
    me = desk("editor")
    number = open_one(me)
    assert me.post(f"/desk/rounds/{number}/publish").status_code == 403


def test_too_few_answers_are_not_published(desk: Desks) -> None:
    me = desk("reviewer")
    number = open_one(me)
    fill(me, number, 4)
    me.post(f"/desk/rounds/{number}/close")
    page = me.post(f"/desk/rounds/{number}/publish", follow_redirects=True).get_data(as_text=True)
    assert "不满 5 份" in page
    assert not round_of(me, number).published_at


def test_the_public_page_withholds_small_numbers_and_stands_beside_2020(desk: Desks) -> None:
    me = desk("reviewer")
    number = open_one(me, invited="100")
    fill(me, number, 20, obstacles=("returning-staff", "arrears"))
    fill(me, number, 9, region="110000", size="micro", obstacles=(), operating="stopped")
    fill(me, number, 2, region="540000", size="large", obstacles=("low-bids",))
    me.post(f"/desk/rounds/{number}/close")
    me.post(f"/desk/rounds/{number}/publish", {"crossing": "region-size"})
    page = me.get(f"/survey/rounds/{number}")
    text = page.text()
    assert "31 份答卷" in text
    assert "31.0%" in text
    assert "西藏" not in text
    assert "不公布" in text
    assert "53.3%" in page.text("#obstacles ~ details")
    assert "不能比的" in text
    assert page.all("svg.pairs title")
    data = me.client.get(f"/survey/rounds/{number}.json").get_json()
    counts = [one["count"] for name in ("by_size", "by_region", "by_segment") for one in data[name]]
    counts += [one["count"] for one in (*data["cells"], *data["obstacles"]) if one["count"] is not None]
    assert min(counts) >= data["least"] == 5


def test_published_results_leave_answers_that_come_later_out(desk: Desks) -> None:
    """Nobody can hold two versions against each other: a published round cannot be opened again."""
    me = desk("reviewer")
    number = open_one(me)
    fill(me, number)
    me.post(f"/desk/rounds/{number}/close")
    me.post(f"/desk/rounds/{number}/publish")
    before = me.client.get(f"/survey/rounds/{number}.json").get_json()
    later = {"title": "试验", "opens_on": "2026-11-20", "closes_on": (TODAY + timedelta(days=9)).isoformat()}
    me.post(f"/desk/rounds/{number}/edit", dict(later))
    assert round_of(me, number).state_on(TODAY) == "closed"
    assert me.client.get(f"/survey/rounds/{number}.json").get_json() == before


def test_tidying_forgets_the_words_of_answers_a_year_later(desk: Desks) -> None:
    me = desk("editor")
    number = open_one(me)
    fill(me, number, 3, text=MARK)
    with me.database() as db:
        tidied = {one.key: one.number for one in tidy(db, date(2027, 12, 30))}
    assert tidied["round-texts"] == 3
    assert [one.text for one in answers_of(me, number)] == [""] * 3
