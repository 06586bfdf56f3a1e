"""Whether rules are fit to be in force: they can be read, and the examples and timelines in them hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator
from itertools import islice

from streams.errors import Problem
from streams.match.examples import results_of
from streams.match.rulebook import Reading
from streams.match.trials import BATCH

Failed = tuple[Problem, ...]
Steps = Generator[Failed, None, None]
Play = Callable[[Reading], Iterator[Failed]]
"""Plays each timeline of the rules: what does not hold of it, at its place. Live it is `streams.timelines.played`."""

REST = 3
"""How many times as long as a step took, others are left alone after it: rules that are in force are tried slowly."""


def no_timelines(_reading: Reading) -> Iterator[Failed]:
    """Play none."""
    return iter(())


def failed_in(reading: Reading, play: Play) -> Steps:
    """What does not hold of rules without an error, in steps that take a moment each: a hundred texts, or a timeline.

    Raises what `play` raises.
    """
    results = results_of(reading.rulebook())
    while some := list(islice(results, BATCH)):
        yield tuple(
            reading.documents[one.model, one.rule].problem(one.loc, f"{one.rule}: {message}")
            for one in some
            for message in one.failures
        )
    yield from play(reading)


def problems_of(reading: Reading, play: Play) -> tuple[str, ...]:
    """All that keeps rules from being used: errors, or else what does not hold in them. Raises what `play` raises."""
    return tuple(map(str, reading.problems or [one for failed in failed_in(reading, play) for one in failed]))


async def tried_gently(steps: Steps, wanted: Callable[[], bool]) -> tuple[tuple[str, ...], str]:
    """What does not hold, and what kept the rest from being tried, "" when nothing did.

    A little at a time, so that matching hardly waits for it, and as long as it is `wanted`.
    """
    problems: list[str] = []
    clock, why = asyncio.get_running_loop().time, ""
    began = clock()
    try:
        while wanted() and (failed := await asyncio.to_thread(next, steps, None)) is not None:
            problems += map(str, failed)
            await asyncio.sleep((clock() - began) * REST)
            began = clock()
    except Exception as error:  # noqa: BLE001  # matching goes on whatever trying meets
        why = f"{type(error).__name__}: {error}"
    steps.close()
    return tuple(problems), why
