"""What a company tells about itself: for each fact the room it leaves, often a range, and what follows.

Nothing told leaves everything possible. Size class and 小型微利 are worked out from figures by
``policies/size-classes.yml``; the three kinds of small never stand for each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from kb.domain.room import Room, meet, within
from kb.domain.taxonomy import Taxonomy

CLASSES = ("large", "medium", "small", "micro")


@dataclass(frozen=True)
class Sector:
    """A statistical sector: for large, medium and small the least of each figure that the class asks."""

    key: str
    label: str
    floors: Mapping[str, Mapping[str, Decimal]] = field(compare=False)


@dataclass(frozen=True)
class Standards:
    """The size classes by sector, the sectors a segment may be counted in, and 小型微利's three ceilings."""

    document: str
    sectors: Mapping[str, Sector]
    segments: Mapping[str, tuple[str, ...]]
    low_profit: Mapping[str, Decimal]
    low_profit_document: str
    disjoint: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Told:
    """A company as it describes itself: ``rooms`` by fact, ``segments`` and certificates it has.

    ``certificates`` is ``None`` where nothing was said of them; an empty set says that it has none.
    """

    rooms: Mapping[str, Room] = field(default_factory=dict)
    region: str = ""
    segments: frozenset[str] = frozenset()
    certificates: frozenset[str] | None = None
    need: str = ""


@dataclass(frozen=True)
class Derived:
    """A value that follows from figures: the room it leaves and the rule in words."""

    room: Room
    rule: str


class Company:
    """What was told and what follows from it."""

    def __init__(self, told: Told, standards: Standards, taxonomy: Taxonomy) -> None:
        self.told = told
        self.standards = standards
        self.taxonomy = taxonomy

    def room(self, name: str) -> Room | None:
        """What is possible for a fact; ``None`` where nothing is known or it contradicts itself."""
        if name in ("size", "low_profit"):
            return self._with_derived(name)
        return self.told.rooms.get(name)

    def contradiction(self, name: str) -> bool:
        """A stated class that the figures rule out: both are shown and neither is believed."""
        stated, derived = self.told.rooms.get(name), self.derived.get(name)
        return bool(stated and derived and meet(stated, derived.room).is_empty)

    def _with_derived(self, name: str) -> Room | None:
        stated, derived = self.told.rooms.get(name), self.derived.get(name)
        if self.contradiction(name):
            return None
        if stated and derived:
            return meet(stated, derived.room)
        return stated or (derived.room if derived else None)

    @cached_property
    def derived(self) -> dict[str, Derived]:
        """What the figures say of size class and 小型微利, where they say anything."""
        found = {}
        size = self._size()
        if size and len(size.room.keys or ()) < len(CLASSES):
            found["size"] = size
        low_profit = self._low_profit()
        if low_profit:
            found["low_profit"] = low_profit
        return found

    def _size(self) -> Derived | None:
        """The classes still possible in every sector that the company's segments may be counted in.

        Nothing if a segment is of no known sector: the company may be counted there.
        """
        if not self.told.segments <= self.standards.segments.keys():
            return None
        keys = {key for segment in self.told.segments for key in self.standards.segments.get(segment, ())}
        sectors = [self.standards.sectors[key] for key in sorted(keys)]
        if not sectors:
            return None
        classes = frozenset[str]().union(*(self._classes(sector) for sector in sectors))
        names = "、".join(sector.label for sector in sectors)
        return Derived(Room(keys=classes), f"按{self.standards.document}，{names}")

    def _classes(self, sector: Sector) -> frozenset[str]:
        """From large down: possible unless a figure is below its floor; one that is certain ends it."""
        possible = []
        for name in CLASSES[:-1]:
            floors = sector.floors[name]
            reached = [self._reaches(fact, floor) for fact, floor in floors.items()]
            if False not in reached:
                possible.append(name)
            if all(one is True for one in reached):
                return frozenset(possible)
        return frozenset([*possible, CLASSES[-1]])

    def _reaches(self, fact: str, floor: Decimal) -> bool | None:
        room = self.told.rooms.get(fact)
        if room is None:
            return None
        if within(room, Room(floor, None)):
            return True
        return False if meet(room, Room(floor, None)).is_empty else None

    def _low_profit(self) -> Derived | None:
        """False as soon as one ceiling is passed; true when all three are kept in an unrestricted trade."""
        restricted = self.told.rooms.get("sector_restricted")
        rule = f"按{self.standards.low_profit_document}：年应纳税所得额、从业人数、资产总额三项都不超过限额"
        if False in self._kept or restricted == Room(keys=frozenset({"True"})):
            return Derived(Room(keys=frozenset({"False"})), rule)
        if self._keeps_all and restricted == Room(keys=frozenset({"False"})):
            return Derived(Room(keys=frozenset({"True"})), f"{rule}；行业未受限制")
        return None

    def asks_for(self, name: str) -> str:
        """The fact to ask for where ``name`` is not known: the last it follows from, or itself."""
        last = name == "low_profit" and self._keeps_all and "sector_restricted" not in self.told.rooms
        return "sector_restricted" if last else name

    @property
    def _keeps_all(self) -> bool:
        return all(one is True for one in self._kept)

    @cached_property
    def _kept(self) -> tuple[bool | None, ...]:
        """For each ceiling of 小型微利 whether it is kept."""
        return tuple(self._keeps(fact, most) for fact, most in self.standards.low_profit.items())

    def _keeps(self, fact: str, most: Decimal) -> bool | None:
        room = self.told.rooms.get(fact)
        if room is None:
            return None
        if within(room, Room(None, most)):
            return True
        return False if meet(room, Room(None, most)).is_empty else None
