"""The tables of a report on members' difficulties, each with the way it was counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kb.domain.comparison import Beside, Comparison
from kb.domain.rounds import OPERATING, obstacle_label, regions_to_ask
from kb.domain.statistics import Share, Voice, counted, grouped, mean_difficulty, percent, shares, shares_by
from kb.domain.survey import Survey
from kb.domain.taxonomy import NATION, Taxonomy
from kb.domain.withholding import LEAST
from kb.outreach.message import LEAD
from kb.outreach.reportfacts import Answering, Channel, Facts
from kb.outreach.until import running_words
from kb.search.engine import Hit

UNTOLD = "未说明"
MOST_NAMED = 3
GENERAL, LOCAL = 4, 1
"""How many policies are named for the whole region and for one place."""
_OPERATING_WORDS = dict(zip(OPERATING, ("正常经营", "部分开工", "没有开工"), strict=True))


@dataclass(frozen=True)
class ReportTable:
    """A table with its caption; ``how`` says what was counted and of how many, ``widths`` in cm."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    how: str


def _sources(facts: Facts) -> list[tuple[Voice, ...]]:
    return [facts.told, tuple(voice for one in facts.channels for voice in one.voices)]


def _percent(value: Decimal | None) -> str:
    return "—" if value is None else f"{value}"


def most_named(facts: Facts, taxonomy: Taxonomy) -> list[str]:
    """The difficulties that members told most often, each with its per cent; of the rounds where none was."""
    for voices, name in ((facts.told, "件"), (_sources(facts)[1], "份")):
        found = [one for one in shares(voices, needs_of(voices, taxonomy)) if one.count][:MOST_NAMED]
        if found:
            return [f"{taxonomy.needs.label(one.key)}（{one.count}{name}，{one.percent}%）" for one in found]
    return []


def needs_of(voices: Iterable[Voice], taxonomy: Taxonomy) -> tuple[str, ...]:
    """Today's list, and what else was named, in the order of the vocabulary."""
    named = {need for one in voices for need in one.needs}
    return tuple(
        term.key for term in taxonomy.needs if term.key not in taxonomy.needs_2020 or term.key in named
    )


def by_size(facts: Facts, taxonomy: Taxonomy) -> ReportTable:
    """How many of each size, by source."""
    told, answered = ({**counted(source, "size")} for source in _sources(facts))
    keys = [*taxonomy.sizes.by_key, *([""] if "" in told or "" in answered else [])]
    rows = [
        _counts(taxonomy.sizes.label(key) if key else UNTOLD, told.get(key, 0), answered.get(key, 0), facts)
        for key in keys
    ]
    return ReportTable(
        "样本的企业规模",
        ("规模", "反映困难（件）", "答卷（份）", "合计", "占比（%）"),
        (*rows, _counts("合计", len(facts.told), facts.total - len(facts.told), facts)),
        (3.6, 3.4, 3.0, 2.6, 3.0),
        f"规模是会员自己选的。占比以合计{facts.total}份为100%。",
    )


def _counts(label: str, told: int, answered: int, facts: Facts) -> tuple[str, ...]:
    both = told + answered
    return label, str(told), str(answered), str(both), _percent(percent(both, facts.total))


def by_place(facts: Facts, taxonomy: Taxonomy) -> ReportTable:
    """How many of each province (or city of a branch), the most first, with the mean difficulty."""
    told, answered = (grouped(source, "region") for source in _sources(facts))
    counts = {place: (len(told.get(place, ())), len(answered.get(place, ()))) for place in {*told, *answered}}
    ranked = sorted(counts, key=lambda place: (place == "", -sum(counts[place]), place))
    rows = []
    for place in ranked:
        one, other = counts[place]
        hard = mean_difficulty(answered.get(place, ()))
        few = f"不满{LEAST}份，仅供参考" if one + other < LEAST else ""
        label = taxonomy.regions.label(place) if place else UNTOLD
        rows.append((label, str(one), str(other), str(one + other), _percent(hard), few))
    unit = "省份" if facts.period.office == NATION else "地区"
    return ReportTable(
        f"样本的{unit}",
        (unit, "反映困难（件）", "答卷（份）", "合计", "平均难度（分）", "说明"),
        tuple(rows),
        (3.6, 2.3, 2.1, 1.8, 2.3, 3.5),
        "地区是会员自己选的，只选到省的算省。平均难度只用答卷，0—10分，分值越高越难；没有答卷的写“—”。",
    )


