"""The deadlines: which days count, and a calendar file that another program reads back unchanged."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar, Component

from kb.domain.company import Company
from kb.domain.entry import Entry
from kb.domain.telling import tell
from kb.errors import KbError
from kb.matching.catalogue import Shelf
from kb.matching.match import Matches, match
from kb.outreach.calendar import OCTETS, Deadline, deadline_lines, deadlines, ics
from kb.outreach.message import LEAD, caveat
from kb.store import entries
from tests.conftest import SPRING, TODAY, Base, an_entry

HOME = "https://kb.example.org"
STAMP = datetime(2026, 11, 22, 8, 30, tzinfo=timezone(timedelta(hours=8)))
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200) | st.text(
    "，。；、,;:\\\n\"'稳岗返还〔〕", max_size=200
)


def matched(base: Base, day: date = TODAY, *made: Entry) -> Matches:
    for entry in made:
        entries.publish(base.db, entry, "test", "")
    taxonomy = base.terms.taxonomy
    company = Company(tell(taxonomy), base.terms.standards, taxonomy)
    return match(Shelf(taxonomy).catalogue(base.db), company, day)


def an_offer(end: str | None = None, *windows: dict[str, object], **changes: object) -> Entry:
    way = {"channel": "apply", "windows": windows}
    relief = {"id": "defer", "type": "tax", "title": "缓交试验费用", "what": "缓交。", "apply": way}
    period = {"end": end, "end_kind": "dated"} if end else {"end_kind": "long_term"}
    return an_entry(in_force=period, reliefs=[relief], **changes)


def days(base: Base, entry: Entry) -> list[tuple[str, str]]:
    return [(one.day.isoformat(), one.what) for one in deadlines(matched(base, TODAY, entry))]


def a_deadline(title: str = "稳岗返还", day: date = date(2026, 12, 31)) -> Deadline:
    return Deadline(
        day, "受理截止", "nat-1", "rebate", title, "《通知》（试发〔2020〕1号）", "需要申请", "可能符合"
    )


def read(text: str) -> list[Component]:
    calendar = Calendar.from_ical(text)
    assert not calendar.errors
    events = calendar.walk("VEVENT")
    assert not any(event.errors for event in events)
    return events


def test_windows_close_and_periods_end(base: Base) -> None:
    windows = {"closes": "2026-12-10"}, {"opens": "2027-03-01", "closes": "2027-03-31"}
    assert days(base, an_offer("2027-12-31", *windows)) == [
        ("2026-12-10", "受理截止"),
        ("2027-03-31", "受理截止"),
        ("2027-12-31", "政策到期"),
    ]


def test_one_day_is_one_deadline(base: Base) -> None:
    assert days(base, an_offer("2026-12-31", {"closes": "2026-12-31"})) == [
        ("2026-12-31", "受理截止、政策到期")
    ]


def test_the_day_itself_counts_and_what_is_past_does_not(base: Base) -> None:
    today, past, shut = (
        {"closes": "2026-11-22"},
        {"closes": "2026-11-21"},
        {"closes": "2026-12-01", "closed": True},
    )
    assert days(base, an_offer(None, past, today, shut)) == [("2026-11-22", "受理截止")]


def test_what_has_no_last_day_has_no_deadline(base: Base) -> None:
    assert days(base, an_offer(None, {"opens": "2026-01-01"})) == []


def test_the_shipped_deadlines_are_the_ends_of_the_matches(shipped: Base) -> None:
    for day in (SPRING, TODAY):
        found = matched(shipped, day)
        listed = deadlines(found)
        assert [one.day for one in listed] == sorted(one.day for one in listed)
        assert listed[0].day >= day
        ends = {(f"{one.entry}#{one.relief}", one.day) for one in listed}
        for one in found.matches:
            assert one.status.end is None or (one.offer.id, one.status.end) in ends


def test_what_is_ineligible_has_no_deadline(shipped: Base) -> None:
    """The list it reads holds none; should one get there, nobody is told to hurry."""
    found = matched(shipped, TODAY)
    refused = tuple(one._replace(outcome="ineligible") for one in found.matches)
    assert deadlines(replace(found, matches=refused)) == ()


def test_a_lead_is_called_one(base: Base) -> None:
    entry = an_offer("2026-12-31", verified={"level": "lead"})
    (one,) = deadlines(matched(base, TODAY, entry))
    assert one.name == f"政策到期：缓交试验费用（{LEAD}）"


def test_deadlines_as_text(base: Base) -> None:
    listed = deadlines(matched(base, TODAY, an_offer("2026-12-31")))
    assert deadline_lines(listed) == (
        "2026年12月31日 政策到期：缓交试验费用，《关于阶段性缓缴试验费用的通知》（试发〔2020〕1号）",
    )


def test_an_event_is_read_back_as_it_was_meant() -> None:
    text = ics([a_deadline()], HOME, "某协会", STAMP)
    (event,) = read(text)
    assert event["SUMMARY"] == "受理截止：稳岗返还"
    assert event.decoded("DTSTART") == date(2026, 12, 31)
    assert event.decoded("DTEND") == date(2027, 1, 1)
    assert event.decoded("DTSTAMP") == datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
    assert "DTSTAMP:20261122T003000Z\r\n" in text
    assert event["URL"] == f"{HOME}/entries/nat-1#rebate"
    assert str(event["DESCRIPTION"]).split("\n") == [
        "《通知》（试发〔2020〕1号）",
        "可能符合；需要申请",
        f"{HOME}/entries/nat-1#rebate",
        caveat("某协会"),
    ]
    (alarm,) = event.walk("VALARM")
    assert alarm.decoded("TRIGGER") == timedelta(days=-7)
    assert alarm["ACTION"] == "DISPLAY"
    assert "稳岗返还" in alarm["DESCRIPTION"]


def test_marked_characters_are_escaped() -> None:
    """Said in full, because readers forgive some of them."""
    text = ics([a_deadline("a;b,c\\d\ne:f")], HOME, "某协会", STAMP)
    assert "SUMMARY:受理截止：a\\;b\\,c\\\\d\\ne:f\r\n" in text


def test_it_names_no_organiser_address_and_without_a_base_no_link() -> None:
    text = ics([a_deadline()], "", "某协会", STAMP)
    assert "ORGANIZER" not in text
    assert "mailto" not in text.lower()
    assert "URL" not in read(text)[0]


def test_the_same_relief_and_day_keep_their_uid() -> None:
    listed = [a_deadline(), a_deadline(day=date(2027, 1, 31))]
    first = [event["UID"] for event in read(ics(listed, HOME, "甲", STAMP))]
    again = [event["UID"] for event in read(ics(listed[::-1], "", "乙", STAMP + timedelta(days=9)))]
    assert first == again[::-1]
    assert len(set(first)) == 2


def test_the_whole_calendar_of_shipped_deadlines_is_sound(shipped: Base) -> None:
    listed = deadlines(matched(shipped, TODAY))
    events = read(ics(listed, HOME, "某协会", STAMP))
    assert [event["SUMMARY"] for event in events] == [one.name for one in listed]
    assert len({event["UID"] for event in events}) == len(listed) > 10


def test_without_deadlines_there_is_no_calendar() -> None:
    with pytest.raises(KbError, match="没有查到带截止日的事项"):
        ics([], HOME, "某协会", STAMP)


@given(title=ANY_TEXT)
@example(title="返还" * 80)
@example(title="一，二；三\\四\n五\r\n六\r七,八;九")
@example(title="\x07\u2028🙂" * 30)
def test_any_title_is_folded_escaped_and_read_back(title: str) -> None:
    text = ics([a_deadline(title)], HOME, "某协会", STAMP)
    for line in text.removesuffix("\r\n").split("\r\n"):
        assert 0 < len(line.encode()) <= OCTETS
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line)
    (event,) = read(text)
    plain = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]", "", re.sub(r"\r\n?", "\n", title))
    assert event["SUMMARY"] == f"受理截止：{plain}"
