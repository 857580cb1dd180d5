"""What members told: the list, one difficulty with its story, and the steps from received to settled.

A branch sees what lies in its region, the national office sees all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain.difficulty import OPEN, STATES, Difficulty, Kind, Rewrite, State, Worry, may_see, worries_in
from kb.errors import KbError
from kb.outreach.difficulties import answered_mail, proposed_mail
from kb.search import Request, search
from kb.search.engine import Hit
from kb.search.table import Filters
from kb.store import difficulties, entries, users
from web.accounts import actor
from web.difficulties import entries_of
from web.i18n import _
from web.links import link
from web.site import database, site
from web.telling import answers_to, told_of

bp = Blueprint("triage", __name__, url_prefix="/desk/difficulties")
LONGEST, LONGEST_TITLE, OFFERED = 4000, 60, 8


# -- looking ---------------------------------------------------------------------------------------


def seen() -> list[Difficulty]:
    """Everything that the office of whoever is logged in may see."""
    me, regions = actor(), site().taxonomy.regions
    return [one for one in difficulties.listed(database()) if may_see(me, one, regions)]


@bp.get("/")
def index() -> ResponseReturnValue:
    """The list: open ones, or those in one ``state``, of one province if asked; the longest waiting first."""
    mine = seen()
    asked, region = request.args.get("state", ""), request.args.get("region", "")
    wanted = OPEN if asked not in STATES else (asked,)
    below = [one for one in mine if not region or one.region[:2] == region[:2]]
    here = {one.region[:2] for one in mine if one.region}
    provinces = [one for one in site().taxonomy.regions.provinces() if one.code[:2] in here]
    return render_template(
        "desk/difficulties/index.html",
        shown=[one for one in below if one.state in wanted],
        counts=Counter(one.state for one in below),
        states=STATES,
        words=state_words(),
        asked=asked if asked in STATES else "",
        region=region,
        provinces=provinces,
    )


def state_words() -> dict[State, str]:
    """What the states are called."""
    return {
        "received": _("收到，待处理"),
        "linked": _("找到有关政策"),
        "answered": _("已答复"),
        "passed": _("已转交"),
        "closed": _("已办结"),
    }


def action_words() -> dict[str, str]:
    """What somebody did with a difficulty."""
    return {
        "receive": _("收到"),
        "restate": _("会员改好重交"),
        "add": _("会员补充了情况"),
        "answer": _("答复"),
        "link": _("关联条目"),
        "unlink": _("取消关联"),
        "pass": _("转交"),
        "close": _("办结"),
        "reopen": _("重新打开"),
        "comment": _("留言"),
        "propose": _("写好公开稿，请会员看"),
        "agree": _("会员同意公开"),
        "disagree": _("会员不同意公开"),
        "publish": _("公开"),
        "unpublish": _("不再公开"),
        "consent": _("会员同意转交"),
        "consent-off": _("会员收回转交的同意"),
        "forget-contact": _("联系方式到期删除"),
    }


def worry_words() -> dict[Kind, str]:
    """What a rewrite should not hold."""
    return {
        "amount": _("像是金额"),
        "company": _("像是单位名称"),
        "project": _("像是项目名称"),
        "person": _("像是人名"),
        "contact": _("像是电话、证件号或邮箱"),
    }


def visible(number: int) -> Difficulty:
    """The difficulty, if one's office may see it; else 404."""
    held = difficulties.get(database(), number)
    if held is None or not may_see(actor(), held, site().taxonomy.regions):
        abort(404)
    return held


