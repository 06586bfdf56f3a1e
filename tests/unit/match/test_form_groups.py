"""The groups in which forms are shown hold exactly the forms that the engine finds."""

from __future__ import annotations

import pytest

from streams.match.form_groups import groups_of
from streams.match.lookalikes import coverage_of
from streams.match.phrases import Phrase
from tests.unit.match.test_lookalikes import PHRASES


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.text)
def test_groups_hold_every_form_and_no_other(phrase: Phrase) -> None:
    """Words with each of what is written on to them."""
    told = {
        f"{before}{word.text}{after}"
        for group in groups_of(phrase)
        for word in group.words
        for before in group.before
        for after in group.after
    }
    assert told == set(coverage_of(phrase, ()).forms)


@pytest.mark.parametrize("phrase", [one for one in PHRASES if "/" in one.text], ids=lambda phrase: phrase.text)
def test_every_form_of_a_verb_says_whom_it_is_about(phrase: Phrase) -> None:
    """No word of a paradigm is left without its person."""
    assert all(word.label for group in groups_of(phrase) for word in group.words)
