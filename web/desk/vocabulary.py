"""词表: synonyms and words of the desk over the defaults, and how a question is read with them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from kb.errors import KbError
from kb.search.live import reading_of
from kb.store import searches, users, words
from web.accounts import nationwide
from web.i18n import _
from web.links import link
from web.site import database, site

bp = Blueprint("words", __name__, url_prefix="/desk/words")
LONGEST = 80
DEFAULTS_SHOWN = 60


@bp.get("/")
def index() -> ResponseReturnValue:
    """The desk's words with who and when; ``q`` shows how a question is read and the defaults about it."""
    return _page({})


def _page(form: dict[str, str], message: str = "", status: int = 200) -> ResponseReturnValue:
    asked = request.values.get("q", "").strip()[:LONGEST]
    rows = words.listed(database())
    terms = site().terms
    about = [
        one for one in terms.synonyms if asked and (one[0] in asked or asked in one[0] or asked in one[1])
    ]
    page = render_template(
        "desk/upkeep/words.html",
        rows=rows,
        names=users.shown_names(database()),
        asked=asked,
        reading=reading_of(site().library, asked) if asked else None,
        defaults=about[:DEFAULTS_SHOWN],
        stopped={(row.word, row.other) for row in rows if row.kind == "synonym" and not row.weight},
        figures=(len(terms.synonyms), len(terms.lexicon)),
        form=form,
        message=message,
        usual=words.USUAL_WEIGHT,
    )
    return page, status


@bp.post("/synonym")
def synonym() -> ResponseReturnValue:
    """Add a synonym, or stop a default one (weight 0); a query it was made for is settled with it."""
    me = nationwide()
    form = {name: request.form.get(name, "").strip() for name in ("word", "other", "weight", "both", "query")}
    try:
        weight = _weight(form["weight"])
        words.add_synonym(database(), form["word"], form["other"], me.name, weight, both=bool(form["both"]))
    except KbError as error:
        return _page(form, str(error), 422)
    site().live.look_again()
    if searches.may_be_kept(form["query"]):
        searches.settle(database(), form["query"], "synonym", me.name)
        flash(
            _("已加同义词：搜“%(word)s”也找“%(other)s”。几秒内生效。", word=form["word"], other=form["other"])
        )
        return redirect(link("upkeep.one_query", q=form["query"]), 303)
    flash(_("已记下，几秒内生效。"))
    return redirect(link("words.index", q=form["word"]), 303)


def _weight(text: str) -> float:
    try:
        return float(text) if text else words.USUAL_WEIGHT
    except ValueError as error:
        raise KbError(_("分量要写 0 到 1 之间的数，如 0.7")) from error


@bp.post("/lexicon")
def lexicon() -> ResponseReturnValue:
    """Add a word to cut by; the index is built anew beside the old one."""
    me, form = nationwide(), {"whole": request.form.get("whole", "").strip()}
    try:
        words.add_lexicon(database(), form["whole"], me.name)
    except KbError as error:
        return _page(form, str(error), 422)
    site().live.look_again()
    flash(_("已加分词用的词。索引正在旁边重建，建好以前照旧能搜。"))
    return redirect(link("words.index"), 303)


@bp.post("/remove")
def remove() -> ResponseReturnValue:
    """Take a word of the desk back; the default, if there is one, holds again."""
    me, row = nationwide(), [request.form.get(name, "") for name in ("kind", "word", "other")]
    if words.remove(database(), row[0], row[1], row[2], me.name):
        site().live.look_again()
        flash(_("已去掉“%(word)s”。", word=row[1]))
    return redirect(link("words.index"), 303)
