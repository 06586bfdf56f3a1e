"""Spans of time and sizes as people write them: `48h`, `10 MB`. Types for settings and rules."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|h|d)")
_SIZES = {"": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_SIZE = re.compile(r"([0-9]+)\s*(KB|MB|GB|)")


def parse_span(value: object) -> object:
    """`90s`, `10m`, `48h`, `7d`, `1h 30m` as a timedelta; anything else is left to pydantic to refuse."""
    if not isinstance(value, str):
        if isinstance(value, timedelta):
            return value
        raise ValueError(f"{value!r} has no unit; write for example 30s, 10m, 48h or 7d")
    parts = _SPAN.findall(value)
    if not parts or _SPAN.sub("", value).strip():
        raise ValueError(f"{value!r} is not a span of time; write for example 30s, 10m, 48h or 7d")
    try:
        return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))
    except OverflowError as error:
        raise ValueError(f"{value!r} is longer than any span of time here can be") from error


def spelled_span(span: timedelta) -> str:
    """A span to the second as `parse_span` reads it: `1d 2h 5m`."""
    seconds, parts = int(span.total_seconds()), []
    for unit in ("d", "h", "m", "s"):
        count, seconds = divmod(seconds, int(_UNITS[unit]))
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0m"


def parse_size(value: object) -> object:
    """`10 MB`, `500KB` or plain bytes as an int."""
    if isinstance(value, str):
        found = _SIZE.fullmatch(value.strip().upper())
        if not found:
            raise ValueError(f"{value!r} is not a size; write for example 500 KB or 10 MB")
        return int(found[1]) * _SIZES[found[2]]
    return value


Span = Annotated[timedelta, BeforeValidator(parse_span)]
PositiveSpan = Annotated[Span, Field(gt=timedelta())]
Size = Annotated[int, BeforeValidator(parse_size), Field(gt=0)]
Port = Annotated[int, Field(ge=0, le=65535)]
