"""Digests: what is suggested, how it reads on the day, and every form in which an issue goes out."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date

import docx
import pytest
from bs4 import BeautifulSoup
from docx.document import Document
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.difficulty import Rewrite
from kb.domain.digest import Choice, Digest, Item, Masthead, Section, renamed
from kb.outreach.digest import Period, Suggestion, heading_of, items_of, period_for, seal, suggest
from kb.outreach.digestdata import DigestFeed, digest_json, digests_atom
from kb.outreach.digestsince import REWRITTEN, TAKEN_BACK, as_shown, since_issue
from kb.outreach.digesttext import LIMIT, group_texts, wechat_html
from kb.outreach.digestword import digest_word
from kb.search import indexing
from kb.store import difficulties, digests, entries
from tests.conftest import TODAY, Base, an_entry

MARCH = Period(date(2020, 3, 1), date(2020, 3, 31))
LINK = "https://kb.example.org/digests/1"
CAVEAT = "本库由 试验协会 整理，非政府网站，仅供参考；是否享受及如何执行以主管部门解释和正式文件为准。"
HEAD = Masthead(
    editor="试验协会秘书处", sources="政府部门公开发布的文件。", report_to="试验部", send_to="各会员单位"
)


def a_digest(choices: tuple[Choice, ...] = (), items: tuple[Item, ...] = ()) -> Digest:
    """An issue of 31 March 2020 that no store holds."""
    at = "2020-03-31T08:00:00+00:00"
    return Digest(
        1, "issued", 1, MARCH.day, MARCH.since, HEAD, choices, items, 1, 31, "liu", at, "liu", at, "wang", at
    )


def of_march(base: Base) -> Digest:
    """The issue of March 2020 that is suggested, in words."""
    ticked = [one for one in suggest(base.library, base.db, MARCH) if one.ticked]
    choices = tuple(Choice(one.section, one.key) for one in ticked)
    draft = a_digest(choices)
    return replace(draft, items=items_of(base.db, draft, base.terms.taxonomy))


def keys(found: tuple[Suggestion, ...], section: Section) -> list[str]:
    return [one.key for one in found if one.section == section]


# -- what is suggested -----------------------------------------------------------------------------


def test_march_2020_suggests_what_was_issued_in_it_and_nothing_that_came_later(shipped: Base) -> None:
    found = suggest(shipped.library, shipped.db, MARCH)
    new = keys(found, "new")
    assert "nat-2020-cbirc-6" in new
    for key in new:
        held = entries.get(shipped.db, key)
        assert held
        assert MARCH.since <= held.entry.known_on <= MARCH.day
    assert "hz-2020-resume" in keys(found, "ending")
    assert sum(one.ticked for one in found) == 12
    assert not any(one.ticked for one in found if one.hit and one.hit.record.lead)


def publish(base: Base, *changes: dict[str, object]) -> None:
    for given_ in changes:
        entries.publish(base.db, an_entry(**given_), "test", "test")  # type: ignore[arg-type]
    indexing.catch_up(base.library.settings, base.db)


def term(end: str, start: str = "2020-01-05") -> dict[str, str]:
    return {"start": start, "end": end, "end_kind": "dated"}


EXTENSION: dict[str, object] = {
    "entry_id": "nat-2020-later",
    "doc_number": "试发〔2020〕9号",
    "issued_on": "2020-03-20",
    "reliefs": [],
    "in_force": None,
    "relations": [{"type": "extends", "to": "nat-2020-longer", "end": "2020-12-31"}],
}


def test_each_thing_is_suggested_for_what_happened_to_it(base: Base) -> None:
    publish(
        base,
        {"entry_id": "nat-2020-old", "issued_on": "2020-01-05", "in_force": term("2020-12-31")},
        {"entry_id": "nat-2020-new", "issued_on": "2020-03-05"},
        {"entry_id": "nat-2020-longer", "issued_on": "2020-01-05", "in_force": term("2020-06-30")},
        {"entry_id": "nat-2020-soon", "issued_on": "2020-01-05", "in_force": term("2020-04-10")},
        {"entry_id": "nat-2020-later-on", "issued_on": "2020-01-05", "in_force": term("2020-05-25")},
        {"entry_id": "nat-2020-over", "issued_on": "2020-01-05", "in_force": term("2020-03-10")},
        {"entry_id": "nat-2020-next", "issued_on": "2020-04-01"},
        EXTENSION,
    )
    found = suggest(base.library, base.db, MARCH)
    assert {(one.section, one.key, one.ticked) for one in found} == {
        ("new", "nat-2020-new", True),
        ("changed", "nat-2020-longer", True),
        ("ending", "nat-2020-soon", True),
        ("ending", "nat-2020-later-on", False),
        ("ended", "nat-2020-over", True),
    }


def test_what_changed_and_is_long_over_is_listed_and_not_ticked(base: Base) -> None:
    publish(
        base,
        {"entry_id": "nat-2020-longer", "issued_on": "2020-01-05", "in_force": term("2020-06-30")},
        EXTENSION,
    )
    (one,) = suggest(base.library, base.db, Period(date(2020, 3, 1), date(2026, 11, 22)))
    assert (one.section, one.key, one.ticked) == ("changed", "nat-2020-longer", False)


def test_after_an_issue_the_next_one_begins_on_the_day_after_it(base: Base) -> None:
    assert period_for(base.db, MARCH.day).since == date(2020, 3, 1)
    draft = digests.create(base.db, MARCH.day, MARCH.since, [Choice("new", "x")], HEAD, "liu")
    done = digests.issue(base.db, draft, (Item("new", "x", "", "一", "二"),), "wang", lambda _: b"")
    after = period_for(base.db, date(2020, 4, 15))
    assert (after.since, after.after) == (date(2020, 4, 1), done.issued_at)


def test_what_was_entered_or_rewritten_after_the_last_issue_is_suggested_too(base: Base) -> None:
    publish(base, {"entry_id": "nat-2020-known", "issued_on": "2020-01-05"})
    moment = entries.get(base.db, "nat-2020-known").version.published_at  # type: ignore[union-attr]
    publish(
        base,
        {"entry_id": "nat-2020-found-late", "issued_on": "2020-01-06"},
        {"entry_id": "nat-2020-known", "issued_on": "2020-01-05", "promise": "可以缓交六个月。"},
    )
    period = replace(MARCH, after=moment)
    found = suggest(base.library, base.db, period)
    assert keys(found, "new") == ["nat-2020-found-late"]
    assert keys(found, "changed") == ["nat-2020-known"]


@pytest.mark.parametrize(
    ("end", "section"), [("2020-02-28", None), ("2020-02-29", "ended"), ("2020-03-30", "ended")]
)
def test_what_ran_out_on_the_day_of_the_issue_before_has_ended_since(
    base: Base, end: str, section: Section | None
) -> None:
    publish(base, {"entry_id": "nat-2020-over", "issued_on": "2020-01-05", "in_force": term(end)})
    found = suggest(base.library, base.db, MARCH)
    assert [one.section for one in found] == ([section] if section else [])


def test_the_issue_before_is_the_one_of_the_latest_day_not_the_one_issued_last(base: Base) -> None:
    def issue(day: date) -> Digest:
        draft = digests.create(base.db, day, day, [Choice("new", "x")], HEAD, "liu")
        return digests.issue(base.db, draft, (Item("new", "x", "", "一", "二"),), "wang", lambda _: b"")

    march, _february = issue(date(2020, 3, 31)), issue(date(2020, 2, 29))
    period = period_for(base.db, date(2020, 4, 15))
    assert (period.since, period.after) == (date(2020, 4, 1), march.issued_at)


def test_an_extension_that_is_typed_in_after_an_issue_reaches_the_next_though_it_is_older(
    base: Base,
) -> None:
    publish(base, {"entry_id": "nat-2020-longer", "issued_on": "2020-01-05", "in_force": term("2020-06-30")})
    draft = digests.create(base.db, MARCH.day, MARCH.since, [Choice("new", "nat-2020-longer")], HEAD, "liu")
    first = digests.issue(base.db, draft, items_of(base.db, draft, base.terms.taxonomy), "w", lambda _: b"")
    publish(base, EXTENSION)
    period = period_for(base.db, date(2020, 4, 15))
    assert keys(suggest(base.library, base.db, period), "changed") == ["nat-2020-longer"]
    choices = (Choice("changed", "nat-2020-longer"),)
    digest = replace(a_digest(choices), since=period.since, day=period.day)
    (item,) = items_of(base.db, digest, base.terms.taxonomy)
    assert item.change == "到期日 2020-06-30 → 2020-12-31，因 试发〔2020〕9号"
    assert since_issue(base.db, first, period.day) == {"nat-2020-longer": item.change}


# -- in words --------------------------------------------------------------------------------------


def test_items_stand_as_on_the_day_of_the_issue(shipped: Base) -> None:
    (item,) = items_of(shipped.db, a_digest((Choice("new", "nat-2020-cbirc-6"),)), shipped.terms.taxonomy)
    assert item.title.startswith("全国·")
    assert (item.status, item.end) == ("open", "2020-06-30")
    assert item.until.startswith("2020年6月30日止")
    assert item.number == "银保监发〔2020〕6号"
    assert "内容待核实" in item.note


def test_a_change_tells_both_days_and_because_of_which_document(base: Base) -> None:
    publish(
        base,
        {"entry_id": "nat-2020-longer", "issued_on": "2020-01-05", "in_force": term("2020-06-30")},
        EXTENSION,
    )
    (item,) = items_of(base.db, a_digest((Choice("changed", "nat-2020-longer"),)), base.terms.taxonomy)
    assert item.change == "到期日 2020-06-30 → 2020-12-31，因 试发〔2020〕9号"


def test_an_unconfirmed_number_is_never_printed_and_an_inferred_end_says_about(base: Base) -> None:
    publish(
        base,
        {
            "entry_id": "nat-2020-doubt",
            "issued_on": "2020-03-05",
            "doc_number": None,
            "doc_number_candidate": "试发〔2020〕77号",
            "verified": {"doubts": {"doc_number": "没有见到原件", "period": "没有见到原件"}},
            "in_force": {**term("2020-09-30"), "inferred": "有效期半年"},
        },
    )
    digest = a_digest((Choice("new", "nat-2020-doubt"),))
    digest = replace(digest, items=items_of(base.db, digest, base.terms.taxonomy))
    (item,) = digest.items
    assert item.until.startswith("约2020年9月30日（据有效期半年推算）止")
    assert "期限" in item.note
    everywhere = "".join((*group_texts(digest, "试验协会", LINK), wechat_html(digest, "试验协会", LINK)))
    assert "77号" not in everywhere
    assert "待核" in everywhere
    assert "约2020年9月30日" in everywhere


def test_headings_are_short_and_say_no_issuer_twice() -> None:
    one = an_entry()
    assert heading_of(one) == "缓交试验费用"
    two = an_entry(
        title="试验部 试验局关于支持试点企业若干措施的通知",
        reliefs=[
            {"id": "a", "type": "tax", "title": "一", "what": "一"},
            {"id": "b", "type": "tax", "title": "二", "what": "二"},
        ],
    )
    assert heading_of(two) == "支持试点企业若干措施的通知"
    service = an_entry(kind="service", title="试验部网上培训课程", doc_number=None)
    assert heading_of(service) == "网上培训课程"


def answered(base: Base) -> difficulties.Difficulty:
    """A made-up difficulty, answered, and published with its member's consent."""
    held, _token = difficulties.state_one(base.db, needs=["loans"], text="秘密的原话", region="430000")
    held = difficulties.propose(
        base.db, held, Rewrite("贷款到期", "一家会员贷款快到期。", "可以展期。"), "liu"
    )
    held = difficulties.agree(base.db, held, held.rewrite.seal)  # type: ignore[union-attr]
    return difficulties.publish(base.db, held, "liu")


