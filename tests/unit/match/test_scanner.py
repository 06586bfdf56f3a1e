"""The scanner finds every form of a phrase where it stands, and nothing else."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.match.affix_table import affix_table
from streams.match.clitics import COMMON_PREFIXES, COMMON_SUFFIXES
from streams.match.fold import encode_letters, fold
from streams.match.key_table import KeyTable
from streams.match.phrases import Kind, Phrase, forms_of
from streams.match.scanner import Scanner
from streams.match.surfaces import surfaces_of
from streams.match.word_table import WordTable
from streams.match.words import Words

_PHRASES = (
    Phrase("قصف", "ar", Kind.COMMON),
    Phrase("قوات برية", "ar", Kind.COMMON),
    Phrase("إدلب", "ar", Kind.NAME),
    Phrase("الأمم المتحدة", "ar", Kind.NAME),
    Phrase("طالب/يطالب", "ar", Kind.VERB),
    Phrase("air strike", "en", Kind.COMMON),
    Phrase("a b a", "en", Kind.EXACT),
    Phrase("a b", "en", Kind.EXACT),
    Phrase("Donaudampfschifffahrtsgesellschaft", "de", Kind.EXACT),
)
_FORMS = {form: [number] for number, phrase in enumerate(_PHRASES) for form in forms_of(phrase)}
_SCANNER = Scanner(_FORMS)
_TABLES = [
    (side, affix_table(side, at_end=at_end), at_end)
    for side, at_end in ((COMMON_PREFIXES, False), (COMMON_SUFFIXES, True))
]
_SURFACES = [
    (number, surface) for form, (number,) in _FORMS.items() for surface in surfaces_of(form) if surface.strip(b" ")
]
_SPELLED = """
    قصف والقصف قصفها بالقصف لقصفهم للقصف قصفت قوات القوات برية البرية وقواتنا بريتهم إدلب وبإدلب لإدلب الإدلب الأمم
    للأمم المتحدة طالب سيطالبون وطالبوهم air strike strikes a b Donaudampfschifffahrtsgesellschaft
    Donaudampfschifffahrtsgesellschaften Donaudampfschifffahrtsgesellschafu xyz
"""
_WORDS = st.sampled_from(_SPELLED.split())
_TEXTS = st.lists(st.tuples(_WORDS, st.sampled_from([" ", " ", " ", ". ", "\n", "، ", ".", " - "])), max_size=12).map(
    lambda parts: "".join(word + after for word, after in parts)
)


def _found(text: str) -> set[tuple[int, int]]:
    """Phrase and the word where it begins, as the scanner says."""
    hits = _SCANNER.scan(Words([text]))
    return set(zip(hits.values.tolist(), hits.firsts.tolist(), strict=True))


def _brute(text: str) -> set[tuple[int, int]]:
    """The same by trying every surface at every word."""
    folded = fold(text)
    found = set()
    for number, surface in _SURFACES:
        for match in re.finditer(b"(?= " + re.escape(surface) + b" )", folded.spaced):
            start, end = match.start() + 1, match.start() + 1 + len(surface)
            if folded.spaced[start:end] == folded.marked[start:end]:
                found.add((number, folded.spaced.count(b" ", 0, start) - 1))
    return found


@settings(deadline=None)  # the brute force takes its time
@given(_TEXTS)
def test_it_finds_what_trying_every_surface_finds(text: str) -> None:
    """Affixes, words of any length, phrases of several words within one sentence: by look-up or by brute force."""
    assert _found(text) == _brute(text)


def test_it_looks_for_nothing_without_forms() -> None:
    """A scanner of no forms finds nothing, and one of some finds nothing in texts without words."""
    assert len(Scanner({}).scan(Words(["some words"])).values) == 0
    assert len(_SCANNER.scan(Words(["", "...", "\n"])).values) == 0


@pytest.mark.parametrize("length", [1, 7, 8, 9, 16, 17, 40])
def test_a_word_that_differs_in_one_letter_is_another(length: int) -> None:
    """Letters are compared to the last one, whatever the hash says."""
    word = "ab" * length
    table = WordTable([word[:length].encode()])
    changed = [word[:place] + "x" + word[place + 1 : length] for place in range(length)]
    words = Words([" ".join([word[:length], word[: length + 1], *changed])])
    known, numbers = table.find(words, words.starts, words.lengths)
    assert (known.tolist(), numbers.tolist()) == ([0], [0])


def test_keys_in_one_slot_are_told_apart() -> None:
    """With thousands of keys many share a slot; each is found under its own number."""
    keys = np.random.default_rng(1).integers(1 << 62, size=5000, dtype=np.uint64)
    known, numbers = KeyTable(keys).find(keys)
    assert known.tolist() == numbers.tolist() == list(range(5000))


@settings(deadline=None)
@given(st.lists(st.text(alphabet="وفبلكسالهمنيقص", min_size=1, max_size=7), max_size=8))
def test_a_word_has_the_affixes_that_it_begins_and_ends_with(spelled: list[str]) -> None:
    """The tables list what comparing with every affix tells, at both ends."""
    words = Words([" ".join(spelled)])
    for affixes, table, at_end in _TABLES:
        firsts, counts = table.of(words, words.ends - 1 if at_end else words.starts)
        listed = [
            {table.affixes[number] for number in table.listed[first : first + count]}
            for first, count in zip(firsts.tolist(), counts.tolist(), strict=True)
        ]
        letters = map(encode_letters, spelled)
        assert listed == [
            {one for one in affixes if (word.endswith(one) if at_end else word.startswith(one))} for word in letters
        ]
