"""What it costs to read the article of a page, as the processes that read do it."""

from __future__ import annotations

import time
from html import escape

from streams.ingest.readers import read_page
from tests.bench.articles import Pool, Text
from tests.bench.figures import Figure, say
from tests.support.web import article_page

_PAGES, _PASSES = 100, 3
_LINKS = 300
"""Links around an article, to other articles and sections: pages of news sites have hundreds."""


def measure(pool: Pool) -> list[Figure]:
    """Articles read for each second of one core: the best of a few passes, after one that loads what is needed."""
    pages = [_page(text) for text in pool.texts[:_PAGES]]
    say(f"reading: {len(pages)} pages, {_PASSES} times")
    rates = []
    for _ in range(1 + _PASSES):
        began = time.process_time()
        for raw in pages:
            read_page(raw, "https://news.example/1")
        rates.append(len(pages) / (time.process_time() - began))
    size = sum(map(len, pages)) / len(pages) / 1000
    how = f"made pages, mean {size:.0f} KB, with {_LINKS} links around the article"
    return [Figure("articles read from pages on one core", max(rates[1:]), "articles/s", how)]


def _page(text: Text) -> bytes:
    links = "".join(
        f'<li><a href="/news/{number}">Another report, number {number}</a></li>' for number in range(_LINKS)
    )
    page = article_page(escape(text.title), *map(escape, text.body.split("\n")), language=text.language or "en")
    return page.replace("</body>", f"<aside><ul>{links}</ul></aside></body>").encode()
