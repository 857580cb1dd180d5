"""The association's own papers: measures, recommendations, cases, figures and services, one by one."""

from __future__ import annotations

from kb.domain.document import Document
from kb.domain.sense import issuer_region
from kb.domain.taxonomy import Taxonomy
from kb.ingest.papers import lists, services, tables
from kb.ingest.papers.found import Found, Item
from kb.ingest.papers.reading import Head, head_of

__all__ = ["Found", "Head", "Item", "find", "head_of"]


def find(paper: Document, head: Head, taxonomy: Taxonomy) -> Found:
    """All that an association's paper proposes.

    Services are looked for only in papers that list no measures, recommendations or cases: there the
    services are the measures themselves.
    """
    regions = [issuer_region(head.issuer, taxonomy.regions)]
    items = [*lists.items(paper, head, regions), *tables.cases(paper, head, taxonomy)]
    figures = tuple(tables.figures(paper, taxonomy))
    if not items:
        items = services.items(paper, head, taxonomy)
    return Found(tuple(items), figures, tuple(lists.remarks(paper)))
