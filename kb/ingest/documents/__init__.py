"""Documents by hand: the bytes or the text of a paper in, a :class:`kb.domain.document.Document` out."""

from __future__ import annotations

from kb.ingest.documents.shaping import from_text

__all__ = ["from_text"]
