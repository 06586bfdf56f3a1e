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
    ("part", "most", "lost", "mixed", "wrong"),
    [
        ("tuned", 1.05, 0, 0, 4),
        ("own", 1.05, 0, 0, 0),
        ("blind", 1.70, 0, 1, 0),
        ("held", 1.10, 1, 1, 0),
        ("fresh", 2.0, 1, 3, 0),
    ],
    ids=["tuned", "own", "blind", "held", "fresh"],
)
async def test_an_incident_is_one_alert(  # noqa: PLR0913  # what is known of each part
    engine: Engine, part: str, most: float, *, lost: int, mixed: int, wrong: int
) -> None:
    """Independent reports in two languages come under one alert, other incidents of the day under theirs.

    Without grouping it would be about four alerts for each; the parts that nobody looked at show what to expect.
    """
    found = await grouping_of(engine, incidents(part))
    print(f"\n{part}: {found.alerts_per_incident:.2f} alerts per incident, {found}")  # noqa: T201  # the figure
    assert found.alerts_per_incident <= most
    assert len(found.lost) <= lost
    assert found.mixed <= mixed
    assert len(found.missed) <= 1
    assert found.wrong <= wrong


@pytest.mark.parametrize("wire", [False, True], ids=["alone", "wire"])
@pytest.mark.parametrize(
    ("part", "most"),
    [("tuned", 0), ("own", 1), ("blind", 0), ("held", 0), ("fresh", 3)],
    ids=["tuned", "own", "blind", "held", "fresh"],
)
async def test_headlines_that_contradict_each_other_are_apart(
    engine: Engine, part: str, most: int, *, wire: bool
) -> None:
    """Opposite words, another place, number or actor: neither one story nor one alert, whatever else is the same."""
    pairs = contradictions(part)
    found = await merged(engine, pairs, wire=wire)
    print(f"\n{part}: {len(found)} of {len(pairs)} pairs merged: {found}")  # noqa: T201  # the figure
    assert len(found) <= most
