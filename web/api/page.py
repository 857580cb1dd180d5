"""The interface described: for programs as OpenAPI, for people as a page."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from web.api import keys, openapi, parameters, problems
from web.api.parameters import Parameter
from web.api.serving import RESOURCES, Resource, bp
from web.i18n import _
from web.links import absolute
from web.site import site

SHOWN_ENTRY = "nat-2020-mohrss-11"
"""The entry that examples are about."""
ORDER = (
    "search",
    "entries",
    "entry",
    "versions",
    "version",
    "changes",
    "match",
    "suggest",
    "taxonomy",
    "survey",
)
"""What most programs begin with comes first."""


@bp.get("/openapi.json")
def description() -> ResponseReturnValue:
    """The description by OpenAPI 3.1."""
    parameters.read((parameters.lang(),), request.args, site().taxonomy)
    made = openapi.description(site().taxonomy, site().settings.base_url)
    body = json.dumps(made, ensure_ascii=False)
    response = Response(body, mimetype="application/json")
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    response.headers["Cache-Control"] = "no-cache"
    return response.make_conditional(request)


@bp.get("/")
def index() -> ResponseReturnValue:
    """The page for people: what there is, examples, limits, what a problem means."""
    return render_template(
        "api/index.html",
        resources=[_shown(RESOURCES[name]) for name in ORDER],
        sorts=problems.SORTS,
        address=absolute(openapi.PATH),
        rate=keys.rate_words(site().settings.rate_limit),
        keyed_rate=keys.rate_words(site().settings.api_rate_limit),
    )


def _shown(resource: Resource) -> dict[str, Any]:
    path = openapi.path_of(resource)
    example = path.replace("{entry_id}", SHOWN_ENTRY).replace("{number}", "1")
    return {
        "name": resource.name,
        "path": path,
        "title": resource.title(),
        "says": resource.says(),
        "posted": resource.posted is not None,
        "example": f"{example}?{resource.example}" if resource.example else example,
        "parameters": [_parameter(one) for one in resource.parameters(site().taxonomy)],
    }


def _parameter(one: Parameter) -> dict[str, str]:
    schema = one.kind.schema(site().taxonomy)
    return {
        "name": one.name,
        "says": one.says + (_("（可写多个）") if one.many else ""),
        "accepts": _accepts(schema),
    }


def _accepts(schema: dict[str, Any]) -> str:
    """What may be written, in a few words."""
    if "enum" in schema:
        return " · ".join(map(str, schema["enum"]))
    if "$ref" in schema:
        return _("地区代码或名称，如 430100、长沙")
    if schema["type"] == "integer":
        return _(
            "%(low)s 到 %(high)s，不写是 %(usual)s",
            low=schema["minimum"],
            high=schema["maximum"],
            usual=schema["default"],
        )
    examples = schema.get("examples")
    return _("如 %(examples)s", examples="、".join(examples)) if examples else ""
