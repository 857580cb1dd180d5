"""The desk's own navigation: what there is, and which blueprints belong to it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from web.access import REQUIRED
from web.i18n import _

Place = tuple[str, Callable[[], str], frozenset[str]]

PLACES: tuple[Place, ...] = (
    ("board.index", lambda: _("工作台"), frozenset({"board"})),
    ("drafts.index", lambda: _("草稿"), frozenset({"drafts", "editing", "paste", "amend", "acts"})),
    ("intake.index", lambda: _("收件"), frozenset({"intake"})),
    ("runs.index", lambda: _("采集"), frozenset({"runs"})),
    ("checking.index", lambda: _("核对"), frozenset({"checking"})),
    ("triage.index", lambda: _("会员困难"), frozenset({"triage"})),
    ("deskrounds.index", lambda: _("调查和专报"), frozenset({"deskrounds", "reports"})),
    ("issuing.index", lambda: _("简报"), frozenset({"issuing", "choosing", "template"})),
    ("upkeep.index", lambda: _("维护"), frozenset({"upkeep", "duplicates", "words"})),
    ("sheets.index", lambda: _("表格和附件"), frozenset({"sheets", "files"})),
    ("members.index", lambda: _("批量对照"), frozenset({"members"})),
    ("handout.index", lambda: _("目录和嵌入"), frozenset({"handout"})),
    ("coverage.index", lambda: _("收录情况"), frozenset({"coverage"})),
    ("outbox.index", lambda: _("邮件"), frozenset({"outbox"})),
    ("people.index", lambda: _("账号"), frozenset({"people", "programs"})),
    ("guide.index", lambda: _("帮助"), frozenset({"guide"})),
)


def role_for(endpoint: str) -> str:
    """The role that an endpoint asks for."""
    return REQUIRED[endpoint]


def init_app(app: Flask) -> None:
    """Give templates the places that this application has; call after the blueprints are registered."""
    app.jinja_env.globals["desk_places"] = tuple(one for one in PLACES if one[0] in app.view_functions)
    app.jinja_env.globals["role_for"] = role_for
