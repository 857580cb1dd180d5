"""Who is told of what, once, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytest

from kb.domain.alert import Frequency, Kind
from kb.domain.dates import SHANGHAI
from kb.domain.entry import Entry
from kb.matching.catalogue import Shelf
from kb.outreach import alerts
from kb.outreach.alerts import Ground
from kb.outreach.gathering import gather
from kb.outreach.notices import follow, remind
from kb.search import indexing
from kb.store import entries, outbox, subscriptions
from kb.store.outbox import Mail
from kb.store.subscriptions import Subscription
from tests.conftest import TODAY, Base, an_entry

ADDRESS = "zhang@example.org"


@dataclass
class Office:
    """A knowledge base to publish in, and its post."""

    base: Base
    shelf: Shelf
    today: date = TODAY

    @property
    def ground(self) -> Ground:
        return Ground(self.base.db, self.base.library, self.shelf, self.base.terms, self.today)

    def publish(self, entry: Entry) -> None:
        entries.publish(self.base.db, entry, "liu", "")
        self.index()

    def withdraw(self, entry_id: str, into: str | None = None) -> None:
        entries.withdraw(self.base.db, entry_id, "liu", "重复", into)
        self.index()

    def index(self) -> None:
        indexing.catch_up(self.base.library.settings, self.base.db)

    def subscribe(
        self, kind: Kind, topic: Mapping[str, object], frequency: Frequency = "now", address: str = ADDRESS
    ) -> Subscription:
        """A confirmed subscription; the confirmation's mail is out of the way."""
        with_name = {"entry": "《试验》", "search": "搜索“试验”", "company": "您的企业情况", "digest": "简报"}
        name = with_name[kind]
        alerts.ask(self.ground, address, kind, topic, name, frequency, "协会")
        (held,) = [
            one
            for row in self.base.db.query("SELECT salt FROM subscriptions WHERE confirmed_on IS NULL")
            if (one := subscriptions.by_salt(self.base.db, row["salt"]))
        ]
        alerts.confirm(self.ground, held)
        self.base.db.execute("DELETE FROM outbox")
        found = subscriptions.by_salt(self.base.db, held.salt)
        assert found is not None
        return found

    def post(self, hour: int = 12, *, sent: bool = True) -> list[Mail]:
        """The mails that a round makes at an hour of the day; ``sent`` at once, or waiting."""
        before = {one.id for one in outbox.listed(self.base.db, "waiting")}
        moment = datetime.combine(self.today, time(hour), SHANGHAI)
        follow(self.ground)
        remind(self.ground, moment)
        gather(self.ground, moment, "协会")
        found = [one for one in outbox.listed(self.base.db, "waiting", 1000)[::-1] if one.id not in before]
        for one in found if sent else ():
            outbox.sent(self.base.db, one)
        return found

    def later(self, days: int) -> None:
        self.today += timedelta(days=days)


@pytest.fixture
def office(base: Base) -> Office:
    return Office(base, Shelf(base.terms.taxonomy))


def an_extension(end: str = "2020-12-31", **changes: object) -> Entry:
    """A later notice that extends the first to a day."""
    relation = {"type": "extends", "to": "nat-2020-test-1", "end": end}
    data: dict[str, object] = {
        "title": "关于延长阶段性缓缴试验费用期限的通知",
        "doc_number": "试发〔2020〕49号",
        "issued_on": "2020-06-22",
        "reliefs": [],
        "relations": [relation],
        "in_force": None,
        "sources": [{"document": "试发〔2020〕49号"}],
    }
    return an_entry("nat-2020-test-49", **{**data, **changes})


# -- changes in words ------------------------------------------------------------------------------


