"""Files until their articles are published, over a real Redis."""

import asyncio
import gzip
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from streams.errors import InputError
from streams.ingest import file_producer
from streams.ingest.causes import FetchCause, failure
from streams.ingest.file_producer import BATCH, FileProducer, files_at, look_at
from streams.ingest.identity import article_id
from streams.ingest.pages import Page
from streams.ingest.press import Press
from streams.ingest.reading import Reading
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.sections import SourceSettings
from streams.stores.seen import Note, Printed
from streams.stores.sources import SourceStore
from tests.support.newsroom import NOON, TOPICS, Clock, RecordingLedger, RecordingPublisher
from tests.support.reading import InlineReading
from tests.support.web import article_page

LONG = "The minister said on Sunday that the forces in the north must leave at once, and that talks go on."


class Files:
    """A source of files and what reads it."""

    def __init__(self, redis: Redis, *paths: Path, reading: Reading | None = None) -> None:
        self.publisher, self.ledger = RecordingPublisher(), RecordingLedger()
        store = SourceStore(redis, prefix="p:", worker="w")
        press = Press(self.ledger, self.publisher, TOPICS, Metrics(), Progress("ingest"))
        self.source = SourceSettings(name="Archive", files=paths, language="ar")
        self.producer = FileProducer([self.source], store, reading or InlineReading(), press, clock=Clock())

    @property
    def texts(self) -> list[str]:
        """The texts published, in order."""
        return [article.text for article in self.publisher.articles]


@pytest.fixture
def jsonl(tmp_path: Path) -> Callable[..., Path]:
    path = tmp_path / "a.jsonl"

    def write(*lines: object) -> Path:
        path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
        return path

    return write


async def test_each_format_gives_articles(redis: Redis, tmp_path: Path, jsonl: Callable[..., Path]) -> None:
    """JSONL by line, HTML by its text, anything else as it stands; what an operator names is no backlog."""
    page, text = tmp_path / "b.html", tmp_path / "c.txt"
    page.write_text(article_page("On the page", LONG))
    text.write_bytes("عنوان\n\nنص".encode("windows-1256"))
    line = {"id": "1", "title": "T", "text": "x", "date": "2026-02-28", "lang": "en", "authors": ["A"], "outlet": "O"}
    files = Files(redis, jsonl(line), page, text)
    await files.producer.run_once()
    first, second, third = files.publisher.articles
    assert (first.title, first.source, first.language, first.authors) == ("T", "Archive", "en", ("A",))
    assert (first.published, first.seen_at, first.backlog) == (datetime(2026, 2, 28, tzinfo=UTC), NOON, False)
    assert (second.title, LONG in second.text) == ("On the page", True)
    assert (third.title, third.text, third.language) == ("", "عنوان\n\nنص", "ar")


async def test_files_are_read_once(redis: Redis, jsonl: Callable[..., Path]) -> None:
    """A second start publishes nothing; a file that has grown is read again for what is new in it."""
    path = jsonl({"id": "1", "text": "one"})
    files = Files(redis, path)
    await files.producer.run_once()
    await files.producer.run_once()
    jsonl({"id": "1", "text": "one"}, {"id": "2", "text": "two"})
    os.utime(path, (1, 1))
    await files.producer.run_once()
    assert files.texts == ["one", "two"]


async def test_an_id_that_comes_again_with_other_words_is_an_update(redis: Redis, jsonl: Callable[..., Path]) -> None:
    """In one file or in a later state of it; however often the file is read, nothing older follows what is newer."""
    one, two, three = ({"id": "1", "text": text} for text in ("one", "two", "three"))
    other = {"id": "2", "text": "other"}
    path = jsonl(one, two, other)
    files = Files(redis, path)
    await files.producer.run_once()
    for lines in ([one, two, other], [one, two, other, three], [one, two, other, three]):
        jsonl(*lines)
        os.utime(path, (len(lines), 1))
        await redis.delete("p:source:Archive:files")
        await files.producer.run_once()
    published = [(article.text, article.revision) for article in files.publisher.articles]
    assert published == [("one", 1), ("two", 2), ("other", 1), ("three", 3)]
    assert files.ledger.tally == {"under_way": 2}
    store = SourceStore(redis, prefix="p:", worker="w")
    assert await store.books.outcomes("Archive") == {"found": 4, "published": 2, "updated": 2}


