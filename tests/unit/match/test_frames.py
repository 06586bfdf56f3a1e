"""On how many sentences of each frame a rule fires, and that the shipped rule keeps what it reached."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from streams.errors import InputError
from streams.match.evaluation import Label, read_labelled
from streams.match.frames import Cell, FrameMatrix, Row
from tests.support.shipped import shipped_engine
from tests.unit.match.building import engine_of

RULE = "troop-withdrawal-demand"
DATA = Path(__file__).parents[2] / "data"


def _line(frame: str, label: str, text: str) -> bytes:
    fields = f'"frame": "{frame}", "labels": {{"a-rule": "{label}"}}, "text": "{text}"'
    return f'{{"id": "{text}", "language": "en", {fields}}}'.encode()


def test_filters_hold_for_sentences_and_rules_that_are_not_there_are_kept_in_mind() -> None:
    """As they do for articles; a slip in a rule's name gave an empty table without a word."""
    matrix = FrameMatrix(engine_of("apple", filters={"languages": ["ar"]}))
    for item in read_labelled([_line("demand", "yes", "an apple").replace(b"a-rule", b"b-rule")], file="x"):
        assert not isinstance(item, InputError)
        matrix.take(item)
        matrix.take(replace(item, labels={"a-rule": Label.YES}))
    assert matrix.unknown == {"b-rule"}
    assert [row.cells for row in matrix.rows()] == [{"en": Cell(fired=0, silent=1)}]


def test_sentences_are_counted_by_frame() -> None:
    """Those on which the rule should fire come first; borderline ones and those without a frame are left out."""
    lines = [
        _line("plan", "no", "an apple"),
        _line("demand", "yes", "an apple"),
        _line("demand", "yes", "a pear"),
        _line("demand", "borderline", "a plum"),
        _line("", "yes", "an apple"),
    ]
    matrix = FrameMatrix(engine_of("apple"))
    for item in read_labelled(lines, file="x"):
        assert not isinstance(item, InputError)
        matrix.take(item)
    rows = list(matrix.rows())
    assert rows == [
        Row("a-rule", "demand", Label.YES, {"en": Cell(fired=1, silent=1)}),
        Row("a-rule", "plan", Label.NO, {"en": Cell(fired=1, silent=0)}),
    ]
    assert [row.wrong for row in rows] == [1, 1]


@pytest.mark.parametrize(("language", "most_missed", "most_false"), [("ar", 9, 0), ("en", 8, 1)])
def test_the_shipped_rule_keeps_what_it_reached(language: str, most_missed: int, most_false: int) -> None:
    """At least 250 sentences in each language; the figures are those of the matrix in rules/README.md."""
    matrix = FrameMatrix(shipped_engine())
    for item in read_labelled((DATA / f"frames-{language}.jsonl").read_bytes().split(b"\n"), file=language):
        assert not isinstance(item, InputError)
        matrix.take(item)
    rows = [row for row in matrix.rows() if row.rule == RULE]
    assert sum(cell.fired + cell.silent for row in rows for cell in row.cells.values()) >= 250
    assert sum(row.wrong for row in rows if row.label is Label.YES) <= most_missed
    assert sum(row.wrong for row in rows if row.label is Label.NO) <= most_false
