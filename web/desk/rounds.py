"""Survey rounds at the desk: open one, send its link round, watch it fill, close it, publish the figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain.roundresults import Results, results_of
from kb.domain.rounds import CROSSINGS, Answer, Round, obstacles_to_ask
from kb.domain.statistics import FIELDS, counted, mean_difficulty, percent
from kb.domain.taxonomy import Regions
from kb.domain.withholding import LEAST
from kb.errors import KbError
from kb.outreach.invitation import invitation_text
from kb.outreach.qr import MOST, qr_svg
from kb.store import rounds
from kb.store.rounds import Planned
from web.accounts import actor
from web.i18n import _
from web.links import link
from web.roundresults import field_words, group_name, page_of
from web.rounds import invite_address
from web.site import database, site
from web.view import read_day

bp = Blueprint("deskrounds", __name__, url_prefix="/desk/rounds")
LONGEST_TITLE = 60
USUAL_DAYS = 10
MOST_INVITED = 1_000_000


@dataclass(frozen=True)
class Plan:
    """A form about a round as it was typed, and what is wrong with it."""

    title: str = ""
    opens_on: str = ""
    closes_on: str = ""
    invited: str = ""
    by_province: str = ""
    problems: dict[str, str] = field(default_factory=dict)


@bp.get("/")
def index() -> ResponseReturnValue:
    """The rounds of one's office, or all for the national one."""
    found = [one for one in rounds.listed(database()) if _may_see(one)]
    rows = [(one, one.state_on(site().today), rounds.count(database(), one.id)) for one in found]
    return render_template("desk/rounds/index.html", rows=rows, states=state_words())


def state_words() -> dict[str, str]:
    """What the states of a round are called."""
    return {"upcoming": _("还没开始"), "open": _("正在收"), "closed": _("已结束")}


def _may_see(held: Round) -> bool:
    return actor().is_national or held.office == actor().region


def visible(number: int) -> Round:
    """The round, if one's office may see it; else 404."""
    held = rounds.get(database(), number)
    return held if held and _may_see(held) else abort(404)


@bp.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Open a round."""
    if request.method == "GET":
        today = site().today
        last = today + timedelta(days=USUAL_DAYS)
        return _edit(Plan(opens_on=today.isoformat(), closes_on=last.isoformat()))
    plan = typed()
    planned = read(plan, site().taxonomy.regions)
    if planned is None:
        return _edit(plan)
    asked = obstacles_to_ask(site().taxonomy, site().terms.survey)
    held = rounds.open_round(database(), planned, actor().region, asked, actor().name)
    flash(_("开好了。把下面的链接发到群里就能答。"))
    return _back(held.id)


@bp.route("/<int:number>/edit", methods=["GET", "POST"])
def edit(number: int) -> ResponseReturnValue:
    """Change a round that is not published."""
    held = visible(number)
    if request.method == "GET":
        return _edit(_of_round(held), held)
    plan = typed()
    planned = read(plan, site().taxonomy.regions)
    if planned is None:
        return _edit(plan, held)
    try:
        rounds.change(database(), number, planned, actor().name)
    except KbError as error:
        flash(str(error))
    return _back(number)


def _edit(plan: Plan, held: Round | None = None) -> ResponseReturnValue:
    return render_template("desk/rounds/edit.html", plan=plan, held=held, longest=LONGEST_TITLE)


def _of_round(held: Round) -> Plan:
    regions = site().taxonomy.regions
    lines = [f"{regions.label(code)} {number}" for code, number in held.invited.items() if code]
    total = held.invited.get("", "")
    return Plan(
        held.title, held.opens_on.isoformat(), held.closes_on.isoformat(), str(total), "\n".join(lines)
    )


def typed() -> Plan:
    """What the form holds."""
    names = ("title", "opens_on", "closes_on", "invited", "by_province")
    title, opens, closes, invited, by_province = (request.form.get(name, "").strip() for name in names)
    return Plan(title, opens, closes, invited, by_province)


def read(plan: Plan, regions: Regions) -> Planned | None:
    """What staff planned; ``None`` with the problems written into ``plan`` where something is wrong."""
    opens, closes = read_day(plan.opens_on), read_day(plan.closes_on)
    problems = plan.problems
    if not 0 < len(plan.title) <= LONGEST_TITLE:
        problems["title"] = _("请写一个标题，最多 %(n)s 个字。", n=LONGEST_TITLE)
    if opens is None:
        problems["opens_on"] = _("请写开始的日子，如 2026-12-01。")
    if closes is None or (opens and closes < opens):
        problems["closes_on"] = _("请写结束的日子，不早于开始的日子。")
    invited = _invited(plan, regions)
    if problems or opens is None or closes is None:
        return None
    return Planned(plan.title, opens, closes, invited)


def _invited(plan: Plan, regions: Regions) -> dict[str, int]:
    """How many are asked; what is wrong goes into the plan's problems."""
    found: dict[str, int] = {}
    if plan.invited:
        number = _number(plan.invited)
        if number is None:
            plan.problems["invited"] = _("发给多少家请写一个整数，不知道就空着。")
        else:
            found[""] = number
    for line in filter(None, map(str.strip, plan.by_province.splitlines())):
        place, _sep, count = line.replace("：", " ").replace(":", " ").rpartition(" ")
        code, number = regions.find(place), _number(count)
        if code is None or number is None:
            plan.problems["by_province"] = _(
                "看不懂这一行：%(line)s。每行写一个省和家数，如 湖南 120。", line=line[:40]
            )
            return found
        found[code] = number
    if "" in found and sum(number for code, number in found.items() if code) > found[""]:
        plan.problems["by_province"] = _("各省加起来比总数还多。")
    return found


