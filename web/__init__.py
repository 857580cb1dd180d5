"""The website: thin routes over ``kb``, one module a blueprint, pages that work without JavaScript."""

from __future__ import annotations

from threading import Event

from flask import Flask
from flask_babel import Babel
from werkzeug.routing import IntegerConverter

from kb import config
from kb.config import Settings
from kb.domain.entry import BACKGROUND_KINDS
from kb.matching.catalogue import Shelf
from kb.search import open_library
from kb.store.terms import Terms, load_terms
from web import (
    about,
    access,
    accounts,
    alerts,
    api,
    attached,
    difficulties,
    digests,
    embed,
    entries,
    errors,
    following,
    freshness,
    health,
    history,
    home,
    limits,
    links,
    mailing,
    match,
    matching,
    needs,
    rounds,
    search,
    searchlog,
    security,
    sharing,
    suggest,
    survey,
    words,
)
from web.background import start
from web.desk import (
    acts,
    amend,
    board,
    checking,
    choosing,
    coverage,
    drafts,
    duplicates,
    editing,
    files,
    guide,
    handout,
    intake,
    issuing,
    members,
    outbox,
    paste,
    people,
    places,
    programs,
    reports,
    runs,
    sheets,
    template,
    upkeep,
    vocabulary,
)
from web.desk import difficulties as triage
from web.desk import rounds as deskrounds
from web.results import address, field_titles, index_fields
from web.site import NAME, Site, close_database, site
from web.view import bad_day_notice, bad_moment_notice, notice_words, view


class Number(IntegerConverter):
    """A number in an address: of as many digits as one in the store can have, else there is no such page."""

    regex = r"\d{1,18}"


READERS = (
    api,
    home,
    search,
    suggest,
    entries,
    history,
    match,
    needs,
    survey,
    rounds,
    about,
    health,
    attached,
    sharing,
    embed,
    difficulties,
    alerts,
    digests,
    following,
)
DESK = (
    accounts,
    board,
    drafts,
    acts,
    amend,
    checking,
    people,
    guide,
    coverage,
    sheets,
    files,
    editing,
    intake,
    runs,
    paste,
    upkeep,
    duplicates,
    vocabulary,
    handout,
    triage,
    outbox,
    deskrounds,
    reports,
    issuing,
    choosing,
    template,
    members,
    programs,
)


def create_app(settings: Settings | None = None, *, background: bool = False) -> Flask:
    """The application; with ``background`` also its threads: index level with the store, mail sent.

    They end with the process, or once the event ``app.extensions["stop"]`` is set.

    Raises :class:`kb.errors.KbError` if the policies' vocabulary or a setting cannot be used.
    """
    settings = settings or config.from_environment()
    terms = load_terms(settings.policies)
    app: Flask = errors.QuietFlask(__name__)
    app.url_map.converters["int"] = Number
    app.extensions["kb"] = Site(settings, terms, open_library(settings, terms), Shelf(terms.taxonomy))
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.teardown_appcontext(close_database)
    for part in (security, errors, words, attached):
        part.init_app(app)
    Babel(app, default_locale="zh", locale_selector=lambda: view().language)
    _add_words(app, settings, terms)
    accounts.init_app(app, settings.secret, secure=settings.base_url.startswith("https:"))
    access.init_app(app)
    searchlog.init_app(app, settings.database)
    for part in (*READERS, *DESK):
        app.register_blueprint(part.bp)
    places.init_app(app)
    limits.init_app(app, settings.rate_limit, search.bp, suggest.bp)
    limits.limit_programs(app, api.bp, settings.api_rate_limit, api.keys.rate, api.keys.who)
    if background:
        stop = app.extensions["stop"] = Event()
        start(app.extensions["kb"], stop, app.extensions["searchlog"])
        mailing.start(app.extensions["kb"], stop)
    return app


def _add_words(app: Flask, settings: Settings, terms: Terms) -> None:
    """What every template may use."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        view=view,
        link=links.link,
        same_page=links.same_page,
        absolute=links.absolute,
        static=links.static,
        address=address,
        field_titles=field_titles,
        index_fields=index_fields,
        bad_day_notice=bad_day_notice,
        notice_words=notice_words,
        site_name=NAME,
        settings=settings,
        hotlines_to_ask=terms.hotlines,
        hotlines_for=terms.hotlines_for,
        outcome_label=matching.outcome_label,
        verdict_label=matching.verdict_label,
        span_label=matching.span_label,
        estimate_label=matching.estimate_label,
        taxonomy=terms.taxonomy,
        background_kinds=BACKGROUND_KINDS,
        site_has_survey=terms.survey is not None,
        current_actor=accounts.current_actor,
        bad_moment_notice=bad_moment_notice,
        silent_since=freshness.silent_since,
        today=lambda: site().today,
        in_wechat=sharing.in_wechat,
    )