def test_an_answered_difficulty_goes_out_in_the_words_its_member_agreed_to(base: Base) -> None:
    held = answered(base)
    day = date.fromisoformat(held.published_at[:10])
    found = suggest(base.library, base.db, Period(day.replace(day=1), date(day.year, 12, 31)))
    assert keys(found, "answered") == [str(held.id)]
    digest = a_digest((Choice("answered", str(held.id)),))
    (item,) = items_of(base.db, digest, base.terms.taxonomy)
    assert (item.title, item.text) == ("会员·贷款到期", "一家会员贷款快到期。\n答复：可以展期。")


def test_what_a_member_takes_back_is_shown_no_more_wherever_it_was_printed(base: Base) -> None:
    held = answered(base)
    digest = a_digest((Choice("answered", str(held.id)),))
    digest = replace(digest, items=items_of(base.db, digest, base.terms.taxonomy))
    assert as_shown(base.db, digest) == digest
    difficulties.disagree(base.db, difficulties.existing(base.db, held.id))
    (item,) = as_shown(base.db, digest).items
    assert item.text == TAKEN_BACK
    assert "贷款" not in item.title
    assert items_of(base.db, digest, base.terms.taxonomy) == ()


def test_the_seal_of_a_preview_breaks_when_an_entry_changes(base: Base) -> None:
    publish(base, {"entry_id": "nat-2020-one"})
    digest = a_digest((Choice("new", "nat-2020-one"),))
    before = seal(items_of(base.db, digest, base.terms.taxonomy))
    assert seal(items_of(base.db, digest, base.terms.taxonomy)) == before
    publish(base, {"entry_id": "nat-2020-one", "promise": "可以缓交六个月。"})
    assert seal(items_of(base.db, digest, base.terms.taxonomy)) != before


