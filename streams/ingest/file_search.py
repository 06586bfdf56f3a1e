"""Finds articles of files by their address, where they have an id of their own. Blocking I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from streams.article_lines import Format, content_of, format_of, parse_line
from streams.errors import InputError
from streams.ingest.file_producer import files_at
from streams.ingest.identity import article_id, canonical_url
from streams.sections import SourceSettings


def ids_at(source: SourceSettings, url: str) -> Iterator[str]:
    """The ids of the articles at an address among the lines of a source's files; a file that is away has none."""
    wanted = canonical_url(url)
    # What is in the address however it is written; most lines have not even that.
    mark = max(re.findall(r"[A-Za-z0-9]+", wanted.split("//")[1]), key=len, default="").encode()
    for path in source.files:
        for file in files_at(path):
            if format_of(file.name) is Format.JSONL:
                yield from _ids_in(file, source.name, wanted, mark)


def _ids_in(file: Path, source: str, wanted: str, mark: bytes) -> Iterator[str]:
    try:
        with file.open("rb") as lines:
            for number, raw in enumerate(lines, start=1):
                if mark not in raw:
                    continue
                try:
                    line = parse_line(content_of(raw, number), file=str(file), line=number)
                    if line.url and canonical_url(line.url) == wanted:
                        yield article_id(source=source, own_id=line.id)
                except (InputError, ValueError):
                    continue
    except OSError:
        return
