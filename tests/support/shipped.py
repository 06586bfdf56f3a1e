"""The shipped rules, read and made ready once in a process, which takes a second: tests do not change them."""

from __future__ import annotations

from functools import cache

from streams.match.engine import Engine
from streams.match.rulebook import Rulebook, load_rulebook, shipped_rules_dir


@cache
def shipped_rulebook() -> Rulebook:
    """All of them."""
    return load_rulebook(shipped_rules_dir())


@cache
def shipped_engine() -> Engine:
    """An engine of all of them."""
    return Engine(shipped_rulebook())
