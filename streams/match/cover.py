"""Stretches of a text that are covered by spans, asked for in logarithmic time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streams.match.conditions import Span


class Cover:
    """Stretches covered by spans. Asked in logarithmic time, because one sentence may hold thousands of words."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for span in sorted(spans):
            if self._ends and span.start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], span.end)
            else:
                self._starts.append(span.start)
                self._ends.append(span.end)

    def touches(self, span: Span) -> bool:
        """Whether some of the span is covered."""
        index = bisect_left(self._starts, span.end) - 1
        return index >= 0 and self._ends[index] > span.start

    def distance(self, span: Span) -> tuple[int, bool]:
        """Letters to the nearest stretch, which the span does not touch; on a tie the words before a stretch win."""
        index = bisect_left(self._starts, span.end)
        found = []
        if index < len(self._starts):
            found.append((self._starts[index] - span.end, False))
        if index:
            found.append((span.start - self._ends[index - 1], True))
        return min(found)


def longest(spans: Iterable[Span]) -> list[Span]:
    """Spans that do not overlap: of two that do the longer one stays, of equals the first."""
    return apart(sorted(spans, key=lambda one: (one.start - one.end, one)))


def apart(spans: Iterable[Span]) -> list[Span]:
    """Spans that do not overlap, sorted: of two that do, the one that comes first in `spans` stays."""
    kept: list[Span] = []
    for span in spans:
        index = bisect_left(kept, (span.end,))  # the first that begins at or after its end
        if not index or kept[index - 1].end <= span.start:
            kept.insert(index, span)
    return kept