@bp.get("/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """One difficulty with all that may be done with it now."""
    return _shown(visible(number))


def _shown(held: Difficulty, typed: dict[str, str] | None = None, problem: str = "") -> str:
    """The page, with what was ``typed`` in place of what is held, and what is wrong with it."""
    find = request.values.get("find", "").strip()[:80]
    return render_template(
        "desk/difficulties/show.html",
        held=held,
        typed=typed or {},
        problem=problem,
        find=find,
        hits=_offered(held, find),
        linked=entries_of(held),
        events=difficulties.events(database(), held.id),
        names=users.shown_names(database()),
        worries=_worries(typed) if typed else (),
        states=state_words(),
        words=action_words(),
        kinds=worry_words(),
    )


def _offered(held: Difficulty, find: str) -> tuple[Hit, ...]:
    """Entries to link: those searched for, else what the form itself offered the member."""
    if find:
        wanted = Request(find, site().today, Filters(status=("all",)), limit=OFFERED, facets=False)
        hits = search(site().library, wanted).hits
    else:
        answers = answers_to(told_of(held))
        hits = (*answers.policies.hits, *answers.services.hits)
    return tuple(one for one in hits if one.record.id not in held.entries)


# -- steps -----------------------------------------------------------------------------------------


def _done(held: Difficulty, act: Callable[[], object], told: str, **typed: str) -> ResponseReturnValue:
    """Do it, unless somebody was faster: then the page says so and keeps what was typed."""
    if request.form.get("revision") != str(held.revision):
        return _shown(held, typed, _("刚有人处理过这一件，您的还没有存。请看过最新的情况再定。")), 409
    try:
        act()
    except KbError as error:
        return _shown(visible(held.id), typed, str(error)), 409
    flash(told)
    return redirect(link("triage.show", number=held.id), 303)


@bp.post("/<int:number>/answer")
def answer(number: int) -> ResponseReturnValue:
    """Answer the member; a mail says that there is an answer, where the contact is an address."""
    held, text = visible(number), request.form.get("text", "").strip()
    if not 0 < len(text) <= LONGEST:
        told = _("请写答复，最多 %(most)s 字，现在是 %(n)s 字。", most=LONGEST, n=len(text))
        return _shown(held, {"answer": text}, told), 400
    mail = answered_mail(held, site().settings.organiser)
    told = _("答复好了，已排入待发邮件。") if mail else _("答复好了，会员用私密链接就能看到。")
    return _done(
        held, lambda: difficulties.answer(database(), held, text, actor().name, mail), told, answer=text
    )


@bp.post("/<int:number>/entry")
def entry(number: int) -> ResponseReturnValue:
    """Link an entry, or with ``off`` take it away."""
    held, entry_id = visible(number), request.form.get("entry", "")
    if request.form.get("off"):
        return _done(
            held,
            lambda: difficulties.unlink_entry(database(), held, entry_id, actor().name),
            _("取消了关联。"),
        )
    if entries.get(database(), entry_id) is None:
        abort(400)
    return _done(
        held,
        lambda: difficulties.link_entry(database(), held, entry_id, actor().name),
        _("关联好了，会员会看到这一条。"),
    )


@bp.post("/<int:number>/step")
def step(number: int) -> ResponseReturnValue:
    """Pass it on to a body that the member named, close it, or open it again."""
    held, wanted, me = visible(number), request.form.get("step", ""), actor().name
    if wanted not in held.steps or wanted == "answer":
        return _shown(held, problem=_("这一步现在不能做，请看最新的状态。")), 409
    if wanted == "pass":
        body = request.form.get("body", "")
        return _done(held, lambda: difficulties.pass_on(database(), held, body, me), _("记下了：已转交。"))
    if wanted == "close":
        told = _("办结了。联系方式满 12 个月删除。")
        return _done(held, lambda: difficulties.close(database(), held, me), told)
    return _done(held, lambda: difficulties.reopen(database(), held, me), _("重新打开了。"))


@bp.post("/<int:number>/comment")
def comment(number: int) -> ResponseReturnValue:
    """Say something among colleagues."""
    held, text = visible(number), request.form.get("text", "").strip()
    if text:
        difficulties.comment(database(), held, text[:LONGEST], actor().name)
    return redirect(link("triage.show", number=number) + "#story", 303)


# -- publishing ------------------------------------------------------------------------------------


def _worries(typed: dict[str, str]) -> tuple[Worry, ...]:
    return worries_in(typed.get(name, "") for name in ("title", "text", "said"))


@bp.post("/<int:number>/rewrite")
def propose(number: int) -> ResponseReturnValue:
    """Put a rewrite before the member; what may lead to somebody is named first and has to be confirmed."""
    held = visible(number)
    typed = {name: request.form.get(name, "").strip() for name in ("title", "text", "said")}
    if not all(typed.values()):
        return _shown(held, typed, _("公开稿的标题、困难和答复都要写。")), 400
    if len(typed["title"]) > LONGEST_TITLE or max(map(len, typed.values())) > LONGEST:
        told = _("标题最多 %(title)s 字，其余最多 %(most)s 字。", title=LONGEST_TITLE, most=LONGEST)
        return _shown(held, typed, told), 400
    if _worries(typed) and not request.form.get("sure"):
        told = _("公开稿里有几处可能看得出是谁，请改，或者勾选确认。")
        return _shown(held, typed, told), 400
    rewrite = Rewrite(typed["title"], typed["text"], typed["said"])
    mail = proposed_mail(held, site().settings.organiser) if rewrite != held.rewrite else None
    told = _("写好了。会员用私密链接看到，同意以后才能公开。")
    return _done(
        held,
        lambda: difficulties.propose(database(), held, rewrite, actor().name, mail),
        told + (_("已排入待发邮件，请会员去看。") if mail else ""),
        **typed,
    )


@bp.post("/<int:number>/publish")
def publish(number: int) -> ResponseReturnValue:
    """Make public what the member agreed to, or with ``off`` take it back."""
    held, me = visible(number), actor().name
    if request.form.get("off"):
        return _done(held, lambda: difficulties.unpublish(database(), held, me), _("不再公开了。"))
    return _done(held, lambda: difficulties.publish(database(), held, me), _("公开了。"))