def test_a_heading_of_its_own_never_stands_over_what_a_member_agreed_to(base: Base) -> None:
    held = answered(base)
    choices = (Choice("answered", str(held.id), "长沙某公司的贷款"),)
    (item,) = items_of(base.db, a_digest(choices), base.terms.taxonomy)
    assert item.heading == "贷款到期"
    assert renamed(choices, {str(held.id): "又一个"})[0].heading == ""


def test_words_agreed_to_anew_do_not_bring_back_those_of_the_issue(base: Base) -> None:
    held = answered(base)
    digest = a_digest((Choice("answered", str(held.id)),))
    digest = replace(digest, items=items_of(base.db, digest, base.terms.taxonomy))
    held = difficulties.disagree(base.db, difficulties.existing(base.db, held.id))
    held = difficulties.propose(base.db, held, Rewrite("另一题", "另一些话。", ""), "liu")
    held = difficulties.agree(base.db, held, held.rewrite.seal)  # type: ignore[union-attr]
    difficulties.publish(base.db, held, "liu")
    (item,) = as_shown(base.db, digest).items
    assert "贷款" not in item.title + item.text
    assert item.text == REWRITTEN


def test_a_deleted_difficulty_leaves_its_place_in_the_issue_and_no_word(base: Base) -> None:
    held = answered(base)
    draft = digests.create(base.db, TODAY, TODAY, [Choice("answered", str(held.id))], HEAD, "liu")
    digests.issue(
        base.db, draft, items_of(base.db, draft, base.terms.taxonomy), "wang", lambda _: "贷款".encode()
    )
    difficulties.delete(base.db, difficulties.existing(base.db, held.id))
    kept = digests.existing(base.db, draft.id)
    assert kept.items == (Item("answered", str(held.id)),)
    assert digests.word_of(base.db, draft.id) == b""
    (item,) = as_shown(base.db, kept).items
    assert (item.title, item.text) == ("会员·（已撤下）", TAKEN_BACK)


