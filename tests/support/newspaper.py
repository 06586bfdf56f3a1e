"""A newspaper that prints while a test goes on: feeds that carry whole texts, which grow as the test releases articles.

No two texts have more in common than a sentence, and of the first 264 no two alerting ones a place, so that each is a
happening of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from html import escape
from random import Random
from typing import Any

from aiohttp import web

EVERY = 6
"""One article in so many alerts."""
_SYLLABLES = ("ba", "do", "fi", "gu", "ke", "lo", "mi", "nu", "pa", "ri", "so", "tu", "va", "we", "zo")
_DEMAND = "Iraq's defence minister called on Turkey to withdraw its troops from {} without delay."
_PLACES = """
    Afghanistan, Algeria, Armenia, Azerbaijan, Bahrain, Britain, China, Egypt, Eritrea, Ethiopia, France, Georgia,
    Germany, India, Iran, Israel, Japan, Jordan, Kuwait, Lebanon, Libya, Mali, Morocco, North Korea, Oman, Pakistan,
    Qatar, Russia, Saudi Arabia, Somalia, South Korea, South Sudan, Tunisia, UAE, Ukraine, United States, Yemen, Cyprus,
    Damascus, Aleppo, Homs, Hama, Latakia, Idlib, Hasakah, Deir ez-Zor, Tartus, Raqqa, Daraa, Sweida
"""
PLACES = tuple(place.strip() for place in _PLACES.split(","))
_NOTHING = "The council opened a library beside the river."


def alerts(number: int) -> bool:
    """Whether the article of this number alerts, by the rule `troop-withdrawal-demand`."""
    return number % EVERY == 0


@cache
def text(number: int) -> str:
    """The article's text: made-up words that only it has, and one sentence that matters or does not."""
    random = Random(number)  # noqa: S311  # the same text in every run
    words = ["".join(random.choices(_SYLLABLES, k=4)) for _ in range(60)]
    sentences = [" ".join(words[at : at + 12]).capitalize() + "." for at in range(0, 60, 12)]
    sentences.insert(2, _DEMAND.format(PLACES[number // EVERY % len(PLACES)]) if alerts(number) else _NOTHING)
    return " ".join(sentences)


class Newspaper:
    """Feeds on loopback, among which the articles are dealt out; nothing is in them until it is released."""

    def __init__(self, articles: int, *, feeds: int = 3, window: int | None = None) -> None:
        """`window` is how many articles a feed holds, the latest; None for all."""
        self.articles, self._feeds, self._window = articles, feeds, window
        self.released, self._base = 0, ""
        self._runner: web.AppRunner | None = None
        self._printed = datetime.now(UTC)

    @property
    def sources(self) -> list[dict[str, Any]]:
        """The feeds as `sources` of a configuration, for articles that all count as news."""
        return [
            {
                "name": f"feed-{n}",
                "feed": f"{self._base}/feed/{n}",
                "every": "1s",
                "text": "feed",
                "alert_archive": True,
            }
            for n in range(self._feeds)
        ]

    @property
    def alerting(self) -> set[str]:
        """The addresses of the articles that alert."""
        return {self.url(number) for number in range(self.articles) if alerts(number)}

    def release(self, upto: int) -> None:
        """Print the articles up to this number; they are in the feeds from the next poll on."""
        self.released = max(self.released, min(upto, self.articles))

    async def start(self) -> None:
        """Listen on a free port of loopback."""
        application = web.Application()
        application.router.add_get("/feed/{number}", self._serve)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close the port."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        mine = range(int(request.match_info["number"]), self.released, self._feeds)
        items = "".join(map(self._item, mine[-self._window :] if self._window else mine))
        feed = f'<rss version="2.0"><channel><title>A newspaper</title>{items}</channel></rss>'
        return web.Response(text=feed, content_type="application/rss+xml", charset="utf-8")

    def _item(self, number: int) -> str:
        return (
            f"<item><title>Report {number}</title><link>{self.url(number)}</link>"
            f"<pubDate>{format_datetime(self._printed)}</pubDate><description>{escape(text(number))}</description></item>"
        )

    def url(self, number: int) -> str:
        """The address of the article of this number."""
        return f"{self._base}/article/{number}"
