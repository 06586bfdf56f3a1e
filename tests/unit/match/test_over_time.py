"""Conditions over time in words."""

from __future__ import annotations

from typing import Any

import pytest

from streams.match.alert_settings import AlertSettings
from streams.match.over_time import over_time


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, ""),
        (
            {"at_least": {"origins": 4, "within": "2h", "by": "where"}},
            "tells when 4 origins come within 2h, for each where by itself",
        ),
        (
            {"spike": {"articles": 5, "times": 2.5, "within": "90m"}},
            "tells when 5 articles come within 1h 30m, 2.5 times the usual of these hours of the week",
        ),
        (
            {"after": {"rules": ["strike", "talks"], "within": "2d"}},
            "tells when an article of strike, then of talks has come up to 2d before",
        ),
        (
            {"absence": {"within": "1d", "usual": 5, "by": "who"}},
            "tells when no article comes for 1d in which 5 are usual, for each who by itself",
        ),
    ],
)
def test_a_condition_over_time_is_one_sentence(said: dict[str, Any], words: str) -> None:
    """With its numbers, and what it is counted by."""
    assert over_time(AlertSettings.model_validate({"repeat_after": "12h", **said})) == words
