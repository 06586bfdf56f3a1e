"""Subscribing to feeds at their hubs (WebSub): with a hub that keeps to the book, and with ones that do not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from redis.asyncio import Redis

from streams.ingest.fetch import Fetcher
from streams.ingest.ingest import Ingest
from streams.ingest.subscriptions import Subscriptions
from streams.observe.health import HealthServer
from streams.observe.metrics import Metrics
from streams.stores.hosts import HostStore
from streams.stores.subscriptions import Subscription, SubscriptionStore
from tests.support.desk import HOST, Desk
from tests.support.hub import CHALLENGE, HUB_HOST, Hub
from tests.support.newsroom import TOPICS
from tests.support.web import Web, bomb, rss

GO_ON = asyncio.Event()  # a stop that nobody asks for


class Newsroom:
    """A worker that polls a feed with a hub, once an hour and at least every six, and where the hub calls it."""

    def __init__(self, desk: Desk, hub: Hub, server: HealthServer) -> None:
        self.desk, self.hub, self.server = desk, hub, server
        self.store = SubscriptionStore(desk.redis, prefix="p:", worker="w")
        self.source = desk.source(every="1h")
        self.pushes = self.begin()

    def begin(self, worker: str = "w") -> Subscriptions:
        """Deal with hubs as this worker from now on, knowing nothing but what Redis knows."""
        self.pushes = Subscriptions(
            self.desk.sources,
            self.desk.visits,
            SubscriptionStore(self.desk.redis, prefix="p:", worker=worker),
            address=self.server.address,
            known=self.desk.store,
            progress=self.desk.progress,
            clock=self.desk.clock,
        )
        self.server.callbacks = self.desk.pushes = self.pushes
        return self.pushes

    def put(self, *titles: str, hub: str | None = None) -> None:
        """What the feed holds, and its hub."""
        links = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{hub or self.hub.url}"/>'
        links += '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="https://news.example/topic"/>'
        items = [self.desk.put_article(f"/{title}", title) for title in titles]
        self.desk.web.put(HOST, "/feed", rss(*items, head=links))

    async def poll(self) -> None:
        """Poll the feed, if it is due."""
        await self.desk.feeds()._poll(self.source, at_once=False)

    async def look(self) -> Subscription:
        """Do what is due at the hub; how far the subscription is then."""
        await self.pushes.look(GO_ON)
        known = await self.store.get(self.source.name)
        assert known is not None
        return known

    async def subscribe(self) -> Subscription:
        """Read the feed and subscribe."""
        self.put("One")
        await self.poll()
        return await self.look()

    @property
    def polls(self) -> int:
        """How often the feed was asked for."""
        return len(self.desk.web.requests(HOST, "/feed"))

    def counted(self, outcome: str) -> float | None:
        """How many pushes had this outcome."""
        return self.desk.metrics.registry.get_sample_value("marsad_pushes_total", {"outcome": outcome})


@pytest.fixture
async def room(web: Web, redis: Redis) -> AsyncIterator[Newsroom]:
    limits = {"allow_hosts": [HOST, HUB_HOST, "127.0.0.1"], "max_bytes": 100_000}
    desk, server = Desk(web, redis, limits=limits), HealthServer(Metrics(), [], host="127.0.0.1", port=0)
    await server.start()
    yield Newsroom(desk, Hub(web), server)
    await server.stop()
    await desk.fetcher.close()
    desk.reading.close()


async def test_a_feed_with_a_hub_is_subscribed_to(room: Newsroom) -> None:
    """With a secret, for what the feed calls itself; the hub's question is answered while it is asked."""
    known = await room.subscribe()
    (form,) = room.hub.forms
    assert room.hub.answers == [(200, CHALLENGE)]
    assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", "https://news.example/topic")
    assert (form["hub.secret"], len(form["hub.secret"])) == (known.secret, 64)
    assert form["hub.callback"] == f"{room.server.address}/websub/{known.token}"
    assert known.until == room.desk.clock() + timedelta(days=10)
    await room.look()
    assert room.hub.modes == ["subscribe"]


async def test_a_hub_in_the_header_is_one_too(room: Newsroom) -> None:
    """It comes before what stands in the feed."""
    room.put("One", hub="http://other.example/")
    page: Any = room.desk.web.pages[HOST, "/feed"]
    page.headers["Link"] = f'<{room.hub.url}>; rel="hub", </topic2>; rel="self"'
    await room.poll()
    known = await room.look()
    assert (known.hub, known.topic) == (room.hub.url, room.desk.web.url(HOST, "/topic2"))


