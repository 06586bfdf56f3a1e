"""Tries changes of a rulebook on its examples: many in one engine where they cannot get in each other's way.

To compile the rules and to hold every example against them once for each of a thousand changes takes minutes. Here the
changes of one rule or concept stand beside each other, and changes of concepts that matter on no example in common are
made together: what fails on an example can then have only one cause.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace

from streams.errors import InputError
from streams.match.engine import Engine
from streams.match.examples import failures_in
from streams.match.exclusion_files import ExclusionFile
from streams.match.rule_files import ConceptFile, RuleFile
from streams.match.rulebook import Rulebook
from streams.match.trials import TrialText, fired_on

_FIRST = 8
"""Texts that are tried together first, and twice as many each time: those which these have caught are tried no more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of an experiment: whether one of the texts notices the mutant of this number.

    `rule` is the id of the changed rule that the mutant is; where it is None each text is tried by its own.
    """

    mutant: int
    texts: tuple[int, ...]
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Experiment:
    """Rules, concepts and exclusions that take the place of those of the same id, and what is asked."""

    asked: tuple[Asked, ...]
    rules: tuple[RuleFile, ...] = ()
    concepts: tuple[ConceptFile, ...] = ()
    exclusions: tuple[ExclusionFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Laboratory:
    """A rulebook and the texts that experiments are made on; texts are asked for by their number."""

    rulebook: Rulebook
    texts: Sequence[TrialText]

    def run(self, experiment: Experiment) -> dict[int, bool]:
        """By number of the mutant: whether a text notices it."""
        caught = dict.fromkeys((one.mutant for one in experiment.asked), False)
        waiting = list(experiment.asked)
        numbers = sorted({number for one in waiting for number in one.texts}, key=_shuffled)
        engine: Engine | None = None
        for some in _growing(numbers):
            rules = self._rules(experiment, waiting)
            if engine is None or 2 * len(rules) <= len(engine.rules):
                engine = self._engine(experiment, rules)
            self._try(engine, some, waiting, caught)
            waiting = [one for one in waiting if not caught[one.mutant]]
        return caught

    def _try(self, engine: Engine, numbers: Sequence[int], waiting: Sequence[Asked], caught: dict[int, bool]) -> None:
        """Note which of the mutants that wait are noticed by one of the texts of these numbers."""
        asked: dict[int, list[Asked]] = {}
        here = set(numbers)
        for one in waiting:
            for number in here.intersection(one.texts):
                asked.setdefault(number, []).append(one)
        texts = [self.texts[number] for number in asked]
        named = [
            {one.rule or text.trial.rule.id for one in some} for some, text in zip(asked.values(), texts, strict=True)
        ]
        for some, text, fired in zip(asked.values(), texts, fired_on(engine, texts, named), strict=True):
            for one in some:
                if not caught[one.mutant]:
                    failures = failures_in(text, fired.get(one.rule or text.trial.rule.id))
                    caught[one.mutant] = next(failures, None) is not None

    def _rules(self, experiment: Experiment, asked: Sequence[Asked]) -> dict[str, RuleFile]:
        """By id: the rules that are needed to tell what is asked."""
        own = [self.texts[number].trial.rule for one in asked if one.rule is None for number in one.texts]
        named = {one.rule for one in asked} | {rule.id for rule in own}
        changed = {rule.id: rule for rule in experiment.rules if rule.id in named}
        return {rule.id: rule for rule in own} | changed

    def _engine(self, experiment: Experiment, rules: Mapping[str, RuleFile]) -> Engine:
        changed = replace(
            self.rulebook,
            rules=rules,
            concepts={**self.rulebook.concepts, **{one.id: one for one in experiment.concepts}},
            exclusions={**self.rulebook.exclusions, **{one.id: one for one in experiment.exclusions}},
        )
        return Engine(changed)


def run_all(laboratory: Laboratory, experiments: Sequence[Experiment], *, processes: int) -> Iterator[dict[int, bool]]:
    """What comes of each experiment, in no certain order.

    Raises:
        InputError: a process was killed, most likely for want of memory.
    """
    if processes == 1:
        yield from map(laboratory.run, experiments)
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _prepare, (laboratory,)) as pool:
        try:
            for done in as_completed([pool.submit(_run, one) for one in experiments]):
                yield done.result()
        except BrokenProcessPool as error:
            raise InputError("a process was killed; is there enough memory?", file="coverage") from error
        finally:
            pool.shutdown(cancel_futures=True)


def _growing(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """The numbers in parts, each twice as long as the one before it."""
    start, length = 0, _FIRST
    while start < len(numbers):
        yield numbers[start : start + length]
        start, length = start + length, 2 * length


def _shuffled(number: int) -> int:
    """An order in which texts that must fire and texts that must not take turns: each catches what the other cannot.

    Knuth's multiplicative hash (The Art of Computer Programming 3, 6.4), so that it is always the same.
    """
    return number * 2654435761 % 2**32


_laboratory: Laboratory


def _prepare(laboratory: Laboratory) -> None:
    """Keep what all experiments of a process share."""
    global _laboratory  # noqa: PLW0603  # what a pool's initializer leaves for its tasks has to be global
    _laboratory = laboratory


def _run(experiment: Experiment) -> dict[int, bool]:
    return _laboratory.run(experiment)
