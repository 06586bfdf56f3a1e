"""A simulated web whose clock is set: outlets that publish by their own habits, and a judge who keeps the log.

Time is the simulation's; only the answers take real time. The judge is the server: it sees each start of a request,
to whom, when, and whether another one to that host was under way.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum

from aiohttp import web as http

from tests.support.newsroom import Clock
from tests.support.web import Web, article_page, item, rss

IN_FEED = 25
_ROUNDING = timedelta(milliseconds=1)
"""Redis keeps whole milliseconds."""

TEXT = "The minister said on Sunday that the foreign forces in the north must leave at once, and that talks go on."
ARABIC = "قال الوزير يوم الأحد إن القوات الأجنبية في شمال البلاد يجب أن تغادر فورا وإن المحادثات مستمرة بين الطرفين."


class Habit(StrEnum):
    """What is peculiar to an outlet."""

    PLAIN = "plain"
    ETAG = "etag"  # answers 304
    STUCK_ETAG = "stuck_etag"  # answers 304 for ever
    NEW_IDS = "new_ids"  # gives each entry another id at each fetch
    UNDATED = "undated"
    ARABIC = "arabic"  # windows-1256, undeclared
    FLAKY = "flaky"  # one answer in ten is a 503
    RATE_LIMITED = "rate_limited"  # one answer in twenty is a 429 with Retry-After
    DELAY = "delay"  # robots.txt asks for 20 s between requests
    PARTLY_FORBIDDEN = "partly_forbidden"  # robots.txt forbids every fifth article
    MOVES = "moves"  # to another address for good, halfway through
    SLEEPS = "sleeps"  # publishes nothing any more, halfway through
    ENDS = "ends"  # answers 410, halfway through
    OUTAGE = "outage"  # does not answer for a day
    LIST = "list"  # has no feed, but a page that lists its articles


@dataclass(slots=True)
class Outlet:
    """An outlet: where it is, and when it publishes what; articles are numbered from the oldest."""

    name: str
    host: str
    habit: Habit
    times: list[datetime]
    halfway: datetime

    @property
    def published(self) -> list[datetime]:
        """When each of its articles appeared; nothing more once it sleeps or has ended."""
        stops = self.habit in {Habit.SLEEPS, Habit.ENDS}
        return [at for at in self.times if not stops or at < self.halfway]

    def forbidden(self, number: int) -> bool:
        """Whether robots.txt keeps us from an article."""
        return self.habit is Habit.PARTLY_FORBIDDEN and number % 5 == 0


@dataclass(slots=True)
class Verdict:
    """What the server saw that it should not have."""

    too_soon: list[str] = field(default_factory=list)
    at_once: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)


class World(Web):
    """The server of all outlets, on the simulation's clock. `interval` is what it takes for polite."""

    def __init__(self, clock: Clock, *, interval: timedelta, seed: int = 0) -> None:
        super().__init__()
        self.clock, self.interval, self.verdict = clock, interval, Verdict()
        self.outlets: dict[str, Outlet] = {}
        self.starts = 0
        self._random = random.Random(seed)  # noqa: S311  # a simulation
        self._last: dict[str, datetime] = {}
        self._under_way: defaultdict[str, int] = defaultdict(int)
        self._told: set[str] = set()
        self._left_alone: dict[str, datetime] = {}

    def found(self, count: int, *, span: timedelta, hosts: int) -> None:
        """Found outlets with all habits in turn, several of them on one host, that publish for `span` from now on."""
        began, habits = self.clock.now, list(Habit)
        for number in range(count):
            habit = habits[number % len(habits)]
            daily = 16 if habit is Habit.SLEEPS else self._random.choice([4, 8, 16])
            times = [began - timedelta(hours=hours) for hours in range(5, 0, -1)]
            at = began
            while (at := at + timedelta(days=self._random.expovariate(daily))) < began + span:
                if self._random.random() < (1.0 if 6 <= at.hour < 20 else 0.3):
                    times.append(at)
            name = f"Outlet {number}"
            host = f"h{number % hosts}.example"
            self.outlets[f"o{number}"] = Outlet(name, host, habit, times, began + span / 2)

    def address(self, key: str) -> str:
        """Where an outlet is followed."""
        return self.url(self.outlets[key].host, f"/{key}/feed")

    async def serve(self, request: http.Request) -> http.StreamResponse:
        """Answer one request, and judge it."""
        host, now = request.host.rpartition(":")[0], self.clock.now
        self.starts += 1
        if self._under_way[host]:
            self.verdict.at_once.append(f"{now} {host}{request.path}")
        wait = self._delay(host) if request.path != "/robots.txt" else self.interval
        if host in self._last and now - self._last[host] < wait - _ROUNDING:
            self.verdict.too_soon.append(f"{host}{request.path} {now - self._last[host]} after the last")
        if now < self._left_alone.get(host, now):
            self.verdict.too_soon.append(f"{host}{request.path} before Retry-After was over")
        self._last[host] = now
        self._under_way[host] += 1
        try:
            await asyncio.sleep(0)
            return self._answer(request, host)
        finally:
            self._under_way[host] -= 1

    def _delay(self, host: str) -> timedelta:
        if host not in self._told:
            return self.interval
        slow = any(outlet.habit is Habit.DELAY and outlet.host == host for outlet in self.outlets.values())
        return max(self.interval, timedelta(seconds=20)) if slow else self.interval

    def _answer(self, request: http.Request, host: str) -> http.StreamResponse:
        if request.path == "/robots.txt":
            return self._robots(host)
        _, key, what, *rest = request.path.split("/")
        outlet = self.outlets.get(key)
        if outlet is None or outlet.host != host:
            return http.Response(status=404)
        if what in {"feed", "moved"}:
            return self._feed(request, key, outlet, moved=what == "moved")
        number = int(rest[0])
        if outlet.forbidden(number):
            self.verdict.forbidden.append(request.path)
        arabic = outlet.habit is Habit.ARABIC
        text = f"{ARABIC if arabic else TEXT} {key} {number}."
        page = article_page(f"{outlet.name} {number}", text, text, language="ar" if arabic else "en")
        body = page.replace('<meta charset="utf-8">', "").encode("cp1256") if arabic else page.encode()
        return http.Response(body=body, content_type="text/html")

    def _robots(self, host: str) -> http.Response:
        self._told.add(host)
        here = [(key, outlet) for key, outlet in self.outlets.items() if outlet.host == host]
        lines = ["User-agent: *"]
        lines += ["Crawl-delay: 20" for _, outlet in here if outlet.habit is Habit.DELAY]
        for key, outlet in here:
            if outlet.habit is Habit.PARTLY_FORBIDDEN:
                lines += [f"Disallow: /{key}/a/{number}$" for number in range(0, len(outlet.times), 5)]
        return http.Response(text="\n".join(lines) + "\n")

    def _feed(self, request: http.Request, key: str, outlet: Outlet, *, moved: bool) -> http.Response:
        if (trouble := self._trouble(key, outlet, moved=moved)) is not None:
            return trouble
        there = [number for number, at in enumerate(outlet.published) if at <= self.clock.now][-IN_FEED:]
        etag = {Habit.STUCK_ETAG: '"same"', Habit.ETAG: f'"{there[-1]}"'}.get(outlet.habit)
        if etag and request.headers.get("If-None-Match") == etag:
            return http.Response(status=304, headers={"ETag": etag})
        body, kind = self._entries(key, outlet, there)
        return http.Response(body=body, content_type=kind, headers={"ETag": etag} if etag else {})

    def _trouble(self, key: str, outlet: Outlet, *, moved: bool) -> http.Response | None:
        """What an outlet answers in place of its feed; None where it has no trouble now."""
        now, chance = self.clock.now, self._random.random()
        late = now >= outlet.halfway
        match outlet.habit:
            case Habit.FLAKY if chance < 0.1:
                return http.Response(status=503)
            case Habit.RATE_LIMITED if chance < 0.05:
                self._left_alone[outlet.host] = now + timedelta(minutes=10)
                return http.Response(status=429, headers={"Retry-After": "600"})
            case Habit.MOVES if late and not moved:
                del self._last[outlet.host]  # what follows on the same connection belongs to this visit
                return http.Response(status=301, headers={"Location": f"/{key}/moved"})
            case Habit.ENDS if late:
                return http.Response(status=410)
            case Habit.OUTAGE if late and now < outlet.halfway + timedelta(days=1):
                return http.Response(status=502)
        return None

    def _entries(self, key: str, outlet: Outlet, numbers: list[int]) -> tuple[bytes, str]:
        """A feed, or a page that lists the articles."""
        place = f"http://{outlet.host}:{self.port}/{key}/a/"
        if outlet.habit is Habit.LIST:
            links = (f'<h2><a href="{place}{n}?id={n}">Headline of the article {n} of {key}</a></h2>' for n in numbers)
            return f"<html><body>{''.join(links)}</body></html>".encode(), "text/html"
        items = []
        for number in reversed(numbers):
            guid = str(self._random.random()) if outlet.habit is Habit.NEW_IDS else f"{key}-{number}"
            date = "" if outlet.habit is Habit.UNDATED else format_datetime(outlet.times[number])
            title = f"الخبر {number}" if outlet.habit is Habit.ARABIC else f"{outlet.name} {number}"
            items.append(item(title, f"{place}{number}", guid=guid, date=date))
        body = rss(*items, title=outlet.name)
        if outlet.habit is Habit.ARABIC:
            body = body.decode().replace(' encoding="utf-8"', "").encode("cp1256")
        return body, "application/xml"
