"""Every error Marsad raises on purpose.

    MarsadError
    ├── ProblemsError          one or more located problems, all found in one run
    │   ├── ConfigurationError     marsad.yaml or the environment
    │   └── RuleError              a file under rules/
    ├── InputError             an argument or input file that cannot be read (file, line)
    ├── EngineError            an engine (broker, log, Redis) that is unfit; says what to do
    │   ├── EngineAwayError        it does not answer now; waiting may help
    │   │   └── EmptiedError           Redis has lost what was kept in it
    │   ├── TopicError             a topic is missing or has another shape
    │   └── SlotTakenError         another live worker holds this slot or database
    ├── MessageError           a message that cannot be decoded
    │   ├── MalformedMessageError  not JSON, or not this model
    │   └── NewerSchemaError       written by a later release
    ├── RecordTooLargeError    a record over the broker's limit
    ├── FetchError             a feed or page that could not be fetched or read (url)
    └── DeliveryError          a notification that did not arrive
        ├── DeliveryDeferredError  definitely not delivered; try again later
        ├── DeliveryRefusedError   definitely not delivered; trying again will not help
        └── DeliveryUncertainError perhaps delivered; the sink has to be asked

The command line turns ProblemsError, InputError and EngineError into exit status 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path


class MarsadError(Exception):
    """The root: anything that Marsad raises knowing what went wrong."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a file: where it is, what it is, and what to do about it.

    `line` and `column` count from 1; 0 where there is no place (the environment, a missing file). `code` is a fixed
    word for the kind of problem, where there is one (see `streams.match.lint`).
    """

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    code: str = ""

    def __str__(self) -> str:
        """`file:line:column: message (hint)`, the form editors and compilers agree on."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class ProblemsError(MarsadError):
    """Carries every problem found, in file order; its text is one line for each."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


class ConfigurationError(ProblemsError):
    """marsad.yaml or the environment cannot be used as it is."""


class RuleError(ProblemsError):
    """A rule, concept or gazetteer file cannot be used as it is."""


class InputError(MarsadError):
    """An input file or line cannot be read; names the file and, where there is one, the line."""

    def __init__(self, message: str, *, file: str | Path, line: int = 0) -> None:
        self.file, self.line = str(file), line
        self._message = message
        super().__init__(f"{file}:{line}: {message}" if line else f"{file}: {message}")

    def __reduce__(self) -> tuple[partial[InputError], tuple[str]]:
        """So that it comes whole from one process to another, which by default calls the class with its text alone."""
        return partial(InputError, file=self.file, line=self.line), (self._message,)


class EngineError(MarsadError):
    """A broker, log or Redis is unfit for use as configured; the text says what to do."""


class EngineAwayError(EngineError):
    """An engine does not answer at the moment. Workers wait and try again; nothing is dropped."""


class EmptiedError(EngineAwayError):
    """Redis has lost what was kept in it. Workers wait and send nothing until it is rebuilt."""

    def __init__(self) -> None:
        super().__init__(
            "Redis has lost what Marsad kept in it; nothing is sent or dropped meanwhile. If it was emptied or is new,"
            " run `marsad rebuild`, and workers go on by themselves; otherwise engines.redis or engines.prefix names"
            " the wrong database"
        )


class TopicError(EngineError):
    """A topic is missing or its partition count differs from the configuration."""


class SlotTakenError(EngineError):
    """Another live process holds this worker slot or this embedded database."""


class MessageError(MarsadError):
    """A message on a topic cannot be decoded."""


class MalformedMessageError(MessageError):
    """Not JSON, not our envelope, or not the model that it claims to be. It will never decode."""


class NewerSchemaError(MessageError):
    """Written by a later release with a schema this release does not know."""

    def __init__(self, *, kind: str, schema: int, known: int, release: str) -> None:
        self.kind, self.schema, self.known, self.release = kind, schema, known, release
        super().__init__(
            f"{kind} has schema {schema}, this release reads up to {known}; Marsad {release} or later reads it"
        )


class RecordTooLargeError(MarsadError):
    """A record is larger than the broker accepts; it will never be accepted."""


class FetchError(MarsadError):
    """A URL could not be fetched or read. `cause` is a closed word for metrics and statuses.

    `permanent` says that trying again soon will not help; `retry_after` is what the server asked for.
    """

    def __init__(
        self, message: str, *, url: str, cause: str, permanent: bool = False, retry_after: timedelta | None = None
    ) -> None:
        self.url, self.cause, self.permanent, self.retry_after = url, cause, permanent, retry_after
        super().__init__(f"{url}: {message}")


class DeliveryError(MarsadError):
    """A notification did not certainly arrive."""


class DeliveryDeferredError(DeliveryError):
    """Definitely not delivered (429, refused connection, SMTP 4xx); try again, not before `retry_after`.

    `reached` are those of several addresses which have it: it is tried again for the rest.
    """

    def __init__(self, message: str, *, retry_after: timedelta | None = None, reached: tuple[str, ...] = ()) -> None:
        self.retry_after, self.reached = retry_after, reached
        super().__init__(message)


class DeliveryRefusedError(DeliveryError):
    """Definitely not delivered and never will be as it stands (HTTP 4xx, SMTP 5xx, unknown receiver).

    `everything`: it is not about this message; every one would be refused (a revoked token, a channel that is gone).
    """

    def __init__(self, message: str, *, everything: bool = False) -> None:
        self.everything = everything
        super().__init__(message)


class DeliveryUncertainError(DeliveryError):
    """Perhaps delivered: time-out after the request was written, connection reset, HTTP 5xx."""
