"""Readers without processes, for tests that are not about processes: a start of one takes half a second."""

from __future__ import annotations

from typing import TypeVar

from pydantic import TypeAdapter

from streams.ingest.reader_process import answer_to
from streams.ingest.reading import Reading
from streams.ingest.reading_wire import Question, answer_in

T = TypeVar("T")


class InlineReading(Reading):
    """Reads in this process; questions and answers are those of a reader process."""

    async def _read(self, question: Question, raw: bytes, shape: TypeAdapter[T]) -> T:
        return answer_in(answer_to(question, raw), shape)
