"""Runs the examples that stand in the rules: the texts that must fire and those that must not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from streams.located_yaml import Loc
from streams.match.engine import Engine, Fired, describe
from streams.match.filters import left_out
from streams.match.fold import fold_phrase
from streams.match.rule_files import Fires, Silent
from streams.match.rulebook import Rulebook
from streams.match.trials import Trial, TrialText, fired_on, texts_of, trials_of


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
    model: str
    loc: Loc


def results_of(rulebook: Rulebook) -> Iterator[Result]:
    """Every example of every rule, concept and exclusion, in the order of the files and of the lists in them."""
    trials = list(trials_of(rulebook))
    texts = list(texts_of(trials))
    if not texts:
        return
    engine = engine_for(rulebook, trials)
    asked = [{text.trial.rule.id} for text in texts]
    for text, fired in zip(texts, fired_on(engine, texts, asked), strict=True):
        failures = tuple(failures_in(text, fired.get(text.trial.rule.id)))
        yield Result(text.trial.owner, text.kind, text.index, text.example, failures, text.trial.model, text.loc)


def engine_for(rulebook: Rulebook, trials: Iterable[Trial]) -> Engine:
    """An engine of the trials over the concepts, gazetteers and exclusions of the rulebook."""
    return Engine(replace(rulebook, rules={trial.rule.id: trial.rule for trial in trials}))


def failures_of(rulebook: Rulebook) -> list[Failure]:
    """Every example that does not hold."""
    return [
        Failure(result.rule, result.kind, result.index, message)
        for result in results_of(rulebook)
        for message in result.failures
    ]


def failures_in(text: TrialText, fired: Fired | None) -> Iterator[str]:
    """In what way the example does not hold, given whether and how its rule fired on it."""
    example = text.example
    if isinstance(example, Silent):
        if fired is not None:
            words = ", ".join(evidence.text for evidence in describe(fired).evidence)
            yield f"the rule fires on {words}, though: {example.because}"
    elif fired is None:
        reason = left_out(text.trial.rule.filters, text.article.facts)
        by = f"look at it, by its filter {reason.value}: say under facts what it is of" if reason else "fire"
        yield f"the rule does not {by}"
    elif example.slots:
        yield from _slot_failures(example, fired)


def _slot_failures(example: Fires, fired: Fired) -> Iterator[str]:
    slots = describe(fired).slots
    for name, expected in example.slots.items():
        filled = slots.get(name, ())
        if set(map(fold_phrase, filled)) != set(map(fold_phrase, expected)):
            told, wanted = (", ".join(values) or "nothing" for values in (filled, expected))
            yield f"the slot {name} holds {told}, not {wanted}"
