"""How the pages of one source are built: where title, body, attachments and facts stand, as CSS selectors.

A part of a source's file (``page:``). What is left out is found by the structures that many sites share.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import StringConstraints

from kb.domain.relief import Value

FactName = Literal[
    "title",
    "doc_number",
    "issuers",
    "issued_on",
    "published_on",
    "effective_on",
    "expires_on",
    "status",
]
FACTS: tuple[FactName, ...] = (
    "title",
    "doc_number",
    "issuers",
    "issued_on",
    "published_on",
    "effective_on",
    "expires_on",
    "status",
)
Selector = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Recipe(Value):
    """Where things stand on a page; of several selectors the first that finds something counts.

    ``facts`` names elements whose text is one fact; ``tables`` the tables or lists of ``label：value``;
    ``labels`` what a label of this site means (``文件编号: doc_number``, empty for none); ``drop`` what
    stands inside the body and is no part of it. ``data`` names values of JSON that a page carries
    (``gkml_data.date: issued_on``), ``variables`` those of its scripts (``file_status: status``).
    ``repost`` are names of offices that only post again what others issued; ``encoding`` is tried before
    UTF-8 where a page names none.
    """

    encoding: str = ""
    title: tuple[Selector, ...] = ()
    body: tuple[Selector, ...] = ()
    drop: tuple[Selector, ...] = ()
    attachments: tuple[Selector, ...] = ()
    tables: tuple[Selector, ...] = ()
    facts: Mapping[FactName, tuple[Selector, ...]] = {}
    labels: Mapping[str, FactName | Literal[""]] = {}
    data: Mapping[str, FactName] = {}
    variables: Mapping[str, FactName] = {}
    repost: tuple[str, ...] = ()


USUAL = Recipe()
"""For a page of which nothing is known."""
