"""When a rule speaks: the conditions over time that can be written, and what is wrong with others."""

from __future__ import annotations

from datetime import timedelta

import pytest
import yaml
from pydantic import ValidationError

from streams.match.alert_settings import AlertSettings
from streams.match.timelines import TimelineAlert
from streams.messages import Unit, Window

HOUR = timedelta(hours=1)


def test_a_rule_that_is_quiet_for_longer_than_dates_reach_stopped_the_alert_stage() -> None:
    """An alert is remembered for twice as long as it is not told again."""
    with pytest.raises(ValidationError, match="repeat_after is 366d at most"):
        AlertSettings.model_validate({"repeat_after": "999999999d"})


def settings(text: str) -> AlertSettings:
    """As a rule file says it."""
    return AlertSettings.model_validate({"repeat_after": "12h", **yaml.safe_load(text)})


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("{}", None),
        ("{at_least: {articles: 7, within: 2h}}", Window(at_least=7, unit=Unit.ARTICLES, within=2 * HOUR)),
        (
            "{at_least: {sources: 3, within: 1d, by: where}}",
            Window(at_least=3, unit=Unit.SOURCES, within=24 * HOUR, by="where"),
        ),
        (
            "{spike: {origins: 5, within: 2h}}",
            Window(at_least=5, unit=Unit.ORIGINS, within=2 * HOUR, times=3.0, history=28 * 24 * HOUR),
        ),
        (
            "{spike: {articles: 5, within: 6h, times: 2, history: 56d}}",
            Window(at_least=5, unit=Unit.ARTICLES, within=6 * HOUR, times=2.0, history=56 * 24 * HOUR),
        ),
    ],
)
def test_a_condition_over_time_is_carried_by_the_match(text: str, window: Window | None) -> None:
    """With everything that the alert stage needs; without one, each article speaks for itself."""
    assert settings(text).window == window


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{at_least: {within: 2h}}", "exactly one of articles, sources, origins"),
        ("{at_least: {articles: 3, origins: 2, within: 2h}}", "exactly one of"),
        ("{at_least: {articles: 1, within: 2h}}", "greater than or equal to 2"),
        ("{at_least: {articles: 201, within: 2h}}", "less than or equal to 200"),
        ("{at_least: {articles: 3, within: 0h}}", "within is more than nothing"),
        ("{at_least: {articles: 3, within: 31d}}", "30d at most"),
        ("{at_least: {articles: 3}}", "Field required"),
        ("{spike: {sources: 3, within: 2h}}", "Extra inputs are not permitted"),
        ("{spike: {within: 2h}}", "exactly one of articles, origins"),
        ("{spike: {articles: 3, within: 30m}}", "within is 1h at least"),
        ("{spike: {articles: 3, within: 2h, history: 7d}}", "history is 14d to 84d"),
        ("{spike: {articles: 3, within: 20d}}", "longer than half of history"),
        ("{spike: {articles: 3, within: 2h, times: 1}}", "greater than 1"),
        (
            "{spike: {articles: 3, within: 2h}, at_least: {articles: 3, within: 2h}}",
            "only one of at_least, spike, after",
        ),
        ("{at_least: {articles: 3, within: 2h}, new_if: [where]}", "a count tells when it has grown"),
    ],
)
def test_a_condition_that_cannot_be_is_refused(text: str, said: str) -> None:
    """In words that say what could."""
    with pytest.raises(ValidationError, match=said):
        settings(text)


def test_a_timeline_longer_than_a_year_is_refused() -> None:
    """Beyond that lie only mistakes, and times that no calendar has."""
    with pytest.raises(ValidationError, match="366d at most"):
        TimelineAlert.model_validate({"at": "+99999999d"})