def test_an_extension_is_told_with_both_days_and_the_notice_that_moved_them(office: Office) -> None:
    office.publish(an_entry())
    office.subscribe("entry", {"entry": "nat-2020-test-1"})
    office.publish(an_extension())
    (mail,) = office.post()
    assert "到期日 2020-06-30 → 2020-12-31，因 试发〔2020〕49号" in mail.text
    assert mail.subject.endswith("到期日 2020-06-30 → 2020-12-31，因 试发〔2020〕49号")
    assert office.post() == []


def test_a_withdrawn_extension_is_told_as_no_longer_said(office: Office) -> None:
    office.publish(an_entry())
    office.publish(an_extension())
    office.subscribe("entry", {"entry": "nat-2020-test-1"})
    office.withdraw("nat-2020-test-49")
    (mail,) = office.post()
    assert "到期日 2020-12-31 → 2020-06-30，因 试发〔2020〕49号 不再这样写" in mail.text


def test_what_a_new_version_says_otherwise_is_told_field_by_field(office: Office) -> None:
    office.publish(an_entry())
    office.subscribe("entry", {"entry": "nat-2020-test-1"})
    office.publish(an_entry(promise="中小企业的试验费用可以缓交六个月。"))
    (mail,) = office.post()
    assert "中小企业的试验费用可以缓交三个月。 → 中小企业的试验费用可以缓交六个月。" in mail.text


def test_versions_in_between_are_told_as_one_change_from_what_was_last_told(office: Office) -> None:
    office.publish(an_entry())
    office.subscribe("entry", {"entry": "nat-2020-test-1"})
    for months in ("四", "五", "六"):
        office.publish(an_entry(promise=f"中小企业的试验费用可以缓交{months}个月。"))
    (mail,) = office.post()
    assert "缓交三个月。 → 中小企业的试验费用可以缓交六个月。" in mail.text
    assert "五个月" not in mail.text


def test_a_check_that_found_nothing_new_sends_nothing(office: Office) -> None:
    office.publish(an_entry())
    office.subscribe("entry", {"entry": "nat-2020-test-1"})
    checked = {"level": "verified", "confirmed_on": "2026-11-20", "confirmed_by": "liu"}
    office.publish(an_entry(verified=checked))
    assert office.post() == []


def test_a_change_that_is_taken_back_before_the_mail_sends_nothing(office: Office) -> None:
    office.publish(an_entry())
    office.subscribe("entry", {"entry": "nat-2020-test-1"})
    office.publish(an_extension())
    office.withdraw("nat-2020-test-49")
    assert office.post() == []


def test_a_withdrawn_entry_is_told_as_withdrawn_and_a_merged_one_with_what_it_became(office: Office) -> None:
    for name in ("nat-2020-test-1", "nat-2020-test-2"):
        office.publish(an_entry(name, title=f"{name} 的通知"))
    office.subscribe("entry", {"entry": "nat-2020-test-1"})
    office.subscribe("entry", {"entry": "nat-2020-test-2"}, address="li@example.org")
    office.publish(an_entry("nat-2020-test-3", doc_number="试发〔2020〕3号"))
    office.withdraw("nat-2020-test-1")
    office.withdraw("nat-2020-test-2", into="nat-2020-test-3")
    first, second = office.post()
    assert "已从本库撤下，不要再据此办理" in first.text
    assert "已并入 试发〔2020〕3号" in second.text


def test_what_comes_back_is_news_again(office: Office) -> None:
    office.publish(an_entry())
    office.subscribe("entry", {"entry": "nat-2020-test-1"})
    office.withdraw("nat-2020-test-1")
    office.post()
    office.publish(an_entry())
    (mail,) = office.post()
    assert mail.subject.startswith("新的匹配")


# -- what a subscription covers --------------------------------------------------------------------


