"""Changes since a number: following them from 0 rebuilds exactly what is published."""

from __future__ import annotations

from typing import Any

from kb.domain.taxonomy import Taxonomy
from kb.store import changes, mirror
from kb.store.mirror import Step
from web.api import cursors, parameters
from web.api.kinds import Whole
from web.api.models import ChangesAnswer
from web.api.parameters import Given, Parameter
from web.api.problems import RefusedError, refuse
from web.api.records import record_of
from web.api.serving import Resource, next_page, serve
from web.i18n import _
from web.params import Problem
from web.site import database

LARGEST = 10**15


def declared(taxonomy: Taxonomy) -> tuple[Parameter, ...]:
    """What following takes."""
    return (
        Parameter("after", Whole(0, LARGEST, 0), _("从这个号以后的变更取起；0 是从头"), example="0"),
        parameters.limit(200, 50),
        Parameter("cursor", parameters.cursor().kind, _("接着上一次取：不论那一页后面当时还有没有")),
        parameters.lang(),
    )


RESOURCE = Resource(
    "changes",
    "/changes",
    ChangesAnswer,
    lambda: _("变更，供镜像"),
    lambda: _(
        "照号码先后处理：有 record 就换上，record 是 null 就删去。"
        "next 是 null 就是跟上了，以后用 cursor 接着问。"
    ),
    declared,
    ("restart",),
    "after=0&limit=5",
)


@serve(RESOURCE)
def index(given: Given) -> dict[str, Any]:
    """A page of changes, oldest first."""
    if given.has("cursor") and given.has("after"):
        refuse([Problem("after", given.texts["after"], _("after 和 cursor 只能写一个"))])
    after = _after(given)
    limit = given.number("limit", 50)
    latest = changes.last_number(database())
    if after > latest:
        raise RefusedError("restart", _restart(after, latest))
    steps = mirror.steps_after(database(), after, limit)
    last = steps[-1].number if steps else after
    latest = max(latest, last)
    cursor = cursors.made("changes", given, [last, mirror.mark_of(database(), last)])
    return {
        "after": after,
        "last": last,
        "latest": latest,
        "changes": [_change(one) for one in steps],
        "next": next_page(RESOURCE, given, cursor) if last < latest else None,
        "cursor": cursor,
    }


def _after(given: Given) -> int:
    """The number to go on after; a cursor of a store that was since put back to another state is refused."""
    place = cursors.read("changes", given, (int, str))
    if place is None:
        return given.number("after", 0)
    number, mark = int(place[0]), str(place[1])
    if number < 0 or number > LARGEST:
        raise RefusedError("bad-cursor")
    if mirror.mark_of(database(), number) != mark:
        raise RefusedError("restart", _restart(number, changes.last_number(database())))
    return number


def _restart(after: int, latest: int) -> str:
    return _(
        "第 %(n)s 号变更和这里的对不上（这里到 %(latest)s 号），库大概从备份恢复过。请从 after=0 重新跟。",
        n=after,
        latest=latest,
    )


def _change(step: Step) -> dict[str, Any]:
    shown = {name: getattr(step, name) for name in ("number", "at", "action", "entry", "version", "because")}
    record = record_of(step.record) if step.record else None
    return {**shown, "state": step.state, "merged_into": step.merged_into, "record": record}
