"""Whether every feed that feedparser reads is read whole: `python -m tests.bench.feed_corpus FOLDER`.

FOLDER is one of feeds, such as `tests` in feedparser's own source distribution (2,242 files in 6.0.14).
"""

from __future__ import annotations

import calendar
import html
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser

from streams.errors import FetchError
from streams.ingest.entries import Entry
from streams.ingest.feeds import read_feed

_DATES = ("published_parsed", "updated_parsed")


def main(folder: Path) -> None:
    """Print each loss, then the totals. Words of scripts, and those read in a better encoding, look like losses too."""
    totals: Counter[str] = Counter()
    for path in sorted(folder.rglob("*.xml")):
        raw = path.read_bytes()
        parsed = feedparser.parse(raw)
        totals["files"] += 1
        try:
            entries = read_feed(raw).entries
        except FetchError as error:
            entries = ()
            if parsed.version:
                sys.stdout.write(f"{path} is refused: {error}\n")
                totals["refused"] += 1
        totals["entries"] += len(entries)
        for loss in _losses(parsed.entries, entries):
            sys.stdout.write(f"{path} {loss}\n")
            totals["losses"] += 1
    sys.stdout.write(", ".join(f"{name} {count}" for name, count in totals.items()) + "\n")


def _losses(theirs: list[Any], ours: tuple[Entry, ...]) -> Iterator[str]:
    """What feedparser has and we have not; Any, because it has no types."""
    if len(theirs) != len(ours):
        yield f"has {len(theirs)} entries, {len(ours)} were read"
        return
    for their, our in zip(theirs, ours, strict=True):
        stated = next((their[key] for key in _DATES if their.get(key)), None)
        pairs = {
            "id": (their.get("id"), our.own_id),
            "link": (their.get("link"), our.link or our.stated_link),
            "title": (_words(their.get("title")), _words(html.escape(our.title))),
            "summary": (_words(their.get("summary")), _words(html.escape(our.summary or our.text))),
            "author": (author := _author(their), author if author in our.authors else our.authors),
            "date": (stated and datetime.fromtimestamp(calendar.timegm(stated), UTC), our.published),
        }
        yield from (
            f"{name}: {theirs!r} became {ours!r}" for name, (theirs, ours) in pairs.items() if theirs and theirs != ours
        )


def _author(their: Any) -> str | None:
    """The name of its first author, or what stands in its place."""
    detail = (their.get("authors") or [{}])[0]
    author: str | None = detail.get("name") or detail.get("email") or their.get("author")
    return author


def _words(markup: str | None) -> list[str]:
    bare = re.sub(r"<!--.*?-->|<(script|style).*?</\\1>|</?[a-zA-Z][^<>]*>", " ", markup or "", flags=re.DOTALL)
    return re.findall(r"\w+", html.unescape(bare))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
