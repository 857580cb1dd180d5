"""Files read: the bytes of a paper in, a document out; or, in words for staff, why a person must do it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import PurePath

from kb.domain.document import Document
from kb.domain.extracted import Extracted
from kb.domain.papers import DOC, DOCX, JPG, OFD, PDF, PNG, XLS, XLSX, FileKind, kind_of
from kb.errors import KbError
from kb.ingest.documents import pdf, sheets, word
from kb.ingest.documents.shaping import from_text
from kb.ingest.extraction import extract
from kb.ingest.extraction.decoding import decode
from kb.ingest.packed import check_size

ENDINGS = (".txt", ".html", ".htm", ".pdf", ".docx", ".xlsx")
_SAVE_AS = "请在 WPS 中另存为 .docx 后再传"
_OLD_ENDINGS = frozenset({".doc", ".wps", ".ofd", ".rtf"})
_PICTURE = "这是图片，没有文字，需人工：请照原件录入，或换成可以复制文字的版本"
_NOTHING = "文件里没有文字，需人工：请照原件录入"
_BY_PASTING = "请在浏览器里打开正文所在的那一页另存，或把正文复制下来贴到工作台"
_PICTURES_ONLY = "文件里只有图片，没有文字，需人工：请照原件录入"
_MARKUP = (b"<!doctype html", b"<html", b"<head", b"<body", b"<?xml", b"<meta")
_SNIFFED = 2_000
LONGEST_TEXT = 2_000_000


def read(data: bytes, name: str = "", address: str = "", media: str = "") -> Document:
    """The document that a file holds, whatever its name says it is.

    ``needs_hand`` is set for old formats, scans and pictures. :class:`KbError` with what to do for what is
    damaged, too large or of a kind that is not taken.
    """
    return opened(data, name, address, media)[0]


def opened(
    data: bytes, name: str = "", address: str = "", media: str = ""
) -> tuple[Document, Extracted | None]:
    """The same, with what a web page says of itself; ``None`` for every other kind of file."""
    check_size(data)
    if not is_page(data, name, media):
        return _of_kind(data, _kind(data, name)), None
    page = extract(data, {"content-type": media} if media else {}, address)
    if page.outcome == "nothing" or not page.body.text:
        return Document(needs_hand=f"{page.why or _NOTHING}。{_BY_PASTING}"), page
    return replace(page.body, attachments=page.attachments or page.body.attachments), page


def is_page(data: bytes, name: str = "", media: str = "") -> bool:
    """Whether the bytes are a web page."""
    head = data[:_SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"%pdf", b"pk", b"\xd0\xcf")):
        return False
    named = PurePath(name).suffix.lower() in (".html", ".htm", ".shtml") or media.endswith("html")
    return named or any(mark in head[:500] for mark in _MARKUP)


def _kind(data: bytes, name: str) -> FileKind | None:
    """What kind of file it is; ``None`` for text; old formats by their name where the bytes do not tell."""
    if data.startswith((b"%PDF-", b"PK", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff")):
        try:
            return kind_of(data)
        except KbError:
            if PurePath(name).suffix.lower() in _OLD_ENDINGS:
                return DOC
            raise
    if PurePath(name).suffix.lower() in _OLD_ENDINGS or data.startswith(b"{\\rtf"):
        return DOC
    return None


def _of_kind(data: bytes, kind: FileKind | None) -> Document:
    if kind is None:
        return _text(data)
    if kind in (DOC, OFD, XLS):
        better = ".xlsx" if kind is XLS else ".docx"
        return Document(needs_hand=_SAVE_AS.replace(".docx", better))
    if kind in (PNG, JPG):
        return Document(needs_hand=_PICTURE)
    return {PDF.media: _pdf, DOCX.media: _word, XLSX.media: _sheets}[kind.media](data)


def _text(data: bytes) -> Document:
    text = decode(data, {}).text
    if any(unicodedata.category(one) == "Cc" and one not in "\t\n\r\f\x0b\x85" for one in text[:100_000]):
        raise KbError(f"认不出这是什么文件。可以读的有 {'、'.join(ENDINGS)}")
    return _shaped(text)


def _pdf(data: bytes) -> Document:
    text, why = pdf.text_of(data)
    return _shaped(text, why)


def _word(data: bytes) -> Document:
    text, pictures = word.text_of(data)
    return _shaped(text, "", _PICTURES_ONLY if pictures else _NOTHING)


def _sheets(data: bytes) -> Document:
    return _shaped(sheets.text_of(data))


def _shaped(text: str, needs_hand: str = "", empty: str = _NOTHING) -> Document:
    """The document of a text; where there is none, ``empty`` is why a person must do it."""
    if len(text) > LONGEST_TEXT:
        told = f"文字超过 {LONGEST_TEXT // 10_000} 万字，没有读。请拆成几份，或只留要导入的部分再传"
        raise KbError(told)
    return from_text(text, needs_hand or ("" if text.strip() else empty))
