"""What a cell of the sheet says of a record, and a cell read back into it.

A value that a cell does not change is never touched, so what a cell can say only in part is not lost.
Data here is the record as plain JSON data without defaults.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kb.domain import dates
from kb.domain.cells import one_line, tidy
from kb.domain.checks import hint
from kb.domain.columns import CHOICES, COLUMNS, VERSION, Column
from kb.domain.findings import Path
from kb.domain.taxonomy import Taxonomy, TermList
from kb.errors import KbError

_BETWEEN = re.compile(r"[、，,；;\n|/]")
_SURELY_BETWEEN = re.compile(r"[，,；;\n|/]")
_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?$")


def get_at(data: Any, path: Path) -> Any:
    """What stands at a place; ``None`` where nothing does."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def put_at(data: dict[str, Any], path: Path, value: Any) -> None:
    """Set what stands at a place, or take it away where ``None``; what is then empty goes with it."""
    changed = _put(data, path, value)
    data.clear()
    data.update(changed or {})


def _put(data: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    first, rest = path[0], path[1:]
    inner = _put(get_at(data, (first,)), rest, value)
    gone = inner is None or inner in ("", [], {})
    if isinstance(first, int):
        held = list(data or [])
        return held[:first] + ([] if gone else [inner]) + held[first + 1 :]
    whole = {key: part for key, part in (data or {}).items() if key != first or not gone}
    return whole if gone else {**whole, first: inner}


def cell_of(column: Column, data: Mapping[str, Any], taxonomy: Taxonomy) -> str:
    """What stands in the column for an entry's or a relief's data; empty where there is nothing."""
    value = get_at(data, column.path)
    if column.path == ("known_on",) and value == data.get("issued_on"):
        return ""
    if column.path == ("verified", "level"):
        value = value or "partial"
    return "" if value is None else tidy(_worded(column, value, taxonomy))


def _worded(column: Column, value: Any, taxonomy: Taxonomy) -> str:
    match column.kind:
        case "choice":
            return CHOICES[column.of].get(value, str(value))
        case "term" | "terms" | "regions":
            return _joined([_label(column, one, taxonomy) for one in _listed(value)])
        case "lines" | "conditions":
            return "\n".join(one_line(_text(one)) for one in value)
        case "names":
            return _named([one_line(one) for one in value])
        case _:
            return str(value)


def _listed(value: Any) -> Sequence[Any]:
    return [value] if isinstance(value, str) else value


def _text(one: Any) -> str:
    return str(one["text"]) if isinstance(one, Mapping) else str(one)


def _joined(labels: Sequence[str]) -> str:
    return ("；" if any("、" in label for label in labels) else "、").join(labels)


def _named(names: Sequence[str]) -> str:
    """One a line where a name holds what would part it, else parted as people write it."""
    if any(_BETWEEN.search(name) for name in names):
        return "\n".join(names) + "\n"
    return "、".join(names)


def _label(column: Column, key: Any, taxonomy: Taxonomy) -> str:
    if column.kind == "regions":
        return taxonomy.regions.label(str(key))
    terms = _terms(column, taxonomy)
    return words_of(terms).get(str(key)) or terms.label(str(key))


def words_of(terms: TermList) -> dict[str, str]:
    """What each key of a list is called in a cell: its label, with the key where two are called alike."""
    times = Counter(term.label for term in terms)
    return {
        term.key: term.label if times[term.label] == 1 else f"{term.label}〔{term.key}〕" for term in terms
    }


def _terms(column: Column, taxonomy: Taxonomy) -> TermList:
    terms: TermList = getattr(taxonomy, column.of)
    return terms


def value_of(column: Column, cell: str, held: Any, taxonomy: Taxonomy) -> Any:
    """The value that a cell says, ``None`` for none; :class:`KbError` with what to do if it says none.

    ``held`` is the value it is to stand for: its parts that the cell still names are kept as they are.
    """
    text = cell.strip()
    if not text:
        return None
    return _READERS[column.kind](column, cell, held, taxonomy)


def _read_text(_column: Column, cell: str, _held: Any, _taxonomy: Taxonomy) -> str:
    return cell.strip()


def _read_date(_column: Column, cell: str, _held: Any, _taxonomy: Taxonomy) -> str:
    text = _MIDNIGHT.sub("", cell.strip())
    if re.fullmatch(r"\d{5}", text):
        raise KbError(f"{text} 像是表格软件的日期序号，请把这一格设成日期格式，或写成 2020-02-20")
    worded = dates.parse_date(text[:40])
    day = worded.exact if worded else None
    if day is None:
        raise KbError(f"看不懂日期「{text[:40]}」，请写成 2020-02-20 或 2020年2月20日，要有日")
    return day.isoformat()


def _read_number(_column: Column, cell: str, _held: Any, _taxonomy: Taxonomy) -> int:
    text = cell.strip()
    if not re.fullmatch(r"[0-9]{1,9}(\.0+)?", text):
        raise KbError(f"「{text[:40]}」不是整数，请只写数字")
    return int(text.partition(".")[0])


def _read_choice(column: Column, cell: str, _held: Any, _taxonomy: Taxonomy) -> str:
    choices, text = CHOICES[column.of], cell.strip()
    for key, label in choices.items():
        if text in (key, label, label.partition("（")[0]):
            return key
    raise KbError(f"没有「{text[:40]}」这个选项。可用：{'、'.join(choices.values())}")


def _finder(column: Column, taxonomy: Taxonomy) -> tuple[Callable[[str], str | None], list[str]]:
    if column.kind == "regions":
        return taxonomy.regions.find, [one.name for one in taxonomy.regions.all]
    terms = _terms(column, taxonomy)
    words = words_of(terms)
    keys = {word: key for key, word in words.items()}
    unclear = {term.label for term in terms if term.label not in keys}
    return lambda name: keys.get(name) or (None if name in unclear else terms.find(name)), list(keys)


def _read_term(column: Column, cell: str, held: Any, taxonomy: Taxonomy) -> str:
    keys = _read_terms(column, cell, [held] if held else [], taxonomy)
    if len(keys) > 1:
        raise KbError("这一列只能写一个")
    return keys[0]


def _read_terms(column: Column, cell: str, held: Any, taxonomy: Taxonomy) -> list[str]:
    find, accepted = _finder(column, taxonomy)
    pool = {_label(column, key, taxonomy): key for key in held or ()}
    keys = []
    for part in _parts(cell, lambda name: name in pool or find(name) is not None):
        key = pool.get(part) or find(part)
        if key is None:
            what = "地区" if column.kind == "regions" else "词"
            raise KbError(f"没有「{part[:40]}」这个{what}。{hint(part[:40], accepted)}")
        keys.append(key)
    return list(dict.fromkeys(keys))


def _parts(cell: str, is_known: Callable[[str], bool]) -> list[str]:
    """The names in a cell; one that itself holds 、 is kept whole where it is known so."""
    found: list[str] = []
    for piece in (part.strip() for part in _SURELY_BETWEEN.split(cell)):
        found += [piece] if is_known(piece) else [part.strip() for part in piece.split("、")]
    return [part for part in found if part]


def _read_names(_column: Column, cell: str, held: Any, _taxonomy: Taxonomy) -> list[str]:
    text = cell.replace("\r\n", "\n").lstrip("\n")
    names = text.split("\n") if "\n" in text else _BETWEEN.split(text)
    return _kept([name.strip() for name in names if name.strip()], held)


def _read_lines(_column: Column, cell: str, held: Any, _taxonomy: Taxonomy) -> list[str]:
    return _kept([line.strip() for line in cell.split("\n") if line.strip()], held)


def _kept(lines: Sequence[str], held: Any) -> list[str]:
    """The lines, each as it was held where it was."""
    pool = {one_line(one): one for one in held or ()}
    return [pool.get(one_line(line), line) for line in lines]


def _read_conditions(_column: Column, cell: str, held: Any, _taxonomy: Taxonomy) -> list[dict[str, Any]]:
    """Conditions by their lines. A line that is still there keeps its rule and the sentence it rests on."""
    lines = [one_line(line) for line in cell.split("\n") if line.strip()]
    before: list[dict[str, Any]] = list(held or ())
    pool = {one_line(one["text"]): one for one in before}
    lost = [one for text, one in pool.items() if text not in lines and is_rule(one)]
    if lost:
        said = "」「".join(one["text"][:20] for one in lost)
        raise KbError(f"条件「{said}」带有计算规则，不能在表格里改或删，请照原样写回，到工作台里改")
    same_number = len(lines) == len(before)
    found = []
    for number, line in enumerate(lines):
        reworded = before[number] if same_number and one_line(before[number]["text"]) not in lines else {}
        found.append(pool.get(line) or {**reworded, "text": line})
    return found


def is_rule(condition: Mapping[str, Any]) -> bool:
    """Whether a condition is more than words: one that a machine decides."""
    return "field" in condition or bool(condition.get("any"))


_READERS: dict[str, Callable[[Column, str, Any, Taxonomy], Any]] = {
    "text": _read_text,
    "date": _read_date,
    "number": _read_number,
    "choice": _read_choice,
    "term": _read_term,
    "terms": _read_terms,
    "regions": _read_terms,
    "names": _read_names,
    "lines": _read_lines,
    "conditions": _read_conditions,
}


def rows_of(data: Mapping[str, Any], version: int | None, taxonomy: Taxonomy) -> list[dict[str, str]]:
    """The rows of an entry by column title: one a relief, one alone where it has none."""
    own = {one.title: cell_of(one, data, taxonomy) for one in COLUMNS if one.level == "entry" and one.path}
    own[VERSION] = str(version) if version else ""
    reliefs: Sequence[Mapping[str, Any]] = data.get("reliefs") or [{}]
    of_relief = [one for one in COLUMNS if one.level == "relief"]
    return [{**own, **{one.title: cell_of(one, relief, taxonomy) for one in of_relief}} for relief in reliefs]
