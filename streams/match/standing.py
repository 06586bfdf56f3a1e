"""In which texts a change of a rulebook can matter at all, so that it is tried on no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from streams.match.batch import ArticleText, Batch
from streams.match.compile import compile_condition, compile_places
from streams.match.conditions import Places, Scope, Terms
from streams.match.document import Document, Unit
from streams.match.node_changes import innermost
from streams.match.rule_files import Node
from streams.match.rulebook import Rulebook
from streams.match.vocabulary import Vocabulary

_MOST_SENTENCES = 12
"""Of a text that has more a change is tried without a look at all its runs of sentences: they grow by the square."""


def may_stand_in(
    rulebook: Rulebook, texts: Mapping[int, ArticleText], changes: Sequence[tuple[Node, Node | None]]
) -> list[set[int]]:
    """For each node and what it becomes: the numbers of the texts in which one of the two may stand.

    These are the texts where each of its mandatory groups has a word.
    """
    if not changes:
        return []
    vocabulary = Vocabulary(rulebook.concepts, rulebook.gazetteers)
    conditions = [
        [compile_condition(node, vocabulary) for node in (innermost(before, after) if after else (before,))]
        for before, after in changes
    ]
    vocabulary.freeze()
    numbers = list(texts)
    batch = Batch(list(texts.values()), vocabulary)
    terms: dict[int, set[int]] = {number: set() for number in numbers}
    for article, term in zip(batch.articles.tolist(), batch.terms.tolist(), strict=True):
        terms[numbers[article]].add(term)
    found = []
    for some in conditions:
        groups = [condition.mandatory(vocabulary.weights) for condition in some]
        found.append({number for number, there in terms.items() if _has_one(groups, there)})
    return found


def _has_one(groups: Iterable[Sequence[Terms]], there: set[int]) -> bool:
    """Whether all groups of one of the conditions have a term that is there."""
    return any(all(not group.isdisjoint(there) for group in mandatory) for mandatory in groups)


def differing_in(
    rulebook: Rulebook,
    texts: Mapping[int, ArticleText],
    changes: Sequence[tuple[Node, Node | None]],
    standing: Sequence[AbstractSet[int]],
) -> list[set[int]]:
    """For each node of a pattern and what it becomes: those texts in which it stands for other words then.

    Scopes and slots look at runs of sentences: where the words are the same in each of them, nothing that asks for the
    pattern can tell the two apart. `standing` are the texts that are looked at, for each change.
    """
    vocabulary = Vocabulary(rulebook.concepts, rulebook.gazetteers)
    places = [_places(before, after, vocabulary) for before, after in changes]
    vocabulary.freeze()
    batch = Batch(list(texts.values()), vocabulary)
    found: list[set[int]] = [set() for _ in changes]
    for article, number in enumerate(texts):
        wanted = [index for index, some in enumerate(standing) if number in some]
        document = Document.of(batch, article, {}, {})
        runs = list(_runs(document)) if wanted else []
        for index in wanted:
            before, after = places[index]
            if not runs or any(_words(before, document, run) != _words(after, document, run) for run in runs):
                found[index].add(number)
    return found


def _places(before: Node, after: Node | None, vocabulary: Vocabulary) -> tuple[Places, Places | None]:
    """The smallest parts that differ."""
    if after is None:
        return compile_places([before], vocabulary), None
    old, new = innermost(before, after)
    return compile_places([old], vocabulary), compile_places([new], vocabulary)


def _runs(document: Document) -> Iterator[Unit]:
    """Every stretch from the begin of a sentence to the end of one; none of a text that has too many."""
    sentences = [unit for unit in document.units(Scope.SENTENCE, 0, document.length) if unit[0] < unit[1]]
    if len(sentences) <= _MOST_SENTENCES:
        for index, (start, _) in enumerate(sentences):
            for _, end in sentences[index:]:
                yield start, end


def _words(places: Places | None, document: Document, run: Unit) -> tuple[set[Unit], set[Unit]]:
    """Where the places are, and the words on which they rest."""
    if places is None:
        return set(), set()
    found = {(span.start, span.end) for span in places.places(document, *run)}
    met = places.met(document, *run) if found else None
    return found, {(span.start, span.end) for span in met.spans} if met else set()
