"""`marsad sources` and `marsad why`, as an operator runs them: files, a real Redis, no network."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from streams.cli.main import app
from streams.engines import open_engines
from streams.settings import Secrets, load
from streams.stores.subscriptions import Subscription, SubscriptionStore
from tests.support.web import item, rss

Run = Callable[..., Any]  # a Result of whichever click typer brings


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `marsad` in a folder with a configuration."""
    (tmp_path / "marsad.yaml").write_text("sources: [{name: First, feed: http://a.example/feed}]\n")
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


OPML = """<opml><body><outline text="World"><outline text="One: 1" xmlUrl="http://b.example/1"/></outline>
<outline text="Known" xmlUrl="https://www.a.example/feed/"/><outline text="Bad" xmlUrl="nonsense"/>
<outline text="Site" htmlUrl="http://c.example/"/>
<outline text="Private" xmlUrl="http://me:s3cr3t@d.example/feed"/></body></opml>"""
NO_ADDRESS = "'nonsense' is no http:// or https:// address"
WITH_PASSWORD = "has a user or password in its address; add it without, with --credentials"  # what is said


def test_a_list_is_imported_and_exported(run: Run, tmp_path: Path) -> None:
    """What is known already is not added again; what is no address is said, with exit status 1."""
    (tmp_path / "list.opml").write_text(OPML)
    done = run("sources", "import", "list.opml", "--tag", "new", "--json")
    said = json.loads(done.stdout)
    assert done.exit_code == 1
    assert said == {
        "added": [{"name": "One 1", "feed": "http://b.example/1", "tags": ["World", "new"]}],
        "known": [{"name": "Known", "feed": "https://www.a.example/feed/"}],
        "refused": [
            {"name": "Bad", "feed": "nonsense", "site": None, "problem": NO_ADDRESS},
            {"name": "Site", "feed": None, "site": "http://c.example/", "problem": "no feed is named"},
            {"name": "Private", "feed": "http://d.example/feed", "site": None, "problem": WITH_PASSWORD},
        ],
    }
    assert "s3cr3t" not in done.output
    assert yaml.safe_load((tmp_path / "sources.yaml").read_text())["sources"] == said["added"]
    exported = run("sources", "export").stdout
    assert 'xmlUrl="http://b.example/1"' in exported
    assert 'xmlUrl="http://a.example/feed"' in exported
    lines = [json.loads(line) for line in run("sources", "export", "--json").stdout.splitlines()]
    assert lines == [{"name": "First", "feed": "http://a.example/feed"}, *said["added"]]


WITH_LOGINS = """<opml><body>
<outline text="A" xmlUrl="ftp://me:s3cr3t/w@d.example/feed" htmlUrl="http://me:s3cr3t@d.example/"/>
<outline text="http://me:s3cr3t@e.example/feed" htmlUrl="http://me:s3cr3t/w@e.example/"/>
<outline text="C" xmlUrl="http://me:s3cr3t/w@f.example/feed" htmlUrl="https://m.example/@reader"/>
<outline text="D" xmlUrl="http://me@g.example/feed"/><outline text="E" xmlUrl="s3cr3t@h.example"/>
<outline text="F" xmlUrl="http:/me:s3cr3t@i.example/feed"/><outline text="G" xmlUrl="http://me:s3cr3t@[/feed"/>
<outline text="Fine" xmlUrl="https://m.example/@reader.rss"/></body></opml>"""


