"""The fingerprint of a story's text, by which a re-print of it is known again."""

from __future__ import annotations

from hashlib import blake2b
from unicodedata import normalize

from streams.match.alphabet import FOREIGN
from streams.match.fold import Folded, fold, fold_phrase
from streams.match.furniture import Line, furniture, is_within, lines_of

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
    counts only where the text has no words: feeds bring bare headlines, and two of them are not one story. Words with
    letters outside the alphabet stand as they are written: folded, all of one length are alike. So does what has none.
    """
    return _words_of(text) or _headline(title) or " ".join(f"{title} {text}".split()).encode("utf-8", "replace")


def _headline(title: str) -> bytes:
    letters = fold_phrase(title)
    if FOREIGN not in letters:
        return letters
    folded = fold(title)
    return b" ".join(_spelled(line, folded) for line in lines_of(folded))


def _words_of(text: str) -> bytes:
    folded = fold(text)
    stretches = furniture(folded)
    lines = [line for line in lines_of(folded) if not is_within(stretches, line.start)]
    body = [line for line in lines if _is_prose(line, folded)] or lines
    return b" ".join(_spelled(line, folded) for line in body)


def _spelled(line: Line, folded: Folded) -> bytes:
    if FOREIGN not in line.letters:
        return line.letters
    words, start = list[bytes](), line.start
    for letters in line.letters.split(b" "):
        end = start + len(letters)
        words.append(_as_written(folded, start, end) if FOREIGN in letters else letters)
        start = end + 1
    return b" ".join(words)


def _as_written(folded: Folded, start: int, end: int) -> bytes:
    first, last = folded.span(start, end)
    word = normalize("NFKC", folded.text[first:last]).casefold()
    return "".join(word.split()).encode("utf-8", "replace")


def _is_prose(line: Line, folded: Folded) -> bool:
    if line.words < MIN_WORDS:
        return False
    _, last = folded.span(line.end - 1, line.end)
    following = folded.text[last : last + 8].split("\n", 1)[0].strip().lstrip(_CLOSING)
    return following.startswith(_STOPS)
