"""Finds what stands between quotation marks: the words of others, as against the outlet's own."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from streams.match.fold import Folded

_NEWLINE = "\n\r\x0b\x0c\x85\u2028\u2029"
_PAIRS = {"«": "«»", "»": "«»", '"': '"', "＂": '"＂'} | dict.fromkeys("“”„‟", "“”„‟")
"""By mark: the marks that close what it opened. Arabic texts have pairs the wrong way round so often that either may
open; only what follows it tells that a mark does not."""
_STRAIGHT = '"＂'
_BEGINNING = re.compile(r"[\[(‘…\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]*\w")
"""With marks of direction, which Arabic texts have beside quotation marks."""
_SINGLE = "'‘"
"""Marks that are apostrophes, too, and ‘ an ayn: what they open must be closed beyond doubt."""
_LONGEST = 400
"""Letters that a quotation in single marks has at most."""
_IN_SINGLE = re.compile(
    # Behind a blank or what opens, and before a word that is no clipped one ('em, '90s).
    r"""(?<![^\s(\[«“"–—-])(?:'|(?P<curly>‘))(?=[\[(«“"]?\w)(?!\d\ds?\b|(?:em|tis|twas|til|cause|cos|n)\b)"""
    # Its apostrophes stand within words, or behind a plural's s: the troops’ withdrawal.
    rf"(?:[^'‘’{_NEWLINE}]|(?<=\w)['‘’](?=\w)|(?<=s)['’](?= \w)){{1,{_LONGEST}}}?"
    # A stop stands on either side of what closes it; behind ’ a blank will do, unless an s stands before it.
    rf"(?:(?<=[.,!?…])['’](?!\w)|['’](?=[.,;:!?…)\]»”{_NEWLINE}]|\Z)|(?<=[^\Ws])(?(curly)’|(?!))(?=\s))",
    re.IGNORECASE,
)
_SPACED = re.compile(r"(?<!\S)[«“][ \u00a0\u202f]\w")
"""As French sets them; also a blank stands before the mark that closes."""
_MARK = re.compile(f"[{''.join((*_PAIRS, *_SINGLE))}{_NEWLINE}]")


class Quotations:
    """The quotations of a text; a paragraph's end ends them.

    A mark opens one when a word follows it; another of its kind closes it, unless it opens one within (a blank before
    it and none after). A quotation that is not closed runs to the paragraph's end, as in speech
    of several paragraphs; a straight mark without a second one opens nothing (it may be an inch). Single marks hold a
    quotation where a stop beside the second one, or its bend, shows that it is no apostrophe: ‘Leave,’ he said.
    """

    def __init__(self, folded: Folded) -> None:
        spans = [(folded.position(first), folded.position(last)) for first, last in quotations_in(folded.text)]
        self._starts = [first for first, _ in spans]
        self._ends = [last for _, last in spans]

    def hold(self, start: int, end: int) -> bool:
        """Whether folded [start, end) lies wholly within one quotation."""
        index = bisect_right(self._starts, start) - 1
        return index >= 0 and end <= self._ends[index]


def quotations_in(text: str) -> Iterator[tuple[int, int]]:
    """The [start, end) of each quotation, without its marks, in code points; of nested ones the outermost."""
    opened: tuple[int, str] | None = None
    spaced, seen = False, 0
    while found := _MARK.search(text, seen):
        mark, place, seen = found[0], found.start(), found.end()
        if mark in _SINGLE:
            if opened is None and (single := _IN_SINGLE.match(text, place)):
                yield place + 1, single.end() - 1
                seen = single.end()
        elif mark in _NEWLINE:
            if opened is not None and opened[1][0] not in _STRAIGHT:
                yield opened[0], place
            opened = None
        elif opened is None:
            spaced = _SPACED.match(text, place) is not None
            if spaced or _BEGINNING.match(text, place + 1):
                opened = (place + 1, _PAIRS[mark])
        elif mark in opened[1] and (spaced or not text[place - 1].isspace() or text[place + 1 : place + 2].isspace()):
            yield opened[0], place
            opened = None
    if opened is not None and opened[1][0] not in _STRAIGHT:
        yield opened[0], len(text)
