"""Names in routes, inhibitions and silences that no rule bears: what asks for them never finds anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from streams.routes import folded

if TYPE_CHECKING:
    from streams.match.rulebook import Rulebook
    from streams.routes import AlertExample, Matchers
    from streams.sections import Inhibition
    from streams.settings import Settings


_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]+)*", re.IGNORECASE)


def unknown_rules(names: Iterable[str], book: Rulebook) -> Iterator[str]:
    """What to say of each that is no rule."""
    return (_unknown("rule", name, book.rules) for name in names if name not in book.rules)


def unknown_sources(names: Iterable[str], settings: Settings) -> Iterator[str]:
    """What to say of each that is no source: articles have the names that are configured."""
    known = {folded(source.name): source.name for source in settings.sources}
    return (_unknown("source", name, known.values()) for name in names if folded(name) not in known)


def unknown_in(asked: Matchers, book: Rulebook) -> Iterator[str]:
    """What to say of languages that are none, and of tags and slots that none of the rules asked for has, or of all."""
    rules = [rule for id_, rule in book.rules.items() if asked.rules is None or id_ in asked.rules]
    slots = {slot for rule in rules for slot in rule.slots}
    tags = {folded(tag) for rule in rules for tag in rule.tags}
    yield from (_unknown("slot", slot, slots) for slot in asked.slots if slot not in slots)
    yield from (_unknown("tag", tag, tags) for tag in asked.tags or () if folded(tag) not in tags)
    for language in asked.languages or ():
        if not _LANGUAGE.fullmatch(language):
            yield f"no article is in the language {language!r}: write its code, as ar or en"
    for slot, names in asked.slots.items():
        yield from _spelled_otherwise(slot, names, book)


def _absences(said: Inhibition, book: Rulebook) -> Iterator[str]:
    for name in said.target:
        if name in book.rules and book.rules[name].alert.absence:
            yield f"the rule {name!r} tells of absence, which no alert keeps quiet: use a silence"


def _spelled_otherwise(slot: str, names: Iterable[str], book: Rulebook) -> Iterator[str]:
    """What to say of a gazetteer's names that are not those which a value always has, however an article spells it."""
    from streams.match.fold import fold_phrase

    entries = [entry for gazetteer in book.gazetteers.values() for entry in gazetteer.entries]
    lasting = {folded(name) for entry in entries for name in (entry.id, entry.name, entry.code) if name}
    for name in names:
        form = fold_phrase(name) if folded(name) not in lasting else b""
        for entry in entries if form else ():
            spelled = (one for lists in entry.names.values() for kind in lists.lists().values() for one in kind)
            if any(fold_phrase(one) == form for one in spelled):
                yield f"{slot}: {name!r} is found only where an article spells it so; write {entry.id!r}"
                break


def unknown_in_example(alert: AlertExample, book: Rulebook) -> Iterator[str]:
    """What to say of an example whose rule is none, or has not its slots: no such alert will come."""
    yield from unknown_rules((alert.rule,), book)
    yield from slots_unknown_in(alert, book)


def slots_unknown_in(alert: AlertExample, book: Rulebook) -> Iterator[str]:
    """What to say of slots that the rule of a described alert has not, where there is such a rule."""
    if rule := book.rules.get(alert.rule):
        yield from (_unknown("slot", slot, rule.slots, of=alert.rule) for slot in alert.slots if slot not in rule.slots)


def unknown_in_inhibition(said: Inhibition, book: Rulebook) -> Iterator[str]:
    """What to say of rules that are none, that nothing keeps quiet, or that cannot share what has to be equal."""
    names = (*said.source, *said.target)
    yield from unknown_rules(names, book)
    yield from _absences(said, book)
    for name in names:
        for slot in said.equal:
            if name in book.rules and slot not in book.rules[name].slots:
                yield f"the rule {name!r} has no slot {slot!r}: it can share none (`equal`)"


def _unknown(kind: str, name: str, known: Iterable[str], *, of: str = "") -> str:
    close = get_close_matches(name, sorted(known), n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    if kind in {"rule", "source"}:
        return f"no {kind} is called {name!r}{hint}"
    return f"the rule {of!r} has no {kind} {name!r}{hint}" if of else f"no rule has the {kind} {name!r}{hint}"
