"""简报 at the desk: look a draft over, issue it, take away every form of it."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain.digest import (
    LONGEST_HEADING,
    SECTION_NAMES,
    Digest,
    Masthead,
    in_sections,
    moved,
    renamed,
)
from kb.errors import KbError
from kb.outreach.digest import items_of, seal
from kb.outreach.digestdata import mail_digest
from kb.outreach.digestsince import as_shown
from kb.outreach.digesttext import group_texts, wechat_html
from kb.outreach.digestword import digest_word
from kb.store import digests, subscriptions
from kb.store.digests import ChangedDigestError
from web.accounts import actor, is_nationwide, nationwide
from web.desk.template import template_notice
from web.digests import issue_path, public_link, template_file, word_response
from web.i18n import _
from web.links import absolute, link
from web.site import database, site
from web.view import read_day

bp = Blueprint("issuing", __name__, url_prefix="/desk/digests")
_FIELDS = tuple(Masthead.__dataclass_fields__)
_LONGEST = 600
_PASTED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""The page to copy from has inline styles and nothing else; nothing in it runs or is loaded."""


@bp.get("/")
def index() -> ResponseReturnValue:
    """What is in the making, what has been issued, and the way to the next issue."""
    return render_template(
        "desk/digests/index.html",
        drafts=digests.drafts(database()),
        issues=digests.issued(database()),
        subscribers=subscriptions.counts(database()).get("digest", 0),
        template_notice=template_notice(),
    )


# -- looking it over -------------------------------------------------------------------------------


def visible(number: int) -> Digest:
    """The draft or issue; 404 for one that never was or was given up."""
    held = digests.get(database(), number)
    if held is None or held.state == "dropped":
        abort(404)
    return held


