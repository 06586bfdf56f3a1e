"""Changes a rule on purpose, one small step at a time, to see whether its examples would notice.

A mutant is a rulebook with one thing dropped: a phrase of a concept, a part of a condition, a scope, the nearness or
order of `near`, `negated` or `quoted`, a bound of a number, a filter, a term or hint of a slot. One that every example
still accepts shows a part of the rule that no example needs: it could break, or be superfluous, unseen. Names of
gazetteers, and the words that negate, are data and are not dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from streams.located_yaml import Loc
from streams.match.batch import Batch
from streams.match.captions import caption
from streams.match.compile import compile_condition
from streams.match.conditions import Terms
from streams.match.exclusion_files import ExclusionFile
from streams.match.experiments import Asked, Experiment, Laboratory, run_all
from streams.match.negation import NegationConcept
from streams.match.node_changes import Change, changes_of, filter_changes, innermost, slot_changes
from streams.match.phrases import Phrase
from streams.match.pruning import concepts_below, concepts_of, needed_of, phrases_in, phrases_of, without_phrase
from streams.match.rule_files import ConceptFile, Node, RuleFile
from streams.match.rulebook import Rulebook
from streams.match.trials import TrialText, texts_of, trial_of_exclusion, trials_of
from streams.match.vocabulary import Vocabulary

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

    All examples of the rulebook have to hold, or nothing can be said.

    Args:
        rulebook: the rules.
        processes: how many work on it.
        advance: is told how many mutants were tried, and of how many.

    Raises:
        InputError: a process was killed, most likely for want of memory.
    """
    plan = _Plan(rulebook)
    caught: dict[int, bool] = {}
    advance(0, len(plan.mutants))
    worthwhile = sum(map(_work, plan.experiments)) >= WORTH_A_PROCESS
    for told in run_all(plan.laboratory, plan.experiments, processes=processes if worthwhile else 1):
        caught |= told
        advance(len(plan.mutants) - plan.asked + len(caught), len(plan.mutants))
    return [replace(mutant, caught=caught.get(number, False)) for number, mutant in enumerate(plan.mutants)]


