"""A sheet against the knowledge base: out and in changes nothing, edits are taken, hand-made work stays."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.domain.cells import tidy
from kb.domain.columns import COLUMNS, ID, RELIEF_ID, VERSION
from kb.domain.entry import Entry
from kb.domain.taxonomy import Taxonomy
from kb.errors import KbError
from kb.ingest.sheetfile import read_table
from kb.ingest.sheets import Outcome, Report, plan, take_in
from kb.ingest.tables import Row, Table
from kb.outreach.sheets import as_csv, as_workbook, rows_for
from kb.store import audit, drafts, entries, naming
from tests.conftest import Base, an_entry
from tests.ingest.rows import new_row

Cells = dict[str, str]
RULE = {"text": "出租方是国有的", "field": "landlord_state_owned", "op": "eq", "value": True}
TWO = [
    {"id": "defer", "type": "tax", "title": "缓交试验费用", "what": "缓交三个月。", "conditions": [RULE]},
    {
        "id": "rent",
        "type": "rent",
        "title": "减免房租",
        "what": "减半。",
        "worth": {"text": "减半", "rate": "0.5"},
    },
]


def publish(base: Base, entry: Entry) -> None:
    entries.publish(base.db, entry, "test", "test")


def exported(base: Base, *ids: str) -> list[Cells]:
    return [
        dict(row)
        for row in rows_for(base.db, ids or [one.id for one in naming.names(base.db)], base.terms.taxonomy)
    ]


def planned(base: Base, rows: Sequence[Cells]) -> Report:
    """The report on rows whose numbers begin below the header."""
    titles = tuple(rows[0])
    columns = tuple(one for one in COLUMNS if one.title in titles)
    numbered = tuple(Row(number, row) for number, row in enumerate(rows, start=2))
    return plan(base.db, Table(columns, numbered, ()), base.terms.taxonomy)


def only(report: Report) -> Outcome:
    (outcome,) = report.outcomes
    return outcome


def told(report: Report, what: str = "error") -> list[tuple[int, str]]:
    remarks = [*report.remarks, *(one for outcome in report.outcomes for one in outcome.remarks)]
    return [(one.row, one.column) for one in remarks if one.what == what]


@pytest.fixture
def two(base: Base) -> Base:
    """A knowledge base with one entry of two reliefs, at its first version."""
    publish(base, an_entry(reliefs=TWO))
    return base


@pytest.mark.parametrize("as_bytes", [lambda rows, _t: as_csv(rows).encode(), as_workbook])
def test_what_was_taken_out_and_is_brought_in_changes_nothing(
    shipped: Base, as_bytes: Callable[[list[Cells], Taxonomy], bytes]
) -> None:
    data = as_bytes(exported(shipped), shipped.terms.taxonomy)
    report = plan(shipped.db, read_table(data), shipped.terms.taxonomy)
    assert len(report.outcomes) == len(naming.names(shipped.db))
    assert {row.what for row in report.rows} == {"unchanged"}
    assert report.remarks == ()


def test_a_report_writes_nothing(two: Base) -> None:
    before = list(two.db.conn.iterdump())
    rows = exported(two)
    rows[0]["标题"] = "改过的标题"
    assert planned(two, [*rows, new_row()]).to_take
    assert list(two.db.conn.iterdump()) == before


def test_a_changed_cell_changes_that_field_and_nothing_else(two: Base) -> None:
    rows = exported(two)
    rows[1]["事项标题"] = "房租减半"
    outcome = only(planned(two, rows))
    (change,) = outcome.changes
    assert (change.row, change.column, change.before, change.after) == (3, "事项标题", "减免房租", "房租减半")
    assert outcome.data is not None
    held = entries.get(two.db, "nat-2020-test-1")
    assert held is not None
    expected = json.loads(entries.to_json(held.entry))
    expected["reliefs"][1]["title"] = "房租减半"
    assert outcome.data == expected
    assert [row.what for row in planned(two, rows).rows] == ["unchanged", "changed"]


def test_a_field_of_the_entry_need_be_changed_in_one_of_its_rows_only(two: Base) -> None:
    rows = exported(two)
    rows[1]["标题"] = "改过的标题"
    outcome = only(planned(two, rows))
    assert outcome.title == "改过的标题"
    assert [(one.row, one.column) for one in outcome.changes] == [(3, "标题")]


def test_rows_of_one_entry_that_disagree_are_an_error(two: Base) -> None:
    rows = exported(two)
    rows[0]["标题"], rows[1]["标题"] = "这样", "那样"
    assert told(planned(two, rows)) == [(3, "标题")]
    assert planned(two, rows).to_take == ()


def test_an_emptied_cell_of_an_exported_row_takes_the_field_away(two: Base) -> None:
    rows = exported(two)
    for row in rows:
        row["文号"] = ""
    data = only(planned(two, rows)).data
    assert data is not None
    assert "doc_number" not in data


def test_what_was_edited_since_the_export_stays_and_the_rest_is_taken(two: Base) -> None:
    rows = exported(two)
    publish(two, an_entry(reliefs=TWO, title="在工作台改过的标题"))
    for row in rows:
        row["标题"], row["概要"] = "表里的标题", "表里的概要"
    report = planned(two, rows)
    outcome = only(report)
    assert told(report, "protected") == [(2, "标题")]
    assert outcome.data is not None
    assert (outcome.data["title"], outcome.data["summary"]) == ("在工作台改过的标题", "表里的概要")
    assert outcome.base_version == 2


def test_what_was_edited_since_the_export_and_not_in_the_sheet_stays_in_silence(two: Base) -> None:
    rows = exported(two)
    publish(two, an_entry(reliefs=TWO, title="在工作台改过的标题"))
    report = planned(two, rows)
    assert [row.what for row in report.rows] == ["unchanged", "unchanged"]
    assert told(report, "protected") == []


def test_a_row_without_a_version_fills_what_is_empty_and_changes_nothing_else(two: Base) -> None:
    rows = exported(two)
    for row in rows:
        row[VERSION], row["标题"], row["概要"], row["一句话好处"] = "", "别的标题", "补上的概要", ""
    report = planned(two, rows)
    data = only(report).data
    assert told(report, "protected") == [(2, "标题")]
    assert data is not None
    assert (data["title"], data["summary"]) == ("关于阶段性缓缴试验费用的通知", "补上的概要")
    assert data["promise"] == "中小企业的试验费用可以缓交三个月。"


def test_a_protected_row_says_so(two: Base) -> None:
    row = {**exported(two)[0], VERSION: "", "标题": "别的标题"}
    assert [one.what for one in planned(two, [row]).rows] == ["protected"]


def test_a_row_without_an_id_finds_its_entry_by_number_or_title(two: Base) -> None:
    by_number = {"文号": "试发[2020]1号", "概要": "补"}
    by_title = {"标题": "关于阶段性缓缴试验费用的通知", "概要": "补"}
    for row in (by_number, by_title):
        assert only(planned(two, [row])).entry_id == "nat-2020-test-1"


def test_a_number_that_two_entries_have_asks_for_the_id(two: Base) -> None:
    publish(two, an_entry("nat-2020-test-2"))
    assert told(planned(two, [{"文号": "试发〔2020〕1号", "概要": "补"}])) == [(2, ID)]


def test_new_rows_make_one_entry_with_a_relief_each(base: Base) -> None:
    rows = [new_row(), new_row(事项标题="第二项", 支持类型="金融信贷"), new_row(事项标题="第三项")]
    outcome = only(planned(base, rows))
    assert (outcome.what, outcome.base_version) == ("new", None)
    assert outcome.data is not None
    assert [one["id"] for one in outcome.data["reliefs"]] == ["subsidy-1", "finance-1", "subsidy-2"]
    assert outcome.data["kind"] == "policy"
    assert outcome.data["in_force"] == {"end": "2026-12-31", "end_kind": "dated"}


def test_the_rows_below_need_only_say_which_entry_they_are_about(base: Base) -> None:
    second = {
        "标题": "关于试验补贴的通知",
        "支持类型": "培训",
        "事项标题": "试验培训",
        "能得到什么": "免费学。",
    }
    outcome = only(planned(base, [new_row(), {**dict.fromkeys(new_row(), ""), **second}]))
    assert outcome.what == "new"
    assert outcome.data is not None
    assert [one["type"] for one in outcome.data["reliefs"]] == ["subsidy", "training"]


def test_a_new_relief_below_exported_rows_changes_no_other_field(two: Base) -> None:
    added = {
        **dict.fromkeys(new_row(), ""),
        ID: "nat-2020-test-1",
        "支持类型": "税费减免",
        "事项标题": "新的一项",
        "能得到什么": "少交。",
    }
    outcome = only(planned(two, [*exported(two), added]))
    assert [(one.row, one.column) for one in outcome.changes if one.column == RELIEF_ID] == [(4, RELIEF_ID)]
    assert outcome.data is not None
    assert [one["id"] for one in outcome.data["reliefs"]] == ["defer", "rent", "tax-1"]


def test_a_row_that_is_missing_takes_no_relief_away(two: Base) -> None:
    assert only(planned(two, exported(two)[:1])).what == "unchanged"


def test_a_new_entry_like_one_we_hold_is_told(two: Base) -> None:
    row = new_row(标题="关于阶段性缓缴试验费用的通知", 文号="试发〔2026〕77号")
    assert told(planned(two, [row]), "note") == [(2, "标题")]


def test_what_a_cell_cannot_say_stays(two: Base) -> None:
    rows = exported(two)
    rows[0]["条件（每行一条）"] += "\n按时交租"
    rows[1]["好处原文"] = "减四成"
    report = planned(two, rows)
    data = only(report).data
    assert data is not None
    assert data["reliefs"][0]["conditions"] == [RULE, {"text": "按时交租"}]
    assert data["reliefs"][1]["worth"] == {"text": "减四成", "rate": "0.5"}
    assert told(report, "note") == [(3, "好处原文")]


def test_a_rule_is_not_reworded_in_a_sheet(two: Base) -> None:
    rows = exported(two)
    rows[0]["条件（每行一条）"] = "出租方是国企"
    assert told(planned(two, rows)) == [(2, "条件（每行一条）")]


def test_the_kind_of_end_follows_an_end_that_alone_was_changed(base: Base) -> None:
    inferred = {"end": "2020-06-30", "end_kind": "dated", "inferred": "有效期半年"}
    publish(base, an_entry(in_force=inferred))
    rows = exported(base)
    rows[0]["期限止"] = ""
    assert (only(planned(base, rows)).data or {})["in_force"] == {"end_kind": "unstated"}
    rows[0]["期限止"] = "2020-12-31"
    assert (only(planned(base, rows)).data or {})["in_force"] == {"end": "2020-12-31", "end_kind": "dated"}


def test_a_day_of_issue_that_moves_takes_the_day_it_was_known_along(two: Base) -> None:
    rows = exported(two)
    rows[0]["成文日期"] = "2020年2月3日"
    data = only(planned(two, rows)).data
    assert data is not None
    assert data["known_on"] == data["issued_on"] == "2020-02-03"


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ({"成文日期": "去年"}, (2, "成文日期")),
        ({"支持类型": "减一点"}, (2, "支持类型")),
        ({"事项标题": ""}, (2, "事项标题")),
        ({"标题": "", "文号": ""}, (2, ID)),
        ({"适用地区": ""}, (2, "适用地区")),
        ({"来源文件": ""}, (2, "来源文件")),
        ({"在哪里办": "税务局"}, (2, "办理渠道")),
        ({"期限类型": "长期有效"}, (2, "期限起")),
        ({"概要": "零\x00字符"}, (2, "概要")),
        ({VERSION: "3"}, (2, VERSION)),
        ({ID: "Not An Id"}, (2, ID)),
        ({"类别": "案例"}, (2, "")),
        ({"办结天数": "三天"}, (2, "办结天数")),
        ({"规模": "小型、特小型"}, (2, "规模")),
        ({"事项期限起": "2026-02-01", "事项期限止": "2026-01-01"}, (2, "事项期限起")),
    ],
)
def test_an_error_names_its_row_and_column_and_what_to_do(
    base: Base, cells: Cells, place: tuple[int, str]
) -> None:
    report = planned(base, [new_row(**cells)])
    assert place in told(report)
    assert [row.what for row in report.rows] == ["error"]
    assert report.to_take == ()


@pytest.mark.parametrize(
    ("cells", "place"),
    [({VERSION: "9"}, (2, VERSION)), ({VERSION: "一"}, (2, VERSION)), ({ID: "nat-2020-none"}, (2, VERSION))],
)
def test_a_version_that_never_was_is_an_error(two: Base, cells: Cells, place: tuple[int, str]) -> None:
    assert told(planned(two, [{**exported(two)[0], **cells}])) == [place]


def test_the_same_relief_twice_is_an_error(two: Base) -> None:
    assert told(planned(two, [exported(two)[0], exported(two)[0]])) == [(3, RELIEF_ID)]


def test_what_was_withdrawn_is_not_changed_from_a_sheet(two: Base) -> None:
    rows = exported(two)
    entries.withdraw(two.db, "nat-2020-test-1", "test", "test")
    assert told(planned(two, rows)) == [(2, ID)]


def test_an_error_in_one_entry_does_not_hold_up_another(two: Base) -> None:
    rows = [*exported(two), new_row(), new_row(文号="试发〔2026〕10号", 标题="另一份", 成文日期="乱写")]
    rows[0]["概要"] = "补"
    assert [row.what for row in planned(two, rows).rows] == ["changed", "unchanged", "new", "error"]


def test_importing_makes_drafts_and_publishes_nothing(two: Base) -> None:
    rows = exported(two)
    rows[0]["概要"] = "表里的概要"
    report = planned(two, [*rows, new_row()])
    made, already = take_in(two.db, report, "li", "100000", "表.xlsx", "ab" * 32)
    assert already == 0
    changed, new = made
    assert (changed.entry_id, changed.base_version, changed.origin) == ("nat-2020-test-1", 1, "sheet:表.xlsx")
    assert (new.base_version, new.state, new.title) == (None, "draft", "关于试验补贴的通知")
    assert Entry.model_validate(dict(new.data))
    held = entries.get(two.db, "nat-2020-test-1")
    assert held is not None
    assert held.version.number == 1
    assert audit.recent(two.db, limit=1)[0].action == "sheet-import"


def test_importing_the_same_sheet_again_makes_no_second_draft(two: Base) -> None:
    for expected in ((1, 0), (0, 1)):
        made, already = take_in(two.db, planned(two, [new_row()]), "li", "100000", "表.xlsx", "ab" * 32)
        assert (len(made), already) == expected
    assert len(drafts.listed(two.db)) == 1


def test_an_open_draft_of_the_same_entry_is_told(two: Base) -> None:
    rows = exported(two)
    drafts.create(two.db, {"id": "nat-2020-test-1", "title": "别人的"}, "wang", "100000", "edit", 1)
    rows[0]["概要"] = "补"
    assert told(planned(two, rows), "note") == [(2, "")]


def test_the_digest_changes_when_the_outcome_does(two: Base) -> None:
    rows = exported(two)
    rows[0]["概要"] = "补"
    before = planned(two, rows).digest
    assert planned(two, rows).digest == before
    publish(two, an_entry(reliefs=TWO, body="别的地方改了"))
    assert planned(two, rows).digest != before


TEXTS = (
    "标题",
    "一句话好处",
    "概要",
    "期限说明",
    "能得到什么",
    "在哪里办",
    "来源章节",
    "别名",
    "步骤",
    "条件（每行一条）",
)


@settings(max_examples=150)
@given(
    st.sampled_from(TEXTS),
    st.text(max_size=60) | st.sampled_from(["=1+1", "'@x", "a\r\nb", "\u202e左", "－1"]),
)
def test_whatever_is_typed_survives_or_is_refused_where_it_stands(
    shipped: Base, title: str, text: str
) -> None:
    rows = exported(shipped, "bj-2020-7")[:1]
    rows[0][title] = text
    try:
        table = read_table(as_csv(rows).encode("utf-8", "surrogatepass"))
    except KbError:
        return
    report = plan(shipped.db, table, shipped.terms.taxonomy)
    outcome = only(report)
    if outcome.what == "error":
        assert {column for _row, column in told(report)} == {title}
    elif outcome.what == "changed" and title not in ("别名", "步骤", "条件（每行一条）"):
        assert tidy(text).strip() in (_strings(outcome.data))


def _strings(data: Any) -> set[str]:
    if isinstance(data, dict):
        return {"", *(one for part in data.values() for one in _strings(part))}
    if isinstance(data, list):
        return {one for part in data for one in _strings(part)}
    return {data} if isinstance(data, str) else set()
