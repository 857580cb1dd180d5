"""Mail says what is true when it goes out: taken back, changed again, passed, doubtful, or left."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from kb.domain.entry import Entry
from kb.errors import KbError
from kb.outreach import alerts, notices
from kb.outreach.letters import SHOWN, Item, letter, links_of
from kb.outreach.mail import send_waiting
from kb.outreach.notices import follow
from kb.outreach.post import moment_of, post, rehearse
from kb.store import outbox, private, subscriptions, told
from kb.store.outbox import Mail
from kb.store.private import filled
from tests.conftest import TODAY, Base, an_entry
from tests.outreach.test_alerts import ADDRESS, Office, an_extension, ending, office

__all__ = ["office"]
ENTRY = "nat-2020-test-1"
EVERYTHING = {"q": "", "filters": {"status": ["all"]}}


def promising(months: str) -> Entry:
    return an_entry(promise=f"中小企业的试验费用可以缓交{months}个月。")


def waiting(office: Office) -> list[Mail]:
    return outbox.listed(office.base.db, "waiting")


# -- as things stand -------------------------------------------------------------------------------


@pytest.mark.parametrize("frequency", ["daily", "weekly"])
def test_a_change_that_is_taken_back_before_the_mail_is_due_sends_nothing(
    office: Office, frequency: str
) -> None:
    office.publish(an_entry())
    office.subscribe("entry", {"entry": ENTRY}, frequency)  # type: ignore[arg-type]
    for months in ("六", "三"):
        office.publish(promising(months))
        assert office.post() == []
    office.later(8)
    assert office.post() == []


def test_three_versions_of_a_week_are_one_change_from_what_was_last_told(office: Office) -> None:
    office.publish(an_entry())
    office.subscribe("entry", {"entry": ENTRY}, "weekly")
    for months in ("四", "五", "六"):
        office.publish(promising(months))
        assert office.post() == []
    office.later(8)
    (mail,) = office.post()
    assert mail.text.count("【") == 1
    assert "缓交三个月。 → 中小企业的试验费用可以缓交六个月。" in mail.text


def test_what_is_new_and_withdrawn_before_the_mail_is_not_offered(office: Office) -> None:
    office.subscribe("search", EVERYTHING, "daily")
    office.publish(an_entry())
    assert office.post() == []
    office.withdraw(ENTRY)
    assert office.post() == []
    office.later(1)
    assert office.post() == []


def test_what_was_known_and_is_withdrawn_is_told_even_if_it_had_changed_before(office: Office) -> None:
    office.publish(an_entry())
    office.subscribe("entry", {"entry": ENTRY}, "daily")
    office.publish(promising("六"))
    office.post()
    office.withdraw(ENTRY)
    office.post()
    office.later(1)
    (mail,) = office.post()
    assert "已从本库撤下" in mail.text
    assert "六个月" not in mail.text


def test_mail_that_could_not_be_sent_for_days_is_written_anew(office: Office) -> None:
    office.publish(an_entry())
    office.subscribe("search", EVERYTHING)
    office.publish(an_entry("nat-2020-test-2", title="关于另一种费用的通知"))
    (stale,) = office.post(sent=False)
    assert "关于另一种费用的通知" in stale.text
    office.withdraw("nat-2020-test-2")
    office.publish(promising("六"))
    office.post(sent=False)
    (mail,) = waiting(office)
    assert "关于另一种费用的通知" not in mail.text
    assert "缓交六个月" in mail.text


def test_mail_that_is_written_anew_keeps_its_tries_and_its_time(office: Office) -> None:
    office.publish(an_entry())
    office.subscribe("entry", {"entry": ENTRY})
    office.publish(promising("四"))
    (first,) = office.post(sent=False)
    outbox.put_off(office.base.db, first, "451 later", datetime(2027, 1, 1, tzinfo=UTC))
    office.publish(promising("五"))
    office.post(sent=False)
    (mail,) = waiting(office)
    assert (mail.tries, mail.not_before[:10], mail.said) == (1, "2027-01-01", "451 later")


def test_mail_that_somebody_may_have_is_not_written_anew(office: Office) -> None:
    office.publish(an_entry())
    office.subscribe("entry", {"entry": ENTRY})
    office.publish(promising("四"))
    (first,) = office.post(sent=False)
    outbox.doubt(office.base.db, first, "timed out", "", datetime(2026, 11, 22, tzinfo=UTC))
    office.publish(promising("五"))
    office.post(sent=False)
    texts = [mail.text for mail in waiting(office)]
    assert len(texts) == 2
    assert ["缓交五个月" in text for text in texts].count(True) == 1


def test_a_reminder_that_waited_says_the_days_left_and_is_dropped_when_the_day_has_passed(
    office: Office,
) -> None:
    office.publish(ending(30))
    office.later(-1)
    office.subscribe("entry", {"entry": ENTRY})
    office.later(1)
    (mail,) = office.post(sent=False)
    assert "还有 30 天到期" in mail.subject
    office.later(10)
    office.post(sent=False)
    (mail,) = waiting(office)
    assert "还有 20 天到期" in mail.subject
    office.later(15)
    office.post(sent=False)
    (mail,) = waiting(office)
    assert "还有 5 天到期" in mail.subject
    assert mail.text.count("【") == 1
    office.later(6)
    office.post(sent=False)
    assert waiting(office) == []


def test_a_reminder_of_an_end_that_has_moved_meanwhile_is_dropped(office: Office) -> None:
    office.publish(ending(31))
    office.subscribe("entry", {"entry": ENTRY})
    office.later(1)
    assert len(office.post(sent=False)) == 1
    office.publish(ending(90))
    office.post(sent=False)
    (mail,) = waiting(office)
    assert "天到期" not in mail.subject
    assert "到期日 2026-12-23 → 2027-02-20" in mail.text


def test_without_a_server_nothing_is_written_and_the_notices_are_counted(office: Office) -> None:
    office.publish(an_entry())
    office.subscribe("entry", {"entry": ENTRY})
    office.publish(promising("六"))
    settings = office.base.settings
    done = post(office.ground, settings, moment_of(settings))
    assert (done.notices, done.mails, done.held) == (1, 0, 1)
    assert waiting(office) == []
    assert len(office.post()) == 1


# -- marks -----------------------------------------------------------------------------------------

DOUBTFUL = {"level": "lead", "doubts": {"period": "截止日只见转载", "benefit": "金额未核"}}


def test_a_new_lead_is_marked_in_subject_and_text_and_its_date_is_doubtful(office: Office) -> None:
    office.subscribe("search", EVERYTHING)
    office.publish(an_entry(verified=DOUBTFUL))
    (mail,) = office.post()
    assert mail.subject.startswith("新的匹配（线索，内容待核实）")
    labels = office.base.terms.taxonomy.doubts
    assert f"内容待核实：{labels.label('period')}、{labels.label('benefit')}" in mail.text
    assert "线索，内容待核实\n" in mail.text
    assert "（待核实）" in next(line for line in mail.text.splitlines() if line.startswith("到什么时候"))


def test_a_reminder_of_a_doubtful_date_says_so_beside_it_and_in_the_subject(office: Office) -> None:
    end = (TODAY + timedelta(days=31)).isoformat()
    period = {"start": "2026-01-01", "end": end, "end_kind": "dated"}
    office.publish(an_entry(in_force=period, verified=DOUBTFUL))
    office.subscribe("entry", {"entry": ENTRY})
    office.later(1)
    (mail,) = office.post()
    assert f"（{end}，待核实）" in mail.subject
    assert mail.subject.startswith("线索，")
    assert f"还有 30 天到期：{end}（待核实）" in mail.text
    assert "内容待核实：" in mail.text


def test_reliefs_that_end_on_different_days_never_share_one_date(office: Office) -> None:
    first, second = (TODAY + timedelta(days=days) for days in (31, 200))
    reliefs = [
        {
            "id": name,
            "type": "tax",
            "title": title,
            "what": "缓交。",
            "period": {"start": "2026-01-01", **end},
        }
        for name, title, end in (
            ("one", "甲项", {"end": first.isoformat(), "end_kind": "dated"}),
            ("two", "乙项", {"end": second.isoformat(), "end_kind": "dated"}),
        )
    ]
    office.subscribe("search", EVERYTHING)
    office.publish(an_entry(reliefs=reliefs))
    (mail,) = office.post()
    until = next(line for line in mail.text.splitlines() if line.startswith("到什么时候"))
    assert "各项不同，甲项：" in until
    assert "乙项：" in until
    office.later(1)
    (mail,) = office.post()
    assert "部分事项还有 30 天到期" in mail.subject
    assert "到期的事项：甲项\n别的事项到期日不同" in mail.text


def test_what_changed_is_told_before_reminders_and_those_before_what_is_new(office: Office) -> None:
    office.publish(ending(31))
    office.publish(an_entry("nat-2020-test-2", title="会改的通知"))
    office.subscribe("search", EVERYTHING)
    office.later(1)
    office.publish(an_entry("nat-2020-test-0", title="新来的通知"))
    office.publish(an_entry("nat-2020-test-2", title="会改的通知", promise="改了。"))
    (mail,) = office.post()
    places = [mail.text.index(words) for words in ("【会改的通知】", "天到期：", "【新来的通知】")]
    assert places == sorted(places)


def test_more_than_a_mail_holds_is_listed_by_title_and_link() -> None:
    items = [Item(f"第{number}条", ("很长的话",), f"/entries/e{number}") for number in range(SHOWN + 2)]
    made = letter("多", items, ("搜索",), "协会", links_of("a" * 16))
    assert made.text.count("很长的话") == SHOWN
    for number in (SHOWN, SHOWN + 1):
        assert f"第{number}条\n{private.SITE}/entries/e{number}\n" in made.text
        assert f'<a href="{private.SITE}/entries/e{number}">第{number}条</a>' in made.html


# -- one does not stop the others ------------------------------------------------------------------


def test_a_subscription_that_is_not_understood_any_more_stops_nobody_and_is_named(office: Office) -> None:
    office.publish(an_entry())
    facts = [["industry", "software"], ["region", "430000"]]
    odd = office.subscribe("company", {"facts": facts, "need": ""}, address="odd@example.org")
    broken = office.subscribe("search", EVERYTHING, address="broken@example.org")
    office.subscribe("entry", {"entry": ENTRY})
    facts[0][1] = "renamed_key"
    for one, topic in ((odd, {"facts": facts, "need": ""}), (broken, {"filters": 3})):
        office.base.db.execute("UPDATE subscriptions SET topic = ? WHERE id = ?", [json.dumps(topic), one.id])
    period = {"start": "2026-01-01", "end": "2027-12-31", "end_kind": "dated"}
    office.publish(an_entry(promise="改了。"))
    office.publish(an_entry("nat-2026-here-1", title="新来的通知", in_force=period))
    told_of = {mail.recipient: mail.text for mail in office.post()}
    assert told_of.keys() == {ADDRESS, "odd@example.org", "broken@example.org"}
    assert "新来的通知" in told_of["odd@example.org"]
    assert "新来的通知" not in told_of["broken@example.org"]
    problems = {one.id: problem for one, problem in subscriptions.with_problems(office.base.db)}
    assert problems == {odd.id: "不认识：industry", broken.id: notices.UNREADABLE}


def test_mail_that_waits_is_sent_even_if_no_notice_can_be_made(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_ground: object) -> int:
        raise KbError("索引坏了")

    asked = []
    monkeypatch.setattr("kb.outreach.post.follow", fail)
    monkeypatch.setattr(
        "kb.outreach.post.send_waiting", lambda db, settings: asked.append(1) or send_waiting(db, settings)
    )
    done = post(office.ground, office.base.settings, moment_of(office.base.settings))
    assert done.problem == "索引坏了"
    assert asked == [1]
    with pytest.raises(KbError):
        rehearse(office.ground, office.base.settings, moment_of(office.base.settings))


def test_equal_topics_are_worked_out_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        office.subscribe("search", EVERYTHING, address=f"member{number}@example.org")
    asked: list[int] = []
    ids_of = notices.ids_of
    monkeypatch.setattr(notices, "ids_of", lambda ground, one: asked.append(one.id) or ids_of(ground, one))
    office.publish(an_entry())
    assert follow(office.ground) == 4
    assert len(asked) == 1


# -- leaving ---------------------------------------------------------------------------------------


def test_ending_one_of_two_subscriptions_takes_back_what_was_to_be_told_for_it(office: Office) -> None:
    office.publish(an_entry())
    office.publish(an_entry("nat-2020-test-2", title="另一份通知"))
    first = office.subscribe("entry", {"entry": ENTRY}, "daily")
    office.subscribe("entry", {"entry": "nat-2020-test-2"})
    office.publish(promising("六"))
    office.publish(an_entry("nat-2020-test-2", title="另一份通知", promise="改了。"))
    (mail,) = office.post(sent=False)
    assert told.count_waiting(office.base.db) == 1
    told.end(office.base.db, first)
    assert told.count_waiting(office.base.db) == 1  # the mail of the other, taken back
    office.later(1)
    (mail,) = office.post()
    assert "缓交六个月" not in mail.text
    assert "【另一份通知】" in mail.text


def test_mail_that_waits_is_not_sent_for_a_subscription_that_was_ended(office: Office) -> None:
    office.publish(an_entry())
    held = office.subscribe("entry", {"entry": ENTRY})
    office.subscribe("digest", {})
    office.publish(promising("六"))
    office.post(sent=False)
    told.end(office.base.db, held)
    assert waiting(office) == []


def a_digest(office: Office) -> None:
    alerts.send_digest(office.base.db, "3", "第3期", "本期", "/digests/3", "协会")


def test_stopping_alerts_keeps_the_digest_that_waits_and_leaving_digests_does_not(office: Office) -> None:
    office.publish(an_entry())
    held = office.subscribe("entry", {"entry": ENTRY})
    digest = office.subscribe("digest", {})
    office.publish(promising("六"))
    office.post(sent=False)
    a_digest(office)
    assert len(waiting(office)) == 2
    subscriptions.end_alerts(office.base.db, held.owner_salt)
    assert [mail.key for mail in waiting(office)] == ["alerts:digest:3"]
    office.subscribe("entry", {"entry": ENTRY})
    a_digest(office)
    told.end(office.base.db, digest)
    assert waiting(office) == []


def test_who_asks_again_for_the_digests_gets_the_link_that_ends_those(office: Office) -> None:
    office.subscribe("digest", {})
    alerts.ask(office.ground, ADDRESS, "digest", {}, "协会简报", "now", "协会")
    (mail,) = waiting(office)
    assert "/alerts/leave/" in mail.unsubscribe


# -- what strangers can do -------------------------------------------------------------------------


def test_mail_that_nobody_asked_for_carries_none_of_the_words_that_were_typed(office: Office) -> None:
    typed = "补贴已到账 http://evil.example/x"
    topic = {"q": typed, "filters": {}}
    alerts.ask(office.ground, ADDRESS, "search", topic, f"搜索“{typed}”", "now", "协会")
    (mail,) = waiting(office)
    assert "evil" not in mail.text + mail.html + mail.subject
    assert "一个搜索" in mail.text


def test_no_words_of_anybody_are_taken_for_a_mark_of_ours(base: Base) -> None:
    mark = private.mark("manage", "a" * 16)
    for words in (mark, "{" + mark, "{{" + mark, private.SITE):
        made = letter("s", [Item(words, (words,), "")], (words,), words, links_of("b" * 16), words)
        right = private.word(b"key", "manage", "a" * 16)
        for text in (made.text, made.html):
            assert right not in filled(text, b"key", "https://kb.example.org")
        assert made.text.count(private.SITE) == 2


def test_a_stranger_is_asked_twice_at_most_and_asking_again_buys_no_time(office: Office) -> None:
    for _day in range(10):
        alerts.ask(office.ground, ADDRESS, "search", {"q": "词", "filters": {}}, "搜索", "now", "协会")
        office.later(1)
    assert len(waiting(office)) == 2
    assert subscriptions.forget_unconfirmed(office.base.db, TODAY + timedelta(days=15)) == 1


def test_an_address_has_twenty_confirmed_subscriptions_at_most(office: Office) -> None:
    for number in range(subscriptions.MOST):
        office.subscribe("search", {"q": f"词{number}", "filters": {}})
    with pytest.raises(KbError, match="最多 20 项"):
        office.subscribe("search", {"q": "又一个", "filters": {}})
    (first, *_rest) = subscriptions.active(office.base.db)
    told.end(office.base.db, first)
    (left,) = [
        one
        for row in office.base.db.query("SELECT salt FROM subscriptions WHERE confirmed_on IS NULL")
        if (one := subscriptions.by_salt(office.base.db, row["salt"]))
    ]
    alerts.confirm(office.ground, left)
    assert len(subscriptions.active(office.base.db)) == subscriptions.MOST


def test_a_notice_holds_no_words_of_its_reader(office: Office) -> None:
    office.subscribe("search", {"q": "缓缴", "filters": {"status": ["all"]}}, "daily")
    office.publish(an_entry())
    office.post()
    (row,) = office.base.db.query("SELECT body FROM notices")
    assert "缓缴" not in row["body"]


def test_the_extension_of_an_entry_is_still_told_with_both_days(office: Office) -> None:
    office.publish(an_entry())
    office.subscribe("entry", {"entry": ENTRY}, "weekly")
    office.publish(an_extension())
    office.post()
    office.later(8)
    (mail,) = office.post()
    assert "到期日 2020-06-30 → 2020-12-31，因 试发〔2020〕49号" in mail.text
    assert office.today > date(2026, 11, 22)
