"""The web that `make run` reads: two publishers on loopback, each with a feed and article pages.

A part of the sample, not of the product. Texts and furniture are under `pages/`; dates are set relative to `now`, so
that the sample never grows too old to alert.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Literal

from aiohttp import web

PAGES = Path(__file__).parent / "pages"
BROKEN_TITLE = "Correction"


@dataclass(frozen=True, slots=True)
class Story:
    """A text as one publisher prints it: `slug` names the text, `furniture` what stands around it."""

    slug: str
    furniture: str
    age: timedelta
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Publisher:
    """A host with one feed. `broken_entries` is how many entries of the feed lead nowhere."""

    name: str
    feed: Literal["rss", "atom"]
    stories: tuple[Story, ...]
    broken_entries: int = 0

    @property
    def entries(self) -> int:
        """How many entries the feed has, the broken ones included."""
        return len(self.stories) + self.broken_entries


PUBLISHERS = (
    Publisher(
        "sample-daily",
        "rss",
        (
            Story("bagheri-damascus", "daily-ar", timedelta(minutes=9), "ar"),
            Story("withdrawal-demand", "paper-en", timedelta(minutes=25)),
            Story("idlib-olive-harvest", "paper-en", timedelta(minutes=50)),
        ),
    ),
    Publisher(
        "sample-agency",
        "atom",
        (
            Story("bagheri-damascus", "agency-ar", timedelta(minutes=4), "ar"),
            Story("idlib-shelling", "paper-en", timedelta(minutes=12)),
            Story("footballer-withdraws", "paper-en", timedelta(minutes=40)),
        ),
        broken_entries=1,
    ),
)


def read_text(slug: str) -> tuple[str, list[str]]:
    """Headline and paragraphs of a text under `pages/articles`."""
    headline, *paragraphs = (PAGES / "articles" / f"{slug}.txt").read_text(encoding="utf-8").strip().split("\n\n")
    return headline, paragraphs


def render_page(story: Story, *, url: str, now: datetime) -> str:
    """The article as an HTML page with its publisher's furniture."""
    headline, paragraphs = read_text(story.slug)
    template = string.Template((PAGES / "furniture" / f"{story.furniture}.html").read_text(encoding="utf-8"))
    return template.substitute(
        language=story.language,
        direction="rtl" if story.language == "ar" else "ltr",
        headline=escape(headline),
        url=escape(url),
        published=(now - story.age).isoformat(timespec="seconds"),
        body="\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs),
    )


def render_rss(publisher: Publisher, *, base: str, now: datetime) -> str:
    """The publisher's feed as RSS 2.0; `base` is its address without a final slash."""
    items = "".join(
        f"<item><title>{escape(read_text(story.slug)[0])}</title><link>{base}/{story.slug}</link>"
        f'<guid isPermaLink="true">{base}/{story.slug}</guid>'
        f"<pubDate>{format_datetime(now - story.age)}</pubDate></item>\n"
        for story in publisher.stories
    )
    broken = f"<item><title>{BROKEN_TITLE}</title></item>\n" * publisher.broken_entries
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{publisher.name}</title><link>{base}/</link><description>Sample</description>\n"
        f"{items}{broken}</channel></rss>\n"
    )


def render_atom(publisher: Publisher, *, base: str, now: datetime) -> str:
    """The publisher's feed as Atom 1.0; `base` is its address without a final slash."""
    entries = "".join(
        f'<entry xml:lang="{story.language}"><title>{escape(read_text(story.slug)[0])}</title>'
        f'<id>{base}/{story.slug}</id><link href="{base}/{story.slug}"/>'
        f"<updated>{(now - story.age).isoformat(timespec='seconds')}</updated></entry>\n"
        for story in publisher.stories
    )
    broken = f"<entry><title>{BROKEN_TITLE}</title></entry>\n" * publisher.broken_entries
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>{publisher.name}</title><id>{base}/</id><updated>{now.isoformat(timespec='seconds')}</updated>\n"
        f"{entries}{broken}</feed>\n"
    )


class SampleSite:
    """Serves every publisher on a free loopback port of its own; `on_request` is told each path that was asked for."""

    def __init__(self, now: datetime, on_request: Callable[[str], None] = lambda _: None) -> None:
        self.now, self._on_request = now, on_request
        self.bases: dict[str, str] = {}
        self._runners: list[web.AppRunner] = []

    @property
    def feeds(self) -> dict[str, str]:
        """The address of each publisher's feed, by the publisher's name; empty until started."""
        return {publisher.name: f"{self.bases[publisher.name]}/feed.xml" for publisher in PUBLISHERS}

    async def start(self) -> None:
        """Listen on 127.0.0.1 only."""
        for publisher in PUBLISHERS:
            runner = web.AppRunner(self._application(publisher), access_log=None)
            await runner.setup()
            self._runners.append(runner)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.bases[publisher.name] = f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close every port."""
        while self._runners:
            await self._runners.pop().cleanup()

    def _application(self, publisher: Publisher) -> web.Application:
        stories = {story.slug: story for story in publisher.stories}

        async def feed(_: web.Request) -> web.Response:
            self._on_request(f"{publisher.name} feed")
            render = render_rss if publisher.feed == "rss" else render_atom
            text = render(publisher, base=self.bases[publisher.name], now=self.now)
            return web.Response(text=text, content_type=f"application/{publisher.feed}+xml", charset="utf-8")

        async def page(request: web.Request) -> web.Response:
            story = stories.get(request.match_info["slug"])
            if story is None:
                raise web.HTTPNotFound
            self._on_request(f"{publisher.name} {story.slug}")
            url = f"{self.bases[publisher.name]}/{story.slug}"
            return web.Response(text=render_page(story, url=url, now=self.now), content_type="text/html")

        async def robots(_: web.Request) -> web.Response:
            return web.Response(text="User-agent: *\nAllow: /\n")

        application = web.Application()
        application.router.add_get("/feed.xml", feed)
        application.router.add_get("/robots.txt", robots)
        application.router.add_get("/{slug}", page)
        return application
