"""收件: papers that came in or were handed in; each proposal is answered beside the original."""

from __future__ import annotations

from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from kb.domain.workflow import IN_HAND, may_see
from kb.errors import KbError
from kb.ingest.alike import Alike, Kind, alike, join, prints_of_entries
from kb.ingest.clusters import Print
from kb.ingest.handing import hand_in
from kb.ingest.packed import LARGEST
from kb.store import changes, intake, naming
from kb.store.database import open_database
from kb.store.intake import Answer, Answered, Item
from web.accounts import actor
from web.desk.drafts import allowed, visible
from web.desk.editing import form_of
from web.desk.proposed import (
    confidence_words,
    groups_of,
    mark_of,
    shown,
    stretches,
    typed_value,
    wrong_with,
)
from web.desk.uploads import forget_form, limit_upload
from web.desk.wording import source_words
from web.i18n import _
from web.links import link
from web.site import database, site

bp = Blueprint("intake", __name__, url_prefix="/desk/intake")
A_PAGE = 50


@bp.url_value_preprocessor
def limit_size(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """No request here is larger than a paper may be; set before its form is read."""
    limit_upload(LARGEST)


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """The page again, saying how large a paper may be."""
    forget_form()
    return _list(_("文件超过 %(n)s MB。请只传正文，附件另传。", n=LARGEST // 1_000_000)), 413


@bp.get("/")
def index() -> ResponseReturnValue:
    """What waits, what came last first, and the form to hand something in."""
    return _list()


def _mine() -> list[Item]:
    """The papers that one's office may see."""
    return [one for one in intake.waiting(database()) if may_see(actor(), one.draft)]


def _list(problem: str = "") -> str:
    wanted, page = request.args.get("show", ""), max(1, request.args.get("page", 1, type=int))
    items = _mine()
    open_ones = [one for one in items if one.left]
    chosen = [one for one in items if not one.left] if wanted == "done" else open_ones
    rows = chosen[(page - 1) * A_PAGE : page * A_PAGE]
    return render_template(
        "desk/intake/index.html",
        rows=[(one, _facts(one), _alike(one, items)) for one in rows],
        wanted=wanted,
        counts=(len(open_ones), len(items) - len(open_ones)),
        page=page,
        pages=-(-len(chosen) // A_PAGE),
        problem=problem,
        largest=LARGEST // 1_000_000,
        source_words=source_words,
    )


def _facts(one: Item) -> dict[str, Any]:
    """What a list says of a paper: the facts that name it, and what it would give."""
    said: dict[str, Any] = {}
    types: dict[str, None] = {}
    for each in one.proposals:
        if each.answer == "dropped":
            continue
        if each.proposal.steps[-1] == "type":
            types[site().taxonomy.types.label(str(each.value))] = None
        said.setdefault(each.proposal.field, each.value)
    return {**said, "types": list(types), "relations": sum("relations-" in key for key in said)}


def _alike(one: Item, items: list[Item]) -> list[Alike]:
    prints = _prints_at(site().settings.database, changes.last_number(database()))
    titles = {name.id: name.title for name in naming.names(database())}
    return alike(one, prints, [other for other in items if other.draft.state in IN_HAND], titles)


@lru_cache(maxsize=2)
def _prints_at(path: Path, _change: int) -> tuple[Print, ...]:
    """What is compared of every published entry after one change, read once."""
    with closing(open_database(path)) as db:
        return prints_of_entries(db)


@bp.post("/upload")
def upload() -> ResponseReturnValue:
    """A paper by hand: read, with everything its text proposes, waiting like any other."""
    given = request.files.get("file")
    if given is None or not given.filename:
        return _list(_("请先选一个文件。")), 422
    try:
        return take_in(given.read(), given.filename)
    except KbError as error:
        return _list(str(error)), 422


def take_in(data: bytes, name: str, source: str = "upload") -> ResponseReturnValue:
    """On to the proposals of a paper that was handed in; :class:`KbError` where it is not taken."""
    me = actor()
    at = site()
    made = hand_in(database(), data, name, me.name, me.region, at.terms, at.settings.policies, source)
    if len(made) > 1:
        flash(_("收下了 %(n)s 份，还没有发布。请一份一份看。", n=len(made)))
        return redirect(link("intake.index"), 303)
    flash(_("收下了，还没有发布。请逐条看一看。"))
    return redirect(link("intake.show", number=made[0].id), 303)


# -- one paper -------------------------------------------------------------------------------------


def _item(number: int) -> Item:
    visible(number)
    return intake.item(database(), number) or abort(404)


@bp.get("/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """Its proposals on one side, the original beside them with their words marked."""
    return _page(_item(number))


def _page(item: Item, typed: dict[int, tuple[Any, str]] | None = None) -> str:
    found = stretches(item.draft.original, item.proposals)
    at = request.args.get("at", type=int)
    current = at if at is not None else _next(item, -1)
    return render_template(
        "desk/intake/show.html",
        item=item,
        groups=groups_of(item, site().taxonomy, typed or {}),
        typed=typed or {},
        stretches=found,
        marks={one.number: mark_of(one, found) for one in item.proposals},
        current=current,
        alike=_alike(item, _mine()),
        certain=[one for one in item.proposals if not one.answer and one.proposal.confidence == "certain"],
        may_edit="edit" in allowed(item.draft),
        confidence_words=confidence_words,
        source_words=source_words,
    )


def _next(item: Item, after: int) -> int | None:
    """The next proposal that nobody has answered, from the beginning again after the last."""
    open_ones = [one.number for one in item.proposals if not one.answer]
    return next((one for one in open_ones if one > after), open_ones[0] if open_ones else None)


@bp.post("/<int:number>")
def answer(number: int) -> ResponseReturnValue:
    """Accept, change or drop one proposal, take that back, or accept all that is certain."""
    item = _item(number)
    if "edit" not in allowed(item.draft):
        flash(_("这份草稿现在不能改，可以看。"))
        return redirect(link("intake.show", number=number), 303)
    what = request.form.get("do", "")
    try:
        if what == "certain":
            return _accepted_all(item)
        one = _answered(item)
        if what == "change":
            return _changed(item, one)
        if what not in _ANSWERS:
            abort(400)
        after = intake.answer(database(), number, one.number, _ANSWERS[what], actor().name)
    except KbError as error:
        flash(str(error))
        return redirect(link("intake.show", number=number), 303)
    return _onward(after, one.number if what != "undo" else one.number - 1)


_ANSWERS: dict[str, Answer] = {"accept": "accepted", "drop": "dropped", "undo": ""}


def _answered(item: Item) -> Answered:
    wanted = request.form.get("proposal", type=int)
    return next((one for one in item.proposals if one.number == wanted), None) or abort(404)


def _accepted_all(item: Item) -> ResponseReturnValue:
    sure = {one.number for one in item.proposals if not one.answer and one.proposal.confidence == "certain"}
    after = intake.accept_all(database(), item.draft.id, sure, actor().name)
    flash(_("采用了 %(n)s 条。", n=len(sure)))
    return _onward(after, -1)


def _changed(item: Item, one: Answered) -> ResponseReturnValue:
    """The value as it was typed; what is wrong with it is said at its place, and it stays in the field."""
    taxonomy = site().taxonomy
    try:
        value = typed_value(one.proposal, form_of(request.form), taxonomy)
    except KbError as error:
        return _page(item, {one.number: (one.value, str(error))}), 422
    if problem := wrong_with(item, one, value, taxonomy):
        return _page(item, {one.number: (value, problem)}), 422
    same = value == one.proposal.value
    given: tuple[Answer, Any] = ("accepted", None) if same else ("changed", value)
    try:
        after = intake.answer(database(), item.draft.id, one.number, given[0], actor().name, given[1])
    except KbError as error:
        typed = shown(item, one, taxonomy, (value, "")).words
        raise KbError(_("%(problem)s。您填的是：%(typed)s", problem=error, typed=typed)) from error
    return _onward(after, one.number)


def _onward(item: Item, after: int) -> ResponseReturnValue:
    """To the next proposal; when there is none left, to what comes then."""
    following = _next(item, after)
    if following is None:
        return redirect(link("intake.show", number=item.draft.id) + "#done", 303)
    return redirect(link("intake.show", number=item.draft.id, at=following) + f"#p-{following}", 303)


@bp.post("/<int:number>/join")
def join_one(number: int) -> ResponseReturnValue:
    """This paper is the same as an entry or another paper: only its address is kept, with that."""
    item, me = _item(number), actor()
    kind, _colon, key = request.form.get("into", "").partition(":")
    if kind not in ("entry", "item") or "drop" not in allowed(item.draft):
        abort(400)
    if kind == "item" and key.isdigit():
        visible(int(key))
    try:
        into = join(database(), item, cast(Kind, kind), key, me.name, me.region)
    except KbError as error:
        flash(str(error))
        return redirect(link("intake.show", number=number), 303)
    if into is None:
        flash(_("是同一份，这一份放弃了。它是上传的，没有网址，所以没有出处可记。"))
        return redirect(link("intake.index"), 303)
    flash(_("归到一起了：%(title)s。出处已经记上，还没有发布。", title=into.title or into.entry_id))
    return redirect(link("drafts.show", number=into.id), 303)
