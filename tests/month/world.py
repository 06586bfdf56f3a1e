"""The server of a simulated web, whose clock is set, and a judge who keeps the log.

Time is the simulation's; only the answers take real time. The judge is the server: it sees each start of a request,
to whom, when, and whether another one to that host was under way.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from aiohttp import web as http

from tests.month import bodies
from tests.month.habits import DEAD, Habit, Outlet
from tests.support.newsroom import Clock
from tests.support.web import Web

_ROUNDING = timedelta(milliseconds=1)
"""Redis keeps whole milliseconds."""

DELAY = timedelta(seconds=20)
_ASIDE = timedelta(minutes=10)
_METADATA = ("http://169.254.169.254/latest/meta-data/", "http://[::ffff:a9fe:a9fe]/", "http://inside.example/")
_NO_ARTICLES = (*bodies.WALLS, "front", "bomb", "loop", "file", "metadata")


@dataclass(slots=True)
class Log:
    """What the server saw, and of that what it should not have; `walls` are the articles that it showed none of."""

    too_soon: list[str] = field(default_factory=list)
    at_once: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    polls: Counter[tuple[str, date]] = field(default_factory=Counter)
    pages: Counter[tuple[str, date]] = field(default_factory=Counter)
    robots: Counter[tuple[str, date]] = field(default_factory=Counter)
    walls: set[tuple[str, int]] = field(default_factory=set)


class World(Web):
    """The server of all outlets, on the simulation's clock. `interval` is what it takes for polite."""

    def __init__(self, clock: Clock, outlets: list[Outlet], *, interval: timedelta, chance: random.Random) -> None:
        super().__init__()
        self.clock, self.interval, self.log = clock, interval, Log()
        self.outlets = {outlet.key: outlet for outlet in outlets}
        self._on: defaultdict[str, list[Outlet]] = defaultdict(list)
        for outlet in outlets:
            self._on[outlet.host].append(outlet)
        self.resolver.failing = {outlet.host for outlet in outlets if outlet.habit is Habit.NAMELESS}
        self.resolver.answers["inside.example"] = ["169.254.169.254"]
        self._chance = chance
        self._last: dict[str, datetime] = {}
        self._under_way: defaultdict[str, dict[int, http.Request]] = defaultdict(dict)
        self._told: set[str] = set()
        self._led_on: set[str] = set()
        self._left_alone: dict[str, datetime] = {}
        self._unheard: set[str] = set()

    @property
    def hosts(self) -> list[str]:
        """All of them."""
        return list(self._on)

    def address(self, outlet: Outlet, path: str = "/feed") -> str:
        """Where an outlet is followed, or something else of it."""
        return self.url(outlet.host, f"/{outlet.key}{path}")

    def heard(self, *, by_all: bool) -> None:
        """The answers until now have arrived; where not `by_all`, nobody is held to what they asked for."""
        for host in () if by_all else self._unheard:
            self._left_alone.pop(host, None)
        self._unheard.clear()

    async def serve(self, request: http.Request) -> http.StreamResponse:
        """Answer one request, and judge it."""
        host, now = request.host.rpartition(":")[0], self.clock.now
        if host not in self._led_on:  # what follows a redirect belongs to the same visit
            self._judge(request.path, host, now)
        self._led_on.discard(host)
        self._under_way[host][id(request)] = request
        try:
            await asyncio.sleep(0)
            answer = await self._answer(request, host)
        finally:
            del self._under_way[host][id(request)]
        if answer.headers.get("Location", "x").startswith(("/", f"http://{host}:")):
            self._led_on.add(host)
        return answer

    def _judge(self, path: str, host: str, now: datetime) -> None:
        if any(not _is_given_up(other) for other in self._under_way[host].values()):
            self.log.at_once.append(f"{now} {host}{path}")
        slow = host in self._told and path != "/robots.txt"
        wait = DELAY if slow and any(outlet.habit is Habit.DELAY for outlet in self._on[host]) else self.interval
        if host in self._last and now - self._last[host] < wait - _ROUNDING:
            self.log.too_soon.append(f"{now} {host}{path} {now - self._last[host]} after the last")
        if now < self._left_alone.get(host, now):
            self.log.too_soon.append(f"{now} {host}{path} before Retry-After was over")
        self._last[host] = now

    async def _answer(self, request: http.Request, host: str) -> http.StreamResponse:
        if request.path == "/robots.txt":
            return self._robots(host)
        if request.path == "/":
            return _html(b"<html><body><h1>News</h1><p>Choose a section.</p></body></html>")
        _, key, what, *rest = request.path.split("/")
        outlet = self.outlets.get(key)
        if outlet is None or outlet.host != host or outlet.habit in DEAD:
            return http.Response(status=404)
        kind = self.log.pages if what == "a" else self.log.polls
        kind[key, self.clock.now.date()] += 1
        if outlet.habit is Habit.SLOW:
            self.clock.now += timedelta(seconds=self._chance.uniform(1, 4))
        if outlet.habit is Habit.HANGS and self._chance.random() < 1 / 400:
            await _hang(request)
        if what == "a":
            return self._page(outlet, int(rest[0]))
        return (await self._trouble(request, outlet, moved=what == "moved")) or self._feed(request, outlet)

    def _robots(self, host: str) -> http.Response:
        self._told.add(host)
        self.log.robots[host, self.clock.now.date()] += 1
        lines = ["User-agent: *"]
        for outlet in self._on[host]:
            if outlet.habit is Habit.DELAY:
                lines.append(f"Crawl-delay: {DELAY.seconds}")
            if outlet.habit is Habit.PARTLY_FORBIDDEN:
                lines += [f"Disallow: /{outlet.key}/a/*{digit}$" for digit in (0, 5)]
        return http.Response(text="\n".join(lines) + "\n")

    def _page(self, outlet: Outlet, number: int) -> http.Response:
        shows = outlet.shows(self.clock.now)
        if outlet.forbidden(number):
            self.log.forbidden.append(f"{outlet.key}/{number}")
        walls = (outlet.habit is Habit.WALLED and shows) or (outlet.habit is Habit.SOME_WALLS and number % 4 == 1)
        if walls:
            self.log.walls.add((outlet.key, number))
            return self._no_article(_NO_ARTICLES[number // 4 % len(_NO_ARTICLES)], outlet, number)
        return _html(bodies.page_of(outlet, number, teaser=outlet.habit is Habit.TEASERS and shows))

    def _no_article(self, kind: str, outlet: Outlet, number: int) -> http.Response:
        """What a page may be in place of an article."""
        match kind:
            case "front":
                return _to("/")
            case "bomb":
                return http.Response(body=bodies.bomb_of_50(), headers={"Content-Encoding": "gzip"})
            case "loop":
                return _to(f"/{outlet.key}/a/{number}")
            case "file":
                return _to("file:///etc/passwd")
            case "metadata":
                return _to(_METADATA[number % len(_METADATA)])
        return _html(bodies.wall(kind))

    def _feed(self, request: http.Request, outlet: Outlet) -> http.Response:
        now = self.clock.now
        numbers = outlet.in_feed_at(now)
        etag = {Habit.STUCK_ETAG: '"same"', Habit.ETAG: f'"{numbers.stop}"'}.get(outlet.habit)
        headers = {"ETag": etag} if etag else {}
        if etag and request.headers.get("If-None-Match") == etag:
            return http.Response(status=304, headers=headers)
        owner = outlet.twin_of or outlet
        place = self.address(owner, "/a/")
        if outlet.habit is Habit.LIST:
            return _html(bodies.list_of(outlet, numbers, place))
        return http.Response(
            body=bodies.feed_of(owner, numbers, place, now), content_type="application/xml", headers=headers
        )

    async def _trouble(self, request: http.Request, outlet: Outlet, *, moved: bool) -> http.StreamResponse | None:
        """What an outlet answers in place of its feed; None where it has no trouble now."""
        chance = self._chance.random()
        match outlet.habit:
            case Habit.FLAKY if chance < 0.1:
                return http.Response(status=503)
            case Habit.RATE_LIMITED if chance < 0.05:
                self._left_alone[outlet.host] = self.clock.now + _ASIDE
                self._unheard.add(outlet.host)
                return http.Response(status=429, headers={"Retry-After": str(_ASIDE.seconds)})
        if not outlet.shows(self.clock.now) or (outlet.habit is Habit.MOVES and moved):
            return None
        if outlet.habit is Habit.ENDLESS:
            return await _endless(request)
        return _in_spell(outlet)


def _in_spell(outlet: Outlet) -> http.Response | None:
    """What an outlet answers while its habit shows; None where that is a feed."""
    here = f"/{outlet.key}"
    places = {
        Habit.LOOP: f"{here}/feed",
        Habit.TO_FILE: "file:///etc/passwd",
        Habit.TO_METADATA: _METADATA[int(outlet.key[1:]) % len(_METADATA)],
        Habit.TO_FRONT: "/",
    }
    packed = {Habit.BOMB: bodies.bomb_of_50, Habit.TITLE: bodies.long_title}
    statuses = {Habit.ENDS: 410, Habit.RETURNS: 410, Habit.OUTAGE: 502}
    if outlet.habit is Habit.MOVES:
        return http.Response(status=301, headers={"Location": f"{here}/moved"})
    if outlet.habit is Habit.CROWD:
        return http.Response(body=bodies.crowd(), content_type="application/xml")
    if place := places.get(outlet.habit):
        return _to(place)
    if body := packed.get(outlet.habit):
        return http.Response(body=body(), headers={"Content-Encoding": "gzip"})
    return http.Response(status=statuses[outlet.habit]) if outlet.habit in statuses else None


def _html(body: bytes) -> http.Response:
    return http.Response(body=body, content_type="text/html")


def _to(location: str) -> http.Response:
    return http.Response(status=302, headers={"Location": location})


async def _endless(request: http.Request) -> http.StreamResponse:
    """A body that goes on until the other side has enough."""
    response = http.StreamResponse(headers={"Content-Type": "application/xml"})
    await response.prepare(request)
    piece = b"<item></item>\n" * 4_096
    try:
        while True:
            await response.write(piece)
    except (ConnectionError, http.HTTPException):
        return response


async def _hang(request: http.Request) -> None:
    """No answer for as long as anybody waits for one."""
    while not _is_given_up(request):  # noqa: ASYNC110  # aiohttp has no event
        await asyncio.sleep(0.05)


def _is_given_up(request: http.Request) -> bool:
    """Whether nobody waits for the answer any more; what has not noticed that yet is no visit."""
    return request.transport is None or request.transport.is_closing()
