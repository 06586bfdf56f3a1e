"""What Arabic writes on to a word: the prefixes and suffixes that each kind of phrase may carry, folded.

The sets are closed and small, so that a hit is accepted by two look-ups. They are the particles of standard written
Arabic: conjunctions و ف, prepositions ب ل ك, the future س, the article ال (لل after ل), and the pronoun suffixes.
"""

from __future__ import annotations

from typing import Final

from streams.match.fold import encode_letters

Affixes = frozenset[bytes]


def _affixes(*spelled: str) -> Affixes:
    return frozenset(encode_letters(one) for one in spelled)


_CONJUNCTIONS = ("", "و", "ف")
_PREPOSITIONS = ("", "ب", "ل", "ك")

ARTICLE: Final = encode_letters("ال")
TA: Final = encode_letters("ت")

NAME_PREFIXES: Final = _affixes(*(c + p for c in _CONJUNCTIONS for p in _PREPOSITIONS))
"""A name keeps its article as it is written: بإدلب, وللأمم, but not الإدلب."""

CONTRACTED_PREFIXES: Final = _affixes(*(c + "لل" for c in _CONJUNCTIONS))
"""ل before a word with an article: the alef of ال falls away (للفوعة)."""

CONTRACTED_LAM_PREFIXES: Final = CONTRACTED_PREFIXES | _affixes(*(c + "ل" for c in _CONJUNCTIONS))
"""The same before a word that begins with ل itself, of which one falls away too: للاذقية is ل + اللاذقية."""

COMMON_PREFIXES: Final = (
    NAME_PREFIXES | CONTRACTED_PREFIXES | _affixes(*(c + p + "ال" for c in _CONJUNCTIONS for p in ("", "ب", "ك")))
)
"""A common noun or adjective comes with or without the article."""

VERB_PREFIXES: Final = _affixes(*(c + p for c in _CONJUNCTIONS for p in ("", "س", "ل")))

PRONOUNS: Final = _affixes("ه", "ها", "هم", "هما", "هن", "ك", "كم", "ي", "نا")
OBJECTS: Final = _affixes("ه", "ها", "هم", "هما", "هن", "ك", "كم", "ني", "نا")
NONE: Final = _affixes("")
COMMON_SUFFIXES: Final = NONE | PRONOUNS | _affixes("ا")
"""Nothing, a pronoun, or the alef of the accusative (انسحابًا)."""

VERB_SUFFIXES: Final = NONE | OBJECTS

MAX_AFFIX: Final = 6
"""No affix above is longer, in letters."""
