"""Writing a file whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from kb.errors import KbError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def write_whole(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path`` for the owner's eyes only; a crash or a full disk leaves no part of it.

    :class:`KbError` says what to do where the disk is full or closed to us.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise KbError(_told(error, path)) from error


def _told(error: OSError, path: Path) -> str:
    if error.errno in _FULL:
        return "磁盘已满，文件没有存下，已有数据未受影响。请腾出空间后再传一次"
    if error.errno == errno.EFBIG:
        return "文件没有存下：超过了允许的文件大小。已有数据未受影响"
    if isinstance(error, PermissionError):
        return f"没有权限写 {path.parent}。请检查 KB_HOME 指向的目录"
    return f"文件没有存下（{error.strerror or error}）。已有数据未受影响，请再传一次"
