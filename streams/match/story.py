"""The fingerprint of a story's text, by which a re-print of it is known again."""

from __future__ import annotations

from hashlib import blake2b

from streams.match.fold import Folded, fold, fold_phrase
from streams.match.furniture import Line, furniture, lines_of

VERSION = "s1"
MIN_WORDS = 6
_CLOSING = "\"'”’»)]}"
_STOPS = tuple(".!?؟…۔")


def fingerprint(words: bytes) -> str:
    """`s1:` and 32 hex digits that depend on the story's words alone; see `story_words`."""
    return f"{VERSION}:{blake2b(words, digest_size=16).hexdigest()}"


def story_words(text: str, *, title: str) -> bytes:
    """The story's words, folded, parted by spaces: by them a re-print of it is known again.

    Case, accents, punctuation, white space, page furniture, headlines and captions do not count: of the lines that are
    not furniture, those of six words and more that end like a sentence are taken, or all when there is none. The title
    counts only where the text has no words: feeds bring bare headlines, and two of them are not one story.
    """
    return _words_of(text) or fold_phrase(title)


def _words_of(text: str) -> bytes:
    folded = fold(text)
    stretches = furniture(folded)
    lines = [line for line in lines_of(folded) if not any(a <= line.start < b for a, b in stretches)]
    body = [line for line in lines if _is_prose(line, folded)] or lines
    return b" ".join(line.letters for line in body)


def _is_prose(line: Line, folded: Folded) -> bool:
    if line.words < MIN_WORDS:
        return False
    _, last = folded.span(line.end - 1, line.end)
    following = folded.text[last : last + 8].split("\n", 1)[0].strip().lstrip(_CLOSING)
    return following.startswith(_STOPS)
