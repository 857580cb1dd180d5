"""What somebody who is typing may be after."""

from __future__ import annotations

from typing import Any

from kb.search import suggest
from web.api import parameters
from web.api.kinds import Words
from web.api.parameters import Given, Parameter
from web.api.serving import Resource, serve
from web.api.vocabulary import SuggestAnswer
from web.i18n import _
from web.links import absolute
from web.site import site
from web.suggest import option_json

RESOURCE = Resource(
    "suggest",
    "/suggest",
    SuggestAnswer,
    lambda: _("输入提示"),
    lambda: _("打字时可能要找的词、地区、困难和条目，拼音也可以。"),
    lambda taxonomy: (
        Parameter("q", Words(), _("已经打的字"), required=True, example="yanglao"),
        parameters.as_of(),
        parameters.lang(),
    ),
    (),
    "q=yanglao",
)


@serve(RESOURCE)
def show(given: Given) -> dict[str, Any]:
    """The suggestions for what was typed."""
    options = suggest(site().library, given.text("q"), given.day() or site().today)
    shown = [option_json(one) for one in options]
    addressed = [{**one, "address": absolute(str(one["address"]))} for one in shown]
    return {"query": given.text("q"), "suggestions": addressed}
