"""The fixed words: complete in every language, right in their plurals, and beside text of the other direction."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.alerts import HeldBy, Reason
from streams.messages import Severity
from streams.notify.wording import FSI, PDI, Wording
from streams.notify.words import AR, EN, WORDS, Category, Counted, Language, Words

_BLANK = re.compile(r"\{(\w+)\}")
MORNING = datetime(2026, 3, 1, 22, 5, tzinfo=UTC)


def phrases(words: Words) -> Iterator[tuple[str, str]]:
    """Every phrase of a language under a name that is the same in all."""
    for field in fields(words):
        value = getattr(words, field.name)
        for key, phrase in value.items() if isinstance(value, Mapping) else [("", value)]:
            text = phrase.other if isinstance(phrase, Counted) else phrase
            if isinstance(text, str):
                yield f"{field.name}.{key}", text


def counted(words: Words) -> Iterator[tuple[str, Counted]]:
    """Every phrase with a number."""
    for field in fields(words):
        value = getattr(words, field.name)
        for phrase in value.values() if isinstance(value, Mapping) else [value]:
            if isinstance(phrase, Counted):
                yield field.name, phrase


@pytest.mark.parametrize("language", get_args(Language))
def test_every_language_says_everything(language: Language) -> None:
    """The same phrases with the same blanks as English, none of them empty."""
    mine, english = dict(phrases(WORDS[language])), dict(phrases(EN))
    assert mine.keys() == english.keys()
    assert [name for name, text in mine.items() if not text.strip()] == []
    blanks = {name: set(_BLANK.findall(text)) for name, text in mine.items()}
    assert blanks == {name: set(_BLANK.findall(text)) for name, text in english.items()}


@pytest.mark.parametrize("language", get_args(Language))
def test_every_severity_and_every_development_has_a_word(language: Language) -> None:
    """Whatever can be told has a name."""
    words = WORDS[language]
    assert set(words.severities) == set(Severity)
    assert set(words.held) == set(words.held_title) == set(words.held_why) == set(HeldBy)
    assert set(words.news) >= {reason for reason in Reason if reason.told} - {Reason.FIRST}


def test_arabic_has_a_form_for_every_category() -> None:
    """Six of them, each where a number is counted; but for one and two they say the number."""
    for name, phrase in counted(AR):
        forms = {category: phrase.form(category) for category in get_args(Category)}
        assert all(getattr(phrase, category) for category in get_args(Category)), name
        assert all("{n}" in forms[category] for category in ("few", "many", "other")), name


@pytest.mark.parametrize(
    ("n", "form"),
    [
        (0, "لا تنبيهات"),
        (1, "تنبيه واحد آخر"),
        (2, "تنبيهان دفعة واحدة"),
        (3, "3 تنبيهات دفعة واحدة"),
        (10, "10 تنبيهات دفعة واحدة"),
        (11, "11 تنبيهًا دفعة واحدة"),
        (99, "99 تنبيهًا دفعة واحدة"),
        (100, "100 تنبيه دفعة واحدة"),
        (102, "102 تنبيه دفعة واحدة"),
        (103, "103 تنبيهات دفعة واحدة"),
        (111, "111 تنبيهًا دفعة واحدة"),
    ],
)
def test_arabic_counts_as_arabic_does(n: int, form: str) -> None:
    """Dual, 3 to 10 in the plural, 11 to 99 in the accusative singular, hundreds in the genitive."""
    assert Wording("ar").count(AR.held_title[HeldBy.STORM], n) == form


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "2026-03-01 22:05 UTC"),
        ("Europe/Berlin", "2026-03-01 23:05 CET"),
        ("Asia/Damascus", "2026-03-02 01:05 UTC+3"),
        ("Asia/Kathmandu", "2026-03-02 03:50 UTC+5:45"),
        ("America/Sao_Paulo", "2026-03-01 19:05 UTC-3"),
    ],
)
def test_times_are_the_readers(zone: str, shown: str) -> None:
    """With the zone's letters, or its distance from UTC where it has none; apart from the sentence in Arabic."""
    assert Wording("en", zone).clock(MORNING) == shown
    assert Wording("ar", zone).clock(MORNING) == f"{FSI}{shown}{PDI}"


def test_an_article_dated_to_the_end_of_time_could_not_be_told() -> None:
    """Where the reader's clocks would show a year that no date has, it is told in UTC."""
    assert Wording("en", "Asia/Damascus").clock(datetime.max.replace(tzinfo=UTC)) == "9999-12-31 23:59 UTC"
    assert Wording("en", "America/New_York").clock(datetime.min.replace(tzinfo=UTC)).endswith("01-01 00:00 UTC")


def test_what_runs_the_other_way_is_isolated() -> None:
    """And only that: an Arabic name in an English sentence, a Latin one in an Arabic sentence."""
    english, arabic = Wording("en"), Wording("ar")
    assert english.listed(["sana", "عنب بلدي"]) == f"sana, {FSI}عنب بلدي{PDI}"
    assert arabic.listed(["sana", "عنب بلدي"]) == f"{FSI}sana{PDI}، عنب بلدي"


@given(st.text(max_size=60))
def test_nothing_leaves_its_isolate(text: str) -> None:
    """What is put into a sentence ends where it is said to end."""
    from streams.notify.render import line

    for wording in (Wording("en"), Wording("ar")):
        depth = 0
        for character in wording.say("a {part} ب", part=line(text)):
            kind = unicodedata.bidirectional(character)
            depth += (kind in {"LRI", "RLI", "FSI"}) - (kind == "PDI")
            assert depth in {0, 1}
        assert depth == 0
