"""What leaves the site by a hand or a wall: short addresses, QR codes, the poster for a notice board."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kb.domain.privacy import looks_personal
from kb.outreach.message import caveat
from kb.outreach.poster import poster_of
from kb.outreach.qr import MOST, qr_svg
from kb.outreach.sheet import sheet_on
from kb.store import entries
from web.company import SKIPPED, Described
from web.links import absolute, link
from web.params import Asked
from web.site import database, site
from web.view import view

bp = Blueprint("sharing", __name__)
_WECHAT = "MicroMessenger"
_TOLD_FIRST = ("region", "headcount", "size", "need")
"""Of a company, what an address keeps longest."""
_IN_PATH = ("region", "headcount", "need", "industry")


@dataclass(frozen=True)
class Shared:
    """A public address of at most :data:`MOST` characters, and its QR code as SVG.

    ``svg`` is empty without ``KB_BASE_URL``: nobody could open what it says. ``cut`` is true where the whole
    address would be too long and this one asks for less.
    """

    address: str
    svg: str
    cut: bool = False


def in_wechat() -> bool:
    """Whether the request comes from WeChat's browser, which saves no files."""
    return _WECHAT in request.user_agent.string


def shared(*paths: str) -> Shared:
    """The first of ``paths``, the fullest first, that makes an address short enough; else the last."""
    addresses = [absolute(path) for path in paths]
    fitting = [one for one in addresses if len(one) <= MOST]
    address = fitting[0] if fitting else addresses[-1]
    return Shared(address, _svg(address), address != addresses[0])


def _svg(address: str) -> str:
    return qr_svg(address) if site().settings.base_url and len(address) <= MOST else ""


def shared_entry(entry_id: str) -> Shared:
    """The short address of an entry on the day that is looked at."""
    return shared(entry_path(entry_id), url_for("sharing.short", entry_id=entry_id))


def entry_path(entry_id: str) -> str:
    """``/e/<id>``, with the day where it is not today."""
    return link("sharing.short", entry_id=entry_id, lang=None)


def shared_search(asked: Asked) -> Shared:
    """The address of a search: first without its order, then its words or else its filters alone.

    Words that look like somebody's number or address are never in it.
    """
    whole = {**asked.with_page(1).parameters(), "explain": None}
    if looks_personal(asked.text):
        whole["q"] = None
    bare = {**whole, "sort": None, "ignore": ()}
    words = {"q": whole["q"]}
    filters = {**bare, "q": None}
    wanted = [one for one in (whole, bare, words, filters) if any(one.values())]
    found = shared(*(link("search.index", **one, lang=None) for one in (*wanted, {})))
    return Shared(found.address, found.svg, found.cut or looks_personal(asked.text))


def shared_match(described: Described) -> Shared:
    """The address of a company's matches: codes only, figures and own words stay out of it.

    Where it is too long, what was answered first stays longest; what was left out is not asked again.
    """
    whole = described.parameters()
    told = {name: described.codes[name] for name in _TOLD_FIRST if name in described.codes}
    near = {name: values for name, values in told.items() if name in ("region", "need")}
    wanted: tuple[dict[str, object], ...] = (whole, {**told, "all": 1}, {**near, "all": 1}, {})
    paths = [link("match.index", **one, lang=None) for one in wanted]
    return shared(*((_match_path(described), *paths[1:]) if whole.keys() <= set(_IN_PATH) else paths))


def _match_path(described: Described) -> str:
    """``/m/430100/10-29/loan-turnover/maintenance``: half as long, so that a message has room for more."""
    parts = {name: ",".join(described.codes.get(name, (SKIPPED,))) for name in _IN_PATH}
    return link("sharing.matches", **parts, lang=None)


@bp.get("/m/<region>/<headcount>/<need>/<industry>")
def matches(region: str, headcount: str, need: str, industry: str) -> ResponseReturnValue:
    """On to the matches of a company; ``-`` stands for what was not told."""
    trades = industry.split(",")
    told = {"region": region, "headcount": headcount, "need": need, "industry": trades}
    return redirect(link("match.index", **told), 301)


@bp.get("/e/<entry_id>")
def short(entry_id: str) -> ResponseReturnValue:
    """On to the entry's page, for good: printed codes must work as long as the id does."""
    return redirect(link("entries.show", entry_id=entry_id), 301)


@bp.get("/entries/<entry_id>/poster")
def poster(entry_id: str) -> ResponseReturnValue:
    """One page for a notice board; 404 for what is not published, with the reason on its own page."""
    held = entries.get(database(), entry_id) or abort(404)
    sheet = sheet_on(database(), held, view().day) if held.state == "published" else None
    if sheet is None:
        return redirect(link("entries.show", entry_id=entry_id))
    shown = {"poster": poster_of(sheet, site().taxonomy), "code": shared_entry(entry_id)}
    last = caveat(site().settings.organiser)
    return render_template("sharing/poster.html", **shown, caveat=last)