@dataclass(slots=True)
class _Group:
    """Changes of concepts that can be tried together: on no text has more than one an effect.

    `occupied` are the texts on which one may have an effect, `patterns` the concepts of which a pattern was changed.
    """

    occupied: set[int] = field(default_factory=set)
    patterns: set[str] = field(default_factory=set)
    asked: list[Asked] = field(default_factory=list)
    concepts: dict[str, ConceptFile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _PatternChange:
    """A pattern of a concept, by its number, and what takes its place, if anything does: the nodes."""

    concept: str
    index: int
    loc: Loc
    dropped: str
    nodes: tuple[Node, ...]


class _Plan:
    """Which mutants there are, and the experiments that try those that a text could notice."""

    def __init__(self, rulebook: Rulebook) -> None:
        used = concepts_of(rulebook)
        judged = used - set(NegationConcept)
        trials = [one for one in trials_of(rulebook) if one.model != "ConceptFile" or one.owner in judged]
        self._texts = list(texts_of(trials))
        self._standing = phrases_in(
            replace(rulebook, concepts={name: rulebook.concepts[name] for name in sorted(used)}),
            [text.article for text in self._texts],
        )
        self._book = needed_of(rulebook, frozenset().union(*self._standing))
        self.laboratory = Laboratory(replace(self._book, rules={}), self._texts)
        self.mutants: list[Mutant] = []
        self.experiments: list[Experiment] = []
        self._groups: list[_Group] = []
        self._below = {name: concepts_below([Node(concept=name)], self._book) for name in sorted(judged)}
        rules = [trial.rule for trial in trials if trial.model == "RuleFile"]
        conditions = [(rule, list(changes_of(rule.match, ("match",)))) for rule in rules]
        patterns = list(self._changed_patterns(sorted(judged)))
        pairs = [innermost(rule.match, change.node) for rule, changes in conditions for change in changes]
        pairs += [innermost(one.nodes[0], one.nodes[-1]) for one in patterns]
        stand_in = iter(_may_stand_in(self._book, self._texts, pairs))
        for rule, changes in conditions:
            self._of_rule(rule, changes, stand_in)
        for exclusion in rulebook.exclusions.values():
            self._of_exclusion(exclusion)
        for change, standing in zip(patterns, stand_in, strict=True):
            self._of_pattern(change, standing)
        places = self._places_of_phrases()
        for name in sorted(judged):
            self._of_phrases(rulebook.concepts[name], places)
        for group in self._groups:
            self.experiments.append(Experiment(tuple(group.asked), concepts=tuple(group.concepts.values())))
        self.experiments.sort(key=_work, reverse=True)  # the long ones first, so that none is waited for in the end

    @property
    def asked(self) -> int:
        """How many mutants are tried; the others no text could notice."""
        return sum(len(experiment.asked) for experiment in self.experiments)

    def _of_rule(self, rule: RuleFile, changes: Iterable[Change], stand_in: Iterator[set[int]]) -> None:
        """The rule with each thing dropped, each held against the texts on which that could matter."""
        own = self._numbers(lambda text: text.trial.rule is rule)
        filled = tuple(number for number in own if getattr(self._texts[number].example, "slots", None))
        tried: list[tuple[RuleFile, tuple[int, ...]]] = []
        for change in changes:
            self.mutants.append(Mutant("RuleFile", rule.id, change.loc, change.dropped))
            standing = next(stand_in)
            tried.append((rule.model_copy(update={"match": change.node}), tuple(n for n in own if n in standing)))
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
        for start in range(0, len(named), _RULES_AT_ONCE):
            some = named[start : start + _RULES_AT_ONCE]
            asked = tuple(Asked(number, texts, one.id) for number, one, texts in some)
            self.experiments.append(Experiment(asked, rules=tuple(one for _, one, _ in some)))

    def _of_exclusion(self, exclusion: ExclusionFile) -> None:
        tags = set(exclusion.tags)
        texts = self._numbers(lambda text: text.trial.owner == exclusion.id and text.trial.model == "ExclusionFile")
        texts += self._numbers(lambda text: not tags.isdisjoint(text.trial.rule.tags))
        for change in changes_of(Node(none=exclusion.none), ()):
            barred = exclusion.model_copy(update={"none": change.node.none})
            asked = (Asked(len(self.mutants), texts),)
            self.mutants.append(Mutant("ExclusionFile", exclusion.id, change.loc, change.dropped))
            trial = trial_of_exclusion(barred).rule
            self.experiments.append(Experiment(asked, rules=(trial,), exclusions=(barred,)))

    def _changed_patterns(self, concepts: Iterable[str]) -> Iterator[_PatternChange]:
        """Each pattern, and each thing below it, dropped in turn."""
        for name in concepts:
            for index, pattern in enumerate(self._book.concepts[name].patterns):
                loc: Loc = ("patterns", index)
                yield _PatternChange(name, index, loc, f"the pattern {caption(pattern)}", (pattern,))
                for one in changes_of(pattern, loc, in_near=True):
                    yield _PatternChange(name, index, one.loc, one.dropped, (pattern, one.node))

    def _of_pattern(self, change: _PatternChange, standing: set[int]) -> None:
        """The change with the first group of which no text can have it.

        A pattern that another change makes stand in more texts could make a pattern of a concept above it stand there.
        """
        texts = tuple(sorted(filter(self._may_judge(change.concept), standing)))
        if texts:
            below = self._below
            group = self._group(
                standing,
                lambda one: (
                    not any(change.concept in below[other] or other in below[change.concept] for other in one.patterns)
                ),
            )
            concept = self._concept(group, change.concept)
            patterns = concept.patterns
            kept = (*patterns[: change.index], *change.nodes[1:], *patterns[change.index + 1 :])
            group.concepts[change.concept] = concept.model_copy(update={"patterns": kept})
            group.patterns.add(change.concept)
            group.asked.append(Asked(len(self.mutants), texts))
        self.mutants.append(Mutant("ConceptFile", change.concept, change.loc, change.dropped))

    def _of_phrases(self, concept: ConceptFile, places: dict[Phrase, set[int]]) -> None:
        """Each phrase with the first group of which no text has it."""
        for place, text in phrases_of(concept):
            standing = places.get(Phrase(text, place.language, place.kind), set())
            texts = tuple(sorted(filter(self._may_judge(concept.id), standing)))
            if texts:
                group = self._group(standing)
                group.concepts[concept.id] = without_phrase(self._concept(group, concept.id), place, text)
                group.asked.append(Asked(len(self.mutants), texts))
            self.mutants.append(Mutant("ConceptFile", concept.id, place.loc, f"the phrase '{text}'"))

    def _group(self, standing: set[int], fits: Callable[[_Group], bool] = lambda _group: True) -> _Group:
        """The first group that fits and occupies none of the texts, which it does from now on."""
        group = next((one for one in self._groups if one.occupied.isdisjoint(standing) and fits(one)), None)
        if group is None:
            self._groups.append(group := _Group())
        group.occupied |= standing
        return group

    def _concept(self, group: _Group, name: str) -> ConceptFile:
        return group.concepts.get(name) or self._book.concepts[name]

    def _may_judge(self, concept: str) -> Callable[[int], bool]:
        """Whether a text may judge a change of the concept: those of other concepts do not."""

        def may(number: int) -> bool:
            trial = self._texts[number].trial
            return trial.model != "ConceptFile" or trial.owner == concept

        return may

    def _places_of_phrases(self) -> dict[Phrase, set[int]]:
        """By phrase: the texts in which it stands."""
        places: dict[Phrase, set[int]] = {}
        for number, phrases in enumerate(self._standing):
            for phrase in phrases:
                places.setdefault(phrase, set()).add(number)
        return places

    def _numbers(self, wanted: Callable[[TrialText], bool]) -> tuple[int, ...]:
        return tuple(number for number, text in enumerate(self._texts) if wanted(text))


def _may_stand_in(
    rulebook: Rulebook, texts: Sequence[TrialText], changes: Sequence[tuple[Node, ...]]
) -> list[set[int]]:
    """For each change: the numbers of the texts in which one of its nodes may stand.

    These are the texts where each of its mandatory groups has a word.
    """
    if not changes:
        return []
    vocabulary = Vocabulary(rulebook.concepts, rulebook.gazetteers)
    conditions = [[compile_condition(node, vocabulary) for node in nodes] for nodes in changes]
    vocabulary.freeze()
    batch = Batch([text.article for text in texts], vocabulary)
    terms: list[set[int]] = [set() for _ in texts]
    for article, term in zip(batch.articles.tolist(), batch.terms.tolist(), strict=True):
        terms[article].add(term)
    found = []
    for one in conditions:
        groups = [condition.mandatory(vocabulary.weights) for condition in one]
        found.append({number for number, there in enumerate(terms) if _has_one(groups, there)})
    return found


def _has_one(groups: Iterable[Sequence[Terms]], there: set[int]) -> bool:
    """Whether all groups of one of the conditions have a term that is there."""
    return any(all(not group.isdisjoint(there) for group in mandatory) for mandatory in groups)


def _work(experiment: Experiment) -> int:
    return sum(len(one.texts) for one in experiment.asked)