@bp.get("/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """A draft to look over and issue; an issue with all its forms to take away."""
    held = visible(number)
    return _issued(held) if held.state == "issued" else _draft(held)


def _draft(held: Digest, message: str = "", status: int = 200) -> ResponseReturnValue:
    items = items_of(database(), held, site().taxonomy)
    first = not digests.has_issues(database())
    numbers = digests.next_numbers(database(), held.day.year)
    page = render_template(
        "desk/digests/draft.html",
        draft=held,
        groups=in_sections(items),
        missing=[one for one in held.choices if one.key not in {item.key for item in items}],
        chosen={one.key: one for one in held.choices},
        seal=_seal(held),
        numbers=numbers,
        first=first,
        longest=LONGEST_HEADING,
        section_names=SECTION_NAMES,
        subscribers=subscriptions.counts(database()).get("digest", 0),
        may_issue=is_nationwide(),
        may_drop=_may_drop(held),
        template_notice=template_notice(),
        message=message,
    )
    return page, status


def _seal(held: Digest) -> str:
    """Stands for what is shown but the headings, which the same form changes."""
    plain = replace(held, choices=renamed(held.choices, {one.key: "" for one in held.choices}))
    return seal(items_of(database(), plain, site().taxonomy))


@bp.post("/<int:number>")
def change(number: int) -> ResponseReturnValue:
    """Keep what was typed, and move or take out an item; or give the draft up."""
    held = visible(number)
    action, _sep, key = request.form.get("do", "save").partition(":")
    try:
        if action == "drop":
            if not _may_drop(held):
                abort(403)
            _check_seen(held)
            digests.drop(database(), held, actor().name)
            flash(_("这一期的草稿放弃了。"))
            return redirect(link("issuing.index"), 303)
        saved = _saved(held, action, key)
    except ChangedDigestError as error:
        now = visible(number)
        return _draft(now, str(error), 409) if now.state == "draft" else show(number)
    except KbError as error:
        return _draft(held, str(error), 422)
    at = f"item-{key}" if key and action != "remove" else "items" if key else ""
    return redirect(link("issuing.show", number=saved.id, _anchor=at or None), 303)


def _may_drop(held: Digest) -> bool:
    """Whether whoever is at the desk may give the draft up: its maker, or the national office."""
    return actor().is_national or actor().name == held.created_by


def _check_seen(held: Digest) -> None:
    """:class:`ChangedDigestError` unless the form is about the draft as it stands."""
    if held.state == "issued" or request.form.get("revision", "") != str(held.revision):
        raise ChangedDigestError(_("这一期刚被同事改过或处理过，请看过最新的样子再定"))


def _saved(held: Digest, action: str = "", key: str = "") -> Digest:
    """The draft with what the form says; :class:`KbError` where it cannot be kept."""
    form = request.form
    _check_seen(held)
    headings = {one.key: form[f"heading-{one.key}"] for one in held.choices if f"heading-{one.key}" in form}
    choices = renamed(held.choices, headings)
    if action in ("up", "down"):
        choices = moved(choices, key, -1 if action == "up" else 1)
    if action == "remove":
        choices = tuple(one for one in choices if one.key != key)
    given = {name: form[name].strip()[:_LONGEST] for name in _FIELDS if name in form}
    masthead = replace(held.masthead, **given)
    day, since = read_day(form.get("day", "")), read_day(form.get("since", ""))
    if day and day > site().today:
        raise KbError(_("简报的日期不能晚于今天。"))
    days = (day or held.day, since or held.since)
    if (choices, masthead, days) == (held.choices, held.masthead, (held.day, held.since)):
        return held
    return digests.save(database(), held, actor().name, choices=choices, masthead=masthead, days=days)


@bp.get("/<int:number>/draft.docx")
def draft_word(number: int) -> ResponseReturnValue:
    """The Word file as it would be; an issue's own is where readers get it."""
    held = visible(number)
    items = items_of(database(), held, site().taxonomy)
    shown = as_shown(database(), held) if held.items else replace(held, items=items)
    return word_response(_word(shown), f"digest-draft-{number}")


def _word(digest: Digest) -> bytes:
    settings = site().settings
    return digest_word(digest, settings.organiser, public_link(digest), template_file(settings.home))


# -- issuing ---------------------------------------------------------------------------------------


@bp.post("/<int:number>/issue")
def issue(number: int) -> ResponseReturnValue:
    """Give it its number for good; where what was looked over has changed meanwhile, it is shown again."""
    held = visible(number)
    nationwide()
    if held.state == "issued":
        return redirect(link("issuing.show", number=number), 303)
    try:
        saved = _saved(held)
        if _seal(saved) != request.form.get("seal", ""):
            told = _("您看过以后，有条目的内容或期限变了。下面是最新的，请再看一遍再出刊。")
            return _draft(saved, told, 409)
        done = _issue(saved)
    except ChangedDigestError as error:
        return _draft(visible(number), str(error), 409) if visible(number).state == "draft" else show(number)
    except KbError as error:
        return _draft(visible(number), str(error), 422)
    flash(_("出刊了：%(title)s", title=done.title))
    return redirect(link("issuing.show", number=number), 303)


def _issue(draft: Digest) -> Digest:
    db, organiser = database(), site().settings.organiser
    start = request.form.get("start_number", type=int) or 1, request.form.get("start_total", type=int) or 1
    return digests.issue(
        db,
        draft,
        items_of(db, draft, site().taxonomy),
        actor().name,
        _word,
        start=start,
        after=lambda done: mail_digest(db, done, issue_path(done), organiser),
    )


def _issued(held: Digest) -> ResponseReturnValue:
    shown, organiser = as_shown(database(), held), site().settings.organiser
    return render_template(
        "desk/digests/issued.html",
        digest=shown,
        texts=group_texts(shown, organiser, absolute(issue_path(shown))),
        wechat=wechat_html(shown, organiser, public_link(shown)),
        address=absolute(issue_path(shown)),
        has_qr=bool(public_link(shown)),
        subscribers=subscriptions.counts(database()).get("digest", 0),
        notes=digests.notes(database(), held.id),
    )


@bp.get("/<int:number>/wechat")
def wechat(number: int) -> ResponseReturnValue:
    """The text for a 公众号 as a page of its own: select everything, copy, paste into its editor."""
    held = visible(number)
    shown = as_shown(database(), held) if held.items else held
    if not shown.items:
        shown = replace(held, items=items_of(database(), held, site().taxonomy))
    page = render_template(
        "desk/digests/wechat.html",
        digest=shown,
        body=wechat_html(shown, site().settings.organiser, public_link(shown)),
    )
    return Response(page, headers={"Content-Security-Policy": _PASTED})


@bp.post("/<int:number>/note")
def note(number: int) -> ResponseReturnValue:
    """更正: put beside an issue, which itself never changes, by the office that issues."""
    held, by = visible(number), nationwide()
    try:
        digests.add_note(database(), held, request.form.get("text", ""), by.name)
    except KbError as error:
        flash(str(error))
    else:
        flash(_("更正登在这一期的网页上了。"))
    return redirect(link("issuing.show", number=number, _anchor="notes"), 303)
