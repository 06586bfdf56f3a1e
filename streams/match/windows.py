"""The condition that looks at a few sentences in a row: what one sentence begins the next one often ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streams.match.conditions import Condition, Met, Scope, Stretches, Terms, joined

Unit = tuple[int, int]


def windows(document: Stretches, count: int, low: int, high: int) -> list[Unit]:
    """Every stretch of `count` sentences in a row within [low, high); of all there are where there are fewer.

    They run over paragraphs, since much news has one sentence in each, but not from the title into the text.
    """
    title = document.units(Scope.TITLE, low, high)
    body = title[0][1] if title else low
    sentences = [unit for unit in document.units(Scope.SENTENCE, low, high) if unit[0] < unit[1]]
    found: list[Unit] = []
    for part in ([one for one in sentences if one[0] < body], [one for one in sentences if one[0] >= body]):
        found += [
            (part[index][0], part[min(index + count, len(part)) - 1][1])
            for index in range(max(1, len(part) - count + 1) if part else 0)
        ]
    return found


@dataclass(frozen=True, slots=True, eq=False)
class InWindow:
    """The part is met within some `count` sentences in a row; no two are the same."""

    count: int
    part: Condition

    def met(self, document: Stretches, low: int, high: int) -> Met | None:
        """See Condition."""
        worth = document.worth(self, Scope.SENTENCE)
        if worth is not None and not worth:
            return None
        found = []
        for first, last in windows(document, self.count, low, high):
            one = self.part.met(document, first, last)
            if one is not None:
                found.append(Met(one.spans, one.units or ((first, last),)))
        return joined(found)

    def mandatory(self, weights: Sequence[float]) -> list[Terms]:
        """See Condition."""
        return self.part.mandatory(weights)