@pytest.mark.parametrize("key", ["²", "٣", "9" * 30, "", "x"])
def test_what_is_no_number_of_a_difficulty_is_left_out(base: Base, key: str) -> None:
    assert items_of(base.db, a_digest((Choice("answered", key),)), base.terms.taxonomy) == ()


# -- reliefs that end on different days --------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "since", "day", "section", "named", "until"),
    [
        (
            "nat-2020-8dept-sme-fin",
            date(2020, 6, 10),
            date(2020, 6, 20),
            "ending",
            "开发性政策性银行专项信贷：2020年6月30日止",
            "各项不同，最晚2020年12月31日止",
        ),
        (
            "nat-2020-mof-sta-13",
            date(2021, 3, 20),
            date(2021, 3, 25),
            "ending",
            "湖北小规模纳税人免增值税：2021年3月31日止",
            "各项不同，最晚2021年12月31日止",
        ),
        (
            "nat-2020-mof-sta-13",
            date(2021, 4, 1),
            date(2021, 4, 10),
            "ended",
            "湖北小规模纳税人免增值税：已于2021年3月31日到期",
            "各项不同，部分已到期，最晚2021年12月31日止",
        ),
        (
            "nat-2020-mohrss-49",
            date(2020, 7, 1),
            date(2020, 7, 10),
            "ended",
            "大型企业等减半延到6月底（湖北以外）、湖北大型企业等免征到6月底：已于2020年6月30日到期",
            "各项不同，部分已到期，最晚2020年12月31日止",
        ),
    ],
)
def test_the_end_of_one_relief_is_suggested_and_named_though_others_go_on(
    shipped: Base, key: str, since: date, day: date, section: Section, named: str, until: str
) -> None:
    found = suggest(shipped.library, shipped.db, Period(since, day))
    (one,) = [one for one in found if one.key == key]
    assert (one.section, one.ticked, one.named) == (section, True, named)
    digest = replace(a_digest((Choice(section, key),)), since=since, day=day)
    (item,) = items_of(shipped.db, digest, shipped.terms.taxonomy)
    assert item.change == named
    assert item.until.startswith(until)
    assert named[:12] in group_texts(replace(digest, items=(item,)), "试验协会", LINK)[0]


