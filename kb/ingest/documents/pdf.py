"""PDF files as text, page after page; a scan has none and is told apart from an empty file."""

from __future__ import annotations

import io
import logging
import time
import unicodedata
from typing import Any

from pypdf import PdfReader

from kb.errors import KbError
from kb.ingest.packed import check_size

MOST_PAGES = 600
SECONDS = 45.0
_LONGEST_TEXT = 2_000_000
_FEW = 10
"""A page with fewer letters than this and a picture is a scan."""
_SCAN = "扫描件：{scans} 页里没有文字层（共 {pages} 页），要请人照原件录入，或换成可以复制文字的版本"
_BAD = "这个 PDF 坏了或不规范，读不了。请重新下载，或打开后另存一份再传"
RADICALS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)} | str.maketrans(
    "⼾⺟⺠⻁⻄⻅⻆⻈⻉⻊⻋⻌⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳",
    "户母民虎西见角讠贝足车辶长门青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟",
)
"""Radicals that some PDF programs write in place of the characters that look the same."""
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def text_of(data: bytes) -> tuple[str, str]:
    """The text with a form feed before each page, and why a person must do it, if so.

    :class:`KbError` with what to do where the file is damaged, locked, or made to keep us busy.
    """
    check_size(data)
    ends = time.monotonic() + SECONDS
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise KbError("PDF 加了密码，读不了。请去掉密码再传")
        if len(reader.pages) > MOST_PAGES:
            raise KbError(f"PDF 超过 {MOST_PAGES} 页，没有读。请只留要导入的部分再传")
        pages, scans = _pages(reader, ends)
    except KbError:
        raise
    except Exception as error:  # pypdf raises whatever it stumbles over
        raise KbError(_BAD) from error
    why = _SCAN.format(scans=scans, pages=len(pages)) if scans else ""
    return "\f".join(pages), why


def _pages(reader: PdfReader, ends: float) -> tuple[list[str], int]:
    """The text of every page, and how many pages are pictures of text."""
    pages: list[str] = []
    scans = length = 0
    for page in reader.pages:
        if time.monotonic() > ends or length > _LONGEST_TEXT:
            raise KbError("PDF 太复杂，规定的时间里没有读完。请只留要导入的部分再传")
        text = page.extract_text()
        letters = sum(not one.isspace() for one in text)
        scans += letters < _FEW and _has_picture(page)
        length += letters
        pages.append(text.translate(RADICALS))
    return pages, scans


def _has_picture(page: Any) -> bool:
    """Whether a page shows a picture, without unpacking it."""
    resources = page.get("/Resources")
    drawn = resources.get_object().get("/XObject") if resources else None
    objects = drawn.get_object().values() if drawn else ()
    return any(one.get_object().get("/Subtype") in ("/Image", "/Form") for one in objects)
