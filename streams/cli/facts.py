"""What a command is told of an alert: `rule=ID`, `tag=syria`, `where=Idlib`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from streams.errors import InputError

_LISTS = {
    "rule": "rules",
    "tag": "tags",
    "language": "languages",
    "source": "sources",
    "country": "countries",
}
"""Keys as one says them, and as `streams.routes.Matchers` lists them. Others, but severity, are slots."""


def pairs_of(facts: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Each fact's key and value.

    Raises:
        InputError: one is not KEY=VALUE.
    """
    for fact in facts:
        key, parted, value = fact.partition("=")
        if not (key and parted and value):
            raise InputError("write KEY=VALUE, for example where=Idlib", file=fact)
        yield key, value


def facts_of(facts: Iterable[str], *, own: Iterable[str]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What routes ask (the input of `streams.routes.Matchers`), and apart the values of the command's `own` keys.

    Raises:
        InputError: one is not KEY=VALUE.
    """
    said: dict[str, Any] = {}
    named: dict[str, list[str]] = {key: [] for key in own}
    for key, value in pairs_of(facts):
        if key in named:
            named[key].append(value)
        elif key == "severity":
            said[key] = value
        elif key in _LISTS:
            said.setdefault(_LISTS[key], []).append(value)
        else:
            said.setdefault("slots", {}).setdefault(key, []).append(value)
    return said, named
