"""Routes: who is told of which alert, in the words of Alertmanager's tree."""

from __future__ import annotations

from typing import Literal
from unicodedata import normalize

import pytest
import yaml
from pydantic import ValidationError

from streams.messages import ArticleHead, Entity, RuleMatch, Severity
from streams.routes import (
    AlertExample,
    Matchers,
    Route,
    Subject,
    can_be_told,
    paths_of,
    reaching,
    receivers_for,
    tree_of,
    walk,
)
from streams.units import parse_span
from tests.support.alerting import article, fired

IDLIB = Subject("escalation", Severity.HIGH, frozenset({"syria"}), {"where": frozenset({"saraqib", "idlib"})}, "ar")


def tree(text: str) -> tuple[Route, ...]:
    """Routes as a configuration writes them."""
    return tuple(Route.model_validate(item) for item in yaml.safe_load(text))


def test_the_first_route_that_takes_an_alert_has_it() -> None:
    """Those after it are not asked."""
    routes = tree("[{match: {rules: other}, receivers: a}, {receivers: b}, {receivers: c}]")
    assert receivers_for(routes, IDLIB) == ("b",)


def test_continue_asks_the_next_ones_too() -> None:
    """Each receiver is told once, however often the tree names it."""
    routes = tree("[{receivers: [a, b], continue: true}, {receivers: [b, c]}, {receivers: d}]")
    assert receivers_for(routes, IDLIB) == ("a", "b", "c")


def test_a_route_tells_only_what_none_within_it_takes() -> None:
    """An alert goes as deep as it can; a route without receivers has those above it."""
    routes = tree(
        "[{match: {tags: syria}, receivers: desk, routes: ["
        "{match: {severity: critical}, receivers: pager}, {match: {slots: {where: Idlib}}}]}]"
    )
    assert receivers_for(routes, IDLIB) == ("desk",)
    critical = Subject("escalation", Severity.CRITICAL, frozenset({"syria"}))
    assert receivers_for(routes, critical) == ("pager",)
    elsewhere = Subject("escalation", Severity.LOW, frozenset({"syria"}))
    assert receivers_for(routes, elsewhere) == ("desk",)


def test_what_no_route_takes_goes_to_nobody() -> None:
    """There is no route of last resort unless one is written."""
    assert receivers_for(tree("[{match: {languages: en}, receivers: a}]"), IDLIB) == ()


@pytest.mark.parametrize(
    ("asked", "unmet"),
    [
        ("{rules: [escalation, x]}", None),
        ("{rules: [x, y]}", "the rule is escalation, not x or y"),
        ("{tags: SYRIA}", None),
        ("{tags: [libya]}", "the rule has no tag libya"),
        ("{severity: medium}", None),
        ("{severity: critical}", "its severity is high, less than critical"),
        ("{slots: {where: Idlib}}", None),
        ("{slots: {where: Hama}}", "`where` names no Hama"),
        ("{slots: {who: Iran}}", "`who` names no Iran"),
        ("{languages: [en, ar]}", None),
        ("{sources: Reuters}", "its source is not known, not Reuters"),
        ("{tags: syria, countries: SY}", "its country is not known, not SY"),
    ],
)
def test_a_match_says_what_is_missing(asked: str, unmet: str | None) -> None:
    """Everything asked must be there, of each list one; the severity is the least."""
    assert Matchers.model_validate(yaml.safe_load(asked)).unmet(IDLIB) == unmet


def test_a_match_that_asks_nothing_is_refused() -> None:
    """It would look like a condition and take every alert."""
    with pytest.raises(ValidationError, match="asks nothing"):
        Matchers.model_validate({"tags": None})


def test_a_slot_is_known_by_every_name_of_its_values() -> None:
    """The words in the text, the canonical name, the code, and the places it lies in."""
    entity = Entity(
        text="سراقب", name="Saraqib", code="SY0703", path=("syria", "idlib", "saraqib"), around=("Idlib", "SY07")
    )
    fired = RuleMatch(
        rule="r",
        title="R",
        severity=Severity.HIGH,
        evidence=(),
        excerpts=(),
        slots={"where": ("سراقب", "somewhere")},
        entities={"where": (entity,)},
        repeat_after=parse_span("12h"),
    )
    article = ArticleHead(id="1", title="", source="S", language="ar", country="SY")
    subject = Subject.of(article, fired)
    assert subject.slots == {"where": {"سراقب", "somewhere", "saraqib", "sy0703", "idlib", "sy07"}}
    assert (subject.language, subject.source, subject.country) == ("ar", "S", "SY")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_was_not_found_where_its_marks_were_encoded_otherwise(form: Literal["NFC", "NFD"]) -> None:
    """`é` is one character or two, `أ` as well."""
    text = normalize(form, "{slots: {where: أريحا}, sources: Télé, tags: été}")
    alert = Subject.of(article(source="Télé"), fired("r", slots={"where": ("أريحا",)}, entities={}, tags=("été",)))
    assert Matchers.model_validate(yaml.safe_load(text)).unmet(alert) is None


