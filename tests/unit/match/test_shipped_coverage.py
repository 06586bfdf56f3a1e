"""The examples of the shipped rules hold fast what the rules are made of."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from streams.match.mutations import mutants_of
from streams.match.rulebook import shipped_rules_dir
from tests.support.shipped import shipped_rulebook

CAUGHT = 0.92
"""Share of what can be dropped, of the rule's file and of all that it uses, that some example misses."""


@pytest.mark.slow
@pytest.mark.timeout(600)  # a minute of CPU for the longest rule, more on a busy machine
@pytest.mark.parametrize("rule", sorted(path.stem for path in shipped_rules_dir().glob("*.yaml")))
def test_examples_miss_what_is_dropped_from_a_shipped_rule(rule: str) -> None:
    """`marsad rules test RULE --coverage` lists the rest."""
    book = shipped_rulebook()
    mutants = mutants_of(replace(book, rules={rule: book.rules[rule]}))
    tried, caught = Counter[bool](), Counter[bool]()
    for mutant in mutants:
        tried[mutant.model == "RuleFile"] += 1
        caught[mutant.model == "RuleFile"] += mutant.caught
    assert caught[True] >= CAUGHT * tried[True], "of the rule's own file"
    assert caught.total() >= CAUGHT * tried.total(), "of the rule and all that it uses"