async def test_a_text_that_is_edited_in_place_is_an_update(redis: Redis, tmp_path: Path) -> None:
    """Of the article that the file is."""
    path = tmp_path / "a.txt"
    path.write_text("Forces leave.")
    files = Files(redis, path)
    await files.producer.run_once()
    path.write_text("Forces refuse to leave.")
    os.utime(path, (1, 1))
    await files.producer.run_once()
    assert [(article.text, article.revision) for article in files.publisher.articles] == [
        ("Forces leave.", 1),
        ("Forces refuse to leave.", 2),
    ]


async def test_an_article_that_a_feed_published_is_a_duplicate_in_a_file(
    redis: Redis, jsonl: Callable[..., Path]
) -> None:
    """Its text reads otherwise there, and is no update of it."""
    id_ = article_id(source="", url="https://a.example/1")
    store = SourceStore(redis, prefix="p:", worker="w")
    await store.seen.note("News", [Note(id_, "published", printed=Printed(1, bytes(26)))], NOON)
    files = Files(redis, jsonl({"id": "https://a.example/1", "text": "one"}))
    await files.producer.run_once()
    assert files.texts == []
    assert await store.books.outcomes("Archive") == {"found": 1, "duplicate": 1}


async def test_a_bad_line_is_counted_and_named_and_the_rest_is_read(redis: Redis, jsonl: Callable[..., Path]) -> None:
    """Once, also when the file is read again."""
    path = jsonl("nonsense", {"id": "1", "text": "one"})
    files = Files(redis, path)
    with capture_logs() as lines:
        await files.producer.run_once()
        os.utime(path, (1, 1))
        await files.producer.run_once()
    assert [line["problem"].startswith(f"{path}:1: is not JSON") for line in lines] == [True]
    assert files.texts == ["one"]
    assert files.ledger.tally == {"unreadable": 1, "under_way": 1}
    outcomes = await SourceStore(redis, prefix="p:", worker="w").books.outcomes("Archive")
    assert outcomes == {"found": 2, "published": 1, "unreadable": 1}


async def test_a_file_that_is_missing_is_named_and_the_next_is_read(
    redis: Redis, tmp_path: Path, jsonl: Callable[..., Path]
) -> None:
    """It may come later: the next start looks again."""
    files = Files(redis, tmp_path / "missing.txt", jsonl({"id": "1", "text": "one"}))
    with capture_logs() as lines:
        await files.producer.run_once()
    assert [(line["event"], "missing.txt" in line["problem"]) for line in lines] == [("source_failed", True)]
    assert files.texts == ["one"]


async def test_a_crash_in_the_middle_loses_nothing(redis: Redis, jsonl: Callable[..., Path]) -> None:
    """What was published and not yet marked, a batch at most, is published again with the same id."""
    path = jsonl(*({"id": str(number), "text": f"text {number}"} for number in range(250)))
    files = Files(redis, path)
    files.publisher.on_publish = None

    class Dying(RecordingPublisher):
        async def publish(self, topic: str, key: str, value: bytes) -> None:
            await super().publish(topic, key, value)
            if len(self.articles) == 130:
                raise asyncio.CancelledError

    dying = Dying()
    press = Press(files.ledger, dying, TOPICS, Metrics(), Progress("ingest"))
    store = SourceStore(redis, prefix="p:", worker="w")
    with pytest.raises(asyncio.CancelledError):
        await FileProducer([files.source], store, InlineReading(), press, clock=Clock()).run_once()
    await files.producer.run_once()
    ids = [article.id for article in (*dying.articles, *files.publisher.articles)]
    assert (len(set(ids)), len(ids)) == (250, 250 + BATCH)
    assert files.ledger.tally == {"under_way": 250}


async def test_a_file_that_changes_after_its_worker_died_is_published_as_it_is_now(
    redis: Redis, jsonl: Callable[..., Path]
) -> None:
    """Lines that were published have a next number where they say something else now, and the same where not."""
    lines = [{"id": name, "text": f"{LONG} {name}."} for name in "ab"]
    first = Files(redis, jsonl(*lines))
    first.publisher.on_publish = asyncio.CancelledError
    with pytest.raises(asyncio.CancelledError):
        await first.producer.run_once()
    again = Files(redis, jsonl(lines[0], {"id": "b", "text": "Now it says something else altogether, the desk said."}))
    await again.producer.run_once()
    a, b = (article_id(source="Archive", own_id=name) for name in "ab")
    assert {article.id for article in first.publisher.articles} == {a, b}
    assert [(article.id, article.revision) for article in again.publisher.articles] == [(a, 1), (b, 1), (b, 2)]


