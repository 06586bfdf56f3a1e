"""When a page was published: what its metadata and its Arabic lines say, beside the day that htmldate finds. Pure.

htmldate gives a day without a time, and does not know the Arabic months of the Levant and the Maghreb.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from streams.ingest.dates import moment_of, precision_of
from streams.messages import DateFrom, DatePrecision

_METADATA = (
    "//meta[@property='article:published_time' or @property='og:published_time']/@content",
    "//meta[@name='article:published_time' or @name='date' or @name='pubdate' or @name='publishdate']/@content",
    "//meta[@itemprop='datePublished']/@content",
    "//time[@itemprop='datePublished' or @pubdate]/@datetime",
    "//time/@datetime",
)
_PLACES = (
    "//time",
    "//*[contains(@class,'date') or contains(@class,'time') or contains(@class,'meta') or contains(@id,'date')]",
    "//body//*[not(*)][not(self::script or self::style)][string-length(.) < 80]",
)
"""Where a page says for readers when it was published, best first: the last is every short line."""

_LINE_CHARACTERS = 160
_MOST_LINES = 2_000
_ARABIC = re.compile(r"[\u0620-\u064a]{3}.*[\d\u0660-\u0669]{4}|[\d\u0660-\u0669]{1,2}.*[\u0620-\u064a]{3}")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a page states: moments with a zone in its metadata, and the first day that stands in Arabic words."""

    moments: tuple[datetime, ...]
    in_words: Dated | None


@dataclass(frozen=True, slots=True)
class Dated:
    """When a page was published, where it says so, and whether it says the time of the day."""

    moment: datetime
    source: DateFrom
    precision: DatePrecision


def stated_in(tree: Any) -> Stated:
    """What a parsed page states; Any, because lxml has no types."""
    return Stated(tuple(_moments(tree)), next(_in_words(tree), None))


def published(day: str | None, stated: Stated) -> Dated | None:
    """The day that htmldate found, made exact by a stated moment that agrees with it to within a day's zones.

    A day in Arabic words is better than none, and than the first of a year, which htmldate makes of a copyright notice.
    """
    try:
        midnight = datetime.fromisoformat(day or "").replace(tzinfo=UTC)
    except ValueError:
        return stated.in_words
    near = (moment for moment in stated.moments if timedelta(hours=-15) < moment - midnight < timedelta(hours=39))
    if moment := next(near, None):
        return Dated(moment, "metadata", "second")
    words = stated.in_words
    if words and ((midnight.month, midnight.day) == (1, 1) or words.moment.date() == midnight.date()):
        return words
    return Dated(midnight, "page", "day")


def _moments(tree: Any) -> Iterator[datetime]:
    """Times of publication with a time of day and a zone, as the page's own metadata states them."""
    for block in tree.xpath("//script[@type='application/ld+json']/text()"):
        for stated in re.findall(r'"datePublished"\s*:\s*("(?:[^"\\]|\\.){1,60}")', str(block)):
            if moment := _moment(_unquoted(stated)):
                yield moment
    for query in _METADATA:
        for value in tree.xpath(query):
            if moment := _moment(str(value)):
                yield moment


def _unquoted(string: str) -> str:
    """A JSON string; as it stands where it is none, as those of templates are."""
    try:
        return str(json.loads(string, strict=False))
    except ValueError:
        return string.strip('"')


def _moment(value: str) -> datetime | None:
    """An ISO 8601 moment with a zone; in that zone, so that its day is the page's."""
    try:
        moment = datetime.fromisoformat(value.strip())
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else None


def _in_words(tree: Any) -> Iterator[Dated]:
    for query in _PLACES:
        for element in tree.xpath(query)[:_MOST_LINES]:
            line = " ".join("".join(element.itertext())[: 4 * _LINE_CHARACTERS].split())
            if len(line) <= _LINE_CHARACTERS and _ARABIC.search(line) and (moment := moment_of(line)):
                yield Dated(moment, "words", precision_of(line))
