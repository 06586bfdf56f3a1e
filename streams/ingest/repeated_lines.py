"""Tells the lines that a host puts on its pages from those of its articles, by how often they come again. Pure.

A line is looked at without its punctuation, marks and case. What is known of a host are its last lines, each with the
articles that had it and those that came since it was first seen, in a few bytes (`packed`). A line is furniture

* when half of all articles since then had it, five at least: share buttons, calls to subscribe, the headlines of the
  day beside every article;
* or when a tenth had it, ten at least, on three days, and it has three words: bylines, a section's own calls. One or
  two words may be a place in a list of places.

Of a sentence, by its length, three days are asked for in any case: what an agency says of the story of the day stands
in all that a small paper brings of it. Never furniture is the title, or a sentence at the beginning of an article: that
is its news, even where others repeat it. Nothing is left out of an article that would have no sentence without it.
"""

from __future__ import annotations

import hashlib
import re
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

MOST_LINES, ARTICLES_KEPT = 256, 32
LONG_WORDS, LONGEST_WORDS = 12, 60
"""Sentences have 12 words and more; notes on rights and the like have 60 at most."""

_BEGINNING = 2
_LOOKED_AT = 100
_OFTEN, _ALWAYS = 5, 0.5
_NOW_AND_THEN, _FEWEST_ARTICLES, _FEWEST_DAYS, _FEWEST_WORDS = 0.1, 10, 3, 3
_HALVED_AT = 1_000
_HEAD, _ARTICLE, _LINE = struct.Struct("<B"), struct.Struct("<I"), struct.Struct("<IHHBBH")
_VERSION = 1
_DAY = 86_400  # seconds

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line's account: `articles` that had it, of so many `since` it was first seen, on so many `days`.

    `idle` is how many articles had it not since the last that had, which was on day `last`.
    """

    articles: int
    since: int
    idle: int
    days: int
    last: int


@dataclass(frozen=True, slots=True)
class Host:
    """What is known of the lines of a host, and its last articles, so that none counts twice."""

    lines: dict[int, Line] = field(default_factory=dict)
    articles: tuple[int, ...] = ()


def without_furniture(title: str, text: str, host: Host) -> tuple[str, int]:
    """The text without lines that are furniture of the host, and how many those were."""
    lines, headline = text.split("\n"), _words(title)
    kept = [
        line
        for number, line in enumerate(lines)
        if not _is_furniture(words := _words(line), host)
        or words == headline
        or (number < _BEGINNING and len(words) >= LONG_WORDS)
    ]
    if not any(len(_words(line)) >= LONG_WORDS for line in kept):
        return text, 0
    return "\n".join(kept), len(lines) - len(kept)


def counted(host: Host, article: str, text: str, now: datetime) -> Host:
    """What is known after an article, as it was before anything was left out; the same where it was counted before."""
    mark = _hashed(article)
    if mark in host.articles:
        return host
    day, keys = int(now.timestamp() // _DAY), set(_keys(text))
    lines = {key: _passed(line) for key, line in host.lines.items()}
    for key in keys:
        before = lines.get(key)
        if before is None:
            lines[key] = Line(1, 1, 0, 1, day)
        else:
            days = min(255, before.days + (before.last != day))
            lines[key] = Line(before.articles + 1, before.since, 0, days, day)
    # Who has been missed for longer than his rate explains goes first.
    order = sorted(lines.items(), key=lambda item: item[1].idle / item[1].articles)
    return Host(dict(order[:MOST_LINES]), (*host.articles, mark)[-ARTICLES_KEPT:])


def packed(host: Host) -> bytes:
    """A host in 12 bytes a line and 4 an article: 3.2 KB at most, 4.3 as they are kept."""
    rows = [_HEAD.pack(_VERSION), _HEAD.pack(len(host.articles)), *map(_ARTICLE.pack, host.articles)]
    rows += [
        _LINE.pack(key, line.articles, line.since, min(255, line.idle), line.days, line.last)
        for key, line in host.lines.items()
    ]
    return b"".join(rows)


def unpacked(raw: bytes | None) -> Host:
    """The host; an unknown one where there is nothing, or what this release cannot have written."""
    if not raw or raw[0] != _VERSION:
        return Host()
    try:
        begin = 2 + raw[1] * _ARTICLE.size
        lines = {key: Line(*row) for key, *row in _LINE.iter_unpack(raw[begin:])}
        articles = tuple(mark for (mark,) in _ARTICLE.iter_unpack(raw[2:begin]))
    except (IndexError, struct.error):
        return Host()
    return Host(lines, articles) if all(line.articles and line.since for line in lines.values()) else Host()


def _is_furniture(words: list[str], host: Host) -> bool:
    known = host.lines.get(_hashed(" ".join(words)))
    if known is None or not words:
        return False
    share, lasting = known.articles / known.since, known.days >= _FEWEST_DAYS
    if known.articles >= _OFTEN and share >= _ALWAYS:
        return lasting or len(words) < LONG_WORDS
    regular = known.articles >= _FEWEST_ARTICLES and share >= _NOW_AND_THEN
    return regular and lasting and len(words) >= _FEWEST_WORDS


def _passed(line: Line) -> Line:
    """After one more article; of long accounts the old half weighs less."""
    if line.since >= _HALVED_AT:
        line = replace(line, articles=(line.articles + 1) // 2, since=(line.since + 1) // 2)
    return replace(line, since=line.since + 1, idle=line.idle + 1)


def _keys(text: str) -> Iterator[int]:
    lines = text.split("\n")
    if len(lines) > _LOOKED_AT:  # furniture is at both ends
        lines = [*lines[: _LOOKED_AT // 2], *lines[-_LOOKED_AT // 2 :]]
    for line in lines:
        if 0 < len(words := _words(line)) <= LONGEST_WORDS:
            yield _hashed(" ".join(words))


def _words(line: str) -> list[str]:
    """The words of a line, as they are compared. Marks above and below Arabic letters come and go."""
    folded = unicodedata.normalize("NFKD", line[:2_000].casefold())
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter) and letter != "ـ")
    return _WORD.findall(bare)


def _hashed(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "little")
