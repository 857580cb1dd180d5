"""What we said about an entry and when: every version in words, for readers, without anybody's name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, jsonify, render_template
from flask.typing import ResponseReturnValue

from kb.domain.fields import PRIVATE
from kb.store import entries, history
from kb.store.entries import Published
from kb.store.history import Event
from web.i18n import _
from web.links import absolute, link
from web.site import database, site

bp = Blueprint("history", __name__, url_prefix="/entries")


@bp.get("/<entry_id>/history")
def show(entry_id: str) -> ResponseReturnValue:
    """All that happened to an entry, the newest first; 404 if it never existed."""
    held = _held(entry_id)
    events = history.events_of(database(), entry_id, site().taxonomy)
    return render_template(
        "history/show.html",
        held=held,
        entry=held.entry,
        events=events,
        told=told,
        then=then,
        what=what,
        others=_named(events),
    )


@bp.get("/<entry_id>/history.json")
def as_json(entry_id: str) -> ResponseReturnValue:
    """The same as data: moments in UTC, values before and after in words, ``then`` the page of that time."""
    held = _held(entry_id)
    events = history.events_of(database(), entry_id, site().taxonomy)
    return jsonify(
        {"id": entry_id, "state": held.state, "events": [_event_json(one, entry_id) for one in events]}
    )


def _held(entry_id: str) -> Published:
    return entries.get(database(), entry_id) or abort(404)


def told(one: Event) -> list[dict[str, str]]:
    """What changed, less what no reader is shown."""
    shown = [
        change for change in one.changes if change.path[:2] not in PRIVATE and change.path[:1] not in PRIVATE
    ]
    return [{"label": one.label, "before": one.before, "after": one.after} for one in shown]


def then(one: Event, entry_id: str) -> str:
    """The address of the entry's page as it was from that moment on; nothing where there was none."""
    if one.action in ("withdraw", "merge"):
        return ""
    moment = datetime.fromisoformat(one.at).astimezone(UTC).isoformat().replace("+00:00", "Z")
    return link("entries.show", entry_id=entry_id, known_at=moment, as_of=None)


def what(one: Event) -> str:
    """What happened, in a phrase."""
    if one.action == "publish":
        number = _("第 %(n)s 版", n=one.number)
        return _("重新发布，%(version)s", version=number) if one.back else number
    words = {"withdraw": _("撤下"), "merge": _("并入另一件"), "amend": _("期限被别的文件改动")}
    return words[one.action]


def _named(events: list[Event]) -> dict[str, str]:
    """The number or title of every other entry that the events speak of."""
    found = {}
    for other in {one.because for one in events if one.because}:
        held = entries.get(database(), other)
        if held:
            found[other] = held.entry.doc_number or f"《{held.entry.title}》"
    return found


def _event_json(one: Event, entry_id: str) -> dict[str, Any]:
    address = then(one, entry_id)
    return {
        "at": one.at,
        "action": one.action,
        "version": one.number or None,
        "what": what(one),
        "reason": one.reason,
        "unreviewed": one.unreviewed,
        "because": one.because or None,
        "changes": told(one),
        "then": absolute(address) if address else None,
    }
