"""The figures of the survey of February 2020, as printed."""

from __future__ import annotations

from typing import Any

from kb.outreach.message import caveat
from web.api import parameters
from web.api.parameters import Given
from web.api.problems import RefusedError
from web.api.serving import Resource, serve
from web.api.vocabulary import SurveyAnswer
from web.i18n import _
from web.site import site

RESOURCE = Resource(
    "survey",
    "/survey",
    SurveyAnswer,
    lambda: _("2020年调查"),
    lambda: _("2020年2月调查报告里印出来的数字；百分数和分值写成文字，一位不多一位不少。"),
    lambda taxonomy: (parameters.lang(),),
    ("not-found",),
)


@serve(RESOURCE)
def show(given: Given) -> dict[str, Any]:
    """The survey; there is none where the policies folder has none."""
    survey = site().terms.survey
    if survey is None:
        raise RefusedError("not-found")
    return {"survey": survey, "caveat": caveat(site().settings.organiser)}
