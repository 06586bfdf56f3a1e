"""Runs the examples that stand in the rules: the texts that must fire and those that must not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from streams.match.engine import Engine
from streams.match.fold import fold_phrase
from streams.match.rule_files import Fires, RuleFile, Status
from streams.match.rulebook import Rulebook
from streams.messages import RuleMatch


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that does not hold: `fires` or `silent`, its number in that list from 0, and what happened instead."""

    rule: str
    kind: str
    index: int
    message: str


def failures_of(rulebook: Rulebook) -> list[Failure]:
    """Every example of every rule that does not hold; rules that are off are tried as if they were on trial."""
    trial = {rule.id: _evaluated(rule) for rule in rulebook.rules.values()}
    engine = Engine(Rulebook(trial, rulebook.concepts, rulebook.gazetteers, rulebook.version))
    return [failure for rule in trial.values() for failure in _failures_of_rule(rule, engine)]


def _evaluated(rule: RuleFile) -> RuleFile:
    return rule.model_copy(update={"status": Status.SHADOW}) if rule.status is Status.OFF else rule


def _failures_of_rule(rule: RuleFile, engine: Engine) -> Iterable[Failure]:
    for index, example in enumerate(rule.examples.fires):
        match = _match_of(rule, engine, example.title, example.text)
        if match is None:
            yield Failure(rule.id, "fires", index, "the rule does not fire")
        else:
            for message in _slot_failures(example, match):
                yield Failure(rule.id, "fires", index, message)
    for index, silent in enumerate(rule.examples.silent):
        match = _match_of(rule, engine, silent.title, silent.text)
        if match is not None:
            words = ", ".join(evidence.text for evidence in match.evidence)
            yield Failure(rule.id, "silent", index, f"the rule fires on {words}, though: {silent.because}")


def _match_of(rule: RuleFile, engine: Engine, title: str, text: str) -> RuleMatch | None:
    return next((match for match in engine.match(title, text) if match.rule == rule.id), None)


def _slot_failures(example: Fires, match: RuleMatch) -> Iterable[str]:
    for name, expected in example.slots.items():
        filled = match.slots.get(name, ())
        folded = {fold_phrase(value) for value in filled}
        for value in expected:
            if fold_phrase(value) not in folded:
                yield f"the slot {name} holds {', '.join(filled) or 'nothing'}, not {value}"
