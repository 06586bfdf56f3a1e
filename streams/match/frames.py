"""Holds rules against sentences that were written for one frame each: how a demand, a plan or a fact is said.

A line of labelled articles may name its `frame`. Counted is, by rule, frame and language, on how many the rule fires,
so that one sees which ways of saying something a rule gets wrong, and not only how often it is wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from streams.match.article_facts import facts_of_line
from streams.match.engine import Engine
from streams.match.evaluation import Label, LabelledArticle

_UNKNOWN = "unknown"


@dataclass(slots=True)
class Cell:
    """On how many sentences of a frame a rule fires, and on how many it is silent."""

    fired: int = 0
    silent: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A frame of a rule: what its sentences are labelled, and the counts by language."""

    rule: str
    frame: str
    label: Label
    cells: dict[str, Cell]

    @property
    def wrong(self) -> int:
        """On how many sentences the rule does what it should not."""
        yes = self.label is Label.YES
        return sum(cell.silent if yes else cell.fired for cell in self.cells.values())


class FrameMatrix:
    """Takes in labelled sentences one by one. Those without a frame, and borderline ones, are left out.

    `unknown` are rules that were labelled and are not there.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rules = {rule.file.id for rule in engine.rules}
        self.unknown: set[str] = set()
        self._cells: dict[tuple[str, str, Label], dict[str, Cell]] = defaultdict(lambda: defaultdict(Cell))

    def take(self, labelled: LabelledArticle) -> None:
        """Count whether each rule that is labelled on the sentence fires."""
        article = labelled.article
        if not labelled.frame:
            return
        facts = facts_of_line(article)
        fired = {one.rule.file.id for one in self._engine.evaluate(article.title, article.text, facts)}
        self.unknown |= labelled.labels.keys() - self._rules
        for rule, label in labelled.labels.items():
            if label is Label.BORDERLINE or rule not in self._rules:
                continue
            cell = self._cells[rule, labelled.frame, label][article.language or _UNKNOWN]
            cell.fired += rule in fired
            cell.silent += rule not in fired

    @property
    def languages(self) -> list[str]:
        """The languages of all sentences, sorted."""
        return sorted({language for cells in self._cells.values() for language in cells})

    def rows(self) -> Iterator[Row]:
        """By rule, frames on which it should fire first."""
        for rule, frame, label in sorted(self._cells, key=lambda key: (key[0], key[2] is not Label.YES, key[1])):
            yield Row(rule, frame, label, dict(self._cells[rule, frame, label]))
