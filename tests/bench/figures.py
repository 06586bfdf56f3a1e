"""A measured figure, and how the figures of a run are shown."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `aim` is the bound it is held against, from below (`at_least`) or above; None where there is none."""

    name: str
    value: float
    unit: str
    how: str
    aim: float | None = None
    at_least: bool = False

    @property
    def shown(self) -> str:
        """The value with its unit, as exactly as it is worth."""
        return _shown(self.value, self.unit)

    @property
    def shown_aim(self) -> str:
        """The bound, and whether it was met."""
        if self.aim is None:
            return ""
        met = self.value >= self.aim if self.at_least else self.value < self.aim
        return f"{'≥' if self.at_least else '<'} {_shown(self.aim, self.unit)}: {'met' if met else 'missed'}"


def _shown(value: float, unit: str) -> str:
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}{f' {unit}' if unit else ''}"


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one run, and what they hold for."""

    conditions: str
    figures: Sequence[Figure]

    def print_table(self) -> None:
        """For somebody at a terminal."""
        table = Table("figure", "value", "aim", "how measured", title=self.conditions, title_justify="left")
        for column in table.columns[1:2]:
            column.justify = "right"
        for figure in self.figures:
            table.add_row(figure.name, figure.shown, figure.shown_aim, figure.how)
        Console().print(table)

    def markdown(self) -> str:
        """For README."""
        rows = [f"| {f.name} | {f.shown} | {f.shown_aim} | {f.how} |" for f in self.figures]
        head = ["| figure | value | aim | how measured |", "|---|---|---|---|"]
        return "\n".join([f"`make bench`, {self.conditions}", "", *head, *rows])

    def as_data(self) -> dict[str, Any]:
        """For a program."""
        return {
            "at": datetime.now(UTC).isoformat(),
            "conditions": self.conditions,
            "figures": [asdict(figure) for figure in self.figures],
        }


def say(message: str) -> None:
    """Progress, for whoever waits."""
    print(f"bench: {message}", file=sys.stderr, flush=True)  # noqa: T201  # this is its output
