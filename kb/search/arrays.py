"""Named arrays in one file that several processes map into memory and share.

A line of JSON says what stands where; the arrays follow, each at a multiple of 64 bytes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"arrays-1 "
_ALIGNED = 64

Named = dict[str, NDArray[Any]]


def save(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write the arrays beside ``path`` and move them there in one step."""
    temporary = path.with_name(f"{path.name}.new")
    with temporary.open("wb") as out:
        head = {name: (array.dtype.str, array.size) for name, array in arrays.items()}
        out.write(MAGIC + json.dumps(head).encode() + b"\n")
        for array in arrays.values():
            out.write(b"\0" * (-out.tell() % _ALIGNED))
            out.write(np.ascontiguousarray(array).data)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)


def load(path: Path) -> Named:
    """The arrays of a file, read only, mapped rather than read; ``ValueError`` if it is not whole."""
    with path.open("rb") as file:
        head = file.readline()
        at = file.tell()
    if not head.startswith(MAGIC) or not head.endswith(b"\n"):
        raise ValueError(f"{path.name} holds no arrays")
    whole = np.memmap(path, dtype=np.uint8, mode="r")
    found: Named = {}
    for name, (kind, size) in json.loads(head[len(MAGIC) :]).items():
        at += -at % _ALIGNED
        length = np.dtype(kind).itemsize * size
        if at + length > len(whole):
            raise ValueError(f"{path.name} is cut off")
        found[name] = np.asarray(whole[at : at + length]).view(kind)
        at += length
    return found