def test_an_item_names_the_ends_of_its_reliefs(shipped: Base) -> None:
    digest = replace(a_digest((Choice("new", "nat-2020-mof-sta-13"),)), day=date(2021, 4, 10))
    (item,) = items_of(shipped.db, digest, shipped.terms.taxonomy)
    assert item.until.startswith(
        "各项不同，湖北小规模纳税人免增值税：已于2021年3月31日到期；"
        "湖北以外小规模纳税人3%减按1%：2021年12月31日止"
    )


def test_a_long_line_of_ends_never_cuts_what_is_not_verified_from_a_group() -> None:
    item = Item(
        "changed",
        "k",
        "湖南",
        "题",
        "文",
        until="各项不同，" + "一" * 125,
        change="二" * 80,
        number="试发〔2020〕1号",
        note="内容待核实：期限",
    )
    (text,) = group_texts(a_digest(items=(item,)), "试验协会", "")
    assert "说明：内容待核实：期限\n" in text
    assert "变化：二二" in text


# -- since the issue -------------------------------------------------------------------------------


def test_an_old_issue_tells_what_ended_or_was_extended_since(base: Base) -> None:
    publish(
        base,
        {"entry_id": "nat-2020-longer", "issued_on": "2020-01-05", "in_force": term("2020-06-30")},
        {"entry_id": "nat-2020-short", "issued_on": "2020-01-05", "in_force": term("2020-04-30")},
        {"entry_id": "nat-2020-same", "issued_on": "2020-01-05", "in_force": term("2030-04-30")},
        {"entry_id": "nat-2020-gone", "issued_on": "2020-01-05", "in_force": term("2030-04-30")},
    )
    names = ("longer", "short", "same", "gone")
    digest = a_digest(tuple(Choice("new", f"nat-2020-{name}") for name in names))
    digest = replace(digest, items=items_of(base.db, digest, base.terms.taxonomy))
    assert since_issue(base.db, digest, MARCH.day) == {}
    publish(base, {**EXTENSION, "issued_on": "2020-05-20"})
    entries.withdraw(base.db, "nat-2020-gone", "test", "收错了")
    told = since_issue(base.db, digest, date(2020, 6, 1))
    assert told == {
        "nat-2020-longer": "到期日 2020-06-30 → 2020-12-31，因 试发〔2020〕9号",
        "nat-2020-short": "已于2020年4月30日到期",
        "nat-2020-gone": "已撤下，请看条目页的说明",
    }


# -- group text ------------------------------------------------------------------------------------

words = st.text(st.sampled_from("一二三四五政策 《》。；\n0aA😀"), max_size=400)
items = st.lists(
    st.builds(
        Item, st.sampled_from(["new", "ending"]), st.just("k"), words, words, words, until=words, change=words
    ),
    min_size=1,
    max_size=40,
)