async def test_a_push_means_that_the_feed_is_polled_at_once(room: Newsroom) -> None:
    """Through the ordinary way; while pushes announce what comes, the feed is asked six times less by itself."""
    await room.subscribe()
    room.desk.clock.forward(minutes=5)
    room.put("One", "Two")
    await room.poll()
    assert room.polls == 1
    assert await room.hub.push() == 202
    await room.poll()
    await room.desk.pages.run_once()
    assert (room.polls, sorted(room.desk.publisher.titles)) == (2, ["One", "Two"])
    state = await room.desk.store.state(room.source.name)
    assert state.next_poll == room.desk.clock() + timedelta(hours=6)
    await room.poll()
    assert room.polls == 2
    assert (await room.look()).pushed_at == room.desk.clock()


async def test_news_that_no_push_announced_bring_back_the_ordinary_interval(room: Newsroom) -> None:
    """A hub that has gone deaf costs one long interval."""
    await room.subscribe()
    for hours, title, pushed in ((1, "Two", True), (7, "Three", False)):
        room.desk.clock.forward(hours=hours)
        room.put("One", title)
        if pushed:
            await room.hub.push()
        await room.poll()
    state = await room.desk.store.state(room.source.name)
    assert state.next_poll
    assert state.next_poll <= room.desk.clock() + timedelta(hours=4)


async def test_a_push_that_came_before_the_news_did_not_put_them_off_for_hours(room: Newsroom) -> None:
    """A cache in between has the feed as it was: it is asked again at the ordinary interval."""
    await room.subscribe()
    room.put("One", "Two")
    for _ in range(2):
        room.desk.clock.forward(minutes=5)
        await room.hub.push()
        await room.poll()
    state = await room.desk.store.state(room.source.name)
    assert state.next_poll
    assert state.next_poll <= room.desk.clock() + timedelta(hours=2)
    room.desk.clock.forward(hours=2)
    await room.poll()
    assert (await room.desk.store.state(room.source.name)).next_poll == room.desk.clock() + timedelta(hours=6)


async def test_what_another_worker_has_polled_is_not_polled_again(room: Newsroom) -> None:
    """Both knew of the push."""
    await room.subscribe()
    room.desk.clock.forward(minutes=5)
    await room.hub.push()
    mine, other = room.pushes, room.begin("other")
    await other.look(GO_ON)
    await room.poll()
    assert (room.polls, await mine.pushed("News"), await other.pushed("News")) == (2, None, None)


async def test_a_hub_that_pushes_all_the_time_does_not_make_us_ask_all_the_time(room: Newsroom) -> None:
    """Every 30 seconds at most, and not at all while the feed fails."""
    await room.subscribe()
    room.desk.clock.forward(minutes=5)
    for _ in range(3):
        await room.hub.push()
        await room.poll()
    assert room.polls == 2
    room.desk.web.pages.pop((HOST, "/feed"))
    for _ in range(3):
        room.desk.clock.forward(seconds=31)
        await room.hub.push()
        await room.poll()
    assert room.polls == 3


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "md5=00", "sha256=é", "=", "sha256"])
async def test_a_push_that_is_not_rightly_signed_is_nothing(room: Newsroom, signature: str) -> None:
    """It is counted, and answered as if it had been: who guesses learns nothing."""
    await room.subscribe()
    room.desk.clock.forward(minutes=5)
    assert await room.hub.push(signature=signature) == 202
    await room.poll()
    assert (room.polls, room.counted("forged"), room.counted("accepted")) == (1, 1, None)


async def test_a_weak_signature_is_none(room: Newsroom) -> None:
    """SHA-1 is not accepted, SHA-512 is."""
    await room.subscribe()
    await room.hub.push(digest="sha1")
    await room.hub.push(digest="sha512")
    assert (room.counted("forged"), room.counted("accepted")) == (1, 1)


async def test_a_giant_push_is_left_unread(room: Newsroom) -> None:
    """The limit is that of a fetch; whoever pushes on is cut off."""
    await room.subscribe()
    assert await room.hub.push(b"x" * 900_000) in {413, 0}
    assert (room.counted("too_large"), room.counted("accepted")) == (1, None)


