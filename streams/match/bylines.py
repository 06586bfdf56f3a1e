"""Finds where an article's first sentence begins: behind the lines of who wrote it, where and when."""

from __future__ import annotations

import re

from streams.match.conditions import Scope
from streams.match.document import LEAD_SENTENCES, Document, Unit
from streams.match.fold import fold_phrase

MOST_WORDS = 7
"""Most words, numbers left out, of a line that is no sentence: "BEIRUT", "By our staff", "Monday 26 October 2020"."""
MOST_LINES = 5
"""Most of them before the first sentence."""
MOST_SIGNATURES = 2
"""Most sentences before it that only tell this."""
MIN_SENTENCE = 2
"""Most words of what is no sentence yet: a place and an agency before the first one."""
_SIGNED = re.compile(
    r"(?i:^(?:by|source|كتب|المصدر)\b)|\s[-–—]|[|●©]|\w/\s?\w|(?:19|20)\d\d|[١٢][٠-٩]{3}"
    r"|^[^\s:]+(?:\s[^\s:]+)?:\s\S+$|^[A-Z0-9][\w'’.-]*(?:[\s,]+[A-Z0-9][\w'’.-]*)*[\s,]*$"
)
"""What marks a short sentence as one of who wrote the next, where or when: separators, years, capitals alone."""
_STOPS = frozenset(".!?؟…")
_DATELINE = re.compile(
    r"(?:(?:[A-Z][\w.'/-]*|\d{1,2}),?[ \t]+){0,6}"  # "Beirut, Dec 2 (AP)", "Goma, (APP - 26th Jan, 2025)", "(Reuters):"
    r"\((?:[A-Z]\w*(?:[ \t][A-Z]\w*){0,3}|[^()\n]*(?:\d{4}|[ \t]-|/)[^()\n]*)\)[ \t]*(?:[:–—-]+[ \t]*|(?=[A-Z]))"
    r"|[A-Z]{4}[A-Z ,./'-]{0,40}:[ \t]"  # "UNITED NATIONS: "
    r"|(?:\S+[ \t]+){1,2}\d{1,2}[ \t]+\S+[ \t]+\d{4}[ \t]*\([^()\n]{2,20}\)[ \t]*[:–—-]*[ \t]*"
    r"|(?=[^–—\n-]*[\d(]|[A-Z]{3})(?:[^\sa-z–—-]\S*[ \t]+){1,7}?[–—-]+[ \t]"  # "BEIRUT (AP) —", "جدة 6 مايو 2023 -"
)
"""Where and when an agency wrote it, also "بيروت 7 مايو 2025 (شينخوا)"; no happening's place."""


def first_sentences(document: Document) -> Unit | None:
    """The first sentences of the text, see `Scope.LEAD`, without what only tells who wrote them, where and when.

    That are short lines before them that end in no stop, and sentences such as "Reuters.", "Friday, 9 December 2016.".

    None where the text has no letter. A text of nothing but short lines is taken as it is, and so is one without a
    title, whose first line may be its headline.
    """
    lead = next(iter(document.units(Scope.LEAD, 0, document.length)), None)
    if not document.body:
        return lead
    paragraphs = document.units(Scope.PARAGRAPH, document.body, document.length)
    for number, (start, end) in enumerate(paragraphs[: MOST_LINES + 1]):
        if not _is_byline(document, start, end):
            told = _behind_signatures(document, start, end)
            if number == 0 and told == start:
                return lead
            sentences = document.units(Scope.SENTENCE, told, document.length)
            return (told, sentences[:LEAD_SENTENCES][-1][1])
    return lead


def _is_byline(document: Document, start: int, end: int) -> bool:
    words = document.folded.spaced[start:end].split()
    if sum(not word.isdigit() for word in words) > MOST_WORDS:
        return False
    last = document.folded.span(start, end)[1]
    return _STOPS.isdisjoint(document.folded.text[last : last + 2])


def _behind_signatures(document: Document, start: int, end: int) -> int:
    """Where a paragraph's first sentence begins that tells something; its start where none does."""
    for low, high in document.units(Scope.SENTENCE, start, end)[: MOST_SIGNATURES + 1]:
        if not _is_signature(document, low, high):
            return low
    return start


def _is_signature(document: Document, start: int, end: int) -> bool:
    words = document.folded.spaced[start:end].split()
    if sum(not word.isdigit() for word in words) > MOST_WORDS:
        return False
    return len(words) <= MIN_SENTENCE or _SIGNED.search(document.words_within(start, end)) is not None


def dateline(document: Document) -> Unit | None:
    """Where and when an agency wrote the first sentences, if they begin with it."""
    unit = first_sentences(document)
    return dateline_in(document, *unit) if unit else None


def dateline_in(document: Document, low: int, high: int) -> Unit | None:
    """The dateline with which a stretch begins, from its first letter; None where it has none."""
    low, _ = document.trimmed(low, high)
    found = _DATELINE.match(document.words(low, high)) if low < high else None
    return (low, min(high, low + len(fold_phrase(found[0])) + 1)) if found else None
