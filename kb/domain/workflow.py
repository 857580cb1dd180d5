"""Who may do what with a draft: roles, offices, and the steps from draft to published.

An office is a region code: the nation's is the national association, a province's its branch. The second
pair of eyes is owed to the text as it stands: somebody else than who publishes it must have written or
submitted just this text, except in an office of one account, whose entries then say that nobody else has
looked at them (issue of the desk, 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from kb.domain.taxonomy import NATION, Regions

Role = Literal["editor", "reviewer", "admin"]
State = Literal["draft", "review", "submitted", "returned", "published", "dropped"]
Step = Literal["edit", "submit", "send", "recall", "publish", "return", "drop", "reopen"]

ROLES: tuple[Role, ...] = ("editor", "reviewer", "admin")
"""From the least to the most: each may do what those before it may."""
IN_HAND: tuple[State, ...] = ("draft", "returned")
OPEN: tuple[State, ...] = ("draft", "returned", "review", "submitted")
NEED_A_REASON: frozenset[Step] = frozenset({"return", "drop"})
AFTER: Mapping[Step, State] = {
    "submit": "review",
    "send": "submitted",
    "recall": "draft",
    "publish": "published",
    "return": "returned",
    "drop": "dropped",
    "reopen": "draft",
}


@dataclass(frozen=True)
class Actor:
    """Somebody at the desk: login name, shown name, role, and the region of the office."""

    name: str
    shown: str
    role: Role
    region: str = NATION

    @property
    def is_national(self) -> bool:
        return self.region == NATION

    def at_least(self, role: Role) -> bool:
        """Whether the account may do what ``role`` may."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def covers(self, codes: Iterable[str], regions: Regions) -> bool:
        """Whether all of ``codes`` lie within the office; a branch covers nothing where none is given."""
        listed = list(codes)
        return self.is_national or (bool(listed) and all(self.region in regions.path(one) for one in listed))


@dataclass(frozen=True)
class Draft:
    """A version in the making. ``data`` is the record as plain data and need not validate yet.

    ``office`` keeps it now, ``home`` is where it was begun; ``original`` is the text it was made from;
    ``base_version`` the published version it changes; ``revision`` counts what was saved. ``vouched``
    are those who wrote or submitted the text as it stands.
    """

    id: int
    entry_id: str
    kind: str
    title: str
    data: Mapping[str, Any]
    state: State
    office: str
    home: str
    origin: str
    original: str
    base_version: int | None
    revision: int
    author: str
    assignee: str
    due_on: date | None
    token: str | None
    created_at: str
    updated_at: str
    updated_by: str
    vouched: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """The regions that its data names, as far as it names any."""
        regions = self.data.get("regions")
        include = regions.get("include") if isinstance(regions, Mapping) else None
        return tuple(map(str, include)) if isinstance(include, list | tuple) else ()


def may_see(actor: Actor, draft: Draft) -> bool:
    """An office sees its own drafts and those it sent on; the national office sees all."""
    return actor.is_national or actor.region in (draft.office, draft.home)


def steps(
    actor: Actor, draft: Draft, regions: Regions, *, alone: bool, touched: Iterable[str] = ()
) -> tuple[Step, ...]:
    """What ``actor`` may do with ``draft`` now. ``alone`` is true where the office has one account.

    ``touched`` are the regions of what is published that publishing the draft would change: what it
    replaces, and what it extends or stops.
    """
    if not may_see(actor, draft):
        return ()
    keeps = actor.is_national or actor.region == draft.office
    covered = actor.covers(draft.places, regions) and actor.covers((*draft.places, *touched), regions)
    if draft.state in IN_HAND:
        return _in_hand(actor, covered, alone) if keeps else ()
    if draft.state in ("review", "submitted"):
        found: list[Step] = list(_reviewing(actor, draft, covered, alone)) if keeps else []
        return (*found, "recall") if actor.region == draft.home else tuple(found)
    return ("reopen",) if draft.state == "dropped" and keeps else ()


def _in_hand(actor: Actor, covered: bool, alone: bool) -> tuple[Step, ...]:
    found: list[Step] = ["edit"]
    if covered:
        found.append("publish" if alone else "submit")
    if not actor.is_national:
        found.append("send")
    return (*found, "drop")


def _reviewing(actor: Actor, draft: Draft, covered: bool, alone: bool) -> tuple[Step, ...]:
    if not (alone or actor.at_least("reviewer")):
        return ()
    found: list[Step] = ["edit"]
    if covered and (alone or not is_unreviewed(actor, draft)):
        found.append("publish")
    return (*found, "return")


def is_unreviewed(actor: Actor, draft: Draft) -> bool:
    """Whether publishing by ``actor`` means that nobody else has looked at the text (未经第二人复核)."""
    return not set(draft.vouched) - {actor.name}
