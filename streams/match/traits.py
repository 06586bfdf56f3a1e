"""What an article says at its head (title and first sentences), by which two happenings are told apart.

The head is where news says what happened; further down stand background and other happenings.
"""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from streams.match.conditions import Scope, within
from streams.match.document import Document
from streams.match.fold import Folded, encode_letters, fold, fold_phrase
from streams.match.frequent_words import FREQUENT
from streams.match.numbers import MONTHS
from streams.match.poles import poles_of
from streams.match.vocabulary import NO_ENTRY
from streams.messages import Traits

HEAD_WORDS = 60
"""Words of the text, from its first sentences, that belong to its head."""
MOST_WORDS = 48
"""Most words kept, from the head's beginning."""
_MIN_LETTERS = 3
_MOST_DIGITS = 6
_YEARS = range(1900, 2100)
_COMMON = frozenset(fold_phrase(word) for words in FREQUENT.values() for word in words)
_PREFIXES = tuple(encode_letters(one) for one in ("وال", "بال", "فال", "كال", "لل", "ال", "و"))
"""What is taken off an Arabic word before it is compared; the longest that fits."""


def traits_of(document: Document) -> Traits:
    """The traits of an article. Names are those that the rulebook's gazetteers know, furniture left out."""
    units = [unit for scope in (Scope.TITLE, Scope.LEAD) for unit in document.units(scope, 0, document.length)]
    head = [stretch for unit in units if (stretch := _trimmed(document.folded, *unit))]
    words = [word for low, high in head for word in document.folded.spaced[low:high].split()]
    return Traits(
        names=tuple(sorted({path for stretch in head for path in _names(document, *stretch)})),
        numbers=tuple(sorted(set(_numbers(words)))),
        poles=poles_of(fold("\n".join(document.words(*stretch) for stretch in head))),
        words=tuple(sorted({crc32(word) for word in list(dict.fromkeys(_content(words)))[:MOST_WORDS]})),
    )


def _trimmed(folded: Folded, low: int, high: int) -> tuple[int, int] | None:
    """The stretch from its first letter to its last, or to that of word HEAD_WORDS; None where it has no letter."""
    spaced = folded.spaced
    last_word = folded.word_number(low) + HEAD_WORDS
    if last_word < len(folded.word_ends):
        high = min(high, folded.word_ends[last_word])
    inner = spaced[low:high]
    low += len(inner) - len(inner.lstrip())
    high -= len(inner) - len(inner.rstrip())
    return (low, high) if low < high else None


def _names(document: Document, low: int, high: int) -> Iterator[tuple[str, ...]]:
    vocabulary = document.vocabulary
    for term in document.terms:
        if vocabulary.terms[term].shape == "gazetteer":
            for span in within(document.spans(term), low, high):
                if span.entry != NO_ENTRY:
                    yield vocabulary.path(span.entry)


def _numbers(words: list[bytes]) -> Iterator[int]:
    """Numbers that count something: no year, and no day beside its month."""
    for index, word in enumerate(words):
        if len(word) > _MOST_DIGITS or not word.isdigit():
            continue
        number = int(word)
        beside = words[max(0, index - 1) : index] + words[index + 1 : index + 2]
        if number not in _YEARS and not any(other in MONTHS or other.isdigit() for other in beside):
            yield number


def _content(words: list[bytes]) -> Iterator[bytes]:
    """The words that carry meaning, without what Arabic writes before them and English after them."""
    for word in words:
        bare = _bare(word)
        if len(bare) >= _MIN_LETTERS and word not in _COMMON and bare not in _COMMON and not bare.isdigit():
            yield bare


def _bare(word: bytes) -> bytes:
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _MIN_LETTERS:
            return word[len(prefix) :]
    for ending in (b"ing", b"ed", b"es", b"s"):
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_LETTERS:
            return word[: -len(ending)]
    return word
