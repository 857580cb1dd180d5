"""Files that are ZIP archives (DOCX, XLSX): opened only after their size, shape and XML were looked at."""

from __future__ import annotations

import io
import re
import zipfile

from kb.errors import KbError

LARGEST = 20_000_000
"""Bytes of a file that are taken at all."""
LARGEST_UNPACKED = 100_000_000
MOST_PARTS = 2_000
MOST_TIGHT = 100
"""How many times larger than packed a file may be: beyond it is made to fill memory."""
SMALL = 10_000_000
"""What unpacks to no more than this may be as tight as it likes."""
_CHUNK = 64 * 1024
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def check_size(data: bytes) -> None:
    """:class:`KbError` with what to do where a file is empty or too large to be read."""
    if not data:
        raise KbError("文件是空的，请检查以后再传")
    if len(data) > LARGEST:
        raise KbError(f"文件超过 {LARGEST // 1_000_000} MB，没有读。请拆成几份，或只留要导入的部分再传")


def safe_copy(data: bytes) -> io.BytesIO:
    """The archive with every part unpacked under the limits, none longer than it says it is.

    Refused is what unpacks to far more than it is, is locked, or declares entities of its own.
    """
    check_size(data)
    most = min(LARGEST_UNPACKED, max(SMALL, len(data) * MOST_TIGHT))
    copy = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(copy, "w") as plain:
            _check(archive.infolist(), most)
            for part in archive.infolist():
                content = _unpacked(archive, part)
                _check_xml(content)
                plain.writestr(part.filename, content)
    except KbError:
        raise
    except Exception as error:  # zipfile raises whatever it stumbles over
        raise KbError("文件坏了，打不开。请重新下载或另存一份再传") from error
    copy.seek(0)
    return copy


def _check(parts: list[zipfile.ZipInfo], most: int) -> None:
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > most:
        raise KbError("文件解开以后太大，没有读。请只留要导入的内容，另存为新文件再传")
    if any(part.flag_bits & 1 for part in parts):
        raise KbError("文件加了密码，读不了。请去掉密码再传")


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """A part, never more of it than it says: without a limit it would unpack what follows too."""
    with archive.open(part) as packed:
        return packed.read(part.file_size)


def _check_xml(part: bytes) -> None:
    plain = part.replace(b"\0", b"") if b"\0" in part else part
    if _DECLARATION.search(plain):
        raise KbError("文件里有不该有的声明（DTD），没有读。请另存为新文件再传")
