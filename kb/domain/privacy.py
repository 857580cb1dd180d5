"""What looks like personal data and must not be kept: telephone, identity and bank numbers, mail."""

from __future__ import annotations

import re
import unicodedata

_MAIL = re.compile(r"@|\bmailto:|https?:|www\.", re.IGNORECASE)
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9xX])[\s\-_.·,，/()（）+]+(?=[0-9xX(（+])")
_DAY = re.compile(r"(?<![\d-])(?:19|20)\d\d[-./](?:0?[1-9]|1[0-2])[-./](?:[12]\d|3[01]|0?[1-9])(?![\d-])")
_LONG_NUMBER = re.compile(r"\d{7,}")
_SPELLED_NUMBER = re.compile(r"[零〇○一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖]{7,}")
_CODE = re.compile(r"(?<![0-9a-z])(?=[0-9a-z]*\d)[0-9a-z]{14,}(?![0-9a-z])", re.IGNORECASE)


def looks_personal(text: str) -> bool:
    """Whether ``text`` holds what may lead to a person or company: numbers of seven digits and more,
    however spaced or spelled, codes of registration, mail and web addresses."""
    plain = _DAY.sub("某日", unicodedata.normalize("NFKC", text))
    joined = _BETWEEN_DIGITS.sub("", plain)
    return any(
        pattern.search(one)
        for one in (plain, joined)
        for pattern in (_MAIL, _LONG_NUMBER, _SPELLED_NUMBER, _CODE)
    )
