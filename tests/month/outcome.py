"""What came of a simulated time: what was lost, told twice or wrongly, late, impolite, or does not add up."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from streams.ingest.health import Trouble
from streams.messages import Article
from streams.ports import ArticleStatus
from streams.stores.ledger import RedisLedger
from streams.stores.sources import SourceStore
from tests.month.habits import DAY, DEAD, TROUBLES, UNREACHABLE, Habit, Outlet
from tests.month.simulation import EVERY, PREFIX, SLOWEST, Simulated

HOUR = timedelta(hours=1)
MOST_POLLS = DAY // EVERY + 2
"""Of a source in a day; two more, where a worker was killed."""

LAST = timedelta(hours=12)
"""What appeared so shortly before the end need not have come."""

_BACK_OFF = {**dict.fromkeys(UNREACHABLE, DAY), Habit.RETURNS: 8 * DAY}
"""How much later a source may be seen as it is: one that failed within a day, or a week where it was retired."""

_OWN_DATES = {Habit.UNDATED, Habit.FUTURE_DATES, Habit.UNDATES, Habit.LIST}


@dataclass(slots=True)
class Outcome:
    """What there is to say of a simulation, or of several together (`add`). Delays and times of notices in hours."""

    sources: int = 0
    expected: int = 0
    articles: int = 0
    lost: list[str] = field(default_factory=list)
    between: Counter[Habit] = field(default_factory=Counter)
    out_of_sight: Counter[Habit] = field(default_factory=Counter)
    twice: list[str] = field(default_factory=list)
    again: int = 0
    updates: list[str] = field(default_factory=list)
    misread: list[str] = field(default_factory=list)
    impolite: list[str] = field(default_factory=list)
    polls: int = 0
    pages: int = 0
    robots: int = 0
    busiest: int = 0
    delays: dict[Habit, list[float]] = field(default_factory=dict)
    noticed: dict[str, list[float]] = field(default_factory=dict)
    false_notices: list[str] = field(default_factory=list)
    missed_notices: list[str] = field(default_factory=list)
    repeated_notices: list[str] = field(default_factory=list)
    unbalanced: list[str] = field(default_factory=list)
    source_bytes: list[int] = field(default_factory=list)
    seen_bytes: int = 0
    entered: int = 0
    killed: int = 0

    def add(self, other: Outcome) -> None:
        """Take in what came of another part of the web."""
        for each in fields(self):
            mine, others = getattr(self, each.name), getattr(other, each.name)
            if isinstance(mine, Counter):
                mine.update(others)
            elif isinstance(mine, dict):
                for key, values in others.items():
                    mine.setdefault(key, []).extend(values)
            elif each.name == "busiest":
                self.busiest = max(mine, others)
            else:
                setattr(self, each.name, mine + others)

    @property
    def faults(self) -> dict[str, list[str]]:
        """All that should not be, by its kind; empty where all is well."""
        kinds = (
            "lost",
            "twice",
            "updates",
            "misread",
            "impolite",
            "false_notices",
            "missed_notices",
            "repeated_notices",
        )
        found = {kind: getattr(self, kind) for kind in (*kinds, "unbalanced")}
        if self.busiest > MOST_POLLS:
            found["too_many"] = [f"{self.busiest} polls of a source in a day"]
        return {kind: faults for kind, faults in found.items() if faults}


async def outcome_of(simulated: Simulated) -> Outcome:
    """Compare what the server published, saw and did with what came out."""
    world, outcome = simulated.world, Outcome(killed=simulated.killed)
    outlets, end = world.outlets.values(), world.clock.now
    by_name = {outlet.name: outlet for outlet in outlets}
    came: dict[tuple[str, int], datetime] = {}
    for article, at in zip(simulated.articles, simulated.published_at, strict=True):
        outlet, number = _which(article, by_name)
        if article.update:
            outcome.updates.append(f"{outlet.habit} {outlet.key}/{number}")
            continue
        came.setdefault((outlet.key, number), at)
        outcome.misread += _misread(article, outlet, number)
        if not article.backlog and not (outlet.habit in UNREACHABLE and outlet.times[number] >= outlet.spell[0] - DAY):
            hours = (at - outlet.times[number]) / HOUR
            outcome.delays.setdefault(outlet.habit, []).append(hours)
    outcome.sources, outcome.articles = len(outlets), len(came)
    times = Counter(article.id for article in simulated.articles if not article.update)
    outcome.twice = [id_ for id_, count in times.items() if count > 1 and id_ not in simulated.in_flight]
    outcome.again = sum(count - 1 for id_, count in times.items() if id_ in simulated.in_flight)
    for outlet in (outlet for outlet in outlets if not outlet.twin_of):
        _look_for_losses(outcome, outlet, came, simulated, end)
    log = world.log
    outcome.impolite = [*log.too_soon, *log.at_once, *log.forbidden]
    outcome.polls, outcome.pages, outcome.robots = log.polls.total(), log.pages.total(), log.robots.total()
    outcome.busiest = max(log.polls.values(), default=0)
    _look_at_notices(outcome, simulated, by_name, end)
    await _look_at_books(outcome, simulated)
    return outcome


def _which(article: Article, by_name: dict[str, Outlet]) -> tuple[Outlet, int]:
    """Whose article it is, and which."""
    outlet = by_name[article.source]
    found = re.search(r"/a/(\d+)", article.url or "") or re.search(r"(\d+)$", article.title)
    assert found, article
    return outlet.twin_of or outlet, int(found[1])


def _misread(article: Article, outlet: Outlet, number: int) -> Iterator[str]:
    """What an article says that its outlet did not."""
    place = f"{outlet.habit} {outlet.key}/{number}"
    if str(number) not in article.title:
        yield f"{place} has the title {article.title[:80]!r}"
    if f"{outlet.key} {number} 0" not in article.text:
        yield f"{place} has the text {article.text[:80]!r}"
    if outlet.habit in _OWN_DATES:
        return
    at = outlet.times[number].replace(microsecond=0)
    at = at.replace(second=0) if outlet.habit is Habit.ARABIC_DATES else at
    if article.published != at:
        yield f"{place} has the date {article.published}, not {at}"


def _look_for_losses(
    outcome: Outcome, outlet: Outlet, came: dict[tuple[str, int], datetime], simulated: Simulated, end: datetime
) -> None:
    """Articles that did not come: lost, pushed out between two polls, or faster than any poller is allowed to be."""
    walls = simulated.world.log.walls
    back_off = _BACK_OFF.get(outlet.habit, timedelta())
    for number in range(len(outlet.times)):
        if outlet.forbidden(number) or (outlet.key, number) in walls or outlet.habit in DEAD:
            continue
        if outlet.times[number] > end - LAST and (outlet.key, number) not in came:
            continue
        outcome.expected += 1
        if (outlet.key, number) in came:
            continue
        seen = outlet.to_be_seen(number, end)
        if seen < EVERY:
            outcome.out_of_sight[outlet.habit] += 1
        elif seen < SLOWEST + back_off:
            outcome.between[outlet.habit] += 1
        else:
            outcome.lost.append(f"{outlet.habit} {outlet.key}/{number}, which was there for {seen}")


def _look_at_notices(outcome: Outcome, simulated: Simulated, by_name: dict[str, Outlet], end: datetime) -> None:
    told: defaultdict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for notice in simulated.notices:
        name, _, what = notice.title.partition(" is ")
        told[name].append((what, notice.at))
    pairs = [(outlet, outlet.twin_of) for outlet in by_name.values() if outlet.twin_of]
    twins = {each.key for pair in pairs for each in pair}
    outcome.false_notices += _both_duplicates(pairs, told)
    for name, outlet in by_name.items():
        # Which of two feeds is the faster one may change; else each is told once.
        times = Counter(what for what, _ in told[name] if not what.endswith(Trouble.DUPLICATES))
        outcome.repeated_notices += [f"{outlet.habit} {name} {what}" for what, count in times.items() if count > 1]
        trouble = TROUBLES.get(outlet.habit)
        may = {trouble, f"no longer {trouble}"} if trouble else set()
        if outlet.habit in DEAD:
            may.add(Trouble.RETIRED)
        if outlet.key in twins:
            may |= {Trouble.DUPLICATES, f"no longer {Trouble.DUPLICATES}"}
        outcome.false_notices += [
            f"{outlet.habit} ({outlet.rhythm}, {len(outlet.times)} articles) {name} is {what} at {at}"
            for what, at in told[name]
            if what not in may or (trouble and at < outlet.spell[0])
        ]
        if trouble is None:
            continue
        spans = [(str(trouble), *outlet.spell), (f"no longer {trouble}", outlet.spell[1], end)]
        for what, since, until in spans:
            times_told = [at for word, at in told[name] if word == what and at >= since]
            if times_told:
                kind = f"{what}, {outlet.rhythm}" if trouble is Trouble.SILENT else what
                outcome.noticed.setdefault(kind, []).append((times_told[0] - since) / HOUR)
            elif min(until, end) - since > _within(what):
                outcome.missed_notices.append(f"{outlet.habit} ({outlet.rhythm}) {name} is {what}, since {since}")


def _both_duplicates(
    pairs: list[tuple[Outlet, Outlet]], told: Mapping[str, list[tuple[str, datetime]]]
) -> Iterator[str]:
    """Pairs of feeds with the same articles of which each was said to be superfluous."""
    for pair in pairs:
        if all(any(what == Trouble.DUPLICATES for what, _ in told[outlet.name]) for outlet in pair):
            yield f"{pair[0].name} and {pair[1].name} are both {Trouble.DUPLICATES}"


def _within(what: str) -> timedelta:
    """The time within which something has to be noticed."""
    match what:
        case "failing" | "no longer failing" | "retired":
            return DAY
        case "no longer retired":
            return 8 * DAY
    return 5 * DAY


async def _look_at_books(outcome: Outcome, simulated: Simulated) -> None:
    """Whether what was found adds up, source by source and in the ledger; and how much is kept of it."""
    redis, store = simulated.redis, SourceStore(simulated.redis, prefix=PREFIX, worker="auditor")
    pending = Counter(str(key).rpartition(" ")[0] for key in await redis.hkeys(f"{PREFIX}pages"))
    for outlet in simulated.world.outlets.values():
        counts = await store.books.outcomes(outlet.name)
        found = counts.pop("found", 0)
        if found != sum(counts.values()) + pending[outlet.name]:
            outcome.unbalanced.append(f"{outlet.habit} {outlet.name}: {found} found, {counts}")
        key = f"{PREFIX}source:{outlet.name}"
        sizes = [
            await redis.memory_usage(f"{key}{part}", samples=0) or 0 for part in ("", ":polls", ":ends", ":outcomes")
        ]
        outcome.source_bytes.append(sum(sizes))
    shards = [key async for key in redis.scan_iter(f"{PREFIX}seen:*", count=1_000)]
    outcome.seen_bytes += sum([await redis.memory_usage(key, samples=0) or 0 for key in shards])
    tally = await RedisLedger(redis, prefix=PREFIX).tally()
    outcome.entered += tally.entered
    published = len({article.id for article in simulated.articles})
    refused = tally.statuses.get(ArticleStatus.UNREADABLE, 0)
    if not 0 <= tally.entered - published - refused <= pending.total():  # entered, and put off
        outcome.unbalanced.append(f"the ledger: {tally.entered} entered, {published} published, {refused} unreadable")
