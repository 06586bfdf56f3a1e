"""Coverage the plain way: for each change the whole rulebook compiled anew and every example run. The oracle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from streams.located_yaml import Loc
from streams.match.captions import caption
from streams.match.examples import results_of
from streams.match.mutations import Mutant
from streams.match.negation import NegationConcept
from streams.match.node_changes import changes_of, filter_changes, slot_changes
from streams.match.pruning import concepts_of, phrases_of, without_phrase
from streams.match.rule_files import ConceptFile, Node, RuleFile
from streams.match.rulebook import Rulebook


def slow_mutants_of(book: Rulebook) -> Iterator[Mutant]:
    """What `mutants_of` should say, in another order."""
    for rule in book.rules.values():
        for loc, dropped, other in _changed_rules(rule):
            yield Mutant("RuleFile", rule.id, loc, dropped, _fails(replace(book, rules={rule.id: other}), {rule.id}))
    for one in book.exclusions.values():
        for change in changes_of(Node(none=one.none), ()):
            barred = one.model_copy(update={"none": change.node.none})
            caught = _fails(
                replace(book, exclusions={**book.exclusions, one.id: barred}), {*book.rules, *book.exclusions}
            )
            yield Mutant("ExclusionFile", one.id, change.loc, change.dropped, caught)
    for name in concepts_of(book) - set(NegationConcept):
        for loc, dropped, concept in _changed_concepts(book.concepts[name]):
            changed = replace(book, concepts={**book.concepts, name: concept})
            yield Mutant("ConceptFile", name, loc, dropped, _fails(changed, {*book.rules, *book.exclusions, name}))


def _fails(book: Rulebook, judges: set[str]) -> bool:
    return any(result.failures for result in results_of(book) if result.rule in judges)


def _changed_rules(rule: RuleFile) -> Iterator[tuple[Loc, str, RuleFile]]:
    for change in changes_of(rule.match, ("match",)):
        yield change.loc, change.dropped, rule.model_copy(update={"match": change.node})
    for loc, dropped, filters in filter_changes(rule.filters):
        yield loc, dropped, rule.model_copy(update={"filters": filters})
    for loc, dropped, slot in slot_changes(rule):
        yield loc, dropped, rule.model_copy(update={"slots": {**rule.slots, str(loc[1]): slot}})


def _changed_concepts(concept: ConceptFile) -> Iterator[tuple[Loc, str, ConceptFile]]:
    for index, pattern in enumerate(concept.patterns):
        loc: Loc = ("patterns", index)
        kept: list[tuple[Loc, str, tuple[Node, ...]]] = [(loc, f"the pattern {caption(pattern)}", ())]
        kept += [(one.loc, one.dropped, (one.node,)) for one in changes_of(pattern, loc, in_near=True)]
        for place, dropped, nodes in kept:
            patterns = (*concept.patterns[:index], *nodes, *concept.patterns[index + 1 :])
            yield place, dropped, concept.model_copy(update={"patterns": patterns})
    for phrase, text in phrases_of(concept):
        yield phrase.loc, f"the phrase '{text}'", without_phrase(concept, phrase, text)