def without_sample(facts: Facts, taxonomy: Taxonomy) -> str:
    """The places from which nothing came, by name."""
    seen = {one.region for source in _sources(facts) for one in source}
    asked = [one for one in regions_to_ask(facts.period.office, taxonomy) if one.code != facts.period.office]
    silent = [one.name for one in asked if one.code not in seen]
    return f"无样本：{'、'.join(silent)}（{len(silent)}个），没有列入上表。" if silent else "各地都有样本。"


def hardship(one: Channel, taxonomy: Taxonomy) -> ReportTable:
    """How hard it is and whether companies work, overall and by size."""
    groups: Mapping[str, Sequence[Voice]] = {"全部": one.voices, **_by_size(one.voices, taxonomy)}
    rows = []
    for label, voices in groups.items():
        states = [percent(sum(v.operating == key for v in voices), len(voices)) for key in OPERATING]
        rows.append((label, str(len(voices)), _percent(mean_difficulty(voices)), *map(_percent, states)))
    return ReportTable(
        f"《{one.held.title}》的经营难度和经营情况",
        ("规模", "份数", "平均难度（分）", *(f"{word}（%）" for word in _OPERATING_WORDS.values())),
        tuple(rows),
        (2.6, 1.8, 2.8, 2.8, 2.8, 2.8),
        "难度0—10分，分值越高越难；百分比以各行的份数为100%。",
    )


def _by_size(voices: Sequence[Voice], taxonomy: Taxonomy) -> dict[str, Sequence[Voice]]:
    found = grouped(voices, "size")
    keys = [key for key in taxonomy.sizes.by_key if key in found]
    named: dict[str, Sequence[Voice]] = {taxonomy.sizes.label(key): found[key] for key in keys}
    return {**named, UNTOLD: found[""]} if "" in found else named


def needs_table(
    title: str, voices: Sequence[Voice], keys: Sequence[str], taxonomy: Taxonomy, survey: Survey | None
) -> ReportTable:
    """Per cent that named each difficulty, overall and by size, the most named first."""
    sizes = shares_by(voices, keys, "size")
    shown = [key for key in (*taxonomy.sizes.by_key, "") if key in sizes]
    heads = [f"{taxonomy.sizes.label(key) if key else UNTOLD}\nN={_base(sizes[key])}" for key in shown]
    rows = tuple(
        (
            obstacle_label(one.key, taxonomy, survey),
            str(one.count),
            _percent(one.percent),
            *(_percent(sizes[key][one.key].percent) for key in shown),
        )
        for one in shares(voices, keys)
        if one.count
    )
    return ReportTable(
        title,
        ("困难", "提到\n（次）", f"全部\nN={len(voices)}", *heads),
        rows,
        (15.6 - 3.3 - 1.72 * len(shown), 1.4, 1.9, *([1.72] * len(shown))),
        f"每列以该列的N为100%；一家可以提几项，所以各项加起来超过100%。没有人提到的不列。N不满{LEAST}的仅供参考。",
    )


def _base(shares_of_size: Mapping[str, Share]) -> int:
    return next((one.base for one in shares_of_size.values()), 0)


def beside_2020(found: Comparison, taxonomy: Taxonomy, survey: Survey) -> ReportTable:
    """The figures that can be held against those of February 2020."""

    def line(label: str, one: Beside, unit: str) -> tuple[str, str, str]:
        return label, f"{one.now}{unit}", f"{'约' if one.about else ''}{one.then}{unit}"

    rows = [line("难度（分）", found.difficulty, "")] if found.difficulty else []
    rows += [line(f"难度，{taxonomy.sizes.label(one.key)}", one, "") for one in found.difficulty_by_size]
    rows += [line("没有开工（2020年：未复工）", found.stopped, "%")] if found.stopped else []
    rows += [line(f"没有开工，{taxonomy.sizes.label(one.key)}", one, "%") for one in found.stopped_by_size]
    rows += [line(obstacle_label(one.key, taxonomy, survey), one, "%") for one in found.obstacles]
    rows += [line(f"难度，{taxonomy.regions.label(one.key)}", one, "") for one in found.difficulty_by_region]
    sample = survey.sample
    return ReportTable(
        "与2020年2月的调查比较",
        ("项目", "这一次", "2020年2月"),
        tuple(rows),
        (8.0, 3.8, 3.8),
        f"2020年2月：{survey.source.document}，{sample.answers}份，占会员{sample.member_share}%。只列两次问法和分类相同、"
        f"且这次不满{LEAST}份不能单列的以外的数。",
    )