def test_what_commands_beside_one_another_change_is_kept(run: Run, tmp_path: Path) -> None:
    """Each had read the file before the others wrote it: one of them stayed, or a name stood there twice."""
    del run
    command, names = (sys.executable, "-c", "from streams.cli.main import main; main()"), range(4)
    for number in names:
        lists = f'<opml><body><outline text="Same" xmlUrl="http://{number}.example/"/></body></opml>'
        (tmp_path / f"{number}.opml").write_text(lists)
    imports = [subprocess.Popen([*command, "sources", "import", f"{n}.opml"], cwd=tmp_path) for n in names]
    assert [started.wait(60) for started in imports] == [0] * len(names)
    found = yaml.safe_load((tmp_path / "sources.yaml").read_text())["sources"]
    assert [source["name"] for source in found] == ["Same", "Same 2", "Same 3", "Same 4"]
    assert len({source["feed"] for source in found}) == len(names)


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_password_anywhere_in_a_list_is_not_printed(run: Run, tmp_path: Path, form: tuple[str, ...]) -> None:
    """Neither from what is no address, nor from a site's, nor from a title; what follows it says which one it is."""
    (tmp_path / "list.opml").write_text(WITH_LOGINS)
    done = run("sources", "import", "list.opml", *form)
    assert (done.exit_code, "s3cr3t" in f"{done.output}{done.exception}") == (1, False)
    hosts = ("d.example/feed", "e.example", "f.example/feed", "g.example/feed", "https://m.example/@reader")
    assert not form or [host for host in hosts if host not in done.output] == []
    assert [source["name"] for source in yaml.safe_load((tmp_path / "sources.yaml").read_text())["sources"]] == ["Fine"]


def test_sources_are_listed_paused_and_removed(run: Run, tmp_path: Path) -> None:
    """One that stands in marsad.yaml is taken out there."""
    (tmp_path / "list.opml").write_text(OPML)
    run("sources", "import", "list.opml")
    assert json.loads(run("sources", "pause", "One 1", "--json").stdout) == {"name": "One 1", "done": "paused"}
    rows = [json.loads(line) for line in run("sources", "list", "--json").stdout.splitlines()]
    assert [(row["name"], row["health"]) for row in rows] == [("First", "new"), ("One 1", "paused")]
    assert [run("sources", "resume", "One 1").exit_code for _ in range(2)] == [0, 1]
    shown = json.loads(run("sources", "show", "One 1", "--json").stdout)
    assert (shown["polls"], shown["outcomes"], shown["settings"]["tags"]) == ([], {}, ["World"])
    assert json.loads(run("sources", "remove", "One 1", "--json").stdout) == {"name": "One 1", "done": "removed"}
    refused = run("sources", "remove", "First")
    assert (refused.exit_code, "marsad.yaml; take it out there" in refused.stderr) == (2, True)
    assert [line.split()[1] for line in run("sources", "list").stdout.splitlines()] == ["First"]
    assert run("sources", "health").exit_code == 0


def test_what_is_configured_of_a_source_is_changed(run: Run, tmp_path: Path) -> None:
    """By name or address, in the file that commands may change; what is said stays in the words of that file."""
    (tmp_path / "list.opml").write_text(OPML)
    run("sources", "import", "list.opml")
    options = ("--every", "30m", "--slowest", "4h", "--tag", "x", "--tag", "y", "--text", "feed", "--alert-archive")
    done = run("sources", "set", "http://b.example/1/", *options, "--credentials", "MARSAD_ONE_LOGIN", "--json")
    settings = {
        "name": "One 1",
        "feed": "http://b.example/1",
        "every": "30m",
        "slowest": "4h",
        "text": "feed",
        "alert_archive": True,
        "tags": ["x", "y"],
        "credentials": "MARSAD_ONE_LOGIN",
    }
    assert json.loads(done.stdout) == {"name": "One 1", "done": "changed", "settings": settings}
    assert done.stderr.startswith("MARSAD_ONE_LOGIN is not set here; workers that poll do not start without it")
    assert "running ones refuse every change of settings" in done.stderr
    (row,) = (json.loads(line) for line in run("sources", "list", "--json").stdout.splitlines() if "One 1" in line)
    assert row["settings"] == settings
    assert "  every: 30m\n" in run("sources", "show", "One 1").stdout
    moved = run("sources", "set", "One 1", "--address", "http://b.example/2", "--unset", "every", "--unset", "slowest")
    assert (moved.exit_code, moved.stdout) == (0, "One 1: changed\n")
    now = yaml.safe_load((tmp_path / "sources.yaml").read_text())["sources"][0]
    assert {**settings, "every": None, "slowest": None, "feed": "http://b.example/2"} == {
        "every": None,
        "slowest": None,
    } | now


