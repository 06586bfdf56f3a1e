"""Incidents as outlets report them are one alert each, headlines that contradict each other apart; -s shows figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streams.match.engine import Engine
from tests.support.incidents import contradictions, grouping_of, incidents, merged
from tests.support.shipped import shipped_engine

UNSEEN = {"held", "third", "fourth", "latest-held", "added-held"}
"""Parts of which only totals are told, so that nobody looks at what they are made of."""
MOST_MISSED = 2
"""Copies of a part that may stand outside of their story."""
LEAST_TOGETHER = 17
"""Pairs of the same happening that come together at least."""
SAME = "same"
"""Marks pairs that do not contradict each other: the same happening in other words."""


@pytest.fixture
def engine() -> Engine:
    """The shipped rules."""
    return shipped_engine()


@pytest.mark.parametrize(
    ("part", "most", "lost", "mixed", "wrong"),
    [
        ("tuned", 1.02, 0, 0, 4),
        ("own", 1.0, 0, 0, 0),
        ("blind", 1.34, 0, 0, 0),
        ("held", 1.1, 0, 0, 0),
        ("fresh", 1.1, 0, 0, 0),
        ("third", 1.3, 0, 0, 0),
        ("retold", 1.1, 0, 0, 0),
        ("retold-held", 1.07, 1, 2, 0),
        ("second", 1.14, 1, 1, 0),
        ("second-held", 1.18, 0, 0, 0),
        ("latest", 1.11, 3, 3, 0),
        ("latest-held", 1.17, 7, 2, 0),
        ("newest", 1.2, 2, 9, 2),
        ("newest-held", 1.26, 2, 2, 0),
        ("added", 1.2, 5, 6, 3),
        ("added-held", 1.18, 2, 3, 1),
    ],
    ids=str,
)
async def test_an_incident_is_one_alert(  # noqa: PLR0913  # what is known of each part
    engine: Engine, part: str, most: float, *, lost: int, mixed: int, wrong: int
) -> None:
    """Independent reports in two languages come under one alert, other incidents of the day under theirs.

    Without grouping it would be about four alerts for each; the parts that nobody looked at show what to expect.
    """
    found = await grouping_of(engine, incidents(part))
    told = replace(found, lost=(), missed=()) if part in UNSEEN else found
    print(  # noqa: T201  # the figure
        f"\n{part}: {found.alerts_per_incident:.2f} alerts per incident, {len(found.lost)} lost, {told}"
    )
    assert found.alerts_per_incident <= most
    assert [len(found.lost) <= lost, len(found.missed) <= MOST_MISSED] == [True, True]
    assert found.mixed <= mixed
    assert found.wrong <= wrong


@pytest.mark.parametrize("wire", [False, True], ids=["alone", "wire"])
@pytest.mark.parametrize(
    ("part", "most"),
    [
        ("tuned", 0),
        ("own", 8),
        ("blind", 0),
        ("held", 0),
        ("fresh", 0),
        ("third", 0),
        ("fourth", 10),
        ("retold", 10),
        ("retold-held", 4),
    ],
    ids=["tuned", "own", "blind", "held", "fresh", "third", "fourth", "retold", "retold-held"],
)
async def test_headlines_that_contradict_each_other_are_apart(
    engine: Engine, part: str, most: int, *, wire: bool
) -> None:
    """Opposite words, another place, number or actor: neither one story nor one alert, whatever else is the same."""
    pairs = [pair for pair in contradictions(part) if pair["why"] != SAME]
    found = await merged(engine, pairs, wire=wire)
    told = "" if part in UNSEEN else f": {found}"
    print(f"\n{part}: {len(found)} of {len(pairs)} pairs merged{told}")  # noqa: T201  # the figure
    count = len(found)
    assert count <= most


@pytest.mark.parametrize("wire", [False, True], ids=["alone", "wire"])
async def test_headlines_that_say_the_same_in_other_words_come_together(engine: Engine, *, wire: bool) -> None:
    """Of twenty pairs that nobody looks at, so that contradictions are not bought with true reports."""
    pairs = [pair for pair in contradictions("fourth") if pair["why"] == SAME]
    found = await merged(engine, pairs, wire=wire)
    print(f"\nfourth: {len(found)} of {len(pairs)} pairs of the same merged")  # noqa: T201  # the figure
    count = len(found)
    assert count >= LEAST_TOGETHER
