"""Runs the examples that stand in the rules: the texts that must fire and those that must not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from streams.located_yaml import Loc
from streams.match.article_facts import ArticleFacts
from streams.match.concept_files import ConceptTexts
from streams.match.engine import Engine
from streams.match.exclusion_files import ExclusionFile
from streams.match.exclusions import node_of
from streams.match.fold import fold_phrase
from streams.match.rule_files import AlertSettings, Examples, Fires, Node, RuleFile, Silent, Status
from streams.match.rulebook import Rulebook
from streams.messages import RuleMatch, Severity


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that does not hold: `fires` or `silent`, its number in that list from 0, and what happened instead."""

    rule: str
    kind: str
    index: int
    message: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one example of a rule, or of an exclusion or concept when `model` says so.

    It holds without `failures`. Of a concept `kind` is the language, a dot and the list.
    """

    rule: str
    kind: str
    index: int
    example: Fires | Silent
    failures: tuple[str, ...]
    model: str = "RuleFile"

    @property
    def loc(self) -> Loc:
        """Where the example stands in its file."""
        return ("examples", *self.kind.split("."), self.index)


def results_of(rulebook: Rulebook) -> Iterator[Result]:
    """Every example of every rule, exclusion and concept; rules that are off are tried as if they were on trial."""
    yield from results_of_rules(rulebook)
    yield from results_of_concepts(rulebook, rulebook.concepts)
    trials = {one.id: _as_rule(one) for one in rulebook.exclusions.values()}
    for result in results_of_rules(replace(rulebook, rules=trials, exclusions={})) if trials else ():
        yield replace(result, model="ExclusionFile")


def results_of_rules(rulebook: Rulebook) -> Iterator[Result]:
    """Every example of every rule, in their order; rules that are off are tried as if they were on trial."""
    trial = on_trial(rulebook)
    engine = Engine(trial)
    for rule in trial.rules.values():
        yield from _results_of_rule(rule, engine)


def results_of_concepts(rulebook: Rulebook, names: Iterable[str]) -> Iterator[Result]:
    """Every example of the concepts, each tried as a rule that asks for it."""
    for name in names:
        concept = rulebook.concepts[name]
        for language, texts in concept.examples.items():
            trial = _rule_for(name, language, texts)
            engine = Engine(replace(rulebook, rules={name: trial}, exclusions={}))
            for result in _results_of_rule(trial, engine):
                key = "found" if result.kind == "fires" else "not_found"
                yield replace(result, kind=f"{language}.{key}", model="ConceptFile")


def failures_of(rulebook: Rulebook) -> list[Failure]:
    """Every example that does not hold."""
    return [
        Failure(result.rule, result.kind, result.index, message)
        for result in results_of(rulebook)
        for message in result.failures
    ]


def facts_of_example(example: Fires | Silent) -> ArticleFacts:
    """What the example says of its article."""
    facts = example.facts
    return ArticleFacts(
        language=example.lang,
        source=facts.source,
        country=facts.country,
        tags=facts.tags or (),
        section=facts.section,
        age=facts.age,
    )


def on_trial(rulebook: Rulebook) -> Rulebook:
    """The same rules with those that are off on trial, so that an engine evaluates them."""
    return replace(rulebook, rules={rule.id: _evaluated(rule) for rule in rulebook.rules.values()})


def _as_rule(exclusion: ExclusionFile) -> RuleFile:
    """A rule that fires where the exclusion leaves something out."""
    examples: list[Fires | Silent] = [*exclusion.examples.fires, *exclusion.examples.silent]
    return RuleFile(
        id=exclusion.id,
        title=exclusion.title,
        status=Status.SHADOW,
        severity=Severity.LOW,
        languages=tuple(sorted({one.lang for one in examples})),
        match=node_of(exclusion),
        alert=AlertSettings(repeat_after=timedelta()),
        examples=exclusion.examples,
    )


def _rule_for(name: str, language: str, texts: ConceptTexts) -> RuleFile:
    """A rule that fires where the concept is found. One of the lists of examples may be empty, unlike a rule's."""
    examples = Examples.model_construct(
        fires=tuple(Fires(lang=language, text=text) for text in texts.found),
        silent=tuple(Silent(lang=language, text=text, because=f"it is no {name}") for text in texts.not_found),
    )
    return RuleFile(
        id=name,
        title=name,
        status=Status.SHADOW,
        severity=Severity.LOW,
        languages=(language,),
        match=Node(concept=name),
        alert=AlertSettings(repeat_after=timedelta()),
        examples=examples,
    )


def _evaluated(rule: RuleFile) -> RuleFile:
    return rule.model_copy(update={"status": Status.SHADOW}) if rule.status is Status.OFF else rule


def _results_of_rule(rule: RuleFile, engine: Engine) -> Iterator[Result]:
    for index, example in enumerate(rule.examples.fires):
        match = _match_of(rule, engine, example)
        failures = ("the rule does not fire",) if match is None else tuple(_slot_failures(example, match))
        yield Result(rule.id, "fires", index, example, failures)
    for index, silent in enumerate(rule.examples.silent):
        match = _match_of(rule, engine, silent)
        words = ", ".join(evidence.text for evidence in match.evidence) if match else ""
        failures = (f"the rule fires on {words}, though: {silent.because}",) if match else ()
        yield Result(rule.id, "silent", index, silent, failures)


def _match_of(rule: RuleFile, engine: Engine, example: Fires | Silent) -> RuleMatch | None:
    matches = engine.match(example.title, example.text, facts_of_example(example))
    return next((match for match in matches if match.rule == rule.id), None)


def _slot_failures(example: Fires, match: RuleMatch) -> Iterable[str]:
    for name, expected in example.slots.items():
        filled = match.slots.get(name, ())
        folded = {fold_phrase(value) for value in filled}
        for value in expected:
            if fold_phrase(value) not in folded:
                yield f"the slot {name} holds {', '.join(filled) or 'nothing'}, not {value}"