def _number(text: str) -> int | None:
    plain = text.replace(",", "").replace("，", "")
    number = int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 9 else 0
    return number if 0 < number <= MOST_INVITED else None


@bp.get("/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """One round: its link, what came in, what would be published."""
    held = visible(number)
    answers = rounds.answers(database(), number)
    address = invite_address(held)
    results = rounds.settled(database(), number) or _results(held, answers)
    return render_template(
        "desk/rounds/show.html",
        held=held,
        state=held.state_on(site().today),
        states=state_words(),
        address=address,
        message=invitation_text(held.title, held.closes_on, address, site().settings.organiser),
        qr=qr_svg(address) if site().settings.base_url and len(address) <= MOST else "",
        answers=answers,
        texts=[one for one in answers if one.text],
        difficulty=mean_difficulty(one.voice for one in answers),
        tables=list(_tables(held, answers)),
        page=page_of(held, results) if results else None,
        crossing=_crossing(),
        crossings=crossing_words(),
        least=LEAST,
        group_name=group_name,
    )


def _tables(held: Round, answers: Sequence[Answer]) -> Iterator[tuple[str, list[tuple[str, int, str]]]]:
    """For staff: every group with its count and, by province, the share of those invited."""
    voices = [one.voice for one in answers]
    for name in FIELDS:
        rows = sorted(counted(voices, name).items(), key=lambda row: (-row[1], row[0]))
        yield (
            field_words(name),
            [(group_name(key), n, _of_invited(n, held.invited.get(key or "-"))) for key, n in rows],
        )


def _of_invited(count: int, invited: int | None) -> str:
    if not invited:
        return ""
    return _("发给 %(n)s 家，收回 %(share)s%%", n=invited, share=percent(count, invited))


def _results(held: Round, answers: Sequence[Answer]) -> Results | None:
    return results_of(held, [one.voice for one in answers], _crossing())


def _crossing() -> str:
    asked = request.values.get("crossing", "region-size")
    return asked if asked in CROSSINGS else "region-size"


def crossing_words() -> dict[str, str]:
    """Which two fields may be crossed in what is published."""
    words = {
        key: _("%(row)s × %(column)s", row=field_words(pair[0]), column=field_words(pair[1]))
        for key, pair in CROSSINGS.items()
        if pair
    }
    return {**words, "": _("不交叉")}


@bp.post("/<int:number>/close")
def close(number: int) -> ResponseReturnValue:
    """Take no more answers."""
    held = visible(number)
    try:
        rounds.close(database(), held.id, _last_day(held), actor().name)
        flash(_("已经结束，不再收答卷。"))
    except KbError as error:
        flash(str(error))
    return _back(number)


def _last_day(held: Round) -> date:
    return min(max(site().today, held.opens_on), held.closes_on)


@bp.post("/<int:number>/publish")
def publish(number: int) -> ResponseReturnValue:
    """Publish the statistics, take them off the public pages, or show again what was settled."""
    held = visible(number)
    try:
        if request.form.get("off"):
            rounds.unpublish(database(), number, actor().name)
            flash(_("结果已从网站上拿下。"))
        elif held.is_settled:
            rounds.republish(database(), number, actor().name)
            flash(_("结果已公布。"))
        else:
            flash(_published_first(held))
    except KbError as error:
        flash(str(error))
    return _back(number)


def _published_first(held: Round) -> str:
    results = _results(held, rounds.answers(database(), held.id))
    if results is None:
        return _("答卷不满 %(n)s 份，不能公布。", n=LEAST)
    rounds.publish(database(), held.id, results, site().today, actor().name)
    return _("结果已公布。")


def _back(number: int) -> ResponseReturnValue:
    return redirect(link("deskrounds.show", number=number), 303)
