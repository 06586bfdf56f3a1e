"""The article line: one JSON object a line, the same for `match`, `read`, the file producer and all that come later.

Pure.

Fields: `id`, `title`, `text`, and optionally `url`, `date`, `language`, `source`, `authors`, `seen_at`, `country`,
`tags`, `section`, `date_precision` (`day` or `second`; a bare day has the former). `lang`, `published` and `outlet` are
other names of `language`, `date` and `source`; unknown fields are ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from enum import StrEnum
from pathlib import PurePath
from typing import Any, cast

from pydantic import AwareDatetime

from streams.errors import InputError
from streams.messages import DatePrecision, Model

_OTHER_NAMES = {"lang": "language", "published": "date", "outlet": "source"}
BOM = b"\xef\xbb\xbf"
_BARE_DAY = re.compile(r"\d{4}-?(?:\d\d-?\d\d|W\d\d(?:-?\d)?)")
NO_YEARS = frozenset({MINYEAR, MAXYEAR})
"""By which programs write that there is no date, as 0001-01-01. No span of time can be taken off or put on there."""


class Format(StrEnum):
    """What a file holds."""

    JSONL = "jsonl"
    HTML = "html"
    TEXT = "text"


def format_of(name: str, beginning: bytes = b"") -> Format:
    """The format of a file by its suffix; of standard input (`-`) JSONL where it begins with `{`, else text."""
    if name == "-":
        return Format.JSONL if beginning.removeprefix(BOM).lstrip()[:1] == b"{" else Format.TEXT
    by_suffix = {".jsonl": Format.JSONL, ".ndjson": Format.JSONL, ".html": Format.HTML, ".htm": Format.HTML}
    return by_suffix.get(PurePath(name).suffix.lower(), Format.TEXT)


class ArticleLine(Model):
    """An article as a line states it. `id` is its own, else its URL, else `FILE:LINE`; of en-GB `language` is en."""

    id: str
    title: str = ""
    text: str = ""
    url: str | None = None
    date: AwareDatetime | None = None
    date_precision: DatePrecision | None = None
    language: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    seen_at: AwareDatetime | None = None
    country: str | None = None
    tags: tuple[str, ...] = ()
    section: str | None = None


def read_lines(lines: Iterable[bytes], *, file: str) -> Iterator[ArticleLine | InputError]:
    """The articles of a JSONL file, in its order; a bad line gives its error, and the rest is still read.

    Empty lines are passed over; they count.
    """
    for number, raw in enumerate(lines, start=1):
        if content := content_of(raw, number):
            try:
                yield parse_line(content, file=file, line=number)
            except InputError as error:
                yield error


def content_of(raw: bytes, number: int) -> bytes:
    """What a line of this number, from 1, says: without white space around it, and the mark before the first line."""
    return (raw.removeprefix(BOM) if number == 1 else raw).strip()


def parse_line(raw: bytes | str, *, file: str, line: int) -> ArticleLine:
    """The article that one line states.

    Raises:
        InputError: it is not JSON, not an object, or a field is not what it should be; says which.
    """

    def wrong(message: str) -> InputError:
        return InputError(message, file=file, line=line)

    try:
        data = json.loads(raw)
    except RecursionError:
        raise wrong("is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise wrong(f"is not UTF-8: {error}") from error
    except ValueError as error:
        raise wrong(f"is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise wrong("is not a JSON object")
    for other, name in _OTHER_NAMES.items():
        if data.get(name) is None and data.get(other) is not None:
            data[name] = data[other]
    try:
        return _line_of(data, f"{file}:{line}")
    except ValueError as error:
        raise wrong(str(error)) from error


def _line_of(data: dict[str, Any], place: str) -> ArticleLine:
    """The line's model; ValueError says what is wrong with which field."""
    given = data.get("id")
    if isinstance(given, bool) or not isinstance(given, str | int | None):
        raise ValueError(f"id is {_name(given)}, not a string")  # noqa: TRY004  # one kind of error for every fault
    url = _string(data, "url") or None
    title, text = _string(data, "title"), _string(data, "text")
    if not (title or text):
        raise ValueError("has neither a title nor a text")
    precision = _precision(data)
    return ArticleLine(
        id=_whole(str(given)) if given not in {None, ""} else url or place,
        title=title,
        text=text,
        url=url,
        date=(date := _moment(data, "date", is_day=precision == "day")),
        date_precision=precision if date else None,
        language=re.split("[-_]", _string(data, "language").strip().lower())[0] or None,
        source=_string(data, "source") or None,
        authors=_strings(data, "authors"),
        seen_at=_moment(data, "seen_at"),
        country=_string(data, "country") or None,
        tags=_strings(data, "tags"),
        section=_string(data, "section") or None,
    )


def _string(data: dict[str, Any], field: str) -> str:
    value = data.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{field} is {_name(value)}, not a string")  # noqa: TRY004  # one kind of error
    return _whole(value)


def _whole(text: str) -> str:
    """The text, refused where it has half a character: it could not be written anywhere."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"has half a character (a lone surrogate) at position {error.start}") from error
    return text


def _strings(data: dict[str, Any], field: str) -> tuple[str, ...]:
    """A list of strings, or one string."""
    value = data.get(field)
    names = [value] if isinstance(value, str) else value or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{field} is not a list of strings")
    return tuple(_whole(name) for name in names)


def _moment(data: dict[str, Any], field: str, *, is_day: bool = False) -> datetime | None:
    """An ISO 8601 moment; a day is its beginning, and what has no zone is, in UTC. One of NO_YEARS is none."""
    value = _string(data, field).strip()
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.year in NO_YEARS:
            return None
        if is_day:
            return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        message = f"{field} {value[:40]!r} is not an ISO 8601 date, as 2026-03-01 or 2026-03-01T12:00:00Z"
        raise ValueError(message) from error


def _precision(data: dict[str, Any]) -> DatePrecision | None:
    said = _string(data, "date_precision")
    if said in {"day", "second"}:
        return cast("DatePrecision", said)
    return "day" if _BARE_DAY.fullmatch(_string(data, "date").strip()) else None


def _name(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(value), type(value).__name__)
