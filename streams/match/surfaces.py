"""The surface forms of a phrase: what the scanner takes for it, spelled out."""

from __future__ import annotations

from collections.abc import Iterator

from streams.match.clitics import ARTICLE
from streams.match.phrases import Form

_NOTHING = frozenset({b""})


def surfaces_of(form: Form) -> Iterator[bytes]:
    """Every spelling of a form with what may be written on to it, in folded letters; the plain one first."""
    pattern = form.pattern.strip(b" ")
    prefixes, suffixes = affixes_of(form)
    for prefix in sorted(prefixes, key=_order):
        for suffix in sorted(suffixes, key=_order):
            yield prefix + pattern + suffix


def affixes_of(form: Form) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """What may be written before and after the form; the empty string for nothing."""
    return form.prefixes or _NOTHING, form.suffixes or _NOTHING


def covers(one: Form, other: Form) -> bool:
    """Whether every surface of `other` is one of `one`."""
    if one.pattern.strip(b" ") != other.pattern.strip(b" "):
        return False
    (prefixes, suffixes), (inner, outer) = affixes_of(one), affixes_of(other)
    return inner <= prefixes and outer <= suffixes


def _order(affix: bytes) -> tuple[int, bool, bytes]:
    return len(affix), affix.endswith(ARTICLE), affix
