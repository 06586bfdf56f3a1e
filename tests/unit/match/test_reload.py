"""Changes of the rule folder are taken up whole, and a broken one is refused, told once, and mended."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from streams.errors import EngineAwayError, RuleError
from streams.match.engine import Engine
from streams.match.fitness import Failed, Play, no_timelines
from streams.match.reload import Outcome, RulesInForce, Stamp, TakenUp, attempt, is_due, load, stamp_of
from streams.match.rulebook import Reading
from streams.observe.metrics import Metrics
from tests.unit.match.building import rule_data, write_rules

A, B = (frozenset({("rules/a.yaml", number, 1, 1)}) for number in (1, 2))
SOON = timedelta(milliseconds=10)


def rule(word: str, **more: Any) -> dict[str, Any]:
    """A rule that fires on one word, with examples that hold."""
    examples = {
        "fires": [{"lang": "en", "text": f"an {word}"}],
        "silent": [{"lang": "en", "text": "a plum", "because": "another fruit"}],
    }
    return rule_data(word, **{"examples": examples, **more})


class Desk:
    """The operators: remembers what they are told, each cause once, as the outbox does."""

    def __init__(self) -> None:
        self.told: dict[str, tuple[str, str]] = {}
        self.away = False

    async def tell(self, cause: str, title: str, text: str) -> None:
        """See `streams.match.reload.Tell`."""
        if self.away:
            raise EngineAwayError("redis is away")
        self.told.setdefault(cause, (title, text))

    @property
    def titles(self) -> list[str]:
        return [title for title, _ in self.told.values()]


async def nobody(_engine: Engine) -> None:
    """Take it and do nothing."""


class Running:
    """Rules in force over a folder, looked at every few milliseconds."""

    def __init__(self, folder: Path, taken_up: TakenUp = nobody, *, play: Play = no_timelines) -> None:
        self.folder, self.metrics, self.desk = folder, Metrics(), Desk()
        loaded = load(folder, play)
        self.rules = RulesInForce(loaded, self.metrics, tell=self.desk.tell, taken_up=taken_up, interval=SOON)

    def fires(self, text: str) -> bool:
        return bool(self.rules.engine.match("", text))

    def reloads(self, outcome: Outcome) -> float:
        value = self.metrics.registry.get_sample_value("marsad_rulebook_reloads_total", {"outcome": outcome.value})
        return value or 0.0

    def shows(self, metric: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"marsad_rulebook_{metric}")

    async def until_told(self, count: int = 1) -> None:
        """Wait until the operators were told so much."""
        async with asyncio.timeout(20):
            while len(self.desk.told) < count:  # noqa: ASYNC110  # it is told, nobody asks
                await asyncio.sleep(0.005)

    async def until(self, outcome: Outcome, count: int = 1) -> None:
        """Wait until so many looks ended so."""
        async with asyncio.timeout(20):
            while self.reloads(outcome) < count:  # noqa: ASYNC110  # a counter has no event
                await asyncio.sleep(0.005)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_rules(tmp_path / "rules", {"a-rule.yaml": rule("apple")})


@pytest.fixture
async def running(folder: Path) -> AsyncIterator[Running]:
    ending = asyncio.Event()
    running = Running(folder)
    loop = asyncio.create_task(running.rules.run(ending))
    yield running
    ending.set()
    await asyncio.wait_for(loop, 10)


@pytest.mark.parametrize(
    ("known", "before", "now", "asked", "due"),
    [
        (None, A, A, False, True),
        (None, A, B, False, False),
        (A, A, A, False, False),
        (A, A, B, False, False),
        (A, B, B, False, True),
        (A, B, A, False, False),
        (A, A, A, True, True),
        (A, A, B, True, True),
        (A, frozenset(), frozenset(), False, True),
    ],
    ids=[
        "overtaken",
        "overtaken and changing",
        "still",
        "just changed",
        "changed and still",
        "changed back",
        "asked",
        "asked meanwhile",
        "folder gone",
    ],
)
def test_a_folder_is_looked_into_when_it_changed_and_is_still(  # a table
    known: Stamp | None, before: Stamp, now: Stamp, *, asked: bool, due: bool
) -> None:
    """Editors and checkouts write in steps; half of them is not looked at."""
    assert is_due(known, before, now, asked=asked) is due


async def test_a_changed_rule_is_taken_up(running: Running) -> None:
    """The next article is matched by the new rules, and the metric tells their version and no other."""
    before = running.rules.engine.version
    write_rules(running.folder, {"a-rule.yaml": rule("orange")})
    await running.until(Outcome.TAKEN_UP)
    assert (running.fires("an apple"), running.fires("an orange")) == (False, True)
    value = running.metrics.registry.get_sample_value
    assert value("marsad_rulebook_info", {"version": running.rules.engine.version}) == 1
    assert value("marsad_rulebook_info", {"version": before}) is None
    assert running.desk.told == {}


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"a-rule.yaml": rule("orange", severty="low")}, "unknown key 'severty'"),
        ({"a-rule.yaml": {**rule("orange"), "match": "pear"}}, "a-rule.yaml:5:5: a-rule: the rule does not fire"),
        ({"concepts/x.yaml": {"id": "x", "title": "X"}}, "neither phrases"),
    ],
    ids=["lint", "example", "concept"],
)
async def test_a_broken_edit_keeps_the_last_good_rules_and_is_told_once(
    running: Running, broken: dict[str, Any], said: str
) -> None:
    """Matching goes on; operators get one notice however often the folder is looked at, and one when it is mended."""
    write_rules(running.folder, broken)
    await running.until(Outcome.REFUSED)
    for count in (2, 3):
        running.rules.ask()
        await running.until(Outcome.REFUSED, count)
    assert running.fires("an apple")
    assert running.metrics.registry.get_sample_value("marsad_rulebook_stale") == 1
    ((title, text),) = running.desk.told.values()
    assert title == "A change of the rules was refused"
    assert said in text
    assert running.rules.engine.version in text
    (running.folder / "concepts" / "x.yaml").unlink(missing_ok=True)
    write_rules(running.folder, {"a-rule.yaml": rule("orange")})
    await running.until(Outcome.TAKEN_UP)
    assert running.fires("an orange")
    assert running.metrics.registry.get_sample_value("marsad_rulebook_stale") == 0
    assert running.desk.titles == ["A change of the rules was refused", "The rules are mended"]


async def test_what_is_in_force_is_given_on_once_an_engine_is_back(folder: Path) -> None:
    """At the start and after a change, each once."""
    given: list[str] = []
    away = [EngineAwayError("redis is away")]

    async def taken_up(engine: Engine) -> None:
        if away:
            raise away.pop()
        given.append(engine.version)

    running = Running(folder, taken_up)
    ending = asyncio.Event()
    looking = asyncio.create_task(running.rules.run(ending))
    async with asyncio.timeout(20):
        while not given:  # noqa: ASYNC110  # it is given, nobody tells
            await asyncio.sleep(0.005)
        write_rules(folder, {"a-rule.yaml": rule("pear")})
        while len(given) < 2:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.005)
    ending.set()
    await looking
    assert given[1:] == [running.rules.engine.version]
    assert given[0] != given[1]


BROKEN = {"a-rule.yaml": {**rule("orange"), "match": "pear"}}


async def test_a_worker_that_started_with_failing_examples_said_nothing_of_it(folder: Path) -> None:
    """No other rulebook could stand in for it: it is in force, its operators learn why it is unfit, and when mended."""
    running, ending = Running(write_rules(folder, BROKEN)), asyncio.Event()
    loop = asyncio.create_task(running.rules.run(ending))
    await running.until_told()
    assert running.fires("a pear")
    assert running.shows("failing") == 1
    ((title, text),) = running.desk.told.values()
    assert title == "The rules that Marsad started with fail their own examples"
    assert f"{folder}/a-rule.yaml:5:5: a-rule: the rule does not fire\n" in text
    assert "marsad rules test" in text
    write_rules(folder, {"a-rule.yaml": rule("orange")})
    await running.until(Outcome.TAKEN_UP)
    ending.set()
    await loop
    assert (running.desk.titles[1:], running.shows("failing")) == (["The rules are mended"], 0)


FAIL = "The rules that Marsad started with fail their own examples"
REFUSED = "A change of the rules was refused"


async def test_failing_rules_that_nobody_changed_were_a_refused_change(folder: Path) -> None:
    """Asked for (SIGHUP) before they were tried, they were told of twice: nothing had changed, and they fail."""
    running, ending = Running(write_rules(folder, BROKEN)), asyncio.Event()
    running.rules.ask()
    loop = asyncio.create_task(running.rules.run(ending))
    await running.until_told()
    running.rules.ask()
    await running.until(Outcome.UNCHANGED, 2)
    path = folder / "a-rule.yaml"
    path.write_text("# a comment\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    await running.until(Outcome.UNCHANGED, 3)
    ending.set()
    await loop
    assert (running.desk.titles, running.shows("failing"), running.shows("stale")) == ([FAIL], 1, 0)


async def test_rules_whose_folder_had_changed_were_never_tried(folder: Path) -> None:
    """They are in force as they were read, whatever became of their files; back at them, nothing is mended."""
    running, ending = Running(write_rules(folder, BROKEN)), asyncio.Event()
    read = (folder / "a-rule.yaml").read_bytes()
    (folder / "a-rule.yaml").write_text("id: [", encoding="utf-8")
    loop = asyncio.create_task(running.rules.run(ending))
    await running.until_told(2)
    assert (sorted(running.desk.titles), running.shows("failing")) == ([REFUSED, FAIL], 1)
    (folder / "a-rule.yaml").write_bytes(read)
    await running.until(Outcome.UNCHANGED)
    ending.set()
    await loop
    assert (sorted(running.desk.titles), running.shows("failing"), running.shows("stale")) == ([REFUSED, FAIL], 1, 0)


async def test_rules_replaced_while_they_are_tried_are_not_told_of(folder: Path) -> None:
    """What is found of them by then is no longer in force."""
    held, plays = threading.Event(), list[Reading]()

    def play(reading: Reading) -> Iterator[Failed]:
        plays.append(reading)
        if len(plays) == 1:
            held.wait(20)
        yield from ()

    running, ending = Running(write_rules(folder, BROKEN), play=play), asyncio.Event()
    loop = asyncio.create_task(running.rules.run(ending))
    async with asyncio.timeout(20):
        while not plays:  # noqa: ASYNC110  # it plays in a thread
            await asyncio.sleep(0.005)
    write_rules(folder, {"a-rule.yaml": rule("orange")})
    await running.until(Outcome.TAKEN_UP)
    held.set()
    running.rules.ask()
    await running.until(Outcome.UNCHANGED)
    ending.set()
    await loop
    assert (running.desk.told, running.shows("failing")) == ({}, 0)


async def test_rules_that_could_not_be_tried_were_told_of_as_failing(folder: Path) -> None:
    """What went wrong is told as what it is, beside what did not hold until then, which alone is counted."""

    def play(_reading: Reading) -> Iterator[Failed]:
        raise MemoryError("no room")

    running, ending = Running(write_rules(folder, BROKEN), play=play), asyncio.Event()
    loop = asyncio.create_task(running.rules.run(ending))
    await running.until_told(2)
    ending.set()
    await loop
    assert running.desk.titles == ["The rules that Marsad started with could not be tried", FAIL]
    assert "MemoryError: no room" in next(iter(running.desk.told.values()))[1]
    assert running.shows("failing") == 1


def test_a_change_whose_timeline_does_not_hold_was_taken_up(folder: Path) -> None:
    """Only `marsad rules test` played it."""

    def play(reading: Reading) -> Iterator[Failed]:
        yield (reading.documents["RuleFile", "a-rule"].problem(("examples",), "a-rule: at +1h it is told"),)

    done = attempt(folder, "r1:x", stamp_of(folder), play)
    assert (done.outcome, len(done.problems)) == (Outcome.REFUSED, 1)
    assert "a-rule.yaml" in done.problems[0]


async def test_a_folder_that_goes_away_and_comes_back_is_mended(running: Running) -> None:
    """Meanwhile the rules stay in force; back as it was, they are unchanged."""
    away = running.folder.with_name("away")
    running.folder.rename(away)
    await running.until(Outcome.REFUSED)
    assert running.fires("an apple")
    away.rename(running.folder)
    await running.until(Outcome.UNCHANGED)
    assert running.desk.titles == ["A change of the rules was refused", "The rules are mended"]


async def test_a_comment_changes_nothing(running: Running) -> None:
    """The files say what they said: the engine stays the same object."""
    engine = running.rules.engine
    path = running.folder / "a-rule.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# a comment\n", encoding="utf-8")
    await running.until(Outcome.UNCHANGED)
    assert running.rules.engine is engine


async def test_operators_who_cannot_be_told_now_keep_nothing_from_going_on(running: Running) -> None:
    """Redis is away: the broken edit is refused all the same, and the next good one taken up."""
    running.desk.away = True
    write_rules(running.folder, {"a-rule.yaml": rule("orange", severty="low")})
    await running.until(Outcome.REFUSED)
    write_rules(running.folder, {"a-rule.yaml": rule("orange")})
    await running.until(Outcome.TAKEN_UP)


def test_a_change_while_the_rules_were_read_is_seen(folder: Path) -> None:
    """The stamp is older than the reading, so that a file written in between differs from it."""
    loaded = load(folder)
    write_rules(folder, {"a-rule.yaml": rule("orange")})
    assert stamp_of(folder) != loaded.stamp


def test_a_file_replaced_within_a_tick_and_of_the_same_size_is_seen(folder: Path) -> None:
    """Editors write beside and rename: the inode differs though time and size do not."""
    before, path = stamp_of(folder), folder / "a-rule.yaml"
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    beside = folder / "beside"
    beside.write_bytes(path.read_bytes())
    beside.replace(path)
    os.utime(path, ns=times)
    assert stamp_of(folder) != before


def test_concepts_that_lie_elsewhere_are_seen_to_change(tmp_path: Path) -> None:
    """A shared folder of concepts behind a link was read at the start and never again."""
    shared, folder = tmp_path / "shared", write_rules(tmp_path / "rules", {"a-rule.yaml": rule("orange")})
    write_rules(shared, {"fruit.yaml": {"id": "fruit"}})
    (folder / "concepts").symlink_to(shared)
    before = stamp_of(folder)
    write_rules(shared, {"fruit.yaml": {"id": "fruit", "title": "Fruit"}})
    assert stamp_of(folder) != before


def test_what_is_not_read_is_no_change(folder: Path) -> None:
    """An editor's swap file, which it writes every few letters, let the folder never be still."""
    before = stamp_of(folder)
    write_rules(folder, {".a-rule.yaml.swp": "x", "notes/draft.yaml": "x"})
    assert stamp_of(folder) == before


