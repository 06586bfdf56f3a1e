"""What a phrase covers is what the engine finds, and look-alikes are what it does not."""

from __future__ import annotations

import pytest

from streams.match.fold import fold
from streams.match.lookalikes import LookAlike, coverage_of, kinds_for, language_of, words_of
from streams.match.phrase_finder import PhraseFinder
from streams.match.phrases import Kind, Phrase
from tests.support.shipped import shipped_rulebook

PHRASES = [
    Phrase("withdraw/withdrew/withdrawn", "en", Kind.VERB),
    Phrase("pull out", "en", Kind.VERB),
    Phrase("air strike", "en", Kind.COMMON),
    Phrase("إدلب", "ar", Kind.NAME),
    Phrase("الفوعة", "ar", Kind.NAME),
    Phrase("قذيفة", "ar", Kind.COMMON),
    Phrase("دعا/يدعو", "ar", Kind.VERB),
    Phrase("Алеппо", "ru", Kind.NAME),
]


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.text)
def test_every_form_that_is_shown_is_found(phrase: Phrase) -> None:
    """Alone in a text, each form is a hit."""
    coverage = coverage_of(phrase, ())
    finder = PhraseFinder([phrase])
    assert [form for form in coverage.forms if not finder.hits(fold(form))] == []
    assert len(set(coverage.forms)) == len(coverage.forms) > 0


def test_forms_of_an_english_verb() -> None:
    """From its stems, and what looks alike is not among them."""
    coverage = coverage_of(PHRASES[0], ["withdrawal", "withdrew", "drew", "with"])
    assert set(coverage.forms) == {"withdraw", "withdraws", "withdrew", "withdrawn", "withdrawing"}
    assert coverage.others == (LookAlike("withdrawal", "al after withdraw is not written on to such a verb"),)


def test_lookalikes_keep_their_spelling_and_are_never_covered() -> None:
    """طالبان holds طالب; والطالب is the noun with what is written on to it."""
    coverage = coverage_of(Phrase("طالب", "ar", Kind.COMMON), ["طالبان", "والطالب", "أمس"])
    assert coverage.others == (LookAlike("طالبان", "ان after طالب is not written on to such a noun"),)


def test_a_lookalike_that_another_kind_covers_says_which() -> None:
    """As a name it has no article; a word that only looks alike is spelled otherwise."""
    coverage = coverage_of(Phrase("انسحاب", "ar", Kind.NAME), ["الانسحاب", "انسحبت"])
    assert [one.because for one in coverage.others] == ["it would be, as common", "spelled otherwise"]


def test_words_come_from_the_rules_too() -> None:
    """Examples without their punctuation, phrases of concepts, names of gazetteers."""
    words = words_of(shipped_rulebook(), "ar")
    assert {"بعشيقة", "انسحاب", "خان شيخون"} <= words
    assert "فورا." not in words
    assert "في" in words_of(None, "ar")


def test_what_is_taken_when_nothing_is_said() -> None:
    """The language by the letters, a verb by its stroke."""
    assert [language_of(text) for text in ("إدلب", "Idlib", "Идлиб", "5")] == ["ar", "en", "ru", "en"]
    assert kinds_for("دعا/يدعو", "ar") == (Kind.VERB,)
    assert kinds_for("Idlib", "en") == (Kind.NAME, Kind.COMMON, Kind.EXACT)
    assert kinds_for("Идлиб", "ru") == (Kind.EXACT,)