def five_columns(facts: Facts, taxonomy: Taxonomy) -> ReportTable:
    """序号, 企业基本情况, 典型问题, 政策需求及建议, 所在区域: as the survey report had it, without names."""
    rows = []
    for number, one in enumerate(facts.typical, 1):
        size = f"{taxonomy.sizes.label(one.size)}企业" if one.size else "企业（规模未说明）"
        trade = f"，{taxonomy.industries.label(one.segment)}" if one.segment else ""
        wants = one.demand or "希望解决：" + "、".join(map(taxonomy.needs.label, one.needs))
        place = taxonomy.regions.label(one.region) if one.region else UNTOLD
        rows.append((str(number), size + trade, one.problem, wants, place))
    return ReportTable(
        "典型企业反映的问题及诉求汇总表",
        ("序号", "企业基本情况", "典型问题", "政策需求及建议", "所在区域"),
        tuple(rows),
        (1.3, 2.9, 5.2, 4.0, 2.2),
        "问题和诉求是秘书处概括的话，不是会员原文；规模、行业、地区是会员自己选的。"
        "会员没有同意转交或公开的，所在区域只写到省。",
    )


def policies(
    met: Sequence[Answering], facts: Facts, taxonomy: Taxonomy, survey: Survey | None
) -> ReportTable:
    """For each need that was named: what is in force for the whole region and in the places that named it."""
    general = "全国" if facts.period.office == NATION else taxonomy.regions.label(facts.period.office)
    rows: list[tuple[str, ...]] = []
    for one in met:
        label = obstacle_label(one.need, taxonomy, survey)
        if one.general:
            rows.append((label, f"{general}（{len(one.general)}件）", _named(one.general, GENERAL)))
        places = [
            f"{taxonomy.regions.label(place)}（{len(hits)}件）：{_named(hits, LOCAL)}"
            for place, hits in one.local.items()
        ]
        if places:
            rows.append((label, f"{len(places)}地", "\n".join(places)))
    return ReportTable(
        "已有政策和服务",
        ("困难", "适用地区", "现行政策和服务"),
        tuple(rows),
        (3.2, 3.2, 9.2),
        "从本库按困难和地区查得，只列截稿当天有效、未开始或未写截止日而仍算有效的；地方的只列提到这项困难的地区，"
        "全国已列的不重复。件数是全部，名称只列前几件。没有写“待复核”“时效未核对”的，都在有效期内核对过。",
    )


def _named(hits: Sequence[Hit], most: int) -> str:
    lines = [_policy(hit) for hit in hits[:most]]
    more = len(hits) - most
    return "\n".join(lines) + (f"。另有{more}件" if more > 0 else "")


def _policy(hit: Hit) -> str:
    record = hit.record
    number = f"（{record.doc_number}）" if record.doc_number else ""
    lapsed, unseen = hit.status.lapsed, record.confirmed_on is None
    doubts = [LEAD] * record.lead + ["待复核"] * lapsed + ["时效未核对"] * unseen
    return "，".join([f"《{record.title}》{number}", running_words(hit.status), *doubts])


def searches(facts: Facts) -> ReportTable:
    """Queries that found nothing, with how often they were asked."""
    rows = tuple((one.query, str(one.tally.asked), one.last.isoformat()) for one in facts.searches)
    return ReportTable(
        "查而无果的搜索",
        ("搜索词", "次数", "最近一次"),
        rows,
        (9.0, 3.0, 3.6),
        f"本期内搜了{LEAST}次以上、一次结果也没有的；同一个人搜几次算几次。",
    )
