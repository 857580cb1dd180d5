"""The directory in whatever form it is asked for."""

from __future__ import annotations

from typing import Literal, get_args

from kb.outreach.directory import Directory
from kb.outreach.directorypage import directory_page
from kb.outreach.directorysheet import directory_sheet
from kb.outreach.directoryword import directory_word
from kb.outreach.sheets import XLSX_TYPE
from kb.outreach.word import WORD_TYPE

Format = Literal["docx", "html", "xlsx"]
FORMATS: tuple[Format, ...] = get_args(Format)
TYPES: dict[Format, str] = {"docx": WORD_TYPE, "html": "text/html", "xlsx": XLSX_TYPE}
"""The media type of each."""


def directory_file(found: Directory, form: Format, organiser: str) -> bytes:
    """The finished file."""
    if form == "docx":
        return directory_word(found, organiser)
    if form == "html":
        return directory_page(found, organiser).encode()
    return directory_sheet(found)