async def test_a_push_that_is_cut_short_is_nothing(room: Newsroom) -> None:
    """Whoever pushed has gone."""
    known = await room.subscribe()
    host, port = room.server.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"POST /websub/{known.token} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nshort".encode())
    writer.write_eof()
    assert b" 202 " not in await reader.read()
    writer.close()
    assert room.counted("accepted") is None


@pytest.mark.parametrize("body", [b"no gzip at all" * 99, bomb(50), b""])
async def test_a_push_that_is_packed_is_not_unpacked(room: Newsroom, body: bytes) -> None:
    """No bomb goes off."""
    known = await room.subscribe()
    headers = {"Content-Encoding": "gzip", "X-Hub-Signature": "sha256=00"}
    url = f"{room.server.address}/websub/{known.token}"
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        assert answer.status == 202
    assert (room.counted("accepted"), room.counted("forged")) == (None, 1)


async def test_a_push_that_never_ends_is_cut_off(room: Newsroom, web: Web, redis: Redis) -> None:
    """As a fetch is."""
    known = await room.subscribe()
    room.desk = Desk(web, redis, limits={"timeout": "20ms"}, clock=room.desk.clock)

    async def drip() -> AsyncIterator[bytes]:
        yield b"."
        await asyncio.Event().wait()

    assert await room.begin().deliver(known.token, "sha256=00", drip()) == 408
    assert room.counted("timeout") == 1


async def test_a_callback_that_nobody_gave_is_gone(room: Newsroom) -> None:
    """For questions as for pushes."""
    await room.subscribe()
    room.hub.forms[-1]["hub.callback"] = f"{room.server.address}/websub/guessed"
    assert await room.hub.push() == 410
    assert (await room.hub.verify(room.hub.forms[-1]))[0] == 410
    assert room.counted("unknown") == 1


@pytest.mark.parametrize(
    "wrong",
    [{"topic": "https://evil.example/"}, {"challenge": "<script>alert(1)</script> x"}, {"challenge": "x" * 2_000}],
)
async def test_what_was_not_asked_for_is_not_confirmed(room: Newsroom, wrong: dict[str, str]) -> None:
    """Another topic, or what no hub would want to hear back."""
    for name, value in wrong.items():
        setattr(room.hub, name, value)
    known = await room.subscribe()
    assert (room.hub.answers[0][0], known.until) == (404, None)


async def test_nobody_but_us_ends_a_subscription(room: Newsroom) -> None:
    """A question about an end that we did not ask for is denied."""
    await room.subscribe()
    assert (await room.hub.verify({**room.hub.forms[0], "hub.mode": "unsubscribe"}))[0] == 404
    assert (await room.look()).holds(room.desk.clock())


async def test_a_hub_that_denies_is_asked_again_after_a_day(room: Newsroom) -> None:
    """Its reason is kept for whoever looks; the feed is polled as ever."""
    room.hub.denies = True
    known = await room.subscribe()
    assert (known.problem, known.until) == ("the hub denies it: not for you", None)
    room.desk.clock.forward(hours=23)
    await room.look()
    assert len(room.hub.forms) == 1
    room.hub.denies = False
    room.desk.clock.forward(hours=2)
    assert (await room.look()).holds(room.desk.clock())


@pytest.mark.parametrize("trouble", [{"status": 500}, {"status": 404}, {"verifies": False}])
async def test_a_hub_that_fails_or_forgets_is_asked_less_and_less(room: Newsroom, trouble: dict[str, Any]) -> None:
    """After ten minutes, an hour, six hours, and then once a day."""
    for name, value in trouble.items():
        setattr(room.hub, name, value)
    await room.subscribe()
    asked = []
    for minutes in (9, 2, 58, 3, 350, 15, 1430, 15):
        room.desk.clock.forward(minutes=minutes)
        await room.look()
        asked.append(len(room.hub.forms))
    assert asked == [1, 2, 2, 3, 3, 4, 4, 5]


async def test_a_hub_with_a_private_address_is_not_asked(room: Newsroom) -> None:
    """A feed that anybody wrote could name any."""
    room.put("One", hub=room.desk.web.url("inside.example", "/"))
    await room.poll()
    known = await room.look()
    assert "is not public" in known.problem
    assert room.desk.web.requests("inside.example") == []


