"""The files that a page offers beside its text."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from bs4 import Tag

from kb.domain.document import Attachment
from kb.ingest.extraction.decoding import squeeze
from kb.ingest.extraction.urls import joined

_FILES = re.compile(r"\.(?:pdf|docx?|xlsx?|wps|et|ofd|zip|rar|pptx?|txt|csv|jpe?g|png|tiff?)$", re.IGNORECASE)
_MARKED = ("download", "appendix", "needdownload")


def attachments(root: Tag, address: str, selectors: tuple[str, ...]) -> tuple[Attachment, ...]:
    """The files linked within ``root``, under the names a reader sees; each address once.

    Addresses are those of ``href`` seen from the page (``./P0.pdf`` lies beside it), never ``OLDSRC``.
    """
    chosen = [one for selector in selectors for one in root.select(selector)]
    chosen += [one for one in root.find_all("a", href=True) if _is_file(one)]
    found: dict[str, str] = {}
    for link in chosen:
        href = str(link.get("href", "")).strip()
        where = "" if not href or href.startswith("#") else joined(address, href)
        if where and not found.get(where):
            found[where] = _named(link)
    return tuple(Attachment(name or _file_name(where), where) for where, name in found.items())


def _is_file(link: Tag) -> bool:
    return any(link.has_attr(one) for one in _MARKED) or bool(_FILES.search(_path(str(link["href"]))))


def _path(address: str) -> str:
    try:
        return unquote(urlsplit(address.strip()).path)
    except ValueError:
        return ""


def _named(link: Tag) -> str:
    told = (str(link.get("download", "")), link.get_text(), str(link.get("title", "")))
    return next((said for one in told if (said := squeeze(one))), "")


def _file_name(address: str) -> str:
    return _path(address).rpartition("/")[2] or address