def test_a_search_tells_of_a_new_hit_and_of_none_that_was_there_before(office: Office) -> None:
    office.publish(an_entry())
    office.subscribe("search", {"q": "缓缴", "filters": {"status": ["all"]}})
    assert office.post() == []
    office.publish(an_entry("nat-2020-test-2", title="关于阶段性缓缴另一种费用的通知"))
    office.publish(
        an_entry("nat-2020-test-3", title="关于设备更新的通知", promise="买设备有补贴。", reliefs=[])
    )
    (mail,) = office.post()
    assert "关于阶段性缓缴另一种费用的通知" in mail.text
    assert "关于设备更新的通知" not in mail.text


def test_a_search_tells_of_a_change_in_a_hit_that_has_meanwhile_ended(office: Office) -> None:
    office.publish(an_entry(in_force={"start": "2026-01-01", "end": "2026-12-31", "end_kind": "dated"}))
    office.subscribe("search", {"q": "缓缴", "filters": {}})
    office.later(60)
    office.publish(an_extension("2027-06-30", issued_on="2027-01-20"))
    (mail,) = office.post()
    assert "到期日 2026-12-31 → 2027-06-30" in mail.text


def test_a_company_is_told_of_what_fits_it_and_of_nothing_for_another_place(office: Office) -> None:
    topic = {"facts": [["region", "430000"], ["size", "small"]], "need": ""}
    office.subscribe("company", topic)
    period = {"start": "2026-01-01", "end": "2026-12-31", "end_kind": "dated"}
    office.publish(an_entry("nat-2026-here-1", regions={"include": ["430000"]}, in_force=period))
    office.publish(an_entry("nat-2026-there-1", regions={"include": ["530000"]}, in_force=period))
    (mail,) = office.post()
    assert "/entries/nat-2026-here-1" in mail.text
    assert "nat-2026-there-1" not in mail.text


def test_no_mail_says_the_figures_of_a_company(office: Office) -> None:
    topic = {"facts": [["region", "430000"], ["headcount", "137"], ["revenue", "98765432"]], "need": ""}
    office.subscribe("company", topic)
    period = {"start": "2026-01-01", "end": "2026-12-31", "end_kind": "dated"}
    office.publish(an_entry("nat-2026-here-1", in_force=period))
    (mail,) = office.post()
    assert "137" not in mail.text + mail.html + mail.subject
    assert "98765432" not in mail.text + mail.html + mail.subject


def test_one_address_with_several_subscriptions_is_told_once(office: Office) -> None:
    office.publish(an_entry())
    office.subscribe("entry", {"entry": "nat-2020-test-1"}, "weekly")
    office.subscribe("search", {"q": "缓缴", "filters": {"status": ["all"]}})
    office.publish(an_entry(promise="中小企业的试验费用可以缓交六个月。"))
    (mail,) = office.post()
    assert mail.text.count("【") == 1
    assert "《试验》、搜索“试验”" in mail.text


def test_changes_from_before_the_confirmation_are_not_told(office: Office) -> None:
    office.publish(an_entry())
    office.publish(an_entry(promise="中小企业的试验费用可以缓交六个月。"))
    office.subscribe("entry", {"entry": "nat-2020-test-1"})
    assert office.post() == []


# -- how often -------------------------------------------------------------------------------------


def test_daily_and_weekly_gather_what_happened_into_one_mail_in_the_morning(office: Office) -> None:
    office.publish(an_entry())
    office.subscribe("search", {"q": "缓缴", "filters": {"status": ["all"]}}, "daily")
    office.subscribe("entry", {"entry": "nat-2020-test-1"}, "weekly", "li@example.org")
    assert office.today == date(2026, 11, 22)  # a Sunday
    office.publish(an_entry(promise="中小企业的试验费用可以缓交六个月。"))
    office.publish(an_entry("nat-2020-test-2", title="关于阶段性缓缴另一种费用的通知"))
    assert office.post() == []
    office.later(1)
    assert office.post(hour=7) == []
    daily, weekly = office.post(hour=8)
    assert daily.recipient == ADDRESS
    assert daily.subject.endswith("等 2 项")
    assert weekly.recipient == "li@example.org"
    office.publish(an_entry(promise="中小企业的试验费用可以缓交九个月。"))
    assert office.post() == []
    office.later(1)
    assert [one.recipient for one in office.post()] == [ADDRESS]
    office.later(5)
    assert office.post() == []
    office.later(1)
    assert [one.recipient for one in office.post()] == ["li@example.org"]


