"""The description of the interface by OpenAPI 3.1, made of the declarations that serve it."""

from __future__ import annotations

import re
from typing import Any

from pydantic.json_schema import models_json_schema

from kb.domain.entry import Entry
from kb.domain.taxonomy import Taxonomy
from web.api import problems
from web.api.kinds import Schema
from web.api.models import Trouble
from web.api.parameters import Parameter
from web.api.records import without_private
from web.api.serving import RESOURCES, Resource
from web.i18n import _

VERSION = "1.0.0"
PATH = "/api/v1"
ALWAYS = ("bad-parameter", "bad-key", "too-many", "not-ready")
_PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")
_PLACES: dict[str, Schema] = {
    "entry_id": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
    "number": {"type": "integer", "minimum": 1, "maximum": 10**15},
}


def description(taxonomy: Taxonomy, server: str) -> dict[str, Any]:
    """The whole of it, in the language of the request; ``server`` is the site's public address."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": _("通信企业惠企政策库"),
            "version": VERSION,
            "description": _(
                "只读。政策内容是公开信息，可以转载，须保留每个答案里的 caveat；"
                "没有员工姓名、会员资料和联系方式。"
            ),
        },
        "servers": [{"url": server or "/"}],
        "paths": {path_of(one): _operations(one, taxonomy) for one in RESOURCES.values()},
        "components": {"schemas": schemas(taxonomy), "securitySchemes": _keys()},
        "security": [{}, {"key": []}],
    }


def path_of(resource: Resource) -> str:
    """The address of a resource as OpenAPI writes it."""
    return PATH + _PLACE.sub(r"{\2}", resource.path)


def schemas(taxonomy: Taxonomy) -> dict[str, Any]:
    """Every schema that is referred to: answers as they are given, the record as it is written."""
    answers = [(one.answer, "serialization") for one in RESOURCES.values()]
    wanted = [*answers, (Trouble, "serialization"), (Entry, "validation")]
    _map, made = models_json_schema(
        wanted,  # type: ignore[arg-type]
        by_alias=True,
        ref_template="#/components/schemas/{model}",
    )
    found: dict[str, Any] = _referred(made["$defs"])
    without_private(found)
    codes = [region.code for region in taxonomy.regions.all]
    labels = _("GB/T 2260 代码；也可以写中文名称，如 湖南、湖南省长沙市")
    return {**found, "RegionCode": {"type": "string", "enum": codes, "description": labels}}


def _referred(schema: Any) -> Any:
    """The schemas with the record referred to, which their models hold as plain data."""
    if isinstance(schema, list):
        return [_referred(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "x-record" in schema:
        return {"$ref": f"#/components/schemas/{schema['x-record']}"}
    return {name: _referred(part) for name, part in schema.items()}


def _keys() -> dict[str, Any]:
    return {
        "key": {"type": "http", "scheme": "bearer", "description": _("可有可无：带密钥的每分钟可以多查几次")}
    }


def _operations(resource: Resource, taxonomy: Taxonomy) -> dict[str, Any]:
    query = [_in_query(one, taxonomy) for one in resource.parameters(taxonomy)]
    found: dict[str, Any] = {"get": _operation(resource, resource.name, query)}
    if resource.posted:
        declared = resource.posted(taxonomy)
        aside = [_in_query(one, taxonomy) for one in declared if one.name in ("as_of", "lang")]
        posted = _operation(resource, f"{resource.name}_posted", aside, ("not-json", "too-large", "refused"))
        found["post"] = {**posted, "requestBody": _body(declared, taxonomy)}
    return found


def _operation(
    resource: Resource, name: str, query: list[dict[str, Any]], more: tuple[str, ...] = ()
) -> dict[str, Any]:
    in_path = [_in_path(place[2]) for place in _PLACE.finditer(resource.path)]
    return {
        "operationId": name,
        "summary": resource.title(),
        "description": resource.says(),
        "parameters": [*in_path, *query],
        "responses": _responses(resource, more),
    }


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": _PLACES[name]}


def _in_query(one: Parameter, taxonomy: Taxonomy) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": one.name, "in": "query", "description": one.says}
    shown |= {"required": one.required, "schema": one.schema(taxonomy)}
    return {**shown, "style": "form", "explode": True} if one.many else shown


def _body(declared: tuple[Parameter, ...], taxonomy: Taxonomy) -> dict[str, Any]:
    properties = {one.name: one.in_json(taxonomy) for one in declared}
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _responses(resource: Resource, more: tuple[str, ...]) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{resource.answer.__name__}"}
    found: dict[str, Any] = {
        "200": {"description": resource.title(), "content": {"application/json": {"schema": reference}}}
    }
    if not more:
        found["304"] = {"description": _("您手里的（If-None-Match）没有变")}
    by_status: dict[int, list[str]] = {}
    for name in (*ALWAYS, *resource.refusals, *more):
        by_status.setdefault(problems.SORTS[name].status, []).append(name)
    if _PLACE.search(resource.path):
        by_status.setdefault(404, ["not-found"])
    for status in sorted(by_status):
        found[str(status)] = _refusal(by_status[status])
    return found


def _refusal(names: list[str]) -> dict[str, Any]:
    told = "；".join(f"{name} {problems.SORTS[name].title()}" for name in names)
    schema = {"$ref": "#/components/schemas/Trouble"}
    return {"description": told, "content": {problems.PROBLEM_TYPE: {"schema": schema}}}
