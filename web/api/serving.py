"""How a resource is served: its parameters read, its answer made through its model, with ETag and CORS."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel
from werkzeug.exceptions import HTTPException

from kb.domain.taxonomy import Taxonomy
from web.api import keys, parameters, problems
from web.api.parameters import Given, Parameter
from web.links import absolute
from web.site import site

bp = Blueprint("api", __name__, url_prefix="/api/v1")
View = Callable[..., dict[str, Any]]
LARGEST_BODY = 64 * 1024
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After, RateLimit-Limit, RateLimit-Remaining",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


@dataclass(frozen=True)
class Resource:
    """One address of the interface. ``refusals`` are the sorts of problem besides the usual ones."""

    name: str
    path: str
    answer: type[BaseModel]
    title: Callable[[], str]
    says: Callable[[], str]
    parameters: Callable[[Taxonomy], tuple[Parameter, ...]]
    refusals: tuple[str, ...] = ()
    example: str = ""
    posted: Callable[[Taxonomy], tuple[Parameter, ...]] | None = None
    """What a POST may carry in its JSON body; ``None`` where there is only GET."""


RESOURCES: dict[str, Resource] = {}


def serve(resource: Resource) -> Callable[[View], View]:
    """Serve a view at the resource's address: it is given what was read and returns plain data."""

    def register(view: View) -> View:
        def answered(**path: Any) -> ResponseReturnValue:
            declared = resource.parameters(site().taxonomy)
            given = parameters.read(declared, request.args, site().taxonomy)
            return respond(resource, view(given, **path))

        RESOURCES[resource.name] = resource
        bp.add_url_rule(resource.path, resource.name, answered, methods=["GET"])
        return view

    return register


def respond(resource: Resource, data: dict[str, Any], *, keep: bool = True) -> Response:
    """The answer as JSON; with ``keep`` it carries an ETag, and is 304 where the caller has it already."""
    made = resource.answer.model_validate(data)
    body = made.model_dump_json(by_alias=True).encode()
    response = Response(body, mimetype="application/json")
    if not keep:
        response.headers["Cache-Control"] = "no-store"
        return response
    same = made.model_dump_json(by_alias=True, exclude={"took_ms"}).encode()
    response.set_etag(hashlib.sha256(same).hexdigest()[:32], weak=True)
    response.headers["Cache-Control"] = "no-cache"
    if data.get("next"):
        response.headers["Link"] = f'<{data["next"]}>; rel="next"'
    response.make_conditional(request)
    return response


def next_page(resource: Resource, given: Given, cursor: str, **path: Any) -> str:
    """The address of the page that ``cursor`` begins."""
    asked: dict[str, Any] = {name: given.texts.getlist(name) for name in given.texts}
    asked.pop("after", None)
    return absolute(url_for(f"api.{resource.name}", **path, **{**asked, "cursor": cursor}))


@bp.url_value_preprocessor
def limit_body(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """No body here is long; set before it is read."""
    request.max_content_length = LARGEST_BODY


@bp.before_request
def check_key() -> None:
    """A key that is given has to be a good one."""
    if request.method != "OPTIONS":
        keys.check()


@bp.errorhandler(HTTPException)
def refused(error: HTTPException) -> Response:
    """Whatever is wrong, as problem details."""
    return problems.answer(error)


@bp.after_request
def add_headers(response: Response) -> Response:
    """Public data: any site's pages may read it; how often one may still ask."""
    response.headers.update(_CORS)
    if request.method == "OPTIONS":
        response.headers.update(_PREFLIGHT)
    response.headers.update(keys.rate_headers(response.status_code))
    return response
