"""Who may come where. What is not listed here is closed to everybody: a new route must be given its role."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect

from kb.domain.workflow import Role
from web.accounts import current_actor, send_again, send_to_login
from web.errors import http_problem

Needed = Literal["public"] | Role
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

PUBLIC = (
    "static",
    "home.index",
    "search.index",
    "search.as_json",
    "search.as_csv",
    "search.as_atom",
    "suggest.suggestions",
    "entries.show",
    "entries.as_json",
    "history.show",
    "history.as_json",
    "match.index",
    "match.as_json",
    "match.unchecked",
    "match.checklist",
    "match.calendar",
    "needs.index",
    "needs.show",
    "needs.as_json",
    "survey.index",
    "survey.as_json",
    "about.index",
    "health.index",
    "accounts.log_in",
    "drafts.shared",
    "attached.show",
    "digests.index",
    "digests.as_json",
    "digests.as_atom",
    "digests.show",
    "digests.one_json",
    "digests.word",
    "following.entry_feed",
    "following.entry_calendar",
    "following.search_calendar",
    "alerts.new",
    "alerts.ask",
    "alerts.asked",
    "alerts.confirm",
    "alerts.manage",
    "alerts.stop",
    "alerts.leave",
    "alerts.ended",
    "rounds.answer",
    "rounds.thanks",
    "rounds.index",
    "rounds.show",
    "rounds.as_json",
    "difficulties.index",
    "difficulties.as_json",
    "difficulties.new",
    "difficulties.add",
    "difficulties.mine",
    "difficulties.add_text",
    "difficulties.forwarding",
    "difficulties.publication",
    "difficulties.delete",
    "difficulties.deleted",
    "sharing.short",
    "sharing.matches",
    "sharing.poster",
    "embed.index",
    "api.search",
    "api.entries",
    "api.entry",
    "api.versions",
    "api.version",
    "api.changes",
    "api.match",
    "api.match_posted",
    "api.suggest",
    "api.taxonomy",
    "api.survey",
    "api.description",
    "api.index",
)
EDITOR = (
    "accounts.log_out",
    "accounts.password",
    "board.index",
    "board.part",
    "coverage.index",
    "coverage.as_json",
    "coverage.as_csv",
    "drafts.index",
    "drafts.show",
    "drafts.comment",
    "drafts.assign",
    "drafts.step",
    "drafts.share",
    "drafts.compare",
    "drafts.settle",
    "editing.new",
    "editing.edit",
    "editing.effect",
    "intake.index",
    "intake.upload",
    "intake.show",
    "intake.answer",
    "intake.join_one",
    "runs.index",
    "runs.show",
    "runs.snapshot",
    "runs.settle",
    "paste.index",
    "paste.add",
    "acts.show",
    "acts.edit",
    "acts.restore",
    "amend.index",
    "amend.add",
    "checking.index",
    "checking.answer",
    "guide.index",
    "handout.index",
    "handout.directory",
    "sheets.index",
    "sheets.template",
    "sheets.out_csv",
    "sheets.out_xlsx",
    "sheets.check",
    "sheets.report",
    "sheets.take",
    "files.index",
    "files.add",
    "files.remove",
    "upkeep.index",
    "upkeep.links",
    "upkeep.check",
    "upkeep.asked",
    "upkeep.one_query",
    "upkeep.alias",
    "upkeep.begin",
    "duplicates.index",
    "duplicates.pair",
    "duplicates.keep_apart",
    "duplicates.undo_apart",
    "words.index",
    "issuing.index",
    "choosing.index",
    "choosing.add",
    "issuing.show",
    "issuing.change",
    "issuing.draft_word",
    "issuing.wechat",
    "outbox.index",
    "outbox.retry",
    "deskrounds.index",
    "deskrounds.new",
    "deskrounds.edit",
    "deskrounds.show",
    "deskrounds.close",
    "reports.index",
    "reports.show",
    "reports.word",
    "reports.write",
    "triage.index",
    "triage.show",
    "triage.answer",
    "triage.entry",
    "triage.step",
    "triage.comment",
    "triage.propose",
    "members.index",
    "members.template",
    "members.template_csv",
    "members.check",
    "members.show",
    "members.out",
    "members.delete",
)
REVIEWER = (
    "issuing.issue",
    "issuing.note",
    "template.index",
    "template.download",
    "template.add",
    "deskrounds.publish",
    "triage.publish",
    "acts.withdraw",
    "duplicates.merge",
    "upkeep.settle",
    "upkeep.unsettle",
    "words.synonym",
    "words.lexicon",
    "words.remove",
)
ADMIN = (
    "people.index",
    "people.add",
    "people.change",
    "people.audit",
    "programs.index",
    "programs.add",
    "programs.revoke",
)

REQUIRED: dict[str, Needed] = {
    **dict.fromkeys(PUBLIC, "public"),
    **dict.fromkeys(EDITOR, "editor"),
    **dict.fromkeys(REVIEWER, "reviewer"),
    **dict.fromkeys(ADMIN, "admin"),
}
"""The role that each endpoint asks for."""
TOKENLESS = frozenset(
    {
        "alerts.new",
        "alerts.stop",
        "alerts.leave",
        "match.index",
        "match.unchecked",
        "match.checklist",
        "match.calendar",
        "api.match_posted",
    }
)
"""POSTs that change nothing: figures that are not to stand in an address; and one-click unsubscribing, whose
link is secret itself (RFC 8058)."""


ANYWHERE = frozenset({"alerts.stop", "alerts.leave"})
"""POSTs that any site may send: pages of mail programs do, and the link is the secret (RFC 8058)."""


def check() -> ResponseReturnValue | None:
    """Let the request through, or answer it: log in first, not yours, from another site."""
    if request.endpoint is None:
        return None
    needed = REQUIRED.get(request.endpoint)
    if needed is None:
        abort(403)
    if request.method in _CHANGING and request.endpoint not in ANYWHERE and not _is_ours():
        abort(403)
    if needed != "public":
        actor = current_actor()
        if actor is None:
            return send_to_login()
        if not actor.at_least(needed):
            abort(403)
    if request.endpoint not in TOKENLESS:
        current_app.extensions["csrf"].protect()
    return None


def stale_token(error: CSRFError) -> ResponseReturnValue:
    """A form with another session's token: given back to be sent again if a page of ours surely sent it."""
    if request.headers.get("Origin") or request.headers.get("Sec-Fetch-Site") == "same-origin":
        return send_again(public=REQUIRED.get(request.endpoint or "") == "public")
    return http_problem(error)


def _is_ours() -> bool:
    """Whether a changing request comes from a page of this very site, not of a neighbour of it."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def init_app(app: Flask) -> None:
    """Guard every route of ``app``; call after what opens the session."""
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None)
    CSRFProtect(app)
    app.register_error_handler(CSRFError, stale_token)
    app.before_request(check)
