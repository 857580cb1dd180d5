"""Suggestions while typing: document numbers, everyday names, entries, regions, needs, words in pinyin."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from itertools import islice

from kb.domain.entry import BACKGROUND_KINDS
from kb.search.analysis import is_han, pairs
from kb.search.book import Book
from kb.search.engine import Library, frequency
from kb.search.helping import Option
from kb.search.names import Name, squeezed
from kb.search.query import find_numbers, parse
from kb.search.reader import Generation
from kb.search.speller import respelled

LIMIT = 8
LONGEST = 80
WORDS = 3
_LETTERS = re.compile(r"[a-z' ]{2,}")
_ORDER = {("alias", True): 0, ("number", True): 1, ("title", True): 2, ("alias", False): 3}


def suggest(library: Library, text: str, day: date, limit: int = LIMIT) -> tuple[Option, ...]:
    """What a person who has typed ``text`` may be after, issued by ``day``; at most ``limit``."""
    text = text[:LONGEST]
    if not squeezed(text):
        return ()
    found = library.reader.reading(lambda generation: _found(library, generation, text, day))
    first: dict[str, Option] = {}
    for option in found:
        first.setdefault(option.entry or option.label, option)
    return tuple(islice(first.values(), limit))


def _found(library: Library, generation: Generation, text: str, day: date) -> list[Option]:
    words = library.book(generation)
    called = _called(library, words, generation, text, day)
    if _LETTERS.fullmatch(text.strip().lower()):
        meant = words.speller.beginning(squeezed(text), WORDS, partial(frequency, generation))
    else:
        meant = () if called else _corrected(library, words, generation, text)
    options = [Option(word, word) for word in meant]
    return (
        called + options + [one for word in meant for one in _called(library, words, generation, word, day)]
    )


def _corrected(library: Library, words: Book, generation: Generation, text: str) -> tuple[str, ...]:
    query = respelled(parse(text, library.taxonomy), words.speller, partial(frequency, generation))
    return (query.corrected,) if query.corrected else ()


def _called(library: Library, words: Book, generation: Generation, text: str, day: date) -> list[Option]:
    """The entries with that number, those called that, then regions and needs."""
    known = generation.table.statuses(day).known
    typed = [part for part in map(squeezed, text.split()) if part]
    held = [*words.numbers.names.holding(typed)]
    if all(_occurs(generation, part) for part in typed):
        held += words.names.holding(typed)
    ranked = sorted(
        (_place(generation, name, begins, day), len(name.text), name.at, name)
        for name, begins in held
        if known[name.at]
    )
    meant = [at for at in words.numbers.meant(find_numbers(text)) if known[at]]
    options = [_option(generation, Name(at, "number", ""), day) for at in meant]
    options += [_option(generation, name, day) for *_, name in ranked]
    return options + _terms(library, "".join(typed))


def _occurs(generation: Generation, part: str) -> bool:
    """Whether any text has how ``part`` begins, as far as that can be told quickly."""
    return not is_han(part) or len(part) < 2 or frequency(generation, pairs(part)[0]) > 0


def _place(generation: Generation, name: Name, begins: bool, day: date) -> tuple[bool, bool, int]:
    """Members' papers of 2020 last, what is over after what is current, everyday names before titles."""
    background = generation.record(name.at).kind in BACKGROUND_KINDS
    return background, _over(generation, name.at, day), _ORDER.get((name.kind, begins), len(_ORDER))


def _over(generation: Generation, at: int, day: date) -> bool:
    """Whether an entry is not current on ``day``; the papers of 2020 have no term."""
    status = generation.table.entry_status(at, day)
    return generation.record(at).kind not in BACKGROUND_KINDS and (status is None or not status.current)


def _option(generation: Generation, name: Name, day: date) -> Option:
    record, over = generation.record(name.at), _over(generation, name.at, day)
    if name.kind == "number":
        label = f"{record.doc_number} {record.title}"
        return Option(label, str(record.doc_number), record.id, record.kind, over)
    number = f"（{record.doc_number}）" if record.doc_number else ""
    if name.kind == "alias":
        label = f"{name.text} · {record.title}{number}"
        return Option(label, name.text, record.id, record.kind, over)
    return Option(f"{record.title}{number}", record.doc_number or record.title, record.id, record.kind, over)


def _terms(library: Library, typed: str) -> list[Option]:
    regions = (one.name for one in library.taxonomy.regions.all if typed in one.name or typed in one.short)
    needs = (one.label for one in library.taxonomy.needs if typed in squeezed(one.label))
    places = [Option(name, name, kind="region") for name in islice(dict.fromkeys(regions), WORDS)]
    return places + [Option(name, name, kind="need") for name in dict.fromkeys(needs)]
