"""Whether rules are fit to be in force: they can be read, and the examples and timelines in them hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from streams.errors import Problem
from streams.match.examples import results_of
from streams.match.rulebook import Reading, Rulebook, read_folder
from streams.match.trials import BATCH

Failed = tuple[Problem, ...]
Play = Callable[[Reading], Iterator[Failed]]
"""Plays each timeline of the rules: what does not hold of it, at its place. Live it is `streams.timelines.played`."""

REST = 3
"""How many times as long as a step took, others are left alone after it: rules that are in force are tried slowly."""


def no_timelines(_reading: Reading) -> Iterator[Failed]:
    """Play none."""
    return iter(())


def failed_in(reading: Reading, play: Play) -> Iterator[Failed]:
    """What does not hold of rules without an error, in steps that take a moment each: a hundred texts, or a timeline.

    Raises:
        EngineError: a timeline cannot be played here.
    """
    results = results_of(reading.rulebook())
    while some := list(islice(results, BATCH)):
        yield tuple(
            reading.documents[one.model, one.rule].problem(one.loc, f"{one.rule}: {message}")
            for one in some
            for message in one.failures
        )
    yield from play(reading)


def problems_of(folder: Path, play: Play) -> tuple[Rulebook | None, tuple[str, ...]]:
    """The rulebook of a folder, or all that keeps it from being used: errors, or else what does not hold in it.

    Raises:
        EngineError: like `failed_in`.
    """
    reading = read_folder(folder)
    problems = reading.problems or [problem for failed in failed_in(reading, play) for problem in failed]
    return (None, tuple(map(str, problems))) if problems else (reading.rulebook(), ())


async def failed_in_force(folder: Path, version: str, play: Play) -> tuple[str, ...]:
    """What does not hold of rules that are in force, tried a little at a time, so that matching hardly waits for it.

    Nothing when the folder says something else by now. Whatever goes wrong in trying is told as what does not hold.
    """

    def steps() -> Iterator[Failed]:
        reading = read_folder(folder)
        if not reading.problems and reading.rulebook().version == version:
            yield from failed_in(reading, play)

    problems: list[str] = []
    clock, left = asyncio.get_running_loop().time, steps()
    try:
        began = clock()
        while (failed := await asyncio.to_thread(next, left, None)) is not None:
            problems += map(str, failed)
            await asyncio.sleep((clock() - began) * REST)
            began = clock()
    except Exception as error:  # noqa: BLE001  # matching goes on whatever a folder holds
        problems.append(f"{folder}: {type(error).__name__}: {error}")
    return tuple(problems)