async def test_files_that_another_worker_reads_are_looked_at_again(redis: Redis, jsonl: Callable[..., Path]) -> None:
    """That worker may not come to the end: `run` waits for it rather than leave the file unread."""
    files = Files(redis, jsonl({"id": "1", "text": "one"}))
    await SourceStore(redis, prefix="p:", worker="other").lease("Archive", timedelta(minutes=5))
    stop = asyncio.Event()
    reading = asyncio.create_task(files.producer.run(stop))
    await asyncio.wait({reading}, timeout=0.2)
    assert not reading.done()
    stop.set()
    await reading
    assert files.texts == []


async def test_the_clock_of_a_replayed_line_is_its_own(redis: Redis, jsonl: Callable[..., Path]) -> None:
    """`seen_at` of a line is kept."""
    files = Files(redis, jsonl({"id": "1", "text": "one", "seen_at": "2019-03-18T00:00:00Z"}))
    await files.producer.run_once()
    assert files.publisher.articles[0].seen_at == datetime(2019, 3, 18, tzinfo=UTC)


def test_a_look_at_a_source_names_the_file_that_is_missing(tmp_path: Path) -> None:
    """For `marsad check`."""
    present = tmp_path / "a.txt"
    present.write_text("x")
    assert look_at(SourceSettings(name="S", files=(present,))) == "1 files"
    with pytest.raises(InputError, match="missing"):
        look_at(SourceSettings(name="S", files=(present, tmp_path / "missing.txt")))


def _warc(path: Path, *pages: tuple[str, bytes, str]) -> None:
    """A web archive with these pages: address, body, status."""
    records = b""
    for url, body, status in pages:
        http = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n".encode() + body
        head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nContent-Length: {len(http)}\r\n"
        record = f"{head}Content-Type: application/http; msgtype=response\r\n\r\n".encode() + http + b"\r\n\r\n"
        records += gzip.compress(record) if path.suffix == ".gz" else record
    path.write_bytes(records)


@pytest.mark.parametrize("suffix", [".warc", ".warc.gz"])
async def test_a_web_archive_gives_its_pages(redis: Redis, tmp_path: Path, suffix: str) -> None:
    """Those that were fetched with success, under their addresses; a wall is unreadable, and so is damage."""
    path, wall = tmp_path / f"crawl{suffix}", b"<title>404 - Page not found</title><h1>Page not found</h1>"
    page = article_page("Forces leave", LONG, LONG).encode()
    _warc(
        path,
        ("https://a.example/1", page, "200 OK"),
        ("https://a.example/2", page, "404 Not Found"),
        ("https://a.example/3", wall, "200 OK"),
    )
    if suffix == ".warc":
        with path.open("ab") as stream:
            stream.write(b"WARC/1.0\r\nbroken")
    files = Files(redis, path)
    await files.producer.run_once()
    assert [(article.url, article.title) for article in files.publisher.articles] == [
        ("https://a.example/1", "Forces leave")
    ]
    assert files.publisher.articles[0].id == article_id(source="x", url="https://a.example/1")
    assert files.ledger.tally["unreadable"] >= 1


async def test_a_folder_is_watched(redis: Redis, tmp_path: Path) -> None:
    """What comes into it is read at the next look, once it is no longer being written; hidden files never."""
    folder = tmp_path / "in"
    folder.mkdir()
    files, stop = Files(redis, folder), asyncio.Event()

    def put(name: str, text: str, *, age: float = 60) -> None:
        (folder / name).write_text(text)
        os.utime(folder / name, (time.time() - age, time.time() - age))

    put("a.txt", "First")
    put(".hidden.txt", "Hidden")
    put("b.txt", "Half", age=0)
    await files.producer.run_once()
    assert files.texts == ["First"]
    put("b.txt", "Second")
    await files.producer.run_once()
    assert files.texts == ["First", "Second"]
    assert look_at(files.source) == "2 files"
    running = asyncio.create_task(files.producer.run(stop))
    await asyncio.sleep(0.05)
    assert not running.done()
    stop.set()
    await running


async def test_a_file_renamed_while_its_folder_was_looked_at_ended_the_worker(redis: Redis, tmp_path: Path) -> None:
    """What is there by name and gone by the time it is looked at is passed over, as a link to nowhere is."""
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "b.txt").write_text("two")
    (tmp_path / ".part").write_text("half")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "c.txt").write_text("none")
    for name in ("b.txt", ".part", ".hidden/c.txt"):
        os.utime(tmp_path / name, (time.time() - 60,) * 2)
    files = Files(redis, tmp_path)
    await files.producer.run_once()
    assert (files.texts, files_at(tmp_path)) == (["two"], [tmp_path / "b.txt"])
    real, path = os.stat, tmp_path / "b.txt"

    with pytest.MonkeyPatch.context() as patched:

        def stat(name: str | Path, **how: bool) -> os.stat_result:
            if name == path:
                path.unlink(missing_ok=True)
            return real(name, **how)

        patched.setattr(os, "stat", stat)
        assert files_at(tmp_path) == []


