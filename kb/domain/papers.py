"""Uploaded papers: what kind of file the bytes are, whatever the name says, and a name safe to offer.

Only kinds that a form or an official document comes in are known. Everything else, and what could run
(pages, drawings with scripts, macros), is refused with what to do.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass

from kb.errors import KbError

_OFFICE = "application/vnd.openxmlformats-officedocument"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_FORBIDDEN = re.compile(r'[<>:"/\\|?*%#;&]')
_MARKUP = re.compile(r"<\s*(?:!doctype|html|head|body|script|svg|iframe|\?xml|!--)", re.IGNORECASE)
_ALLOWED = "可以传 PDF、Word（docx、doc、wps）、Excel（xlsx、xls、et）、OFD、图片（png、jpg）、纯文本（txt）"
LONGEST_STEM = 80


@dataclass(frozen=True)
class FileKind:
    """A kind of file: its media type and the endings it may have, the usual one first."""

    media: str
    endings: tuple[str, ...]


PDF = FileKind("application/pdf", (".pdf",))
PNG = FileKind("image/png", (".png",))
JPG = FileKind("image/jpeg", (".jpg", ".jpeg"))
DOCX = FileKind(f"{_OFFICE}.wordprocessingml.document", (".docx", ".wps"))
XLSX = FileKind(f"{_OFFICE}.spreadsheetml.sheet", (".xlsx", ".et"))
OFD = FileKind("application/ofd", (".ofd",))
DOC = FileKind("application/msword", (".doc", ".wps"))
XLS = FileKind("application/vnd.ms-excel", (".xls", ".et"))
TXT = FileKind("text/plain", (".txt",))


def kind_of(data: bytes) -> FileKind:
    """The kind that the bytes are; :class:`KbError` with what to do for what is not taken."""
    if data.startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        return JPG
    if data.startswith(b"PK"):
        return _of_archive(data)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _of_old_office(data)
    return _of_text(data)


def _of_archive(data: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise KbError("文件坏了，打不开。请重新下载或另存一份再传") from error
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise KbError("文件里有宏，不收。请另存为不带宏的 docx 或 xlsx 再传")
    if "OFD.xml" in names:
        return OFD
    if "[Content_Types].xml" in names and any(name.startswith("word/") for name in names):
        return DOCX
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        return XLSX
    raise KbError(f"压缩包不收，请解开以后一个一个传。{_ALLOWED}")


def _of_old_office(data: bytes) -> FileKind:
    def has(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if has("_VBA_PROJECT"):
        raise KbError("文件里有宏，不收。请另存为不带宏的 docx 或 xlsx 再传")
    if has("WordDocument"):
        return DOC
    if has("Workbook") or has("Book"):
        return XLS
    raise KbError(f"认不出这是什么文件（也许加了密码）。{_ALLOWED}")


def _of_text(data: bytes) -> FileKind:
    """Plain text; what a browser could take for a page is none."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _MARKUP.search(text[:100_000]):
            raise KbError(f"网页和 SVG 文件不收，请存成 PDF 再传。{_ALLOWED}")
        if not any(unicodedata.category(one) == "Cc" and one not in "\t\n\r\f" for one in text):
            return TXT
    raise KbError(f"认不出这是什么文件。{_ALLOWED}")


def clean_name(name: str, kind: FileKind) -> str:
    """A name to offer for download: no path, nothing hidden, with an ending that fits the bytes."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(one for one in last if unicodedata.category(one) not in _HIDDEN)
    plain = " ".join(_FORBIDDEN.sub("_", shown).split()).strip(". ")
    ending = next((one for one in kind.endings if plain.lower().endswith(one)), "")
    stem = (plain[: -len(ending)] if ending else plain).strip(". ")[:LONGEST_STEM].strip(". ")
    return (stem or "附件") + (ending or kind.endings[0])
