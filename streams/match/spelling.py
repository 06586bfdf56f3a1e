"""Spells names by their consonants, the same in Latin and in Arabic letters: Qawqafeen, Qaqfin and قوقفين are kkfn.

So names are compared across languages that no gazetteer knows. Latin letters mark names as such; of an Arabic text
every word may be one, and three consonants in common with a name are hardly chance (measured: one pair of 510 heads of
different happenings, a third of those of the same demand).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from streams.head_hashes import hashed
from streams.match.fold import Folded, fold_phrase

MOST_LATIN, MOST_ARABIC = 16, 48
"""Most spellings kept of a head."""
_LEAST = 3
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_OWNED = re.compile(r"['’]s?$")
_ARTICLE = re.compile(r"^(?:al|el)-")
_WRITTEN_ON = re.compile("^(?:[وف]?[بك]?ال|[وف]?لل|[وفبلك](?=.{3}))")
_MARKS = re.compile("[\u0640\u064b-\u0652]")
_DIGRAPHS = (("kh", "k"), ("gh", "g"), ("sh", "s"), ("ch", "s"), ("th", "t"), ("dh", "d"), ("ph", "f"), ("ck", "k"))
_LATIN = str.maketrans({"q": "k", "c": "k", "x": "ks", "v": "f", "p": "b", **dict.fromkeys("aeiouywh'’-")})
_ARABIC = dict(zip("بتثجخدذرزسشصضطظغفقكلمنپگچڤ", "bttjkddrzsssdtdgfkklmnbgjf", strict=True))
_TWICE = re.compile(r"(.)\1+")


def names_spelt(
    folded: Folded, known: Iterable[tuple[int, int]], start: int, is_common: Callable[[bytes], bool]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Hashes of the spellings of names in Latin letters, and of words in Arabic ones, in their order.

    Args:
        folded: the head.
        known: where names and words stand that are known.
        start: where the text begins after the title, in whose Latin letters every word may be a capital one.
        is_common: whether a folded word is no name.
    """
    spans = [folded.span(*span) for span in known]
    body = folded.span(start, start + 1)[0] if start else 0
    latin, arabic = dict[int, None](), dict[int, None]()
    for found in _WORD.finditer(folded.text):
        word = found[0]
        in_latin = unicodedata.name(word[0], "").startswith("LATIN")
        if in_latin and (found.start() < body or not word[0].isupper()):
            continue
        if any(low < found.end() and found.start() < high for low, high in spans) or is_common(fold_phrase(word)):
            continue
        spellings = [spelt_latin(word)] if in_latin else spelt_arabic(word)
        hashes = (hashed(one.encode()) for one in spellings if len(one) >= _LEAST)
        (latin if in_latin else arabic).update(dict.fromkeys(hashes))
    return tuple(latin)[:MOST_LATIN], tuple(arabic)[:MOST_ARABIC]


def spelt_latin(word: str) -> str:
    """The consonants of a name in Latin letters."""
    letters = unicodedata.normalize("NFD", _ARTICLE.sub("", _OWNED.sub("", word.casefold())))
    letters = "".join(one for one in letters if not unicodedata.combining(one))
    for pair, one in _DIGRAPHS:
        letters = letters.replace(pair, one)
    return _TWICE.sub(r"\1", letters).translate(_LATIN)


def spelt_arabic(word: str) -> Iterator[str]:
    """The consonants of a word in Arabic letters, as it stands and without what may be written on to its beginning."""
    bare = _MARKS.sub("", word)
    for one in {bare: None, _WRITTEN_ON.sub("", bare): None}:
        yield "".join(_ARABIC.get(letter, "") for letter in one)
