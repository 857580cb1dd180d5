"""A company in words: what is read, what is refused and how, and words that read back as the same."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kb.domain.room import Bound, Room
from kb.domain.taxonomy import Fact, Taxonomy
from kb.domain.telling import choices_of, read_room, tell, words_of
from kb.errors import KbError


def room(low: int | str | None, high: int | str | None, *, low_open: bool = False) -> Room:
    bounds = [None if one is None else Decimal(one) for one in (low, high)]
    return Room(bounds[0], bounds[1], low_open=low_open)


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("headcount", "250", room(250, 250)),
        ("headcount", "２５０ 人", room(250, 250)),
        ("headcount", "1,250", room(1250, 1250)),
        ("headcount", "10-29", room(10, 29)),
        ("headcount", "10人到29人", room(10, 29)),
        ("headcount", "10～29", room(10, 29)),
        ("headcount", "300+", room(300, None)),
        ("headcount", "300人以上", room(300, None)),
        ("headcount", "≥300", room(300, None)),
        ("headcount", "超过30人", room(30, None, low_open=True)),
        ("headcount", "30以下", room(None, 30)),
        ("headcount", "不超过 30", room(None, 30)),
        ("revenue", "800万", room(8_000_000, 8_000_000)),
        ("revenue", "1.5亿元", room(150_000_000, 150_000_000)),
        ("revenue", "100-300万", room(1_000_000, 3_000_000)),
        ("revenue", "5000-1万", room(5_000, 10_000)),
        ("revenue", "900万-1亿", room(9_000_000, 100_000_000)),
        ("rent", "2 万元/月", room(20_000, 20_000)),
        ("layoff_rate", "5.5%", room("0.055", "0.055")),
        ("layoff_rate", "0.055", room("0.055", "0.055")),
        ("layoff_rate", "5-10%", room("0.05", "0.1")),
        ("layoff_rate", "20％以下", room(None, "0.2")),
        ("founded_on", "2020年6月30日", Room(date(2020, 6, 30), date(2020, 6, 30))),
        ("founded_on", "2020年6月", Room(date(2020, 6, 1), date(2020, 6, 30))),
        ("founded_on", "2019年至2020-03-10", Room(date(2019, 1, 1), date(2020, 3, 10))),
        ("founded_on", "不早于2020年", Room(date(2020, 1, 1))),
        ("founded_on", "早于2020年", Room(None, date(2020, 1, 1), high_open=True)),
        ("insured", "是", Room(keys=frozenset({"True"}))),
        ("insured", "False", Room(keys=frozenset({"False"}))),
        ("size", "小型企业、微型", Room(keys=frozenset({"small", "micro"}))),
        ("taxpayer", "小规模纳税人", Room(keys=frozenset({"small-scale"}))),
    ],
)
def test_words_are_read(taxonomy: Taxonomy, name: str, text: str, wanted: Room) -> None:
    assert read_room(taxonomy.facts[name], text, taxonomy) == wanted


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("headcount", "很多", "10-29"),
        ("headcount", "", "10-29"),
        ("headcount", "-5", "10-29"),
        ("headcount", "30左右", "10-29"),
        ("headcount", "29-10", "10-29"),
        ("headcount", "1,2", "10-29"),
        ("headcount", "50%", "10-29"),
        ("revenue", "50万/月", "100-300万"),
        ("revenue", "9" * 400, "100-300万"),
        ("layoff_rate", "5", "5.5%"),
        ("layoff_rate", "120%", "5.5%"),
        ("founded_on", "去年", "2020-06-30"),
        ("founded_on", "2020年13月", "2020-06-30"),
        ("founded_on", "2020年至2019年", "2020-06-30"),
        ("insured", "也许", "是 或 否"),
        ("size", "巨型", "微型（micro）"),
        ("size", "", "微型（micro）"),
        ("size", "、", "微型（micro）"),
        ("taxpayer", "超级", "一般纳税人（general）"),
        ("certificates", ",", "高新技术企业（high-tech）"),
        ("industry", "炼金", "通信工程建设（construction）"),
        ("region", "火星", "湖南"),
        ("region", "", "湖南"),
    ],
)
def test_what_is_not_understood_names_what_would_be(
    taxonomy: Taxonomy, name: str, text: str, says: str
) -> None:
    with pytest.raises(KbError) as caught:
        tell(taxonomy, [(name, text)])
    assert taxonomy.facts[name].label in str(caught.value)
    assert says in str(caught.value)
    assert len(text) < 41 or text not in str(caught.value)


def test_an_unknown_fact_names_the_accepted_ones(taxonomy: Taxonomy) -> None:
    with pytest.raises(KbError, match="没有「心情」这项企业情况，可用：从业人数（headcount）"):
        tell(taxonomy, [("心情", "好")])


def test_a_company_is_told_by_keys_or_labels(taxonomy: Taxonomy) -> None:
    told = tell(
        taxonomy,
        [("所在地", "湖南长沙"), ("企业规模", "小型"), ("industry", "通信工程、代维"), ("月租金", "2万")],
        segments=["software"],
        need="房租",
    )
    assert told.region == "430100"
    assert told.segments == {"construction", "maintenance", "software"}
    assert told.rooms == {"size": Room(keys=frozenset({"small"})), "rent": room(20_000, 20_000)}
    assert (told.certificates, told.need) == (None, "房租")


@pytest.mark.parametrize("none", ["none", "没有", "都没有"])
def test_no_certificates_is_an_answer(taxonomy: Taxonomy, none: str) -> None:
    assert tell(taxonomy, [("certificates", none)]).certificates == frozenset()
    assert tell(taxonomy).certificates is None


# -- round trip --------------------------------------------------------------------------------------

NUMBERS = st.decimals(0, 10**12, places=2, allow_nan=False)
DAYS = st.dates(date(1980, 1, 1), date(2030, 12, 31))
RATES = st.decimals(0, Decimal("0.9999"), places=4)


@st.composite
def intervals(draw: st.DrawFn, bounds: st.SearchStrategy[Bound]) -> Room:
    """A room with one value, two ends, or one end that belongs to it or not."""
    low, high = sorted(draw(st.tuples(bounds, bounds)))
    is_open = draw(st.booleans())
    return draw(
        st.sampled_from(
            [
                Room(low, low),
                Room(low, high),
                Room(low, None, low_open=is_open),
                Room(None, high, high_open=is_open),
            ]
        )
    )


def facts_of(taxonomy: Taxonomy, *types: str) -> list[Fact]:
    return [fact for fact in taxonomy.facts.values() if fact.type in types]


@given(data=st.data())
def test_figures_and_days_read_back_as_the_same(taxonomy: Taxonomy, data: st.DataObject) -> None:
    fact = data.draw(st.sampled_from(facts_of(taxonomy, "number", "money", "rate", "date")))
    values: st.SearchStrategy[Any] = {"rate": RATES, "date": DAYS}.get(fact.type, NUMBERS)
    wanted = data.draw(intervals(values))
    assert read_room(fact, words_of(wanted, fact, taxonomy), taxonomy) == wanted


@given(data=st.data())
def test_choices_read_back_as_the_same(taxonomy: Taxonomy, data: st.DataObject) -> None:
    fact = data.draw(st.sampled_from(facts_of(taxonomy, "choice", "set", "bool")))
    assume(fact.of != "regions")
    keys = ["True", "False"] if fact.type == "bool" else sorted(choices_of(fact, taxonomy))
    most = 1 if fact.type == "bool" else len(keys)
    chosen = data.draw(st.frozensets(st.sampled_from(keys), min_size=1, max_size=most))
    wanted = Room(keys=chosen)
    assert read_room(fact, words_of(wanted, fact, taxonomy), taxonomy) == wanted
    assert read_room(fact, "、".join(chosen), taxonomy) == wanted


# -- anything typed ----------------------------------------------------------------------------------

NEARLY = st.text(
    "0123456789０五十.,，-—~至到万亿%％元人月年日以上下不超过早晚于+<>≥ #、小微型是否", max_size=14
)


@given(data=st.data(), text=st.text() | NEARLY)
def test_any_text_is_read_or_refused(taxonomy: Taxonomy, data: st.DataObject, text: str) -> None:
    name = data.draw(st.sampled_from(sorted(taxonomy.facts)))
    try:
        told = tell(taxonomy, [(name, text)])
    except KbError:
        return
    assert not any(one.is_empty for one in told.rooms.values())
    assert told.rooms or told.region or told.segments or told.certificates is not None


@given(name=st.text(), text=st.text())
def test_any_name_is_known_or_refused(taxonomy: Taxonomy, name: str, text: str) -> None:
    with pytest.raises(KbError):
        tell(taxonomy, [(f"?{name}", text)])
