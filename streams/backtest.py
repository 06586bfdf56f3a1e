"""Holds chosen rules against an archive, on all cores, and against how they were before: matches, and alerts.

Each process compiles the rules once and matches chunks of lines by the live path's code; what comes back is in the
order of the archive. Only matches are kept, so that memory does not grow with the archive. How many alerts the matches
make is decided as in a replay (`streams.replay`).
"""

from __future__ import annotations

import io
import multiprocessing
import os
import subprocess
import tarfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from streams.article_lines import ArticleLine, parse_line
from streams.errors import InputError
from streams.match.engine import Engine
from streams.match.match_agent import match_articles
from streams.match.rule_files import Status
from streams.match.rulebook import Rulebook, load_rulebook
from streams.messages import Match
from streams.replay import NO_TIME, Sources, article_of

CHUNK = 100
"""Lines that a process is given at once."""
_AHEAD = 4
"""Chunks for each process that are read ahead."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Which rules are held against the archive, and those they are compared with, where they are.

    With `since` only articles count whose clock says so late a time. `sources` are the configured ones by name.
    """

    folder: Path
    rules: tuple[str, ...]
    against: Path | None = None
    since: datetime | None = None
    sources: Sources = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the archive, and where it stands."""

    raw: bytes
    file: str
    number: int


@dataclass(frozen=True, slots=True)
class Matched:
    """What the rules said to one article: now, and before where there is something to compare with.

    `clock` is the article's `seen_at`, else its `date`; None where it has neither.
    """

    article: ArticleLine
    clock: datetime | None
    now: Match | None
    before: Match | None


@dataclass(slots=True)
class Outcome:
    """What came of some lines; of those without a match only the number is kept."""

    articles: int = 0
    matched: list[Matched] = field(default_factory=list)
    errors: list[InputError] = field(default_factory=list)


def outcomes(rules: RuleSet, lines: Iterable[Line | InputError], *, processes: int | None = None) -> Iterator[Outcome]:
    """What comes of the archive's lines, chunk by chunk in their order.

    Args:
        rules: the rules.
        lines: the archive, with what of it could not be read; read as far ahead as the processes can take.
        processes: how many; by default one for each core. A single one is this process itself.

    Raises:
        InputError: a process was killed, most likely for want of memory.
    """
    count = processes or len(os.sched_getaffinity(0))
    rest = iter(lines)
    if count == 1:
        _prepare(rules)
        while chunk := list(islice(rest, CHUNK)):
            yield _match_chunk(chunk)
        return
    with ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _prepare, (rules,)) as pool:
        waiting: deque[Future[Outcome]] = deque()
        try:
            while True:
                while len(waiting) < count * _AHEAD and (chunk := list(islice(rest, CHUNK))):
                    waiting.append(pool.submit(_match_chunk, chunk))
                if not waiting:
                    return
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise InputError("a matching process was killed; is there enough memory?", file=rules.folder) from error
        finally:
            for future in waiting:
                future.cancel()


def rulebook_of(folder: Path, rules: Sequence[str]) -> Rulebook:
    """The chosen rules of a folder, all taken for live, so that it is seen whom they would tell.

    With them are those after which they speak.
    """
    book = load_rulebook(folder)
    kept = {name: book.rules[name] for name in rules if name in book.rules}
    live = {name: rule.model_copy(update={"status": Status.LIVE}) for name, rule in kept.items()}
    steps = {name: book.rules[name] for rule in kept.values() if rule.alert.after for name in rule.alert.after.rules}
    return replace(book, rules=steps | live)


_engines: tuple[Engine, Engine | None]
_rules: RuleSet


def _prepare(rules: RuleSet) -> None:
    """Compile the rules, once in each process."""
    global _engines, _rules  # what a pool's initializer leaves for its tasks has to be global
    before = Engine(rulebook_of(rules.against, rules.rules)) if rules.against else None
    _engines, _rules = (Engine(rulebook_of(rules.folder, rules.rules)), before), rules


def _match_chunk(lines: Sequence[Line | InputError]) -> Outcome:
    outcome = Outcome()
    read: list[tuple[ArticleLine, datetime | None]] = []
    for line in lines:
        try:
            if isinstance(line, InputError):
                raise line
            article = parse_line(line.raw, file=line.file, line=line.number)
        except InputError as error:
            outcome.errors.append(error)
        else:
            clock = article.seen_at or article.date
            if _rules.since is None or (clock is not None and clock >= _rules.since):
                read.append((article, clock))
    outcome.articles = len(read)
    sources = _rules.sources
    articles = [article_of(article, clock or NO_TIME, sources) for article, clock in read]
    now, before = (
        [_of_chosen(match) for match in match_articles(engine, articles, sources)] if engine else [None] * len(articles)
        for engine in _engines
    )
    for (article, clock), *found in zip(read, now, before, strict=True):
        if any(found):
            outcome.matched.append(Matched(article.model_copy(update={"text": ""}), clock, *found))
    return outcome


def _of_chosen(match: Match | None) -> Match | None:
    """What of a match is of the chosen rules, and not of those after which they speak."""
    rules = tuple(one for one in match.rules if one.rule in _rules.rules) if match else ()
    return match.model_copy(update={"rules": rules}) if match and rules else None


def extract_revision(folder: Path, revision: str, into: Path) -> Path:
    """Write the rule folder as it was at a git revision; where it then is.

    Raises:
        InputError: the folder is in no repository, or the revision or the folder at it is not there.
    """
    folder = folder.resolve()
    what = f"{revision!r} is neither a folder nor a git revision here"
    top = Path(_git(folder, "rev-parse", "--show-toplevel", what=what).decode().strip())
    inside = folder.relative_to(top).as_posix()
    archive = _git(top, "archive", "--format=tar", "--end-of-options", revision, inside, what=what)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(into, filter="data")
    return into / inside


def _git(folder: Path, *arguments: str, what: str) -> bytes:
    """What git prints; InputError says `what` failed, and git's reason."""
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  # no shell, options are ended
    except OSError as error:
        raise InputError(f"{what}: git cannot be run: {error.strerror}", file=folder) from error
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise InputError(f"{what}: {reason}", file=folder)
    return done.stdout
