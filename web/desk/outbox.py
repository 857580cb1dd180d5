"""The outbox at the desk: what waits, what failed and why; addresses are masked."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.domain.alert import KINDS
from kb.outreach.mail import missing_setting
from kb.store import audit, outbox, subscriptions, told
from kb.store.database import writing
from web.accounts import actor
from web.i18n import _
from web.links import link
from web.site import database, site
from web.wanted import kind_label

bp = Blueprint("outbox", __name__, url_prefix="/desk/outbox")
SHOWN = 50


@bp.get("/")
def index() -> ResponseReturnValue:
    """Counts, what is missing, and every mail that failed or was put off."""
    db = database()
    held = subscriptions.counts(db)
    return render_template(
        "desk/outbox.html",
        counts=outbox.counts(db),
        missing=missing_setting(site().settings),
        since=outbox.oldest_waiting(db),
        failed=outbox.listed(db, "failed", SHOWN),
        put_off=[one for one in outbox.listed(db, "waiting", SHOWN) if one.said],
        masked=outbox.masked,
        problems=[(kind_label(one.kind), one, problem) for one, problem in subscriptions.with_problems(db)],
        held_back=told.count_waiting(db),
        subscribed={kind: held.get(kind, 0) for kind in KINDS},
    )


@bp.post("/retry")
def retry() -> ResponseReturnValue:
    """Have one failed mail, or all of them and what was put off, tried again in the next round."""
    number = request.form.get("id", type=int)
    with writing(database()):
        many = outbox.retry(database(), number)
        audit.append(database(), actor().name, "mail-retry", "outbox", f"{many} 封")
    flash(_("%(n)s 封会在一分钟内再发一次。", n=many))
    return redirect(link("outbox.index"), 303)
