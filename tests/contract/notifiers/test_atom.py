"""The Atom feed: read back by a reader of feeds, edited in place, served by the worker."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import feedparser
import pytest

from streams.alerts import Notification, Revision
from streams.errors import DeliveryRefusedError
from streams.notify.atom import MOST, Atom
from streams.notify.notifier import Earlier
from streams.notify.wording import Wording
from streams.observe.health import HealthServer
from streams.observe.metrics import Metrics
from tests.support.alerting import NOON, alert_content, article, notification


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alerts.atom"


def read(path: Path) -> feedparser.FeedParserDict:
    """The feed as a reader sees it; it has to be sound."""
    feed = feedparser.parse(path.read_bytes())
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def entries(path: Path) -> list[feedparser.FeedParserDict]:
    return list(read(path).entries)


async def test_each_notification_is_an_entry(path: Path) -> None:
    """The latest first, with its id, link, date and words; to send it twice is to send it once."""
    notifier = Atom(path, title="desk", wording=Wording("ar"))
    for number in (1, 2, 2):
        await notifier.send(notification(number))
    latest, first = entries(path)
    assert (latest.id, first.id) == tuple(f"urn:marsad:{notification(number).id}" for number in (2, 1))
    assert latest.link == article().url
    assert "Rule withdrawal" in latest.title
    assert "باقري" in latest.content[0].value
    assert latest.updated == NOON.isoformat()
    assert read(path).feed.title == "desk"


async def test_a_name_of_two_words_made_an_id_that_is_none(path: Path) -> None:
    """RFC 4287 has an IRI there, and in these there are no spaces."""
    await Atom(path, title="مكتب التحرير").check()
    assert read(path).feed.id == "urn:marsad:%D9%85%D9%83%D8%AA%D8%A8%20%D8%A7%D9%84%D8%AA%D8%AD%D8%B1%D9%8A%D8%B1"


async def test_what_a_feed_did_not_tell_first_is_no_entry_of_it(path: Path) -> None:
    """The receiver was a Slack bot before: its message's name became an entry's id."""
    revision = Revision(alert="a1:0123", seen_at=NOON, told=(alert_content(),))
    with pytest.raises(DeliveryRefusedError):
        await Atom(path, title="alerts").send(
            Notification(id="n1:edit", receiver="desk", content=revision), Earlier(first="C0123456/1700000000.000001")
        )


async def test_the_first_entry_of_an_alert_is_edited_as_it_grows(path: Path) -> None:
    """Under the same id, with what is known by now."""
    notifier = Atom(path, title="desk")
    receipt = await notifier.send(notification(1))
    told = (alert_content(), alert_content(number=2))
    grown = Revision(alert="a1:0123", seen_at=NOON, told=told, sources=("A", "B"), articles=7, origins=2)
    await notifier.send(notification(1).model_copy(update={"content": grown}), Earlier(first=receipt.text))
    (entry,) = entries(path)
    assert entry.id == receipt.text
    assert "7 articles" in entry.content[0].value


async def test_old_entries_are_dropped(path: Path) -> None:
    """A reader that comes often enough misses none, and the file stays small."""
    notifier = Atom(path, title="desk")
    for number in range(MOST + 2):
        await notifier.send(notification(number))
    assert [entries(path)[at].id for at in (0, -1)] == [
        f"urn:marsad:{notification(number).id}" for number in (MOST + 1, 2)
    ]


async def test_workers_that_share_a_file_take_turns(path: Path) -> None:
    """No entry of either is lost."""
    workers = [Atom(path, title="desk") for _ in range(2)]
    await asyncio.gather(*(workers[number % 2].send(notification(number)) for number in range(20)))
    assert len(entries(path)) == 20


@pytest.mark.parametrize("there", [b"", b"<rss></rss>", b"\xff not xml"])
def test_what_is_no_feed_of_ours_is_begun_anew(path: Path, there: bytes) -> None:
    """A file that a crash of the machine left empty holds nobody up."""
    path.write_bytes(there)
    asyncio.run(Atom(path, title="desk").send(notification(1)))
    assert len(entries(path)) == 1


async def test_control_characters_do_not_break_it(path: Path) -> None:
    """A hostile title is shown without what XML has no place for."""
    hostile = alert_content(article=article(title="a\x00b\x0b]]><script>\ud800"))
    await Atom(path, title="desk\x01").send(notification(1).model_copy(update={"content": hostile}))
    assert "script" in entries(path)[0].title


async def test_an_address_that_no_xml_can_hold_emptied_the_feed(path: Path) -> None:
    """It could not be read back, and the next notification began a new one."""
    notifier = Atom(path, title="desk")
    for number, end in enumerate(("a", "\ufffe", "c")):
        await notifier.send(notification(number, article=article(url=f"https://example.org/{end}")))
    assert [entry.link for entry in entries(path)] == [f"https://example.org/{end}" for end in ("c", "", "a")]


async def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """By `check` and by `send`."""
    notifier = Atom(tmp_path / "no" / "alerts.atom", title="desk")
    for call in (notifier.check(), notifier.send(notification())):
        with pytest.raises(DeliveryRefusedError, match="cannot be written: No such file"):
            await call


async def test_the_worker_serves_it(path: Path) -> None:
    """Under the receiver's name, once something has been told; no other file of the folder."""
    server = HealthServer(Metrics(), [], host="127.0.0.1", port=0, feeds={"the desk": path})
    await server.start()
    try:
        async with aiohttp.ClientSession() as session:
            statuses = []
            for name in ("the%20desk", "other", "..%2Falerts"):
                async with session.get(f"{server.address}/feeds/{name}.atom") as answer:
                    statuses.append(answer.status)
            assert statuses == [404, 404, 404]
            await Atom(path, title="the desk").send(notification(1))
            async with session.get(f"{server.address}/feeds/the%20desk.atom") as answer:
                assert (answer.status, answer.content_type) == (200, "application/atom+xml")
                assert notification(1).id in await answer.text()
    finally:
        await server.stop()
