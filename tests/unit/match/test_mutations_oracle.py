"""Coverage that tries many changes at once says what trying each alone says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.match import mutations
from streams.match.mutations import Mutant, mutants_of
from streams.match.rule_files import ConceptFile, GazetteerFile
from tests.unit.match.building import concept, engine_of, exclusion, rule_data, rulebook_of
from tests.unit.match.slow_mutants import slow_mutants_of

_WORDS = ["apple", "pear", "plum", "ripe", "not", "two", "ripe", "apple", "."]
_FRUIT = concept("fruit", en={"common": ["apple", "pear"], "ambiguous": [{"exact": ["plum"], "context": ["ripe"]}]})
_RIPE = ConceptFile.model_validate(
    {
        "id": "ripe-fruit",
        "title": "x",
        "include": ["sweet"],
        "patterns": [
            {"near": {"within": 1, "ordered": True, "of": ["ripe", {"concept": "fruit"}], "without": ["not"]}},
            {"near": {"within": 0, "of": [{"any": ["two", "ripe"]}, "pear"]}},
        ],
        "examples": {"en": {"found": ["ripe apple", "two pear"], "not_found": ["plum"]}},
    }
)
_BASKET = concept("basket", patterns=[{"near": {"within": 2, "of": [{"concept": "ripe-fruit"}, "two"]}}])
_SWEET = concept("sweet", en={"exact": ["two ripe", "ripe ripe"]})
_PLACES = GazetteerFile.model_validate(
    {"id": "p", "title": "p", "entries": [{"id": "two", "name": "Two", "type": "n", "names": {"en": ["two"]}}]}
)
_CONCEPTS = (_FRUIT, _RIPE, _BASKET, _SWEET)

_TERMS: st.SearchStrategy[Any] = st.sampled_from(
    ["ripe", "apple", {"gazetteer": "p"}, *({"concept": one.id} for one in _CONCEPTS)]
)
_PARTS = st.lists(_TERMS, min_size=1, max_size=3)
_CONDITIONS: st.SearchStrategy[Any] = st.one_of(
    st.fixed_dictionaries({"all": _PARTS}, optional={"none": _PARTS}),
    st.fixed_dictionaries({"sentence": _PARTS}),
    st.fixed_dictionaries({"any": st.lists(st.fixed_dictionaries({"sentence": _PARTS}), min_size=1, max_size=2)}),
    _PARTS.filter(lambda parts: len(parts) > 1).map(lambda parts: {"near": {"within": 1, "of": parts}}),
)
_TEXTS = st.lists(st.lists(st.sampled_from(_WORDS), min_size=1, max_size=6).map(" ".join), min_size=2, max_size=6)


def _labelled(match: Any, texts: list[str], **more: Any) -> dict[str, Any]:
    """A rule of which every example holds: texts as they fire, with what they fill the slot with; Any: YAML."""
    engine = engine_of(match, *_CONCEPTS, gazetteers=(_PLACES,), **more)
    examples: dict[str, list[dict[str, Any]]] = {"fires": [], "silent": []}
    for text in texts:
        found = engine.match("", text)
        told: dict[str, Any] = {"lang": "en", "text": text}
        if found:
            examples["fires"].append({**told, "slots": {name: list(words) for name, words in found[0].slots.items()}})
        else:
            examples["silent"].append({**told, "because": "x"})
    nothing = [{"lang": "en", "text": "x", "because": "x"}]
    return rule_data(match, examples={kind: some or nothing for kind, some in examples.items()}, **more)


def _told(mutants: Any) -> list[Mutant]:
    return sorted(mutants, key=str)


@settings(max_examples=60, deadline=None)
@given(first=_CONDITIONS, second=_CONDITIONS, texts=_TEXTS, excluded=st.booleans())
def test_coverage_is_that_of_trying_each_change_alone(
    first: Any, second: Any, texts: list[str], *, excluded: bool
) -> None:
    """Phrases, patterns within patterns, includes, context, conditions, slots and exclusions."""
    slots = {"what": {"terms": [{"concept": "ripe-fruit"}, {"concept": "fruit"}], "after": ["two"]}}
    rules = []
    for name, match in (("one", first), ("two", second)):
        rule = _labelled(match, texts, slots=slots, tags=["t"]) | {"id": name}
        fires = [one for one in rule["examples"]["fires"] if "because" not in one]
        if fires:
            rules.append(rule | {"examples": rule["examples"] | {"fires": fires}})
    texts_of_it = {
        "fires": [{"lang": "en", "text": "football"}],
        "silent": [{"lang": "en", "text": "no", "because": "no"}],
    }
    barred = exclusion("sport", "football", "chess", examples=texts_of_it)
    book = rulebook_of(*rules, concepts=_CONCEPTS, gazetteers=(_PLACES,), exclusions=[barred] if excluded else [])
    assert _told(mutants_of(book)) == _told(slow_mutants_of(book))


def test_several_processes_say_what_one_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same mutants in the same order, however little there is to share out."""
    monkeypatch.setattr(mutations, "WORTH_A_PROCESS", 0)
    book = rulebook_of(_labelled({"all": [{"concept": "fruit"}]}, ["an apple", "ripe plum", "x"]), concepts=_CONCEPTS)
    assert mutants_of(book, processes=2) == mutants_of(book)
