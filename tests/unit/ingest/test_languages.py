"""Which language a text is in."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.ingest.languages import language_of_text

TEXTS = {
    "ar": "قال الوزير يوم الأحد إن القوات الأجنبية في شمال البلاد يجب أن تغادر فورا وإن المحادثات مستمرة",
    "fa": "وزیر روز یکشنبه گفت که نیروهای خارجی باید شمال کشور را ترک کنند و گفتگوها ادامه دارد",
    "en": "The minister said on Sunday that the foreign forces in the north must leave at once.",
    "fr": "Le ministre a dit dimanche que les forces étrangères doivent quitter le nord du pays.",
    "tr": "Bakan pazar günü yabancı güçlerin ülkenin kuzeyinden derhal çekilmesi gerektiğini söyledi.",
    "ru": "Министр сказал в воскресенье, что иностранные войска должны немедленно покинуть север.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_language_that_nobody_declares_is_told(language: str) -> None:
    """From a sentence of news."""
    assert language_of_text(None, TEXTS[language]) == language


@pytest.mark.parametrize(
    ("declared", "text", "told"), [("en", "ar", "ar"), ("ar", "en", "en"), ("fa", "ar", "fa"), ("de", "en", "de")]
)
def test_a_declaration_stands_unless_the_script_belies_it(declared: str, text: str, told: str) -> None:
    """A publisher knows better than a model which of two languages in one script it is."""
    assert language_of_text(declared, TEXTS[text]) == told


@pytest.mark.parametrize("text", ["", "OK", "12345 " * 50, "خبر"])
def test_of_a_few_letters_nothing_is_told(text: str) -> None:
    """A guess would be worse."""
    assert language_of_text(None, text) is None


@given(st.text(max_size=400))
def test_any_text_has_a_language_or_none(text: str) -> None:
    """Nothing else comes out, and nothing is raised."""
    assert re.fullmatch(r"[a-z]{2}|ckb", language_of_text(None, text) or "en")