# -- reminders -------------------------------------------------------------------------------------


def ending(days: int, **more: object) -> Entry:
    """An entry that ends so many days after today."""
    end = (TODAY + timedelta(days=days)).isoformat()
    return an_entry(in_force={"start": "2026-01-01", "end": end, "end_kind": "dated", **more})


def test_an_end_is_reminded_of_30_and_7_days_before_once_each(office: Office) -> None:
    office.publish(ending(40))
    office.subscribe("entry", {"entry": "nat-2020-test-1"}, "weekly")
    told = {}
    for day in range(45):
        for mail in office.post():
            told[40 - day] = mail.subject
        office.later(1)
    assert list(told) == [30, 7]
    assert "还有 30 天到期（2027-01-01）" in told[30]
    assert "还有 7 天到期（2027-01-01）" in told[7]


def test_a_reminder_missed_while_nothing_ran_is_made_up_for_with_the_days_left(office: Office) -> None:
    office.publish(ending(40))
    office.subscribe("entry", {"entry": "nat-2020-test-1"})
    office.later(14)
    (mail,) = office.post()
    assert "还有 26 天到期" in mail.subject
    office.later(25)
    (mail,) = office.post()
    assert "还有 1 天到期" in mail.subject


def test_nobody_is_reminded_at_night(office: Office) -> None:
    office.publish(ending(31))
    office.subscribe("entry", {"entry": "nat-2020-test-1"})
    office.later(1)
    assert office.post(hour=3) == []
    assert len(office.post(hour=8)) == 1


def test_who_subscribes_when_the_end_is_near_is_reminded_of_the_rest_only(office: Office) -> None:
    office.publish(ending(20))
    office.subscribe("entry", {"entry": "nat-2020-test-1"})
    assert office.post() == []
    office.later(13)
    (mail,) = office.post()
    assert "还有 7 天到期" in mail.subject


def test_an_end_that_was_worked_out_is_reminded_of_as_about(office: Office) -> None:
    office.publish(ending(31, inferred="有效期2年"))
    office.subscribe("entry", {"entry": "nat-2020-test-1"})
    office.later(1)
    (mail,) = office.post()
    assert "约还有 30 天到期（约2026-12-23）" in mail.subject
    assert "约2026-12-23（据有效期2年推算）" in mail.text


def test_an_extended_end_is_reminded_of_anew_and_the_old_one_no_more(office: Office) -> None:
    office.publish(ending(35))
    office.subscribe("entry", {"entry": "nat-2020-test-1"})
    end = TODAY + timedelta(days=80)
    office.publish(an_extension(end.isoformat(), issued_on="2026-11-20"))
    subjects = []
    for _day in range(85):
        subjects += [mail.subject for mail in office.post()]
        office.later(1)
    assert len(subjects) == 3
    assert "到期日 2026-12-27 → 2027-02-10" in subjects[0]
    assert all(f"（{end}）" in subject for subject in subjects[1:])


def test_a_doubtful_term_is_not_reminded_of_as_if_it_were_sure(office: Office) -> None:
    doubtful = {"level": "partial", "doubts": {"status": "两份文件说法不一"}}
    end = (TODAY + timedelta(days=31)).isoformat()
    period = {"start": "2026-01-01", "end": end, "end_kind": "dated"}
    office.publish(an_entry(in_force=period, verified=doubtful))
    office.subscribe("entry", {"entry": "nat-2020-test-1"})
    office.later(1)
    assert office.post() == []


# -- asking, confirming, ending --------------------------------------------------------------------