@contextmanager
def _serving(body: bytes, content_type: str = "application/rss+xml") -> Iterator[str]:
    """The address of a feed, or a page, on loopback."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is to be said."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/feed"
        finally:
            server.shutdown()
            thread.join()


def test_a_source_is_added_with_all_that_is_said_of_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it stands in the file; its log-in only by the name of its variable."""
    monkeypatch.setenv("MARSAD_LOGIN", "me:s3cr3t")
    options = {
        "language": "ar",
        "country": "SY",
        "section": "politics",
        "every": "30m",
        "slowest": "4h",
        "text": "feed",
        "user_agent": "Reader/1",
        "credentials": "MARSAD_LOGIN",
    }
    words = [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", value)]
    with _serving(rss(item("One", "http://a.example/1", "Its own."), title="The Source")) as url:
        done = run("sources", "add", url, *words, "--tag", "x", "--alert-archive", "--allow-private", "--json")
    said = json.loads(done.stdout)
    assert (said["added"], [each["text"] for each in said["samples"]]) == (True, ["Its own."])
    assert said["source"] == {"name": "The Source", "feed": url, "tags": ["x"], "alert_archive": True, **options}
    assert yaml.safe_load((tmp_path / "sources.yaml").read_text())["sources"] == [said["source"]]
    (exported,) = (line for line in run("sources", "export", "--json").stdout.splitlines() if "The Source" in line)
    assert json.loads(exported) == said["source"]
    assert "LOGIN" not in run("sources", "export").stdout
    assert "s3cr3t" not in done.output + exported


def test_a_log_in_is_not_bound_to_another_site(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page whose feed lies elsewhere is followed there, but not with the log-in given for the page."""
    monkeypatch.setenv("MARSAD_LOGIN", "me:s3cr3t")
    with _serving(rss(item("One", "http://a.example/1", "Its own."))) as feed:
        page = f'<html><head><link rel="alternate" type="application/rss+xml" href="{feed}"></head></html>'.encode()
        with _serving(page, "text/html") as url:
            refused = run("sources", "add", url, "--text", "feed", "--credentials", "MARSAD_LOGIN", "--allow-private")
            assert f"{feed}: is another site than {url}" in f"{refused.output}{refused.exception}"
            assert not (tmp_path / "sources.yaml").exists()
            assert run("sources", "add", url, "--text", "feed", "--allow-private").exit_code == 0
    assert feed in (tmp_path / "sources.yaml").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("set", "First", "--every", "1h"), "stands in marsad.yaml; change it there"),
        (("set", "One 1"), "say what to change"),
        (("set", "One 1", "--every", "5"), "'5' is not a span of time"),
        (("set", "One 1", "--unset", "feed"), "is none of"),
        (("set", "One 1", "--every", "30m", "--unset", "every"), "--unset every: is given a value as well"),
        (("set", "One 1", "--address", "https://www.a.example/feed"), "is the address of First already"),
        (("set", "One 1", "--credentials", "me:s3cr3t"), "name the environment variable that holds it"),
        (("set", "One 1", "--address", "http://me:s3cr3t@b.example/"), "keep user and password out of the address"),
        (("set", "One 1", "--address", "http://me:s3cr3t@a.example/feed"), "keep user and password out of the address"),
        (("add", "http://me:s3cr3t@b.example/"), "keep user and password out of the address"),
        (("add", "http://b.example/2", "--credentials", "s3cr3t"), "name the environment variable that holds it"),
        (("add", "http://b.example/2", "--name", "a/b"), "a name is words"),
        (("add", "http://b.example/2", "--slowest", "1s"), "`slowest` is at least as long"),
    ],
)
def test_what_cannot_be_configured_is_refused(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    """Before anybody is asked; a secret that stands where its variable's name should is not repeated."""
    (tmp_path / "list.opml").write_text(OPML)
    run("sources", "import", "list.opml")
    text = (tmp_path / "sources.yaml").read_text()
    done = run("sources", *arguments)
    said = f"{done.output}{done.exception}"
    assert (done.exit_code != 0, message in said, "s3cr3t" in said) == (True, True, False)
    assert (tmp_path / "sources.yaml").read_text() == text


@pytest.mark.parametrize(
    "address",
    [
        "http://me:s3cr3t/w@b.example/",
        "http://me:s3cr3t#w@b.example/",
        "http://me:s3cr3t?w@b.example/",
        "http:/me:s3cr3t@b.example/",
        "ftp://me:s3cr3t/w@b.example/",
        "http://[s3cr3t@b.example/",
        "http://me:s3cr3t\u2100@b.example/",
    ],
)
@pytest.mark.parametrize("command", [("add",), ("set", "One 1", "--address")])
def test_an_address_whose_password_hides_from_a_url_parser_is_refused(
    run: Run, tmp_path: Path, command: tuple[str, ...], address: str
) -> None:
    """A slash or a hash in a password ends what a parser takes for the host; such an address is not repeated."""
    (tmp_path / "list.opml").write_text(OPML)
    run("sources", "import", "list.opml")
    text = (tmp_path / "sources.yaml").read_text()
    done = run("sources", *command, address)
    said = f"{done.output}{done.exception}"
    assert (done.exit_code != 0, "address" in said, "s3cr3t" in said) == (True, True, False)
    assert (tmp_path / "sources.yaml").read_text() == text


@pytest.mark.parametrize("address", ["https://m.example/@reader.rss", "http://b.example:8080/f?by=me@c.example"])
def test_an_at_sign_behind_the_host_is_no_log_in(run: Run, tmp_path: Path, address: str) -> None:
    """Feeds of persons have one in their path."""
    (tmp_path / "list.opml").write_text(OPML)
    run("sources", "import", "list.opml")
    assert run("sources", "set", "One 1", "--address", address).exit_code == 0
    assert yaml.safe_load((tmp_path / "sources.yaml").read_text())["sources"][0]["feed"] == address


def test_a_source_that_cannot_be_followed_is_not_added(run: Run, tmp_path: Path) -> None:
    """It says why; nothing is written."""
    done = run("sources", "add", "http://127.0.0.1:1/")
    assert (done.exit_code, "is not public" in done.stderr) == (1, True)
    assert not (tmp_path / "sources.yaml").exists()


def test_what_nobody_has_seen_is_said(run: Run) -> None:
    """With exit status 1; what is no address with 2."""
    done = run("why", "http://a.example/1", "--json")
    assert (done.exit_code, json.loads(done.stdout)["sources"]) == (1, [])
    with pytest.raises(Exception, match="neither an http"):
        CliRunner().invoke(app, ["why", "nonsense"], catch_exceptions=False)


def test_a_subscription_is_shown(run: Run) -> None:
    """At which hub, how far it is, and when it last pushed; not the secret."""
    pushed = datetime(2026, 3, 1, tzinfo=UTC)
    subscription = Subscription(
        hub="http://hub.example/",
        topic="http://a.example/feed",
        secret="s3cr3t",  # the test's own
        until=datetime(2999, 1, 1, tzinfo=UTC),
        pushed_at=pushed,
    )

    async def subscribe() -> None:
        async with open_engines(load(Path("marsad.yaml")), Secrets()) as engines:
            await SubscriptionStore(engines.redis, prefix=engines.prefix, worker="w").put("First", subscription)

    assert json.loads(run("sources", "show", "First", "--json").stdout)["push"] is None
    asyncio.run(subscribe())
    shown = run("sources", "show", "First", "--json").stdout
    assert json.loads(shown)["push"] == {
        "hub": "http://hub.example/",
        "topic": "http://a.example/feed",
        "state": "subscribed",
        "until": "2999-01-01T00:00:00Z",
        "pushed_at": "2026-03-01T00:00:00Z",
        "problem": None,
    }
    told = run("sources", "show", "First").stdout
    assert "hub http://hub.example/: subscribed, last push 2026-03-01 00:00" in told
    assert "s3cr3t" not in shown + told


def test_articles_with_the_text_of_their_feed_counted_as_not_published(run: Run) -> None:
    """In the list, where a source whose pages nobody may read had brought nothing."""

    async def end() -> None:
        async with open_engines(load(Path("marsad.yaml")), Secrets()) as engines:
            key = f"{engines.prefix}source:First:outcomes"
            await engines.redis.hset(key, mapping={"found": 5, "published": 1, "feed_text/robots": 3, "robots": 1})

    asyncio.run(end())
    assert "5 found, 4 published" in run("sources", "list").stdout
