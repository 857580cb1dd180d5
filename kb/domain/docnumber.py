"""Numbers of Chinese official documents: finding them, writing them one way, comparing them.

Shapes: ``人社部发〔2020〕11号``, ``财政部 税务总局公告2020年第8号``, ``国务院令第802号``.
Only the comparison form is normalised; what is shown keeps its wording.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_BRACKETS = str.maketrans(dict.fromkeys("〔［﹝【（(〈《「{", "[") | dict.fromkeys("〕］﹞】）)〉》」}", "]"))
_AGENCY = r"[\u4e00-\u9fff]"
_YEARED = re.compile(
    rf"(?P<agency>{_AGENCY}{{1,16}}?)\[?(?P<year>(?:19|20)\d\d)\]?年?第?(?P<serial>\d{{1,5}})号?$"
)
_NOTICE = re.compile(
    rf"(?P<agency>{_AGENCY}*?(?:公告|通告|令))(?P<year>(?:19|20)\d\d)年?第?(?P<serial>\d{{1,5}})号?$"
)
_ORDER = re.compile(rf"(?P<agency>{_AGENCY}*?令)第?(?P<serial>\d{{1,5}})号?$")
_BARE = re.compile(r"第?(?P<serial>\d{1,5})号$")
_SPLIT_YEAR = re.compile(r"((?:19|20)\d\d)\s+(?=\d)")


@dataclass(frozen=True)
class DocNumber:
    """A number in comparison form. ``agency`` is empty for a bare ``11号``; ``year`` 0 where it has none."""

    agency: str
    year: int
    serial: int

    def fits(self, other: DocNumber) -> bool:
        """Whether ``self``, as somebody typed it, may mean ``other``, as a document carries it."""
        if self.serial != other.serial or (self.year and self.year != other.year):
            return False
        return _agency_fits(self.agency, other.agency)


def _agency_fits(asked: str, held: str) -> bool:
    if not asked or asked.endswith(held):
        return True
    notice = asked.endswith(("公告", "令")) and held.endswith(asked[-2:] if asked.endswith("公告") else "令")
    if not notice:
        return False
    said = asked.removesuffix("公告").removesuffix("令")
    return said in ("", "财税") or held.removesuffix("公告").removesuffix("令").endswith(said)


def _squeeze(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    return re.sub(r"\s+", "", _SPLIT_YEAR.sub(r"[\1]", text))


def parse(text: str) -> DocNumber | None:
    """The number that ``text`` as a whole is, whatever its brackets, width and spaces; else ``None``."""
    squeezed = _squeeze(text)
    for pattern in (_NOTICE, _ORDER, _YEARED, _BARE):
        match = pattern.fullmatch(squeezed)
        if match:
            found = match.groupdict()
            return DocNumber(found.get("agency") or "", int(found.get("year") or 0), int(found["serial"]))
    return None


def comparison_form(text: str) -> str:
    """One spelling for equal numbers: ``建金[2020]23号``. Text that is no number comes back squeezed."""
    number = parse(text)
    if number is None:
        return _squeeze(text)
    year = f"[{number.year}]" if number.year else ""
    return f"{number.agency}{year}{number.serial}号"


def same(one: str, other: str) -> bool:
    """Whether two spellings are the same number."""
    return comparison_form(one) == comparison_form(other)
