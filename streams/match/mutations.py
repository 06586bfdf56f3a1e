"""Changes a rule on purpose, one small step at a time, to see whether its examples would notice.

A mutant is a rulebook with one thing dropped: a phrase of a concept, a part of a condition, a scope, the nearness or
order of `near`, `negated` or `quoted`, a bound of a number, a filter, a term or hint of a slot. One that every example
still accepts shows a part of the rule that no example needs: it could break, or be superfluous, unseen. Names of
gazetteers, and the words that negate, are data and are not dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TypeVar

from streams.located_yaml import Loc
from streams.match.batch import ArticleText
from streams.match.concept_changes import ConceptChange, Group, PatternChange, PhraseChange, changes_of_concept
from streams.match.exclusion_files import ExclusionFile
from streams.match.experiments import Asked, Experiment, Laboratory, run_all
from streams.match.negation import NegationConcept
from streams.match.node_changes import changes_of, filter_changes, slot_changes
from streams.match.phrases import Phrase
from streams.match.pruning import concepts_below, concepts_of, needed_of, phrases_in
from streams.match.rule_files import ConceptFile, Node, RuleFile
from streams.match.rulebook import Rulebook
from streams.match.standing import differing_in, may_stand_in
from streams.match.trials import TrialText, texts_of, trial_of_exclusion, trials_of

T = TypeVar("T")

_RULES_AT_ONCE = 40
"""Most changes of one rule that are compiled beside each other: enough to share the reading of the examples, few enough
that two processes have something to do."""

WORTH_A_PROCESS = 20_000
"""Mutants times texts from which on several processes are started: below, one is done before a second has begun."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One thing that was dropped: in the file of `model` and `id`, at `loc`; `caught` when some example noticed."""

    model: str
    id: str
    loc: Loc
    dropped: str
    caught: bool = False


def mutants_of(
    rulebook: Rulebook, *, processes: int = 1, advance: Callable[[int, int], None] = lambda _done, _all: None
) -> list[Mutant]:
    """Every mutant of the rules, and of the phrases of concepts that they use, with whether an example notices.

    All examples of the rulebook have to hold, or nothing can be said. What the examples of a concept itself notice is
    tried first: that needs no rule, and few changes are left to be tried on the examples of the rules.

    Args:
        rulebook: the rules.
        processes: how many work on it.
        advance: is told of how many mutants it is known, and how many there are.

    Raises:
        InputError: a process was killed, most likely for want of memory.
    """
    plan = _Plan(rulebook)
    caught: set[int] = set()
    advance(0, len(plan.mutants))
    for laboratory, experiments in plan.steps(caught):
        worthwhile = sum(map(_work, experiments)) >= WORTH_A_PROCESS
        for told in run_all(laboratory, experiments, processes=processes if worthwhile else 1):
            caught.update(number for number, noticed in told.items() if noticed)
            advance(len(caught), len(plan.mutants))
    advance(len(plan.mutants), len(plan.mutants))
    return [replace(mutant, caught=number in caught) for number, mutant in enumerate(plan.mutants)]