async def test_a_folder_that_is_not_there_yet_was_never_looked_at_again(
    redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one of a disk that is mounted later. It is missed once in the log, however often it is looked for."""
    monkeypatch.setattr(file_producer, "LOOK_AGAIN", timedelta(milliseconds=20))
    folder, stop = tmp_path / "inbox", asyncio.Event()
    files = Files(redis, folder)
    with capture_logs() as logs:
        running = asyncio.create_task(files.producer.run(stop))
        async with asyncio.timeout(30):
            while not logs:  # noqa: ASYNC110  # the producer has no event for it
                await asyncio.sleep(0.01)
            (tmp_path / "outbox").mkdir()
            (tmp_path / "outbox" / "a.txt").write_text("one")
            os.utime(tmp_path / "outbox" / "a.txt", (time.time() - 60,) * 2)
            (tmp_path / "outbox").rename(folder)
            while not files.texts:  # noqa: ASYNC110  # nor for that
                await asyncio.sleep(0.01)
            stop.set()
            await running
    assert (files.texts, [line["event"] for line in logs]) == (["one"], ["source_failed"])


async def test_a_file_of_tomorrow_was_not_read_before(redis: Redis, tmp_path: Path) -> None:
    """Its time is by another machine's clock; one that is being written has ours."""
    (tmp_path / "a.txt").write_text("one")
    os.utime(tmp_path / "a.txt", (time.time() + 86_400,) * 2)
    files = Files(redis, tmp_path)
    await files.producer.run_once()
    assert files.texts == ["one"]


async def test_a_page_whose_reader_was_killed_ended_as_unreadable(redis: Redis, tmp_path: Path) -> None:
    """It was not at fault, and nobody would have read it again; one that kills its readers is given up."""
    died = set[bytes]()

    class Mortal(InlineReading):
        """Dies of everything once, and of one page always."""

        async def page(self, raw: bytes, url: str, content_type: str) -> Page:
            if raw not in died or b"Deadly" in raw:
                died.add(raw)
                raise failure(FetchCause.READ_CRASH, "cannot be read: its reader was ended by SIGKILL", url=url)
            return await super().page(raw, url, content_type)

    for name in ("One", "Deadly"):
        (tmp_path / f"{name}.html").write_text(article_page(name, LONG, LONG))
    files = Files(redis, tmp_path / "One.html", tmp_path / "Deadly.html", reading=Mortal())
    await files.producer.run_once()
    assert ([article.title for article in files.publisher.articles], files.ledger.tally["unreadable"]) == (["One"], 1)


async def test_a_file_whose_name_is_not_utf_8_ended_the_stage(redis: Redis, tmp_path: Path) -> None:
    """Its articles are published under ids that name the byte."""
    for name, content in ((b"caf\xe9.txt", "A story"), (b"caf\xe9.jsonl", '{"text": "A line"}\nnonsense')):
        path = tmp_path / os.fsdecode(name)
        path.write_text(content)
        os.utime(path, (1, 1))
    files = Files(redis, tmp_path)
    await files.producer.run_once()
    await files.producer.run_once()
    ids = [article_id(source="Archive", own_id=f"{tmp_path}/caf\\xe9{end}") for end in (".jsonl:1", ".txt")]
    assert [article.id for article in files.publisher.articles] == ids
    assert files.ledger.tally == {"under_way": 2, "unreadable": 1}


async def test_a_picture_in_a_folder_was_an_article(redis: Redis, tmp_path: Path) -> None:
    """What holds no text is unreadable; so are lines that were packed, and an empty file."""
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b'{"text": "one"}\n' * 9))
    (tmp_path / "c.txt").write_bytes(b" \n\n")
    names = ("a.png", "b.jsonl.gz", "c.txt")
    files = Files(redis, *(tmp_path / name for name in names))
    with capture_logs() as lines:
        await files.producer.run_once()
    assert (files.texts, files.ledger.tally) == ([], {"unreadable": 3})
    assert [line["problem"] for line in lines] == [f"{tmp_path}/{name}: holds no text" for name in names]