def test_the_short_form_is_a_tree() -> None:
    """A rule's own line replaces the general one, wherever that stands."""
    routes = tree_of({"*": ("all",), "escalation": ("desk",), "quiet": ()})
    assert receivers_for(routes, IDLIB) == ("desk",)
    assert receivers_for(routes, Subject("other", Severity.LOW)) == ("all",)
    assert receivers_for(routes, Subject("quiet", Severity.LOW)) == ()


def test_every_step_is_told_with_its_reason() -> None:
    """Which routes an alert came to, why it was refused, and who is told by which."""
    routes = tree("[{match: {tags: libya}, receivers: a}, {receivers: b, routes: [{match: {languages: ar}}]}]")
    assert [(step.path, step.unmet, step.told) for step in walk(routes, IDLIB)] == [
        ((0,), "the rule has no tag libya", ()),
        ((1,), None, ()),
        ((1, 0), None, ("b",)),
    ]


def test_routes_that_no_alert_can_reach_are_known() -> None:
    """A route that takes every alert hides those after it; one that asks about the article does not."""
    routes = tree(
        "[{match: {slots: {where: Hama}}, receivers: a}, {receivers: b}, {match: {tags: syria}, receivers: c}]"
    )
    tagged = Subject("escalation", Severity.HIGH, frozenset({"x"}))
    assert [reaching(routes, path, [tagged]) for path, _ in paths_of(routes)] == [
        ("escalation",),
        ("escalation",),
        (),
    ]


def test_a_rule_of_which_nobody_can_be_told_is_known() -> None:
    """Its alerts are refused by every route, or come to routes that tell nobody."""
    assert not can_be_told(tree("[{match: {rules: x}, receivers: a}, {receivers: []}]"), IDLIB)
    assert can_be_told(tree("[{match: {slots: {where: Hama}}, receivers: a}]"), IDLIB)


def test_a_route_whose_own_routes_take_everything_seemed_to_tell_its_receivers() -> None:
    """They are told what none within it takes; `check` found nothing amiss."""
    nested = "[{{receivers: a, routes: [{{match: {{{asked}}}, receivers: []}}]}}]"
    assert not can_be_told(tree(nested.format(asked="rules: escalation")), IDLIB)
    assert not can_be_told(tree("[{receivers: a, routes: [{receivers: [], continue: true}]}]"), IDLIB)
    assert can_be_told(tree(nested.format(asked="slots: {where: Hama}")), IDLIB)
    assert can_be_told(tree(nested.format(asked="rules: other")), IDLIB)


def test_an_example_has_its_rules_severity_and_tags() -> None:
    """Unless it says otherwise; a rule that is not known is of medium severity."""
    rules = {"escalation": IDLIB}
    example = AlertExample.model_validate({"rule": "escalation", "slots": {"where": ["Saraqib"]}})
    assert example.subject(rules).severity is Severity.HIGH
    assert example.subject(rules).tags == {"syria"}
    said = AlertExample.model_validate({"rule": "x", "tags": ["Libya"]})
    assert said.subject(rules) == Subject("x", Severity.MEDIUM, frozenset({"libya"}))


@pytest.mark.parametrize(
    ("asked", "said", "taken"),
    [
        ("ar", "ar-SY", True),
        ("AR-sy", "ar-SY", True),
        ("ar-IQ", "ar-SY", False),
        ("ar-SY", "ar", False),
        ("a", "ar", False),
    ],
)
def test_an_article_in_the_arabic_of_syria_was_not_in_arabic(*, asked: str, said: str, taken: bool) -> None:
    """A source that is configured as `ar-SY` says so of its articles; the rule's filters took them for Arabic."""
    subject = Subject("withdrawal", Severity.HIGH, language=said)
    assert (Matchers(languages=(asked,)).unmet(subject) is None) is taken
