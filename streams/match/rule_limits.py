"""How much may stand in one file, so that no file costs lint and reload more than a few seconds.

It is looked at before a file is taken for a rule, concept or gazetteer, since that is what would cost. The limits are
some ten times what the largest shipped file has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from streams.errors import Problem
from streams.located_yaml import Document

LIMITS: Final = {"match": 5_000, "slots": 5_000, "patterns": 5_000, "none": 5_000, "context": 5_000, "phrases": 5_000}
"""By key of a file: most values below it, keys among them."""
_HINTS = {"phrases": "split the concept, and take the parts in with include"}
_SPLIT = "split it: put what belongs together into concepts"


def too_large(document: Document) -> Iterator[Problem]:
    """What holds more than it may, each at its key."""
    data = document.data if isinstance(document.data, dict) else {}
    for key, limit in LIMITS.items():
        if key in data and _count(data[key], limit) > limit:
            message, hint = f"{key} holds more than {limit:,} values", _HINTS.get(key, _SPLIT)
            yield document.problem((key,), message, hint, code="too-large")


def _count(data: Any, most: int) -> int:
    """How many values there are, up to just above `most`; Any: YAML."""
    waiting, count = [data], 0
    while waiting and count <= most:
        value = waiting.pop()
        below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        count += len(below) * (1 + isinstance(value, dict))
        waiting += [one for one in below if isinstance(one, dict | list)]
    return count
