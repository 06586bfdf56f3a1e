"""Reads the pages in a WARC file (ISO 28500), as web archives keep them, plain or gzipped. I/O, blocking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from streams.file_names import name_of

SUFFIXES = (".warc", ".warc.gz")
MAX_BYTES = 10_000_000
"""A larger page is passed over, like one that is fetched (`fetch.max_bytes` has the same default)."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A page as it was fetched; `problem` says why it or the rest of the file cannot be read."""

    url: str
    body: bytes = b""
    content_type: str = ""
    problem: str | None = None


def is_warc(path: Path) -> bool:
    """Whether a file is one, by its name."""
    return path.name.lower().endswith(SUFFIXES)


def pages_in(path: Path) -> Iterator[Archived]:
    """The HTML pages that were fetched with success, in the file's order; what is broken ends it with a problem.

    Raises:
        OSError: the file cannot be read at all.
    """
    with path.open("rb") as stream:
        try:
            for record in ArchiveIterator(stream):
                if (page := _page_of(record)) is not None:
                    yield page
        except (ArchiveLoadFailed, ValueError, EOFError, AttributeError) as error:
            # warcio lets what its parsers raise come out, for damage that they did not foresee.
            yield Archived(name_of(path), problem=f"is damaged: {type(error).__name__}: {error}")


def _page_of(record: object) -> Archived | None:
    """The page in a record; None where it holds something else. An object, because warcio has no types."""
    kind, headers = getattr(record, "rec_type", ""), getattr(record, "http_headers", None)
    warc_headers = getattr(record, "rec_headers", None)
    if kind != "response" or headers is None or warc_headers is None or headers.get_statuscode() != "200":
        return None
    content_type = headers.get_header("Content-Type") or ""
    url = warc_headers.get_header("WARC-Target-URI") or ""
    if "html" not in content_type.lower() or not url.startswith(("http://", "https://")):
        return None
    body = record.content_stream().read(MAX_BYTES + 1)  # type: ignore[attr-defined]  # warcio has no types
    if len(body) > MAX_BYTES:
        return Archived(url, problem=f"has more than {MAX_BYTES} bytes")
    return Archived(url, body, content_type)
