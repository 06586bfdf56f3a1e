"""Timelines as a rule's examples: articles with their times, and when their alerts are told."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from streams.match.file_models import FileModel, Language, Text, as_list
from streams.units import parse_span

LONGEST = timedelta(days=366)
"""Enough for the longest history, several times over."""


def _as_offset(value: Any) -> Any:
    offset = parse_span(value.removeprefix("+")) if isinstance(value, str) else parse_span(value)
    if isinstance(offset, timedelta) and offset > LONGEST:
        raise ValueError(f"a timeline lasts {LONGEST.days}d at most")
    return offset


Offset = Annotated[
    timedelta,
    BeforeValidator(_as_offset),
    WithJsonSchema({"type": "string", "pattern": r"^\+?\s*([0-9]+(\.[0-9]+)?\s*(ms|s|m|h|d)\s*)+$"}),
]
"""How long after the timeline's begin: `+90m`, `0m`."""


class TimelineArticle(FileModel):
    """An article of a timeline, seen `at` its time. Articles of one text are copies."""

    at: Offset
    lang: Language
    text: Text
    title: str = ""
    source: str = ""


class TimelineAlert(FileModel):
    """An alert that is told `at` that time, with an article or because none came; `reason`, where it matters."""

    at: Offset
    reason: Text | None = None


class Timeline(FileModel):
    """Articles in time, and the alerts on them that are told; none means that nothing is told.

    It is looked at up to its last article or alert, or `until` then: what does not come may be missed after it.
    """

    title: Text
    articles: Annotated[tuple[TimelineArticle, ...], BeforeValidator(as_list), Field(min_length=1)]
    alerts: Annotated[tuple[TimelineAlert, ...], BeforeValidator(as_list)] = ()
    until: Offset | None = None

    @model_validator(mode="after")
    def _ends_last(self) -> Timeline:
        if self.until is not None and self.until < self.last:
            raise ValueError("`until` is before its last article or alert")
        return self

    @property
    def last(self) -> timedelta:
        """When the last article is seen, or alert expected."""
        return max([each.at for each in self.articles] + [each.at for each in self.alerts])

    @property
    def end(self) -> timedelta:
        """How long it is looked at."""
        return self.last if self.until is None else self.until
