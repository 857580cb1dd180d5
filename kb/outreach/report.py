"""The report on members' difficulties (诉求专报) in the shape of the survey report of February 2020.

It is put together as plain sections of texts and tables, so that the page shown before the download and the
Word file say the same. Every table says how it was counted. Whatever a member wrote is not in it: the
five-column table holds staff's words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import count

from kb.domain.comparison import Comparison, compared
from kb.domain.dates import in_words
from kb.domain.roundresults import results_of
from kb.domain.rounds import obstacle_label
from kb.domain.statistics import percent
from kb.domain.survey import Survey
from kb.domain.taxonomy import NATION, Taxonomy
from kb.domain.withholding import LEAST
from kb.outreach import reporttables as tables
from kb.outreach.message import UNSET, caveat
from kb.outreach.reportfacts import Channel, Facts
from kb.outreach.reporttables import ReportTable

_NUMERALS = ("", "（一）", "（二）", "（三）", "（四）", "（五）", "（六）", "又，")
CONFIDENTIAL = f"本专报含有不满{LEAST}家的数，供报送有关部门用，不要公开发布；对外请用网站上公布的调查结果。"


@dataclass(frozen=True)
class Section:
    """A numbered section: texts and tables in order."""

    title: str
    blocks: tuple[str | ReportTable, ...]


@dataclass(frozen=True)
class Report:
    """A whole report, ready to be shown or written. ``about`` is its line below the title."""

    title: str
    about: str
    organiser: str
    dated: date
    opening: str
    sections: tuple[Section, ...]
    last_words: str


def report_of(facts: Facts, taxonomy: Taxonomy, survey: Survey | None, organiser: str, dated: date) -> Report:
    """The report that ``facts`` make; empty facts make one that says so in every section."""
    place = "" if facts.period.office == NATION else taxonomy.regions.label(facts.period.office)
    sections = (
        Section("一、调查方法", tuple(_method(facts, survey))),
        Section("二、样本", tuple(_sample(facts, taxonomy))),
        Section("三、困难", tuple(_difficulties(facts, taxonomy, survey))),
        Section("四、典型企业反映的问题和诉求", tuple(_typical(facts, taxonomy))),
        Section("五、已有政策能答什么", tuple(_answered(facts, taxonomy, survey))),
        Section("六、库里没有答案的", tuple(_unanswered(facts, taxonomy, survey))),
        Section("七、查而无果的搜索", tuple(_searches(facts))),
    )
    return Report(
        title=f"关于{place}通信企业困难和诉求的专报",
        about=f"{in_words(facts.period.first)}至{in_words(facts.period.last)}",
        organiser=organiser or UNSET,
        dated=dated,
        opening=_opening(facts, taxonomy),
        sections=_numbered(sections),
        last_words=f"{CONFIDENTIAL}{caveat(organiser)}",
    )


def _numbered(sections: Iterable[Section]) -> tuple[Section, ...]:
    """The sections with their tables numbered through: 表1, 表2, …"""
    numbers = count(1)
    return tuple(
        replace(
            section,
            blocks=tuple(
                replace(one, caption=f"表{next(numbers)}  {one.caption}")
                if isinstance(one, ReportTable)
                else one
                for one in section.blocks
            ),
        )
        for section in sections
    )


def _opening(facts: Facts, taxonomy: Taxonomy) -> str:
    """The lead: how many said something and what they named most."""
    most = tables.most_named(facts, taxonomy)
    named = f"提到最多的是{'、'.join(most)}。" if most else ""
    period = f"{in_words(facts.period.first)}至{in_words(facts.period.last)}"
    told, answered = len(facts.told), facts.total - len(facts.told)
    return f"{period}，共收到{facts.total}份：会员反映困难{told}件，调查答卷{answered}份。{named}"


def _method(facts: Facts, survey: Survey | None) -> Iterable[str]:
    yield (
        "本专报汇总两个来源。一是会员通过“向协会反映困难”写来的困难：会员自己选地区、规模、细分行业和困难类别，"
        "秘书处逐件看过。二是问卷调查：会员从邀请链接进入，不记名，一台设备提醒只答一次。"
    )
    for one in facts.channels:
        held = one.held
        yield (
            f"问卷调查《{held.title}》：{in_words(held.opens_on)}至{in_words(held.last_day)}，"
            "问地区、规模、细分行业、经营情况、0—10分的经营难度（越高越难）和困难类别（可多选）。"
        )
    leaves_out = "问卷不请基础电信运营企业回答，与2020年2月的调查一致。" if facts.channels and survey else ""
    yield (
        f"{leaves_out}两个来源都不记名，同一家企业可能既反映困难又答问卷，所以分开计算，不合并成一个比例。"
        "反映困难的是自己找上门的企业，它们的比例不能推到全体会员。"
    )
    yield f"数据截至{facts.cut_off}。政策是否有效按当天计算。"


def _sample(facts: Facts, taxonomy: Taxonomy) -> Iterable[str | ReportTable]:
    yield f"共收到{facts.total}份。其中："
    yield _of_difficulties(facts)
    for number, one in enumerate(facts.channels, 2):
        yield f"{_NUMERALS[min(number, len(_NUMERALS) - 1)]}{_of_channel(one)}"
    if facts.told or facts.channels:
        yield tables.by_size(facts, taxonomy)
        yield tables.by_place(facts, taxonomy)
        yield tables.without_sample(facts, taxonomy)


def _of_difficulties(facts: Facts) -> str:
    gone = f"另有{facts.deleted}件在这几个月里收到后由会员自己删除，不在统计里。" if facts.deleted else ""
    return (
        f"{_NUMERALS[1]}反映困难{len(facts.told)}件：已答复{facts.answered}件，经会员同意已转交{facts.passed}件，"
        f"已办结{facts.closed}件（一件可以既答复又转交）。{gone}"
    )


def _of_channel(one: Channel) -> str:
    share = percent(len(one.voices), one.invited) if one.invited else None
    told = (
        f"，占所发{one.invited}家会员的{share}%"
        if share is not None
        else "（没有登记发给多少家，不算回收率）"
    )
    return f"《{one.held.title}》答卷{len(one.voices)}份{told}。"


def _difficulties(facts: Facts, taxonomy: Taxonomy, survey: Survey | None) -> Iterable[str | ReportTable]:
    if facts.told:
        yield tables.needs_table(
            "会员反映的困难（%）", facts.told, tables.needs_of(facts.told, taxonomy), taxonomy, survey
        )
    for one in facts.channels:
        yield tables.hardship(one, taxonomy)
        title = f"《{one.held.title}》里的困难（%）"
        yield tables.needs_table(title, one.voices, one.held.obstacles, taxonomy, survey)
        yield from _beside_2020(one, facts, taxonomy, survey)
    if facts.is_empty:
        yield "这段时间没有收到困难，也没有答卷。"


def _beside_2020(
    one: Channel, facts: Facts, taxonomy: Taxonomy, survey: Survey | None
) -> Iterable[str | ReportTable]:
    """Only a round of the whole region of the report is held against the survey of the nation."""
    results = results_of(one.held, one.voices)
    if survey is None or results is None:
        if survey is not None:
            yield f"答卷不满{LEAST}份，不和2020年2月的调查比。"
        return
    found = compared(results, survey, facts.period.office)
    if facts.period.office != NATION and found.difficulty is None:
        yield "2020年2月的报告只按省印了难度，没有本地的数，不比。"
        return
    yield tables.beside_2020(found, taxonomy, survey)
    yield _not_comparable(found, facts, taxonomy, survey)


def _not_comparable(found: Comparison, facts: Facts, taxonomy: Taxonomy, survey: Survey) -> str:
    if facts.period.office != NATION:
        return "2020年2月的报告只按省印了难度，其他数是全国的，不和一个省比。"
    new = "、".join(obstacle_label(key, taxonomy, survey) for key in found.new)
    gone = "、".join(found.unasked)
    return (
        "2020年2月问的是“开复工难度”，这次问的是“现在开工经营有多难”，答的也不是同一批企业，"
        "差几个百分点说明不了什么。不能比的："
        + (f"2020年没有问或没有印出数字的（{new}）；" if new else "")
        + (f"这次没有问的（{gone}）；" if gone else "")
        + f"各行业的数（2020年没有印）；答卷不满{LEAST}份的地区、规模和困难。"
    )


def _typical(facts: Facts, taxonomy: Taxonomy) -> Iterable[str | ReportTable]:
    if facts.typical:
        yield tables.five_columns(facts, taxonomy)
    left = len(facts.told) - len(facts.typical)
    if left:
        yield f"另有{left}件只计入前面的统计，没有写成典型问题。"
    if not facts.told:
        yield "这段时间没有会员反映困难。"


def _answered(facts: Facts, taxonomy: Taxonomy, survey: Survey | None) -> Iterable[str | ReportTable]:
    met = [one for one in facts.answering if one.is_met]
    if met:
        yield tables.policies(met, facts, taxonomy, survey)
    else:
        yield "没有。"


def _unanswered(facts: Facts, taxonomy: Taxonomy, survey: Survey | None) -> Iterable[str]:
    bare = [one.need for one in facts.answering if not one.is_met]
    if not bare:
        yield "提到的困难在库里都有现行政策；是否够用，看第四部分企业的诉求。"
        return
    names = "、".join(obstacle_label(key, taxonomy, survey) for key in bare)
    yield f"以下困难有会员提到，本库没有收录到能用的现行政策：{names}。未收录不等于没有政策。"


def _searches(facts: Facts) -> Iterable[str | ReportTable]:
    if facts.searches:
        yield tables.searches(facts)
    else:
        yield f"没有搜了{LEAST}次以上、次次没有结果的词。"
    yield "搜索只按天和词计数，不记是谁、在哪里，所以不分地区；像电话、证件号、邮箱的词不记。"
