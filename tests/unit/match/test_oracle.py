"""The engine and the brute-force evaluator agree on random rules and texts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from pydantic import ValidationError

from streams.match.article_facts import ArticleFacts
from streams.match.batch import ArticleText
from streams.match.demands import Measures, Together, clauses_of
from streams.match.document import Document
from streams.match.exclusion_files import ExclusionFile
from streams.match.rule_files import RuleFile
from streams.match.rule_filters import Filters
from tests.unit.match.building import concept, engine_of, exclusion, rule_data
from tests.unit.match.oracle import Oracle, Text, looks_at

TEXTS_PER_RULE = 20
RULES_PER_SEED = 25
_CONCEPTS = (
    concept("alpha", ar={"name": ["ادلب", "حلب"], "common": ["قصف", "قوات برية"]}),
    concept("beta", ar={"common": ["انسحاب"]}, en={"exact": ["r[a-z]d", "red blue"]}),
    concept("gamma", en={"exact": ["blue", "green tree"]}),
    concept("delta", patterns=[{"near": {"within": 1, "of": [{"concept": "beta"}, "tree"]}}]),
    concept("negator", en={"exact": ["never", "none", "none xx"]}),
    concept("negator-after", en={"exact": ["denied"]}),
    concept("pseudo-negator", en={"exact": ["none yy", "yy never"]}),
    concept("clause-start", en={"exact": ["but", "but none"]}),
)
_TERMS = [*({"concept": name} for name in ("alpha", "beta", "gamma", "delta")), "r[a-z]d", "blue red", "tree"]
_ARABIC = "ادلب وادلب بحلب حلبي قصف والقصف قصفها للقصف قوات القوات برية البرية قواتبرية انسحاب لانسحابهم الانسحابات"
_ENGLISH = "red blue green tree xx yy zz never none denied but"  # a single letter would be an initial
_NUMBERS = "33 twelve ٥٥ 1,500 عشرون"  # a range would be two words
_WORDS = [*_ARABIC.split(), *_ENGLISH.split(), *_NUMBERS.split()]
_SCOPES = ["document", "title", "lead", "paragraph", "sentence"]


def _term(random: Random) -> object:
    if random.random() < 0.6:
        return random.choice(_TERMS)
    if random.random() < 0.3:
        return {"regex": random.choice(["r[a-z]d", "[xy]{2}", "(?i)TREE", "صف"])}
    if random.random() < 0.3:
        return _number(random)
    several = {"any": random.sample(_TERMS, 2)}
    said = {key: random.random() < 0.4 for key in ("negated", "quoted") if random.random() < 0.3}
    return several | said


def _number(random: Random) -> object:
    low, within = random.choice([0, 12, 40, 60]), random.randint(0, 4)
    number = {"at_least": low, "at_most": low + random.choice([0, 25, 2000])}
    return {"number": number | ({"of": [random.choice(_TERMS)], "within": within} if random.random() < 0.8 else {})}


def _near(random: Random, depth: int) -> object:
    parts = [
        _near(random, depth - 1) if depth and random.random() < 0.2 else _term(random)
        for _ in range(random.randint(2, 3))
    ]
    near = {"within": random.randint(0, 4), "of": parts, "ordered": random.random() < 0.5}
    return {"near": near | ({"without": [_term(random)]} if random.random() < 0.3 else {})}


def _node(random: Random, depth: int) -> object:
    choice = random.random()
    if depth == 0 or choice < 0.25:
        return _term(random) if choice < 0.15 else _near(random, 1)
    parts = [_node(random, depth - 1) for _ in range(random.randint(1, 3))]
    if choice < 0.35:
        return {"sentences": {"within": random.randint(2, 3), "of": parts}}
    if choice < 0.65:
        return {random.choice(_SCOPES): parts}
    if choice < 0.75:
        return {"at_least": random.randint(1, len(parts)), "of": parts}
    if choice < 0.85:
        return _score(random, [*parts, _node(random, 0)])
    group = random.choice(["all", "any", "none"])
    return {group: parts} if group != "none" else {"any": parts, "none": [_node(random, 0)]}


def _score(random: Random, parts: list[object]) -> object:
    weighed = [{"all": [part], "weight": random.choice([1, 2, 3, 3, -2])} for part in parts]
    weighed.append({"all": [_term(random)], "weight": 3})
    most = sum(max(0, part["weight"]) for part in weighed if isinstance(part["weight"], int))
    return {"score": {"threshold": random.randint(1, most), "of": weighed}}


def _exclusions(random: Random) -> list[ExclusionFile]:
    """Seldom one or two; what they leave out is rare enough for the rule to fire sometimes."""
    chosen = [random.choice(["document", "paragraph", "sentence"]) for _ in range(random.choice([0, 0, 1, 2]))]
    return [
        exclusion(f"e{index}", {"all": [_term(random), random.choice(_TERMS)]}, scope=scope)
        for index, scope in enumerate(chosen)
    ]


def _text(random: Random, length: int, known: Sequence[str] = _WORDS) -> str:
    words = [random.choice(known) for _ in range(length)]
    quoted = [random.choices(["{}", "«{}", "{}»", "«{}»"], [12, 1, 1, 1])[0].format(word) for word in words]
    return "".join(word + random.choices([" ", ". ", ", ", "\n"], [6, 1, 1, 1])[0] for word in quoted).strip(" ,.\n")


def _root(random: Random) -> object:
    """A rule's match: in half of the cases scopes, whose units are looked up before anything is evaluated."""

    def scope() -> object:
        parts = [_term(random), _node(random, 2)]
        if random.random() < 0.3:
            return {"sentences": {"within": random.randint(2, 3), "of": parts}}
        return {random.choice(_SCOPES): parts}

    if random.random() < 0.5:
        return {"all": [_term(random), _node(random, 3)]}
    return scope() if random.random() < 0.5 else {"any": [scope(), scope()]}


