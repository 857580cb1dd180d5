"""Files that are packages (DOCX, XLSX) made the same byte for byte whenever what is in them is the same."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

_FIRST = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that a package can give its parts."""
_CORE = "docProps/core.xml"
_MOMENT = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")


def settled(package: bytes, day: date) -> bytes:
    """``package`` with its parts dated alike and its properties saying that it was made on ``day``."""
    moment = rb"\g<1>" + f"{day.isoformat()}T00:00:00Z".encode() + rb"\g<3>"
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            part = zipfile.ZipInfo(name, _FIRST)
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, _MOMENT.sub(moment, data) if name == _CORE else data)
    return out.getvalue()
