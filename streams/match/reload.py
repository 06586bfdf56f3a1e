"""Takes up changes of the rule folder while matching goes on: read, checked and compiled aside, then swapped whole.

A changed folder is looked at once it has been still for one interval, since editors and checkouts write in steps. What
lint calls an error, or an example or timeline that does not hold, refuses it; the last good rulebook stays in force
until the folder is mended. At the start no other rulebook can stand in: that of the folder is in force at once, tried
while matching goes on, and what does not hold is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path
from stat import S_ISDIR

import structlog

from streams.errors import EngineAwayError, RuleError
from streams.match.engine import Engine
from streams.match.fitness import Play, Steps, failed_in, no_timelines, problems_of, tried_gently
from streams.match.phrases import forms_of
from streams.match.rulebook import SHELVES, read_folder
from streams.observe.metrics import Metrics

INTERVAL = timedelta(seconds=2)
"""How often the folder is looked at. To ask for the state of 10,000 files takes some 50 ms, in a thread."""
SHOWN = 10
"""Problems that are told; the rest is counted."""

Stamp = frozenset[tuple[str, int, int, int]]
"""Path, time of change in ns, size and inode of every file that is read; an editor's swap file is none."""
Tell = Callable[[str, str, str], Awaitable[None]]
"""Tells the operators: cause, title, text."""
TakenUp = Callable[[Engine], Awaitable[None]]
_log = structlog.get_logger()


class Outcome(StrEnum):
    """What came of looking at a changed folder: the metric's label."""

    TAKEN_UP = "taken_up"
    UNCHANGED = "unchanged"  # the files say what is in force, fit or not
    REFUSED = "refused"  # the last good rulebook stays in force
    OVERTAKEN = "overtaken"  # the folder changed while it was read: it is read again once it is still


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of it, with the engine to swap in, or what is wrong."""

    outcome: Outcome
    engine: Engine | None = None
    problems: tuple[str, ...] = ()


def stamp_of(folder: Path) -> Stamp:
    """The state of the folder's files; empty where there is none. Blocking."""
    return frozenset(_stats(folder))


def _stats(folder: Path) -> Iterator[tuple[str, int, int, int]]:
    for place in (folder, *(folder / shelf for shelf in SHELVES)):
        with contextlib.suppress(OSError):
            for name in os.listdir(place):  # noqa: PTH208  # this and the next: a tenth of the time of Path
                with contextlib.suppress(OSError):
                    state = os.stat(os.path.join(place, name))  # noqa: PTH116, PTH118
                    if not (name.startswith(".") or S_ISDIR(state.st_mode)):
                        yield f"{place}/{name}", state.st_mtime_ns, state.st_size, state.st_ino


@dataclass(frozen=True, slots=True)
class LoadedRules:
    """The rules that a worker starts with, the state of their folder just before they were read, and who plays.

    `untried` tries them as they were read, whatever the folder says by then; once it is through it holds nothing.
    """

    engine: Engine
    folder: Path
    stamp: Stamp
    play: Play
    untried: Steps


def load(folder: Path, play: Play = no_timelines) -> LoadedRules:
    """Read and compile a folder of rules; `play` is for the timelines in it, now and whenever it is changed.

    Raises:
        RuleError: with every problem of every file.
    """
    stamp = stamp_of(folder)
    reading = read_folder(folder)
    if reading.problems:
        raise RuleError(reading.problems)
    engine = Engine(reading.rulebook())
    _leave_to_itself()
    return LoadedRules(engine, folder, stamp, play, failed_in(reading, play))


def _leave_to_itself() -> None:
    """Keep Python's collector from going through the compiled rules again and again, which never become garbage.

    A full collection takes seconds with ten thousand rules. What was frozen before and is no longer used goes first,
    and so do the forms of phrases, which only tools that compile again and again need.
    """
    forms_of.cache_clear()
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def attempt(folder: Path, version: str, stamp: Stamp, play: Play = no_timelines) -> Attempt:
    """Read, check and compile the folder. Blocking, and raises nothing.

    Args:
        folder: the rules.
        version: that of the rulebook in force.
        stamp: the folder's state before; what was read while it changed is half old, half new, and says nothing.
        play: plays the timelines.
    """
    try:
        reading = read_folder(folder)
        rulebook = reading.rulebook()
        # Examples count for the version: what is in force was tried, or is being tried since the start.
        unchanged = not reading.problems and rulebook.version == version
        problems = () if unchanged else problems_of(reading, play)
        if stamp_of(folder) != stamp:
            return Attempt(Outcome.OVERTAKEN)
        if problems:
            return Attempt(Outcome.REFUSED, problems=problems)
        if unchanged:
            return Attempt(Outcome.UNCHANGED)
        engine = Engine(rulebook)
        _leave_to_itself()
        return Attempt(Outcome.TAKEN_UP, engine)
    except Exception as error:  # noqa: BLE001  # whatever a folder holds, matching goes on with the last good rulebook
        return Attempt(Outcome.REFUSED, problems=(f"{folder}: {type(error).__name__}: {error}",))


async def _nobody(_engine: Engine) -> None:
    pass


