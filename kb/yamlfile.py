"""YAML that people edit: read strictly with line numbers, written one way with comments kept.

A leaf beside :mod:`kb.config` and :mod:`kb.errors`; the only place that knows ruamel.yaml.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarfloat import ScalarFloat
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString, ScalarString
from ruamel.yaml.tag import Tag

from kb.errors import EntryFileError, KbError

MAX_BYTES = 1_000_000
_STRING = Tag(suffix="tag:yaml.org,2002:str")
_ANCHOR = re.compile(r"(?:^|[\s\[{,:-])[&*][^\s*]|<<", re.M)
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """A file as plain data, with what is needed to say where in it something stands."""

    path: Path
    text: str
    data: Any

    @cached_property
    def tree(self) -> Any:
        """The file with the places of its parts; read only when a line is asked for."""
        return _tree(self.text, self.path)

    def line(self, place: Place) -> int:
        """The line (from 1) of the deepest part of ``place`` that the file has."""
        node, line = self.tree, 1
        for step in place:
            found = _line_of(node, step)
            if found is None:
                return line
            line = found
            node = node[step]
        return line

    def error(self, place: Place, message: str) -> EntryFileError:
        """An error at ``place``, with path and line."""
        return EntryFileError(self.path, self.line(place), message)


def _line_of(node: Any, step: str | int) -> int | None:
    if isinstance(node, CommentedMap) and step in node:
        return int(node.lc.key(step)[0]) + 1
    if isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
        return int(node.lc.item(step)[0]) + 1
    return None


def read_text(path: Path) -> str:
    """The text of a file; an error that says what to do if it is too large, binary or not UTF-8."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise EntryFileError(path, 1, f"读不了这个文件：{error.strerror}") from error
    if len(raw) > MAX_BYTES:
        raise EntryFileError(path, 1, f"文件有 {len(raw)} 字节，超过上限 {MAX_BYTES}；一个文件只写一个条目")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise EntryFileError(path, line, "不是 UTF-8 文本；请另存为 UTF-8 编码的 .yml") from error
    if "\0" in text:
        raise EntryFileError(path, text[: text.index("\0")].count("\n") + 1, "含有空字节，像是二进制文件")
    return text


def read(path: Path) -> Document:
    """The file as data. Duplicate keys, anchors and anything but a mapping or list are errors."""
    return parse(read_text(path), path)


def parse(text: str, path: Path) -> Document:
    """Like :func:`read`, from text already read; ``path`` is only for messages.

    Sound files are read by libyaml's parser; only one that is not, or that may hold anchors, is read
    again by the slow one that knows lines and comments.
    """
    document = Document(path, text, None)
    try:
        data = None if _ANCHOR.search(text) else _fast().load(text)
    except (YAMLError, ValueError, RecursionError):
        data = None
    if not isinstance(data, dict | list) or not data:
        data = document.tree
    return replace(document, data=_plain(data))


def _tree(text: str, path: Path) -> Any:
    try:
        tree = _yaml().load(text)
    except DuplicateKeyError as error:
        raise EntryFileError(path, _mark(error), "同一层里有重复的键；请删去一个") from error
    except MarkedYAMLError as error:
        message = f"YAML 写法有误（{error.problem}）；请检查缩进、冒号后的空格和引号"
        raise EntryFileError(path, _mark(error), message) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise EntryFileError(path, 1, f"YAML 写法有误：{type(error).__name__}") from error
    if not isinstance(tree, CommentedMap | CommentedSeq):
        raise EntryFileError(path, 1, "文件是空的或不是键值写法；请照 policies/README.md 的样例写")
    _refuse_anchors(tree, path)
    return tree


def _mark(error: MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return int(mark.line) + 1 if mark else 1


class _NoDates(VersionedResolver):
    """Leaves dates as the words they are, so that an impossible one is an error with its own line."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        tag = super().resolve(kind, value, implicit)
        return _STRING if str(tag).endswith(":timestamp") else tag


def _fast() -> YAML:
    yaml = YAML(typ="safe")
    yaml.Resolver = _NoDates
    return yaml


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.Resolver = _NoDates
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.allow_unicode = True
    return yaml


def _refuse_anchors(node: Any, path: Path) -> None:
    seen: set[int] = set()
    stack = [node]
    while stack:
        part = stack.pop()
        if not isinstance(part, CommentedMap | CommentedSeq):
            continue
        if id(part) in seen or getattr(part, "merge", None):
            raise EntryFileError(path, part.lc.line + 1, "不支持 YAML 的锚点和引用（& * <<）；请写全")
        seen.add(id(part))
        stack.extend(part.values() if isinstance(part, CommentedMap) else part)


def _plain(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, ScalarFloat | float):
        return Decimal(repr(float(node)))
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, int):
        return int(node)
    if isinstance(node, str):
        return str(node)
    if isinstance(node, Sequence):
        return [_plain(value) for value in node]
    return node


def save(path: Path, text: str) -> None:
    """Put ``text`` into a file whole or not at all; :class:`KbError` if the disk will not have it."""
    target = path.resolve()
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("x", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        if target.exists():
            shutil.copymode(target, beside)
        beside.replace(target)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise KbError(f"{path} 写不进去（{error.strerror}），原来的内容未变；请腾出空间或检查权限") from error


def write(data: Mapping[str, Any], flow: frozenset[str], before: str | None = None) -> str:
    """The canonical text of ``data``; lists under the keys in ``flow`` stand on one line.

    Strings of digits are double-quoted, several lines are a literal block. Comments of the text
    ``before`` are kept where what they stand at still exists.
    """
    tree = _styled(data, flow, False)
    if before is not None:
        _keep_comments(_yaml().load(before), tree)
    out = io.StringIO()
    _yaml().dump(tree, out)
    return out.getvalue()


def _styled(value: Any, flow: frozenset[str], in_flow: bool) -> Any:
    if isinstance(value, Mapping):
        tree = CommentedMap()
        for key, part in value.items():
            tree[key] = _styled(part, flow, key in flow)
        return tree
    if isinstance(value, list | tuple):
        items = CommentedSeq([_styled(part, flow, False) for part in value])
        if in_flow:
            items.fa.set_flow_style()
        return items
    if isinstance(value, str):
        return _styled_text(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


def _styled_text(value: str) -> Any:
    if "\n" in value:
        return LiteralScalarString(value)
    if value.isdigit() or not value:
        return DoubleQuotedScalarString(value)
    return value


def _keep_comments(old: Any, new: Any) -> None:
    if isinstance(old, CommentedMap) and isinstance(new, CommentedMap):
        pairs = [(old[key], new[key]) for key in old if key in new]
    elif isinstance(old, CommentedSeq) and isinstance(new, CommentedSeq):
        pairs = list(zip(old, new, strict=False))
    else:
        if isinstance(old, ScalarString) and isinstance(new, ScalarString) and hasattr(old, "comment"):
            setattr(new, "comment", old.comment)  # noqa: B010 - ruamel sets it outside its class
        return
    _copy_comments(old, new)
    for one, other in pairs:
        _keep_comments(one, other)


def _copy_comments(old: Any, new: Any) -> None:
    if old.ca.comment:
        new.ca.comment = old.ca.comment
    for key, comment in old.ca.items.items():
        present = key in new if isinstance(new, CommentedMap) else key < len(new)
        if present:
            new.ca.items[key] = comment
