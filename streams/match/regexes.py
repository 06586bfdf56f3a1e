"""Regexes over the original text, in linear time (RE2: no back-references, no look-around)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import re2

from streams.match.fold import SPACE, Folded

MAX_LETTERS = 2000
"""Longest pattern; a longer one is a list of words, which is a concept."""
MAX_HITS = 200
"""Most words that one regex finds in an article. A search is linear, but each hit starts another."""
_PARENTHESES = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|[()]", re.DOTALL)
"""Parentheses, and what holds some that mean themselves: escapes, and sets of letters."""
EVIDENCE = "evidence"
"""Name of the group that narrows a match to the words that count."""


class RegexError(ValueError):
    """A pattern that cannot be used; the text says why, and where in the pattern when that is known."""


class Regex:
    """A compiled pattern."""

    def __init__(self, pattern: str) -> None:
        options = re2.Options()
        options.log_errors = False
        options.never_capture = f"(?P<{EVIDENCE}>" not in pattern  # which is faster
        self._compiled: Any = _compiled(pattern, options)  # re2 has no types
        self._group: int = self._compiled.groupindex.get(EVIDENCE, 0)

    def find(self, folded: Folded, title: int) -> list[tuple[int, int]]:
        """Where it matches: the folded [start, end) of the letters and digits of each match; none without any.

        Of a pattern with a group named `evidence` only what that group matches.

        The title, so many letters long, is the first line; no match reaches from it into the text behind its newline.
        Half characters are looked at as U+FFFD.
        """
        found = []
        for first, last in islice(self._matches(folded.encodable, title), MAX_HITS):
            if first < 0:
                continue  # the group is in an alternative that was not taken
            start, end = folded.position(first), folded.position(last)
            letters = folded.spaced[start:end]
            start += len(letters) - len(letters.lstrip(bytes([SPACE])))
            end -= len(letters) - len(letters.rstrip(bytes([SPACE])))
            if start < end:
                found.append((start, end))
        return found

    def _matches(self, text: str, title: int) -> Iterator[tuple[int, int]]:
        # Where there is a title, the beginning (\\A) is its own, and the text has a line's (^ with (?m)).
        fields = ((text[:title], 0, 0), (text, title + 1, 0)) if title else ((text[1:], 0, 1),)
        for field, begin, shift in fields:
            for match in self._compiled.finditer(field, begin):
                first, last = match.span(self._group)
                yield (first + shift if first >= 0 else first), last + shift


def _compiled(pattern: str, options: Any) -> Any:
    if len(pattern) > MAX_LETTERS:
        raise RegexError(f"the regex has more than {MAX_LETTERS} letters")
    try:
        compiled = re2.compile(pattern, options)
    except UnicodeEncodeError as error:
        raise RegexError(f"the regex has half a character at position {error.start + 1}") from error
    except re2.error as error:
        raise RegexError(_told(error.args[0], pattern)) from error
    if compiled.search("") is not None:
        raise RegexError("the regex can match nothing at all, which is everywhere; let it ask for a letter")
    return compiled


def _told(reason: object, pattern: str) -> str:
    """RE2's reason, `what: fragment`, with the fragment's place."""
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    _, _, fragment = text.partition(": ")
    place = pattern.find(fragment) if fragment else len(pattern) - 1
    if fragment == pattern and text.startswith(("missing )", "unexpected )")):
        place = _unmatched(pattern)  # of which RE2 tells the whole pattern
    return f"the regex cannot be compiled: {text}" + (f" (at letter {place + 1})" if place >= 0 else "")


def _unmatched(pattern: str) -> int:
    """Where the parenthesis stands that has no other."""
    opened: list[int] = []
    for found in _PARENTHESES.finditer(pattern):
        if found[0] == "(":
            opened.append(found.start())
        elif found[0] == ")":
            if not opened:
                return found.start()
            opened.pop()
    return opened[-1] if opened else -1


@lru_cache(maxsize=1024)  # the tools compile the same rules again and again
def compile_regex(pattern: str) -> Regex:
    """The pattern, compiled.

    Raises:
        RegexError: it is no regex that RE2 takes, is too long, or can match the empty text.
    """
    return Regex(pattern)
