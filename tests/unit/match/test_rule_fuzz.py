"""Whatever a condition says, it is refused in the declared way or it runs; and every tool can look at it."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.errors import RuleError
from streams.match.document import Document
from streams.match.engine import Engine
from streams.match.explanation import explain
from streams.match.lint import lint
from streams.match.mutations import mutants_of
from streams.match.nearest_miss import nearest_miss
from streams.match.rulebook import load_rulebook
from tests.unit.match.building import rule_data, write_rules

_NEGATOR = {"id": "negator", "title": "x", "phrases": {"en": {"exact": ["not"]}}}
_JUNK: st.SearchStrategy[Any] = st.sampled_from([None, "", "a(", -1, 0, 2, 10**30, True, [], {}, [[]], "x" * 2000, 1.5])
_TERMS = st.sampled_from(
    [
        "apple",
        "pear",
        {"regex": "p[a-z]+"},
        {"concept": "negator"},
        {"phrase": "apple", "negated": False},
        {"concept": "no"},
    ]
)
_WORDS = ["apple", "pear", "plum", "not", "5", "seven", ".", ",", "«", "»", "\n"]


def _mostly(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The strategy, and now and then what does not belong there; Any: YAML."""
    return st.integers(0, 30).flatmap(lambda dice: _JUNK if dice == 0 else strategy)


def _larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    parts = _mostly(st.lists(_mostly(inner), min_size=1, max_size=3))
    small = _mostly(st.integers(0, 3))
    flag = _mostly(st.booleans())
    return st.one_of(
        st.dictionaries(
            st.sampled_from(["all", "any", "none", "sentence", "title", "lead", "paragraph"]), parts, max_size=2
        ),
        st.fixed_dictionaries({"at_least": small, "of": parts}),
        st.fixed_dictionaries({"any": parts, "negated": flag, "quoted": flag}),
        st.fixed_dictionaries(
            {"near": st.fixed_dictionaries({"within": small, "of": parts}, optional={"without": parts})}
        ),
        st.fixed_dictionaries(
            {"number": st.fixed_dictionaries({"at_least": small}, optional={"of": parts, "within": small})}
        ),
        st.fixed_dictionaries({"sentences": st.fixed_dictionaries({"within": small, "of": parts})}),
        parts.map(_score),
    )


def _score(parts: Any) -> object:
    weighed = [{"weight": 2, "all": [part]} for part in parts] if isinstance(parts, list) else parts
    return {"score": {"threshold": 2, "of": weighed}}


_CONDITIONS = st.recursive(_TERMS, _larger, max_leaves=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(match=_CONDITIONS, words=st.lists(st.sampled_from(_WORDS), max_size=12))
def test_any_condition_is_refused_or_runs(tmp_path: Path, match: Any, words: list[str]) -> None:
    """Only RuleError comes out; what can be read is matched, explained alike, linted and changed."""
    folder = write_rules(tmp_path, {"a-rule.yaml": rule_data(match), "concepts/negator.yaml": _NEGATOR})
    lint(folder)
    try:
        book = load_rulebook(folder)
    except RuleError:
        return
    engine = Engine(book)
    document = Document("", " ".join(words), engine.vocabulary)
    told = explain(engine.rules[0], document)
    assert told.met == bool(engine.evaluate("", " ".join(words)))
    assert (nearest_miss(told) == "") == told.met
    assert all(mutant.dropped for mutant in islice(mutants_of(book), 5))


@pytest.mark.parametrize("depth", [20, 100, 5000])
def test_conditions_nested_too_deeply_are_refused(tmp_path: Path, depth: int) -> None:
    """However deep, nothing else comes out than a rulebook or a RuleError."""
    nested = "{all: [" * depth + "apple" + "]}" * depth
    rule = yaml.safe_dump(rule_data("MATCH")).replace("match: MATCH", f"match: {nested}")
    folder = write_rules(tmp_path, {"a-rule.yaml": rule})
    lint(folder)
    try:
        fired = bool(Engine(load_rulebook(folder)).match("", "apple"))
    except RuleError:
        fired = False
    assert fired or depth > 20
