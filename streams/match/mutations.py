"""Changes a rule on purpose, one small step at a time, to see whether its examples would notice.

A mutant is a rulebook with one thing dropped: a phrase of a concept, a part of a condition, a scope, the nearness or
order of `near`, `negated` or `quoted`, a bound of a number, a filter, a term or hint of a slot. One that every example
still accepts shows a part of the rule that no example needs: it could break, or be superfluous, unseen. Names of
gazetteers, and the words that negate, are data and are not dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from streams.located_yaml import Loc
from streams.match.captions import caption
from streams.match.examples import on_trial, results_of, results_of_concepts, results_of_rules
from streams.match.negation import NegationConcept
from streams.match.node_changes import changes_of, filter_changes, slot_changes
from streams.match.pruning import PhrasePlace, concepts_of, needed_of, phrases_of, without_phrase
from streams.match.rule_files import (
    ConceptFile,
    Node,
    RuleFile,
)
from streams.match.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Mutant:
    """One thing that was dropped: in the file of `model` and `id`, at `loc`; `caught` when some example noticed."""

    model: str
    id: str
    loc: Loc
    dropped: str
    caught: bool


def mutants_of(rulebook: Rulebook) -> Iterator[Mutant]:
    """Every mutant of the rules, and of the phrases of concepts that they use, with whether an example notices.

    All examples of the rulebook have to hold, or nothing can be said.
    """
    needed = needed_of(on_trial(rulebook))
    for rule in needed.rules.values():
        for change in changes_of(rule.match, ("match",)):
            changed = rule.model_copy(update={"match": change.node})
            yield Mutant("RuleFile", rule.id, change.loc, change.dropped, _notices(needed, changed))
        for loc, dropped, filters in filter_changes(rule.filters):
            changed = rule.model_copy(update={"filters": filters})
            yield Mutant("RuleFile", rule.id, loc, dropped, _notices(needed, changed))
        for loc, dropped, slot in slot_changes(rule):
            changed = rule.model_copy(update={"slots": {**rule.slots, str(loc[1]): slot}})
            yield Mutant("RuleFile", rule.id, loc, dropped, _notices(needed, changed))
    for exclusion in needed.exclusions.values():
        for change in changes_of(Node(none=exclusion.none), ()):
            barred = exclusion.model_copy(update={"none": change.node.none})
            book = replace(needed, exclusions={**needed.exclusions, exclusion.id: barred})
            yield Mutant("ExclusionFile", exclusion.id, change.loc, change.dropped, _fails(book))
    for name in sorted(concepts_of(rulebook) - set(NegationConcept)):
        yield from _pattern_mutants(rulebook, needed, name)
        for place, text in phrases_of(rulebook.concepts[name]):
            caught = _unfound(rulebook, without_phrase(rulebook.concepts[name], place, text)) or _misses(
                needed, place, text
            )
            yield Mutant("ConceptFile", name, place.loc, f"the phrase '{text}'", caught)


def _notices(rulebook: Rulebook, changed: RuleFile) -> bool:
    return any(result.failures for result in results_of_rules(replace(rulebook, rules={changed.id: changed})))


def _misses(needed: Rulebook, place: PhrasePlace, text: str) -> bool:
    """Whether an example fails without the phrase. `needed` holds only phrases that some example has."""
    concept = needed.concepts[place.concept]
    changed = without_phrase(concept, place, text)
    if changed == concept:
        return False
    book = replace(needed, concepts={**needed.concepts, concept.id: changed})
    return _fails(book)


def _fails(rulebook: Rulebook) -> bool:
    return any(result.failures for result in results_of(rulebook))


def _unfound(rulebook: Rulebook, changed: ConceptFile) -> bool:
    """Whether an example of the concept itself fails when it is changed."""
    book = replace(rulebook, concepts={**rulebook.concepts, changed.id: changed})
    return any(result.failures for result in results_of_concepts(book, [changed.id]))


def _pattern_mutants(rulebook: Rulebook, needed: Rulebook, name: str) -> Iterator[Mutant]:
    """The concept with each pattern, and each thing below it, dropped in turn."""
    patterns = needed.concepts[name].patterns
    for index, pattern in enumerate(patterns):
        loc: Loc = ("patterns", index)
        changes: list[tuple[Loc, str, tuple[Node, ...]]] = [(loc, f"the pattern {caption(pattern)}", ())]
        changes += [(one.loc, one.dropped, (one.node,)) for one in changes_of(pattern, loc, in_near=True)]
        for place, dropped, kept in changes:
            update = {"patterns": (*patterns[:index], *kept, *patterns[index + 1 :])}
            changed = needed.concepts[name].model_copy(update=update)
            book = replace(needed, concepts={**needed.concepts, name: changed})
            caught = _unfound(rulebook, rulebook.concepts[name].model_copy(update=update)) or _fails(book)
            yield Mutant("ConceptFile", name, place, dropped, caught)
