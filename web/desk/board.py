"""The first page of the desk: what waits for me, for a reviewer, for somebody to check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from kb.domain.workflow import Actor, Draft, may_see, steps
from kb.outreach.agenda import Agenda, agenda_on
from kb.outreach.mail import missing_setting
from kb.search.engine import Hit
from kb.store import addresses, drafts, intake, outbox, told, users
from kb.store.publishing import touched
from web.accounts import actor
from web.desk.difficulties import seen
from web.desk.wording import state_words
from web.i18n import _
from web.links import link
from web.needs import problems_on
from web.site import database, site
from web.words import until_words

bp = Blueprint("board", __name__, url_prefix="/desk")
SHOWN = 5


@dataclass(frozen=True)
class Row:
    """One thing to do: what to call it, where it leads, what else to know."""

    title: str
    address: str
    meta: str = ""


@dataclass(frozen=True)
class Part:
    """A list of the board; ``what`` says what to do about its rows, ``nothing`` what an empty one means."""

    key: str
    title: str
    what: str
    rows: tuple[Row, ...]


@bp.get("/")
def index() -> ResponseReturnValue:
    """Every list with its first rows and its number."""
    return render_template("desk/board.html", parts=parts_for(actor()), shown=SHOWN)


@bp.get("/todo/<key>")
def part(key: str) -> ResponseReturnValue:
    """One list in full."""
    found = {one.key: one for one in parts_for(actor())}
    return render_template("desk/part.html", part=found.get(key) or abort(404))


def parts_for(me: Actor) -> tuple[Part, ...]:
    """The lists of the board for somebody's office."""
    held = [one for one in drafts.listed(database()) if may_see(me, one)]
    agenda = agenda_on(site().library, database(), me, site().today)
    return (*_of_drafts(me, held), _of_intake(me), _of_members(), *_of_entries(agenda), *_of_upkeep(agenda))


def _of_intake(me: Actor) -> Part:
    """The papers whose proposals nobody has gone through yet."""
    waiting = [one for one in intake.waiting(database()) if one.left and may_see(me, one.draft)]
    rows = tuple(
        Row(
            one.draft.title or one.paper.name or one.paper.address,
            link("intake.show", number=one.draft.id),
            _("还有 %(n)s 条建议没看", n=one.left),
        )
        for one in waiting
    )
    return Part("intake", _("收件"), _("采集来的和上传的，建议还没有看完。"), rows)


def _of_members() -> Part:
    """The difficulties that nobody has answered yet; what members wrote stays on their own pages."""
    waiting = [one for one in seen() if one.state in ("received", "linked")]
    labels = [_("、").join(site().taxonomy.needs.label(key) for key in one.needs) for one in waiting]
    rows = tuple(
        Row(_("第 %(n)s 件", n=one.id), link("triage.show", number=one.id), label)
        for one, label in zip(waiting, labels, strict=True)
    )
    return Part("difficulties", _("会员困难"), _("会员反映的，还没有答复。"), rows)


def _of_drafts(me: Actor, held: list[Draft]) -> Iterable[Part]:
    mine = [one for one in held if one.assignee == me.name or (not one.assignee and one.author == me.name)]
    alone = users.is_alone(database(), me.region)
    regions = site().taxonomy.regions
    waiting = [one for one in held if one.state in ("review", "submitted")]
    able = [
        one
        for one in waiting
        if "publish" in steps(me, one, regions, alone=alone, touched=touched(database(), one))
    ]
    sourced = [one for one in held if one.origin.startswith(("source:", "file:", "sheet:"))]
    yield Part("mine", _("我的草稿"), _("交给我的，和我写的还没交给别人的。"), _drafts(mine))
    yield Part("reviewing", _("等我复核"), _("看过没有问题就发布，有问题写明理由退回。"), _drafts(able))
    yield Part("waiting", _("待复核和报送"), _("等同事或全国办公室处理的。"), _drafts(waiting))
    yield Part("sources", _("从文件和来源来的"), _("比对以后决定发布还是放弃。"), _drafts(sourced))


def _drafts(found: Iterable[Draft]) -> tuple[Row, ...]:
    return tuple(
        Row(one.title or _("（还没有标题）"), link("drafts.show", number=one.id), _draft_meta(one))
        for one in found
    )


def _draft_meta(one: Draft) -> str:
    due = _("，%(day)s 前", day=one.due_on.isoformat()) if one.due_on else ""
    return state_words(one.state) + due


def _of_entries(agenda: Agenda) -> Iterable[Part]:
    yield Part(
        "ending", _("快到期"), _("60 天内到期：有没有延期通知？有就“登记延期或废止”。"), _hits(agenda.ending)
    )
    yield Part("ended", _("刚到期"), _("180 天内到期：看有没有续期。"), _hits(agenda.ended))
    yield Part("due", _("该核对了"), _("从没核对过，或核对已过期；页面上显示待复核。"), _hits(agenda.due))
    yield Part(
        "addressless", _("缺官方网址"), _("来源没有官方网址，会员看不到原文。"), _hits(agenda.addressless)
    )


def _hits(hits: Iterable[Hit]) -> tuple[Row, ...]:
    return tuple(
        Row(
            one.record.title,
            link("acts.show", entry_id=one.record.id),
            " · ".join(part for part in (one.record.doc_number or "", until_words(one.status)) if part),
        )
        for one in hits
    )


def _of_upkeep(agenda: Agenda) -> Iterable[Part]:
    broken = tuple(Row(one.url, link("upkeep.links"), one.detail) for one in addresses.broken(database()))
    yield Part("broken", _("打不开的网址"), _("三天都打不开的：换成现在的网址。"), broken)
    bare = [one for one in problems_on(site().library, site().today) if not one.current]
    gaps = tuple(
        Row(one.term.label, link("needs.show", key=one.term.key), _("现在没有政策能解决")) for one in bare
    )
    yield Part("gaps", _("空白"), _("会员有这些困难，库里没有能用的政策。"), gaps)
    yield Part("mail", _("邮件没有发出"), _("看看为什么；设好发信服务器后会自动发。"), _mail_problems())


def _mail_problems() -> tuple[Row, ...]:
    """Mail that waits because something is not set up, and mail that no server takes."""
    held, missing = outbox.counts(database()), missing_setting(site().settings)
    rows = []
    notices = told.count_waiting(database()) if missing else 0
    if missing and held["waiting"]:
        rows.append((_("%(n)s 封在排队", n=held["waiting"]), missing))
    if notices:
        rows.append((_("%(n)s 条通知等着写成信", n=notices), missing))
    if held["failed"]:
        rows.append((_("%(n)s 封发不出去", n=held["failed"]), ""))
    return tuple(Row(title, link("outbox.index"), meta) for title, meta in rows)