@given(items)
def test_messages_are_short_enough_whole_and_end_with_the_caveat(given_: list[Item]) -> None:
    digest = a_digest(items=tuple(given_))
    texts = group_texts(digest, "试验协会", LINK)
    assert all(len(text) <= LIMIT for text in texts)
    assert all(text.endswith(CAVEAT) and LINK in text for text in texts)
    starts = [len(re.findall(rf"(?m)^{number}\. ", "\n".join(texts))) for number in range(1, len(given_) + 1)]
    assert all(starts)


def test_several_messages_are_numbered_and_no_item_is_torn(shipped: Base) -> None:
    digest = of_march(shipped)
    texts = group_texts(digest, "试验协会", LINK)
    assert [re.search(r"（(\d+/\d+)）", text)[1] for text in texts] == ["1/3", "2/3", "3/3"]  # type: ignore[index]
    for number in range(1, len(digest.items) + 1):
        (holding,) = [text for text in texts if re.search(rf"(?m)^{number}\. ", text)]
        assert "到什么时候" in holding.split(f"\n{number}. ")[1].split(f"\n{number + 1}. ")[0]


def test_who_and_how_are_said_as_long_as_two_messages_hold_them() -> None:
    def texts(many: int) -> str:
        item = Item(
            "new", "k", "湖南", "稳岗返还", "退还失业保险费。" * 4, "小型企业", "长期有效", "免申即享"
        )
        return "\n".join(group_texts(a_digest(items=(item,) * many), "试验协会", LINK))

    few, many = texts(8), texts(40)
    assert few.count("谁能享受：小型企业；到什么时候：长期有效；怎么办：免申即享") == 8
    assert "谁能享受" not in many
    assert many.count("到什么时候：长期有效") == 40


def test_one_message_has_no_number() -> None:
    (text,) = group_texts(a_digest(items=(Item("new", "k", "湖南", "稳岗返还", "退钱。"),)), "试验协会", "")
    assert (
        text == f"【惠企政策简报】2020年第 1 期（总第 31 期） 2020年3月31日\n1. 湖南·稳岗返还：退钱\n{CAVEAT}"
    )


# -- 公众号正文 ------------------------------------------------------------------------------------


def test_the_text_for_wechat_has_inline_styles_alone_and_its_picture_inside(shipped: Base) -> None:
    soup = BeautifulSoup(wechat_html(of_march(shipped), "试验协会", LINK), "lxml")
    assert not soup.select("a, script, style, link, iframe, [class], [id], [onclick]")
    (picture,) = soup.select("img")
    assert str(picture["src"]).startswith("data:image/png;base64,")
    assert all(tag.has_attr("style") for tag in soup.select("section, p, strong, img"))
    text = soup.get_text()
    assert CAVEAT in text
    assert "http" not in text
    assert not BeautifulSoup(wechat_html(of_march(shipped), "试验协会", ""), "lxml").select("img")


def test_what_staff_typed_cannot_become_a_tag() -> None:
    digest = a_digest(items=(Item("new", "k", "", "<b>粗</b>", "<script>1</script>"),))
    soup = BeautifulSoup(wechat_html(digest, "试验协会", ""), "lxml")
    assert not soup.select("b, script")
    assert "<script>1</script>" in soup.get_text()


# -- Word ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def march_digest(shipped: Base) -> Digest:
    return of_march(shipped)


@pytest.fixture(scope="module")
def march_word(march_digest: Digest) -> Document:
    """The digest of March 2020 as python-docx reads it back."""
    return docx.Document(io.BytesIO(digest_word(march_digest, "试验协会", LINK)))


def lines(doc: Document) -> list[str]:
    return [one.text for one in doc.paragraphs]


