"""What a form is made of: fields, parts and rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One field. ``required`` is said beside its label; ``unit`` stands behind it."""

    name: str
    label: str
    kind: str = "line"
    hint: str = ""
    example: str = ""
    options: str = ""
    required: bool = False
    unit: str = ""
    shape: str = "field"


@dataclass(frozen=True)
class Part:
    """Fields below one key; with an empty ``name`` only a group on the page. A ``fold`` begins closed."""

    name: str
    label: str
    nodes: tuple[Field | Part | Rows, ...]
    hint: str = ""
    fold: bool = False
    kinds: tuple[str, ...] = ()
    shape: str = "part"


@dataclass(frozen=True)
class Rows:
    """A list of things alike; ``add`` is what the button says, ``one`` what each is called."""

    name: str
    label: str
    each: Part
    one: str
    add: str
    hint: str = ""
    fold: bool = False
    kinds: tuple[str, ...] = ()
    shape: str = "rows"


Node = Field | Part | Rows