def test_nothing_but_the_confirmation_is_sent_before_it_is_confirmed(office: Office) -> None:
    office.publish(an_entry())
    alerts.ask(office.ground, ADDRESS, "entry", {"entry": "nat-2020-test-1"}, "《试验》", "now", "协会")
    office.publish(an_extension())
    assert office.post() == []
    (mail,) = outbox.listed(office.base.db, "waiting")
    assert mail.subject == "请确认订阅：有变化时通知我"
    assert mail.unsubscribe == ""


def test_asking_again_the_same_day_sends_no_second_confirmation(office: Office) -> None:
    office.publish(an_entry())
    for _time in range(3):
        alerts.ask(office.ground, ADDRESS, "entry", {"entry": "nat-2020-test-1"}, "《试验》", "now", "协会")
    assert len(outbox.listed(office.base.db, "waiting")) == 1


def test_a_stranger_can_have_an_address_asked_a_few_times_only(office: Office) -> None:
    for number in range(20):
        topic = {"q": f"词{number}", "filters": {}}
        alerts.ask(office.ground, ADDRESS, "search", topic, f"搜索“词{number}”", "now", "协会")
    assert len(outbox.listed(office.base.db, "waiting")) == subscriptions.CONFIRMATIONS


def test_a_stranger_cannot_change_how_often_a_confirmed_subscription_is_told(office: Office) -> None:
    office.publish(an_entry())
    held = office.subscribe("entry", {"entry": "nat-2020-test-1"}, "weekly")
    alerts.ask(office.ground, ADDRESS, "entry", {"entry": "nat-2020-test-1"}, "《试验》", "now", "协会")
    now = subscriptions.by_salt(office.base.db, held.salt)
    assert now is not None
    assert now.frequency == "weekly"


def test_ending_everything_leaves_no_trace_of_the_address(office: Office) -> None:
    office.publish(an_entry())
    held = office.subscribe("entry", {"entry": "nat-2020-test-1"})
    office.publish(an_extension())
    assert len(office.post()) == 1
    assert subscriptions.end_all(office.base.db, held.owner_salt)
    for table in ("subscribers", "subscriptions", "told", "notices", "outbox"):
        assert office.base.db.table(table).count == 0
    office.publish(an_entry(promise="中小企业的试验费用可以缓交六个月。"))
    assert office.post() == []


def test_stopping_alerts_keeps_the_digests(office: Office) -> None:
    office.publish(an_entry())
    held = office.subscribe("entry", {"entry": "nat-2020-test-1"})
    office.subscribe("digest", {})
    subscriptions.end_alerts(office.base.db, held.owner_salt)
    (left,) = subscriptions.of_owner(office.base.db, held.owner_salt)
    assert left.kind == "digest"


def test_a_digest_goes_once_to_everybody_who_wants_them(office: Office) -> None:
    office.subscribe("digest", {})
    office.subscribe("digest", {}, address="li@example.org")
    for many in (2, 0):
        sent = alerts.send_digest(
            office.base.db, "3", "2026年第3期", "本期 5 项。", "/digests/3", "协会", lines=("新出台 2 项",)
        )
        assert sent == many
    mail = outbox.listed(office.base.db, "waiting")[0]
    assert "{{site}}/digests/3" in mail.text
    assert "/alerts/leave/" in mail.unsubscribe


def test_what_was_not_confirmed_in_fourteen_days_is_forgotten(office: Office) -> None:
    alerts.ask(office.ground, ADDRESS, "search", {"q": "词", "filters": {}}, "搜索“词”", "now", "协会")
    assert subscriptions.forget_unconfirmed(office.base.db, TODAY + timedelta(days=14)) == 0
    assert subscriptions.forget_unconfirmed(office.base.db, TODAY + timedelta(days=15)) == 1
    assert office.base.db.table("subscribers").count == 0
    assert office.base.db.table("outbox").count == 0
