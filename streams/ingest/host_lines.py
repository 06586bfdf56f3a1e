"""Leaves out of articles what their host puts on all its pages, and keeps account of the lines that come again. I/O.

A host is leased by who has one of its entries in hand, so that no two workers keep its account at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from streams.ingest import repeated_lines
from streams.ingest.press import Press, patiently
from streams.messages import Article
from streams.stores.hosts import HostStore

REMEMBER = timedelta(days=30)
"""How long the lines of a host are remembered that brings nothing."""


class HostLines:
    """The lines of all hosts."""

    def __init__(self, store: HostStore, press: Press, *, clock: Callable[[], datetime]) -> None:
        self._store, self._press, self._clock = store, press, clock

    async def without_furniture(self, article: Article, host: str, *, again: bool = False) -> Article:
        """The article without lines of its host's own; it is counted, unless it comes `again`."""
        known = repeated_lines.unpacked(await patiently(self._press.progress, lambda: self._store.lines(host)))
        text, left_out = repeated_lines.without_furniture(article.title, article.text, known)
        after = known if again else repeated_lines.counted(known, article.id, article.text, self._clock())
        if after is not known:
            packed = repeated_lines.packed(after)
            await patiently(self._press.progress, lambda: self._store.keep_lines(host, packed, REMEMBER))
        if not left_out:
            return article
        await patiently(self._press.progress, lambda: self._store.note_left_out(article.id, left_out))
        self._press.metrics.lines_left_out.inc(left_out)
        return article.model_copy(update={"text": text})
