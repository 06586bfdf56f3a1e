"""Incidents as outlets report them are one alert each, headlines that contradict each other apart; -s shows figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.match.engine import Engine
from streams.match.rulebook import load_rulebook
from tests.support.incidents import contradictions, grouping_of, incidents, merged

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The shipped rules."""
    return Engine(load_rulebook(RULES))


@pytest.mark.parametrize(
    ("part", "most", "lost", "wrong"), [("tuned", 1.10, 0, 4), ("held", 1.25, 1, 1)], ids=["tuned", "held"]
)
async def test_an_incident_is_one_alert(engine: Engine, part: str, most: float, lost: int, wrong: int) -> None:
    """Independent reports in two languages come under one alert, other incidents of the day under theirs.

    Without grouping it would be about four alerts for each; the part that was held apart shows what to expect.
    """
    found = await grouping_of(engine, incidents(part))
    print(f"\n{part}: {found.alerts_per_incident:.2f} alerts per incident, {found}")  # noqa: T201  # the figure
    assert found.alerts_per_incident <= most
    assert len(found.lost) <= lost
    assert found.mixed <= lost
    assert len(found.missed) <= 1
    assert found.wrong <= wrong


@pytest.mark.parametrize("wire", [False, True], ids=["alone", "wire"])
@pytest.mark.parametrize(("part", "most"), [("tuned", 0), ("held", 3)], ids=["tuned", "held"])
async def test_headlines_that_contradict_each_other_are_apart(
    engine: Engine, part: str, most: int, *, wire: bool
) -> None:
    """Opposite words, another place, number or actor: neither one story nor one alert, whatever else is the same."""
    pairs = contradictions(part)
    found = await merged(engine, pairs, wire=wire)
    print(f"\n{part}: {len(found)} of {len(pairs)} pairs merged: {found}")  # noqa: T201  # the figure
    assert len(found) <= most
