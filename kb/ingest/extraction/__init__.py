"""A fetched page understood: its title, number, issuers, days, status, body and attachments.

Beautiful Soup and trafilatura are used here and nowhere else; :func:`extract` is the way in.
"""

from kb.ingest.extraction.page import extract

__all__ = ["extract"]