def test_what_was_read_while_the_folder_changed_says_nothing(folder: Path) -> None:
    """Some files of it are old and some new: neither taken up nor refused."""
    before = stamp_of(folder)
    write_rules(folder, {"a-rule.yaml": rule("orange", severty="low")})
    assert attempt(folder, "r1:x", before).outcome is Outcome.OVERTAKEN
    assert attempt(folder, "r1:x", stamp_of(folder)).outcome is Outcome.REFUSED


async def test_a_folder_that_is_a_link_is_swapped_whole(tmp_path: Path) -> None:
    """As deployments do: a link is set to another folder, whose files may have the same names, sizes and times."""
    link = tmp_path / "rules"
    for word in ("apple", "grape"):
        write_rules(tmp_path / word, {"a-rule.yaml": rule(word)})
        os.utime(tmp_path / word / "a-rule.yaml", ns=(0, 0))
    link.symlink_to("apple")
    running, ending = Running(link), asyncio.Event()
    loop = asyncio.create_task(running.rules.run(ending))
    (tmp_path / "next").symlink_to("grape")
    (tmp_path / "next").replace(link)
    await running.until(Outcome.TAKEN_UP)
    assert (running.fires("an apple"), running.fires("a grape")) == (False, True)
    ending.set()
    await loop


def test_whatever_goes_wrong_is_a_refusal(tmp_path: Path) -> None:
    """No folder at all: one problem that names it."""
    done = attempt(tmp_path / "nowhere", "r1:x", frozenset())
    assert done.outcome is Outcome.REFUSED
    assert "nowhere" in done.problems[0]


def test_a_worker_does_not_start_with_a_broken_folder(tmp_path: Path) -> None:
    """At the start there is no last good rulebook."""
    with pytest.raises(RuleError):
        load(tmp_path / "nowhere")
