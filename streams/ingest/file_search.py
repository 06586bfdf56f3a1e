"""Finds articles of files by their address, where they have an id of their own. Blocking I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from streams.article_lines import Format, content_of, format_of, parse_line
from streams.errors import InputError
from streams.file_names import name_of
from streams.ingest.file_producer import files_at
from streams.ingest.identity import article_id, canonical_url
from streams.sections import SourceSettings

_HOST_SLASHES = 2


def ids_at(source: SourceSettings, url: str) -> Iterator[str]:
    """The ids of the articles at an address among the lines of a source's files; a file that is away has none."""
    wanted = canonical_url(url)
    # Words of its path, which stand in the line however the address is written; most lines have not even the last one.
    path_alone = re.sub(r"%[0-9A-F]{2}", " ", wanted.split("/", 3)[-1]) if wanted.count("/") > _HOST_SLASHES else ""
    marks = [word.encode() for word in reversed(re.findall(r"[A-Za-z0-9]{3,}", path_alone))]
    for path in source.files:
        for file in files_at(path):
            if format_of(file.name) is Format.JSONL:
                yield from _ids_in(file, source.name, wanted, marks)


def _ids_in(file: Path, source: str, wanted: str, marks: Sequence[bytes]) -> Iterator[str]:
    try:
        with file.open("rb") as lines:
            for number, raw in enumerate(lines, start=1):
                if not all(mark in raw for mark in marks):
                    continue
                try:
                    line = parse_line(content_of(raw, number), file=name_of(file), line=number)
                    if line.url and canonical_url(line.url) == wanted:
                        yield article_id(source=source, own_id=line.id)
                except (InputError, ValueError):
                    continue
    except OSError:
        return