class RulesInForce:
    """The engine in force, and the loop that takes up changes of its folder.

    Args:
        loaded: the rules that the worker started with.
        metrics: which rulebook is in force, and what came of changes.
        tell: tells the operators of a refused folder, and when it was mended.
        taken_up: is given what is in force, at the start and after each change; asked again while an engine is away.
        interval: how often the folder is looked at.
    """

    def __init__(
        self,
        loaded: LoadedRules,
        metrics: Metrics,
        *,
        tell: Tell,
        taken_up: TakenUp = _nobody,
        interval: timedelta = INTERVAL,
    ) -> None:
        self._engine, self._folder, self._play = loaded.engine, loaded.folder, loaded.play
        self._untried = loaded.untried
        self._known: Stamp | None = loaded.stamp
        self._metrics, self._tell, self._interval = metrics, tell, interval
        self._taken_up, self._given = taken_up, ""
        self._asked = asyncio.Event()
        self._failing: tuple[str, ...] = ()
        self._refused: tuple[str, ...] = ()
        metrics.rulebook.labels(self._engine.version).set(1)
        metrics.rulebook_stale.set(0)
        metrics.rulebook_failing.set(0)

    @property
    def engine(self) -> Engine:
        """The engine in force; ask once a batch."""
        return self._engine

    def ask(self) -> None:
        """Look at the folder now, changed or not."""
        self._asked.set()

    async def run(self, ending: asyncio.Event) -> None:
        """Try what is in force, and look at the folder again and again until `ending` is set."""
        trying = asyncio.create_task(self._try())
        try:
            await self._look(ending)
        finally:
            trying.cancel()
            await asyncio.wait({trying})

    async def _try(self) -> None:
        """Say what does not hold of the rules that the worker started with."""
        version = self._engine.version
        problems, why = await tried_gently(self._untried, lambda: self._engine.version == version)
        if self._engine.version != version:
            return
        if why:
            _log.error("rules_not_tried", folder=str(self._folder), in_force=version, reason=why)
            text = f"{why}\n{self._in_force()}"
            await self._say("not-tried", "The rules that Marsad started with could not be tried", text, [why])
        if problems:
            self._metrics.rulebook_failing.set(len(problems))
            self._failing = problems
            said = _few(problems)
            _log.error("rules_fail", folder=str(self._folder), in_force=version, problems=said)
            text = f"{said}\nThey are in force all the same until the folder is mended. {self._in_force()}"
            await self._say("failing", "The rules that Marsad started with fail their own examples", text, problems)

    async def _look(self, ending: asyncio.Event) -> None:
        before: Stamp | None = self._known
        await self._give()
        while not await self._wait(ending):
            now = await asyncio.to_thread(stamp_of, self._folder)
            asked = self._asked.is_set()
            if is_due(self._known, before, now, asked=asked):
                self._asked.clear()
                self._known = now if await self._take_up(now) else None
            await self._give()
            before = now

    async def _give(self) -> None:
        if self._given != self._engine.version:
            with contextlib.suppress(EngineAwayError):
                await self._taken_up(self._engine)
                self._given = self._engine.version

    async def _wait(self, ending: asyncio.Event) -> bool:
        """Until the next look, or sooner when asked; whether the worker ends."""
        waiting = [asyncio.create_task(event.wait()) for event in (ending, self._asked)]
        try:
            await asyncio.wait(waiting, timeout=self._interval.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        return ending.is_set()

    async def _take_up(self, stamp: Stamp) -> bool:
        """Look into the folder, and act on it; False when it changed meanwhile: look again."""
        done = await asyncio.to_thread(attempt, self._folder, self._engine.version, stamp, self._play)
        self._metrics.rulebook_reloads.labels(done.outcome.value).inc()
        if done.outcome is Outcome.OVERTAKEN:
            return False
        self._metrics.rulebook_stale.set(done.outcome is Outcome.REFUSED)
        failing = self._failing
        if done.engine is not None:
            self._metrics.rulebook.remove(self._engine.version)
            self._metrics.rulebook.labels(done.engine.version).set(1)
            # What is in force is fit, whatever it was at the start.
            self._engine, self._failing = done.engine, ()
            self._metrics.rulebook_failing.set(0)
            _log.info("rules", version=done.engine.version)
        mended = bool(self._refused or failing) and not (done.problems or self._failing)
        news = done.outcome is Outcome.REFUSED and done.problems not in {self._refused, failing}
        self._refused = done.problems
        if news:
            said = _few(done.problems)
            _log.error("rules_refused", folder=str(self._folder), in_force=self._engine.version, problems=said)
            text = f"{said}\n{self._in_force()}"
            await self._say("refused", "A change of the rules was refused", text, done.problems)
        elif mended:
            await self._say("mended", "The rules are mended", self._in_force())
        return True

    def _in_force(self) -> str:
        return f"In force: rulebook {self._engine.version}. See `marsad check` and `marsad rules test`."

    async def _say(self, word: str, title: str, text: str, problems: Sequence[str] = ()) -> None:
        """Tell the operators; workers with one folder say the same, which is sent once."""
        state = blake2b("\n".join((self._engine.version, *problems)).encode("utf-8", "replace"), digest_size=4)
        try:
            await self._tell(f"rules-{word}-{state.hexdigest()}", title, text)
        except EngineAwayError as error:
            _log.warning("rules_not_told", reason=str(error))


def is_due(known: Stamp | None, before: Stamp | None, now: Stamp, *, asked: bool) -> bool:
    """Whether to look into the folder.

    Args:
        known: its state when it was last looked into; None when it changed meanwhile.
        before: its state one interval ago.
        now: its state.
        asked: somebody asked for it.
    """
    return asked or (now == before and now != known)


def _few(problems: Sequence[str]) -> str:
    more = len(problems) - SHOWN
    return "\n".join([*problems[:SHOWN], *([f"and {more} more"] if more > 0 else [])])