@pytest.mark.parametrize("seed", range(6))
def test_the_engine_agrees_with_the_oracle(seed: int) -> None:
    """On each of thousands of cases both say the same; what a look-up left out changes nothing of what was found."""
    random = Random(seed)  # noqa: S311  # repeatable, not secret
    oracle = Oracle({one.id: one for one in _CONCEPTS})
    fired = looked_up = 0
    for _ in range(RULES_PER_SEED):
        match = _root(random)
        node = RuleFile.model_validate(rule_data(match)).match
        exclusions = _exclusions(random)
        engine = engine_of(match, *_CONCEPTS, exclusions=exclusions, tags=["t"])
        [rule] = engine.rules
        clauses = clauses_of(rule.condition, Measures(engine.vocabulary.weights, engine.vocabulary.widths))
        looked_up += any(isinstance(one, Together) for clause in clauses for one in clause)
        texts = [
            (_text(random, random.randint(0, 4)).replace("\n", " "), _text(random, random.randint(1, 30)))
            for _ in range(TEXTS_PER_RULE)
        ]
        together = engine.evaluate_many([ArticleText(title, text) for title, text in texts])
        for (title, text), found in zip(texts, together, strict=True):
            expected = oracle.fires(node, exclusions, Text.of(title, text))
            assert bool(engine.evaluate(title, text)) == bool(found) == expected, (match, title, text)
            if found:
                whole = rule.left_out.left_of(Document(title, text, engine.vocabulary))
                assert found[0].met == rule.condition.met(whole, 0, whole.length), (match, title, text)
            fired += expected
    assert fired > RULES_PER_SEED // 4  # the cases are not all silent
    assert looked_up > RULES_PER_SEED // 8  # nor all evaluated as a whole


_FACTS = {
    "languages": ["en", "ar", "fr"],
    "sources": ["A", "b", "c"],
    "countries": ["sy", "TR", "ru"],
    "tags": ["wire", "state", "local"],
    "sections": ["world", "Sport", "culture"],
}


def _filters(random: Random) -> dict[str, object]:
    def lists(share: float) -> dict[str, object]:
        return {key: random.sample(known, 2) for key, known in _FACTS.items() if random.random() < share}

    filters = lists(0.3)
    barred = {key: some for key, some in lists(0.15).items() if filters.get(key) != some}
    filters |= {"none": {key: [some[0]] for key, some in barred.items() if isinstance(some, list)}} if barred else {}
    filters |= {"max_age": f"{random.randint(1, 3)}h"} if random.random() < 0.3 or not filters else {}
    return filters | ({"unknown": "stop"} if random.random() < 0.3 else {})


def _facts(random: Random) -> ArticleFacts:
    def one(key: str) -> str | None:
        return random.choice([None, *_FACTS[key], _FACTS[key][0].swapcase()])

    language = random.choice([None, "en", "en-GB", "ar", "fr"])
    tags = tuple(random.sample(_FACTS["tags"], random.randint(0, 2)))
    age = random.choice([None, timedelta(hours=1), timedelta(hours=2, seconds=1), timedelta(days=1)])
    return ArticleFacts(language, one("sources"), one("countries"), tags, one("sections"), age)


@pytest.mark.parametrize("seed", range(2))
def test_filters_agree_with_the_oracle(seed: int) -> None:
    """Lists, those under none, age, and what becomes of what is not known."""
    random = Random(seed)  # noqa: S311  # repeatable, not secret
    looked = 0
    for _ in range(100):
        filters = _filters(random)
        try:
            engine = engine_of("tree", filters=filters)
        except ValidationError:
            continue  # what leaves no article is refused
        parsed = Filters.model_validate(filters)
        for _ in range(20):
            facts = _facts(random)
            expected = looks_at(parsed, facts)
            assert bool(engine.evaluate("", "a tree", facts)) == expected, (filters, facts)
            looked += expected
    assert 200 < looked < 1800  # neither all nor none


_SLOT_TERMS: list[object] = [{"concept": "gamma"}, "blue red", "red blue", "tree", "red", "tree green", "green"]
"""Terms that overlap each other and have nothing written on to them, which a slot leaves out."""


@pytest.mark.parametrize("seed", range(2))
def test_slots_agree_with_the_oracle(seed: int) -> None:
    """Which words fill them, of terms that overlap and of sentences in which the rule matched."""
    random = Random(seed)  # noqa: S311  # repeatable, not secret
    oracle = Oracle({one.id: one for one in _CONCEPTS})
    several = 0
    for _ in range(40):
        parts = random.sample(_SLOT_TERMS, random.randint(1, 2))
        slots = {name: random.sample(_SLOT_TERMS, random.randint(1, 3)) for name in ("who", "whose")}
        engine = engine_of({"sentence": parts}, *_CONCEPTS, slots=slots)
        rule = engine.rules[0].file
        terms = {name: slot.terms for name, slot in rule.slots.items()}
        for _ in range(20):
            title, text = "tree", _text(random, random.randint(5, 30), _ENGLISH.split()[:5])
            found = engine.match(title, text)
            if found:
                filled = {name: [_plain(value) for value in found[0].slots[name]] for name in slots}
                wanted = oracle.slots(rule.match.sentence or (), terms, Text.of(title, text))
                assert filled == wanted, (parts, slots, title, text)
                several += sum(map(len, wanted.values())) > 1
    assert several > 50


def _plain(value: str) -> str:
    """The words of an evidence as the oracle's texts have them."""
    return " ".join(word.strip("«»,") for word in value.split())
