"""A process in which readers work, one document after another; `streams.ingest.reading` starts, asks and ends it.

Its standard input is a socket to the one who asks. It ends when that is closed, and is killed by the system when the
other process dies, however that comes about and whatever it is doing then.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import IO, Any

from streams.errors import FetchError
from streams.ingest.causes import FetchCause, failure
from streams.ingest.reading_wire import (
    LENGTH,
    READY,
    Question,
    State,
    Task,
    framed,
    packed,
    packed_failure,
    question_in,
)

_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of Linux, prctl(2)."""

_WEARY_BYTES = 300_000_000
"""Who has taken more memory at a time is not asked again; ordinary pages, and the model of languages, take 150 MB."""


def main() -> None:
    """Serve until nobody asks any more. Argument: bytes of memory in all."""
    memory = int(sys.argv[1])
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)
    with socket.socket(fileno=0) as asker, asker.makefile("rb") as stream, contextlib.suppress(OSError, EOFError):
        asker.sendall(framed(READY))
        while True:
            question, raw = question_in(_frame(stream)), _frame(stream)
            answer = answer_to(question, raw)
            weary = _most_memory() > _WEARY_BYTES
            asker.sendall(framed((State.WEARY if weary else State.FRESH).encode() + answer))


def _most_memory() -> int:
    """The most that was resident at a time, in bytes. Not ru_maxrss, which begins with that of our parent."""
    with Path("/proc/self/status").open(encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def answer_to(question: Question, raw: bytes) -> bytes:
    """The answer, unframed; it may be a failure, and is never raised."""
    try:
        return packed(_read(question, raw))
    except FetchError as error:
        return packed_failure(error)
    except MemoryError:
        message = "takes more memory to read than it is allowed"
        return packed_failure(failure(FetchCause.READ_MEMORY, message, url=question.url))
    except Exception as error:  # noqa: BLE001  # told to the one who asked, as a call would
        message = f"cannot be read: {type(error).__name__}: {error}"
        return packed_failure(failure(FetchCause.DEFECT, message, url=question.url))


def _read(question: Question, raw: bytes) -> Any:
    """What is asked for. Libraries are loaded when they are needed first: who reads feeds alone holds half as much."""
    url, content_type = question.url, question.content_type
    match question.task:
        case Task.FEED:
            from streams.ingest.feeds import read_feed

            return read_feed(raw, url, content_type)
        case Task.LINKS:
            from streams.ingest.list_pages import read_list

            return read_list(raw, url, content_type, selector=question.selector)
        case Task.PAGE:
            from streams.ingest.readers import read_page

            return read_page(raw, url, content_type)
        case Task.FEEDS_NAMED:
            from streams.ingest.feed_links import feeds_named

            return feeds_named(raw, url, content_type)
        case Task.LANGUAGE:
            from streams.ingest.languages import language_of_text

            return language_of_text(None, raw.decode())


def _frame(stream: IO[bytes]) -> bytes:
    length = stream.read(LENGTH.size)
    if len(length) < LENGTH.size:
        raise EOFError
    return stream.read(LENGTH.unpack(length)[0])


if __name__ == "__main__":
    main()
