"""What `streams.ingest.reading` and its reader processes say to each other.

In frames, both ways: a length in four bytes, then so many bytes. A question is two of them, JSON and the document; an
answer is one, two letters and JSON. No pickles: what a process says that reads hostile pages has to be data, whatever
became of that process.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import TypeAdapter

from streams.errors import FetchError
from streams.ingest.causes import FetchCause, failure
from streams.ingest.entries import SitemapIndexError

LENGTH = struct.Struct("!I")
READY = b"ready"
"""What a process says once, when it can be asked."""

_FOUND, _FAILED = b"+", b"-"

T = TypeVar("T")


class Task(StrEnum):
    """What can be asked for."""

    FEED = "feed"
    LINKS = "links"  # the articles that a page lists
    PAGE = "page"
    FEEDS_NAMED = "feeds_named"  # the addresses of feeds that a page names
    LANGUAGE = "language"  # of a text in UTF-8


class State(StrEnum):
    """How a process is after an answer."""

    FRESH = "f"
    WEARY = "w"  # it has taken much memory, which may not come back: it is not to be asked again


@dataclass(frozen=True, slots=True)
class Question:
    """What to make of the document that follows."""

    task: Task
    url: str = ""
    content_type: str = ""
    selector: str | None = None


def framed(payload: bytes) -> bytes:
    """A frame."""
    return LENGTH.pack(len(payload)) + payload


def packed_question(question: Question) -> bytes:
    """The first frame of a question, unframed."""
    return json.dumps(asdict(question)).encode()


def question_in(payload: bytes) -> Question:
    """The question of such a frame."""
    said = json.loads(payload)
    return Question(Task(said.pop("task")), **said)


def opened(payload: bytes) -> tuple[State, bytes]:
    """The state of the process, and its answer.

    Raises:
        ValueError: it is no such frame.
    """
    return State(payload[:1].decode()), payload[1:]


def packed(value: Any) -> bytes:
    """An answer: a dataclass, or what JSON has anyway."""
    return _FOUND + _json(value if value is None or isinstance(value, (str, tuple)) else asdict(value))


def packed_failure(error: FetchError) -> bytes:
    """An answer that says why there is none."""
    said = {"cause": error.cause, "message": str(error).removeprefix(f"{error.url}: "), "url": error.url}
    return _FAILED + _json({**said, "maps": error.maps if isinstance(error, SitemapIndexError) else None})


def answer_in(payload: bytes, shape: TypeAdapter[T]) -> T:
    """What an answer brings.

    Raises:
        FetchError: the one that it brings.
        ValueError: it is no such answer.
    """
    if payload[:1] == _FOUND:
        return shape.validate_json(payload[1:])
    said = json.loads(payload[1:])
    if said["maps"] is not None:
        raise SitemapIndexError(said["message"], url=said["url"], maps=tuple(said["maps"]))
    raise failure(FetchCause(said["cause"]), said["message"], url=said["url"])


def _json(value: Any) -> bytes:
    # A lone surrogate, which no text of ours may have, would make the whole answer unreadable.
    return json.dumps(value, default=datetime.isoformat, ensure_ascii=False).encode("utf-8", "replace")
