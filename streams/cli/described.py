"""What else something goes by that a described alert names: by that routes find it, as in an article."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from streams.routes import folded

if TYPE_CHECKING:
    from streams.match.gazetteer_files import Entry
    from streams.match.rulebook import Rulebook


def names_in(book: Rulebook) -> Callable[[str], frozenset[str]]:
    """The ids, names and codes of the gazetteer entries of that name, and of what these lie in; none for other words.

    It may be an id, or else a canonical name or code, or else any spelling.
    """
    by_id = {name: {entry.id: entry for entry in file.entries} for name, file in book.gazetteers.items()}

    def line_of(gazetteer: str, entry: Entry) -> Iterator[Entry]:
        yield entry
        if entry.parent:
            yield from line_of(gazetteer, by_id[gazetteer][entry.parent])

    def named(said: Callable[[Entry], Iterator[str | bytes]]) -> dict[str | bytes, set[str]]:
        found = defaultdict[str | bytes, set[str]](set)
        for gazetteer, entries in by_id.items():
            for entry in entries.values():
                line = [name for one in line_of(gazetteer, entry) for name in (one.id, one.name, one.code) if name]
                for key in said(entry):
                    found[key].update(line)
        return found

    @cache
    def spellings() -> dict[str | bytes, set[str]]:
        from streams.match.fold import fold_phrase

        def said(entry: Entry) -> Iterator[bytes]:
            lists = (names for kinds in entry.names.values() for names in kinds.lists().values())
            return (fold_phrase(name) for names in lists for name in names)

        return named(said)

    ids = named(lambda entry: iter((folded(entry.id),)))
    canonical = named(lambda entry: (folded(name) for name in (entry.name, entry.code) if name))

    def names(said: str) -> frozenset[str]:
        from streams.match.fold import fold_phrase

        found = ids.get(folded(said)) or canonical.get(folded(said)) or spellings().get(fold_phrase(said))
        return frozenset(found or ())

    return names