def test_the_first_page_is_masthead_number_publisher_date_and_contents(
    march_digest: Digest, march_word: Document
) -> None:
    styles = [one.style.name for one in march_word.paragraphs[:5]]
    assert styles == ["报头", "刊号", "刊期", "TOC Heading", "toc 1"]
    assert lines(march_word)[:4] == [
        "惠企政策简报",
        "2020年第 1 期（总第 31 期）",
        "试验协会秘书处\t2020年3月31日",
        "目　录",
    ]
    toc = [one for one in march_word.paragraphs if one.style.name == "toc 1"]
    linked = ["".join(text.text or "" for text in one._p.iter(qn("w:t"), qn("w:tab"))) for one in toc]
    expected = [item.title for _section, held in march_digest.sections for item in held]
    for number, (line, title) in enumerate(zip(linked, expected, strict=True), 1):
        assert line.startswith(f"{number}. {title}")


def test_each_line_of_the_contents_leads_to_its_heading_with_a_page_field(march_word: Document) -> None:
    body = march_word.element.body
    marks = [one.get(qn("w:name")) for one in body.iter(qn("w:bookmarkStart"))]
    anchors = [one.get(qn("w:anchor")) for one in body.iter(qn("w:hyperlink"))]
    fields = [(one.text or "").split()[1] for one in body.iter(qn("w:instrText"))]
    assert marks == anchors == fields
    assert len(set(marks)) == len(marks) == 12


def test_sections_and_items_are_real_headings_as_the_standard_numbers_them(
    march_digest: Digest, march_word: Document
) -> None:
    first = [one.text for one in march_word.paragraphs if one.style.name == "Heading 1"]
    second = [one.text for one in march_word.paragraphs if one.style.name == "Heading 2"]
    assert first == ["一、新政策和新服务", "二、即将到期", "三、刚到期，关注续期"]
    assert second == [item.title for _section, held in march_digest.sections for item in held]


def test_the_items_say_until_when_and_what_is_not_verified(march_word: Document) -> None:
    text = "\n".join(lines(march_word))
    at = text.rindex("对中小微企业贷款实施临时性延期还本付息")
    assert "到什么时候：2020年6月30日止" in text[at - 400 : at + 400]
    assert "文号：银保监发〔2020〕6号" in text
    assert "说明：内容待核实" in text
    assert "2020〕29号" not in text


def test_the_end_is_sources_caveat_code_and_who_is_sent_it(march_word: Document) -> None:
    tail = lines(march_word)[-7:]
    assert tail[0] == "（信息来源说明：政府部门公开发布的文件。）"
    assert tail[1] == CAVEAT
    assert tail[3:] == [
        "扫码看网页版和以后的变化",
        "报：试验部",
        "送：各会员单位",
        "试验协会秘书处　2020年3月31日印发",
    ]
    assert len(march_word.inline_shapes) == 1


def test_a_text_that_no_xml_can_hold_makes_a_word_file_all_the_same() -> None:
    digest = a_digest(items=(Item("new", "k", "地\x00", "题\x0b", "文\ud800"),))
    doc = docx.Document(io.BytesIO(digest_word(digest, "试验\x01协会", "")))
    assert "地·题" in lines(doc)


# -- data and feed ---------------------------------------------------------------------------------


def test_the_data_of_an_issue_is_what_it_says_with_what_changed_since(shipped: Base) -> None:
    digest = of_march(shipped)
    data = digest_json(digest, "试验协会", since={"nat-2020-cbirc-6": "已到期"})
    assert (data["number"], data["number_in_year"], data["day"]) == (31, 1, "2020-03-31")
    changed = {one["key"]: one["changed_since"] for one in data["items"]}
    assert changed["nat-2020-cbirc-6"] == "已到期"
    assert data["caveat"] == CAVEAT


def test_the_feed_is_well_formed_whatever_an_issue_holds_and_without_issues() -> None:
    feed = DigestFeed("简报", LINK, LINK, "https://kb.example.org/digests/", "试验协会")
    digest = a_digest(items=(Item("new", "k", "", "题\x00<&>", "文"),))
    for issues in ([], [digest]):
        soup = BeautifulSoup(digests_atom(feed, issues, "2020-01-01T00:00:00Z"), "xml")
        assert len(soup.select("entry")) == len(issues)
        assert soup.select_one("feed > updated")
    assert soup.select_one("entry > id").text == "https://kb.example.org/digests/31"  # type: ignore[union-attr]