async def test_a_subscription_is_renewed_before_it_ends(room: Newsroom) -> None:
    """With the same callback and secret; the lease is the hub's."""
    room.hub.lease = 3 * 86_400
    first = await room.subscribe()
    assert first.until == room.desk.clock() + timedelta(days=3)
    room.desk.clock.forward(days=2)
    await room.look()
    assert len(room.hub.forms) == 1
    room.desk.clock.forward(hours=12)
    again = await room.look()
    assert room.hub.forms[0] == room.hub.forms[1]
    assert again.until == room.desk.clock() + timedelta(days=3)


async def test_a_paused_source_is_unsubscribed_from_and_subscribed_to_again(room: Newsroom) -> None:
    """The callback of before is gone."""
    first = await room.subscribe()
    await room.desk.store.books.pause(room.source.name, room.desk.clock())
    assert not (await room.look()).token
    assert room.hub.modes == ["subscribe", "unsubscribe"]
    assert await room.hub.push() == 410
    await room.desk.store.books.unpause(room.source.name)
    again = await room.look()
    assert again.holds(room.desk.clock())
    assert again.token not in {"", first.token}


async def test_a_source_that_was_removed_is_unsubscribed_from_and_forgotten(room: Newsroom) -> None:
    """By any worker with the new settings; also where the hub does not care to confirm."""
    await room.subscribe()
    room.hub.verifies = False
    room.desk.sources.clear()
    await room.begin().look(GO_ON)
    assert room.hub.modes == ["subscribe", "unsubscribe"]
    room.desk.clock.forward(days=1)
    await room.pushes.look(GO_ON)
    assert await room.store.all() == {}
    assert await room.hub.push() == 410


async def test_a_feed_that_names_its_hub_no_more_is_no_longer_subscribed_to(room: Newsroom) -> None:
    """What the hub still pushes is gone."""
    await room.subscribe()
    room.desk.web.put(HOST, "/feed", rss(room.desk.put_article("/One", "One")))
    room.desk.clock.forward(hours=6)
    await room.poll()
    assert (await room.store.all(), await room.hub.push()) == ({}, 410)


async def test_what_one_worker_was_pushed_another_polls(room: Newsroom) -> None:
    """The one that was called dies before it could; nothing of it was in its memory alone."""
    await room.subscribe()
    room.desk.clock.forward(minutes=5)
    room.put("One", "Two")
    await room.hub.push()
    room.begin("other")
    await room.pushes.look(GO_ON)
    await room.poll()
    assert room.polls == 2
    assert await room.store.due() == []


async def test_two_workers_ask_a_hub_once(room: Newsroom) -> None:
    """One of them speaks to hubs."""
    room.put("One")
    await room.poll()
    await room.pushes.look(GO_ON)
    await room.begin("other").look(GO_ON)
    assert room.hub.modes == ["subscribe"]


async def test_a_hub_that_calls_too_early_is_asked_to_come_again(room: Newsroom) -> None:
    """The worker's pages are there before its stages are."""
    await room.subscribe()
    room.server.callbacks = None
    assert await room.hub.push() == 503
    assert (await room.hub.verify(room.hub.forms[0]))[0] == 503


async def test_a_worker_subscribes_and_is_told_of_news(room: Newsroom) -> None:
    """The whole stage: the feed's turn is in an hour, and what is pushed is published now."""
    desk, stop = room.desk, asyncio.Event()
    room.put("One")
    ingest = Ingest(
        desk.sources,
        fetcher=Fetcher(
            desk.fetcher.settings.model_copy(update={"callback": room.server.address}),
            Metrics(),
            resolver=desk.web.resolver,
        ),
        store=desk.store,
        hosts=HostStore(desk.redis, prefix="p:", worker="w"),
        ledger=desk.ledger,
        publisher=desk.publisher,
        topics=TOPICS,
        metrics=desk.metrics,
        progress=desk.progress,
        subscriptions=room.store,
        clock=desk.clock,
    )
    room.server.callbacks = ingest.callbacks
    running = asyncio.create_task(ingest.run(stop))
    await _until(lambda: room.hub.answers and desk.publisher.titles)
    desk.clock.forward(minutes=1)
    room.put("One", "Two")
    await room.hub.push()
    await _until(lambda: len(desk.publisher.titles) == 2)
    stop.set()
    await running
    await ingest._feeds._visits.fetcher.close()
    assert (desk.publisher.titles, room.polls) == (["One", "Two"], 2)


async def _until(happened: Callable[[], object]) -> None:
    """Look every 10 ms, for 10 s at most."""
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110  # the recorders are plain lists
            await asyncio.sleep(0.01)