class _Plan:
    """Which mutants there are, and the experiments that try those that a text could notice."""

    def __init__(self, rulebook: Rulebook) -> None:
        used = concepts_of(rulebook)
        judged = used - set(NegationConcept)
        trials = [one for one in trials_of(rulebook) if one.model != "ConceptFile" or one.owner in judged]
        self._texts = list(texts_of(trials))
        self._phrases = phrases_in(
            replace(rulebook, concepts={name: rulebook.concepts[name] for name in sorted(used)}),
            [text.article for text in self._texts],
        )
        self._book = needed_of(rulebook, frozenset().union(*self._phrases))
        self._changes: dict[int, ConceptChange] = {}
        self._first: list[Experiment] = []
        self.mutants: list[Mutant] = []
        for trial in trials:
            if trial.model == "RuleFile":
                self._of_rule(trial.rule)
        for exclusion in rulebook.exclusions.values():
            self._of_exclusion(exclusion)
        for name in sorted(judged):
            self._of_concept(rulebook.concepts[name])

    def steps(self, caught: AbstractSet[int]) -> Iterator[tuple[Laboratory, list[Experiment]]]:
        """Experiments on all but what the rules make of changed concepts; then that, of those not `caught` by then."""
        self._first.sort(key=_work, reverse=True)  # the long ones first, so that none is waited for in the end
        yield Laboratory(replace(self._book, rules={}), self._texts), self._first
        yield from self._of_the_rest({number: one for number, one in self._changes.items() if number not in caught})

    def _of_rule(self, rule: RuleFile) -> None:
        """The rule with each thing dropped, each held against the texts on which that could matter."""
        own = self._numbers(lambda text: text.trial.rule is rule)
        filled = tuple(number for number in own if getattr(self._texts[number].example, "slots", None))
        tried: list[tuple[RuleFile, tuple[int, ...]]] = []
        changes = list(changes_of(rule.match, ("match",)))
        stand_in = may_stand_in(self._book, self._articles(own), [(rule.match, change.node) for change in changes])
        for change, standing in zip(changes, stand_in, strict=True):
            self.mutants.append(Mutant("RuleFile", rule.id, change.loc, change.dropped))
            tried.append((rule.model_copy(update={"match": change.node}), tuple(sorted(standing))))
        for loc, dropped, filters in filter_changes(rule.filters):
            self.mutants.append(Mutant("RuleFile", rule.id, loc, dropped))
            tried.append((rule.model_copy(update={"filters": filters}), own))
        for loc, dropped, slot in slot_changes(rule):
            self.mutants.append(Mutant("RuleFile", rule.id, loc, dropped))
            tried.append((rule.model_copy(update={"slots": {**rule.slots, str(loc[1]): slot}}), filled))
        # An id cannot hold a space, so that these are no other rule's.
        named = [
            (number, one.model_copy(update={"id": f"{rule.id} {number}"}), texts)
            for number, (one, texts) in enumerate(tried, len(self.mutants) - len(tried))
            if texts
        ]
        for some in _chunks(named):
            asked = tuple(Asked(number, texts, one.id) for number, one, texts in some)
            self._first.append(Experiment(asked, rules=tuple(one for _, one, _ in some)))

    def _of_exclusion(self, exclusion: ExclusionFile) -> None:
        tags = set(exclusion.tags)
        texts = self._numbers(lambda text: text.trial.owner == exclusion.id and text.trial.model == "ExclusionFile")
        texts += self._numbers(lambda text: not tags.isdisjoint(text.trial.rule.tags))
        for change in changes_of(Node(none=exclusion.none), ()):
            barred = exclusion.model_copy(update={"none": change.node.none})
            asked = (Asked(len(self.mutants), texts),)
            self.mutants.append(Mutant("ExclusionFile", exclusion.id, change.loc, change.dropped))
            trial = trial_of_exclusion(barred).rule
            self._first.append(Experiment(asked, rules=(trial,), exclusions=(barred,)))

    def _of_concept(self, concept: ConceptFile) -> None:
        """Each change of it, tried on its own examples: changed concepts beside each other, asked for by name."""
        first = len(self.mutants)
        changes = dict(enumerate(changes_of_concept(concept), first))
        self._changes |= changes
        self.mutants += [Mutant("ConceptFile", concept.id, one.loc, one.dropped) for one in changes.values()]
        own = self._numbers(lambda text: text.trial.owner == concept.id and text.trial.model == "ConceptFile")
        if not own:
            return
        standing = self._standing(changes, own)
        standing |= self._exactly_standing(self._book, changes, own, standing)
        groups = self._grouped(changes, standing, {concept.id: set()})
        named = [(f"{concept.id} {number}", group) for number, group in enumerate(groups)]
        rule = self._texts[own[0]].trial.rule
        for some in _chunks(named):
            concepts = [group.concepts[concept.id].model_copy(update={"id": name}) for name, group in some]
            matches = [rule.match.model_copy(update={"concept": name}) for name, _ in some]
            rules = [rule.model_copy(update={"id": match.concept, "match": match}) for match in matches]
            asked = [Asked(number, texts, name) for name, group in some for number, texts in group.asked]
            self._first.append(Experiment(tuple(asked), rules=tuple(rules), concepts=tuple(concepts)))

    def _of_the_rest(self, changes: Mapping[int, ConceptChange]) -> Iterator[tuple[Laboratory, list[Experiment]]]:
        """What rules and exclusions make of changed concepts."""
        texts = self._numbers(lambda text: text.trial.model != "ConceptFile")
        book = needed_of(self._book, frozenset().union(*(self._phrases[number] for number in texts)))
        standing = self._standing(changes, texts)
        negating = concepts_below([Node(concept=name) for name in NegationConcept], book)
        # Negation looks at clauses, and exclusions take words away: elsewhere it can be told in which texts it matters.
        exact = {} if book.exclusions else {n: one for n, one in changes.items() if one.concept not in negating}
        standing |= self._exactly_standing(book, exact, texts, standing)
        below = {one.concept: concepts_below([Node(concept=one.concept)], book) for one in changes.values()}
        experiments = [
            Experiment(
                tuple(Asked(number, asked) for number, asked in group.asked), concepts=tuple(group.concepts.values())
            )
            for group in self._grouped(changes, standing, below)
        ]
        yield Laboratory(replace(book, rules={}), self._texts), sorted(experiments, key=_work, reverse=True)

    def _exactly_standing(
        self,
        book: Rulebook,
        changes: Mapping[int, ConceptChange],
        texts: tuple[int, ...],
        standing: Mapping[int, AbstractSet[int]],
    ) -> dict[int, set[int]]:
        """By number of a change of a pattern: those of the texts where it is `standing` in which words found differ."""
        pairs = _pairs(changes)
        looked_at = [standing[number] for number in pairs]
        differing = differing_in(book, self._articles(texts), list(pairs.values()), looked_at)
        return dict(zip(pairs, differing, strict=True))

    def _standing(self, changes: Mapping[int, ConceptChange], texts: tuple[int, ...]) -> dict[int, set[int]]:
        """By number of the change: those of the texts in which its words may stand."""
        pairs = _pairs(changes)
        found = dict(zip(pairs, may_stand_in(self._book, self._articles(texts), list(pairs.values())), strict=True))
        places: dict[Phrase, set[int]] = {}
        for text in texts:
            for phrase in self._phrases[text]:
                places.setdefault(phrase, set()).add(text)
        return found | {
            number: places.get(one.phrase, set()) for number, one in changes.items() if isinstance(one, PhraseChange)
        }

    def _grouped(
        self,
        changes: Mapping[int, ConceptChange],
        standing: Mapping[int, AbstractSet[int]],
        below: Mapping[str, AbstractSet[str]],
    ) -> list[Group]:
        """Each change that stands in a text with the first group that admits it."""
        groups: list[Group] = []
        for number, change in changes.items():
            if texts := standing[number]:
                group = next((one for one in groups if one.admits(change, texts, below)), None)
                if group is None:
                    groups.append(group := Group())
                group.add(number, change, texts, self._book.concepts[change.concept])
        return groups

    def _articles(self, numbers: Iterable[int]) -> dict[int, ArticleText]:
        return {number: self._texts[number].article for number in numbers}

    def _numbers(self, wanted: Callable[[TrialText], bool]) -> tuple[int, ...]:
        return tuple(number for number, text in enumerate(self._texts) if wanted(text))


def _pairs(changes: Mapping[int, ConceptChange]) -> dict[int, tuple[Node, Node | None]]:
    """By number of a change of a pattern: the pattern before and after it."""
    return {number: (one.before, one.after) for number, one in changes.items() if isinstance(one, PatternChange)}


def _chunks(several: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(several), _RULES_AT_ONCE):
        yield several[start : start + _RULES_AT_ONCE]


def _work(experiment: Experiment) -> int:
    return sum(len(one.texts) for one in experiment.asked)
