"""What crosses topics: frozen models, each with `seen_at`, and the one codec that turns them into bytes.

On the wire a message is a JSON object `{"kind", "schema", "release", "body"}` in UTF-8. `schema` counts up when
`body` changes in a way older code cannot read; a codec reads older schemas through its upgrades and refuses newer ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from streams import __version__
from streams.errors import MalformedMessageError, NewerSchemaError

TEXT_LIMIT = 200_000
"""Longest article text that goes on a topic, in code points; longer text is cut, marked `truncated` and counted."""

DateFrom = Literal["feed", "metadata", "words", "page", "file"]
DatePrecision = Literal["second", "day"]


class Model(BaseModel):
    """A frozen value. Unknown fields are ignored, so that a field may be added within one schema."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Message(Model):
    """Something that crosses a topic. `seen_at` is when ingest first saw the article: all later decisions' clock."""

    kind: ClassVar[str]
    seen_at: AwareDatetime


class Update(Model):
    """That an article is published again because it was changed, and how much of it.

    `revision` counts what was published under its id, 1 being the first. `letters_before` and `letters` are those of
    the text then and now; `added` is the share of its sentences that are new, `removed` that of the old ones which are
    gone, both estimates.
    """

    revision: int = Field(ge=2)
    letters_before: int = 0
    letters: int = 0
    added: float = 0.0
    removed: float = 0.0
    title_changed: bool = False


class ArticleHead(Model):
    """What is known of an article besides its text.

    `id` is `streams.ingest.identity.article_id`; `source` the configured source's name; `published` the article's
    own date, of whose time nothing is known where the `date_precision` is `day`; `backlog` marks an article that was in
    the archive when its source was first polled. `country`, `tags` and `section` are those that an article line states,
    for rules to filter by. `update` says that it was published before, in other words.
    """

    id: str
    title: str
    source: str
    url: str | None = None
    language: str | None = None
    authors: tuple[str, ...] = ()
    published: AwareDatetime | None = None
    date_precision: DatePrecision | None = None
    backlog: bool = False
    truncated: bool = False
    country: str | None = None
    tags: tuple[str, ...] = ()
    section: str | None = None
    update: Update | None = None

    @property
    def revision(self) -> int:
        """Which one it is of what was published under this id, from 1."""
        return self.update.revision if self.update else 1

    def age_at(self, moment: datetime) -> timedelta | None:
        """How long before this it was published, at least; None where it has no date."""
        return least_age(self.published, self.date_precision, moment)


def least_age(published: datetime | None, precision: DatePrecision | None, at: datetime) -> timedelta | None:
    """How long ago something was published at least: of a day without a time, at the day's end. None without a date."""
    if published is None:
        return None
    return at - published - (timedelta(days=1) if precision == "day" else timedelta())


class Article(ArticleHead, Message):
    """An article as ingest read it: plain text, paragraphs parted by newlines. `text_from` says where it was found.

    `date_from` says so of `published`: in the feed, in a page's metadata, in words for its readers, or by htmldate
    anywhere else on the page.
    """

    kind: ClassVar[str] = "article"
    text: str
    text_from: Literal["page", "feed", "file"] | None = None
    date_from: DateFrom | None = None

    @property
    def head(self) -> ArticleHead:
        """The article without its text."""
        return ArticleHead.model_validate(self.model_dump(exclude={"text", "seen_at"}))


class Evidence(Model):
    """A span of the original characters that a rule's condition rests on: `field[start:end] == text`."""

    field: Literal["title", "text"]
    start: int
    end: int
    text: str


class Excerpt(Model):
    """A sentence with evidence in it; `marks` are [start, end) pairs within `text`, sorted, not overlapping."""

    text: str
    marks: tuple[tuple[int, int], ...]


class Entity(Model):
    """What a slot's words name: canonical name and, where known, a code and a class.

    `path` is where a gazetteer has it: its name and the ids from the topmost ancestor down to the entry itself, as in
    `("syria", "idlib", "saraqib")`; `around` are the names and codes of these ancestors; `point` is its latitude and
    longitude in degrees.
    """

    text: str
    name: str
    code: str | None = None
    type: str | None = None
    path: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    point: tuple[float, float] | None = None


class Severity(StrEnum):
    """How much a rule's alert matters, rising."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Unit(StrEnum):
    """What a condition over time counts."""

    ARTICLES = "articles"
    SOURCES = "sources"
    ORIGINS = "origins"
    STEPS = "steps"


class Window(Model):
    """A rule's condition over time: `at_least` so many `unit` within a span, for each value of the slot `by`.

    With `times` it is a spike: besides, so many times the usual, which is known from `history`. Of a sequence the unit
    is steps: articles of the rules `after` which it speaks, one after another, and then its own, of which this one is
    at `step` (from 0). With `usual` it is an absence: nothing within the span, where so many at least are usual.
    """

    at_least: int
    unit: Unit
    within: timedelta
    by: str | None = None
    times: float | None = None
    history: timedelta | None = None
    step: int = 0
    after: tuple[str, ...] = ()
    usual: float | None = None


class RuleMatch(Model):
    """One rule that fired on an article, with why and with what the alert needs of the rule.

    With a `window` the article is one that counts, and not yet an alert. `event` is the rule's PLOVER event type.
    """

    rule: str
    title: str
    severity: Severity
    shadow: bool = False
    tags: tuple[str, ...] = ()
    event: str = ""
    evidence: tuple[Evidence, ...]
    excerpts: tuple[Excerpt, ...]
    slots: dict[str, tuple[str, ...]] = {}
    entities: dict[str, tuple[Entity, ...]] = {}
    repeat_after: timedelta
    new_if: tuple[str, ...] = ()
    window: Window | None = None

    @property
    def is_step(self) -> bool:
        """Whether another rule fired, after which this one speaks."""
        window = self.window
        return window is not None and window.unit is Unit.STEPS and window.step < window.at_least - 1


class Sketch(Model):
    """Prints by which an edited copy of a text is known again; see `streams.match.sketch`.

    `pairs` are those of two words, which only a short text has, `triples` those of three; each sorted, in 40 bits.
    """

    words: int = 0
    pairs: tuple[int, ...] = ()
    triples: tuple[int, ...] = ()


CLASS, THING, ACTOR = 1, 2, 3
"""The last two bits of a word of `Traits.title`, 0 for all other words."""


class Traits(Model):
    """What an article says in its title and first sentences, by which two happenings are told apart.

    `names` are paths of gazetteer entries (see Entity), `headed` those in the title alone, without `aside`, those
    beside which it happened ("near Saraqib"). `deaths` are the numbers that count the dead, `counted` those of the
    title that count no victims, `words` hashes of the words that carry meaning, `numbers` those of the title and two
    sentences except years, days and hours. From the title and the first sentence alone are `actors`, codes or ids of
    what is named there, `kinds`, `means`, `targets` and `scenes` (see `streams.match.scenes`), `days` and `hours` (see
    `streams.match.turns`). From the title, or else that sentence, are `poles`, what has an opposite, as
    `withdraw|deploy` (see `streams.match.poles`), and whether it is `negated`. Each is sorted. `title` are hashes of
    the title's words in their order; the last two bits tell ACTOR, who acts or is acted on, THING, places, targets and
    days, and CLASS, other classes of words: all these are the same in every language. `latin` and `arabic` are hashes
    of names that no gazetteer knows, and of words that may be some, by their consonants (see `streams.match.spelling`).
    `sites` are paths of places, without their gazetteer, with the number of the sentence that first says that it
    happened there, or else beside them, 0 for the title. `dates` are months with days, `week` days of the
    week, of the title and all sentences, `said_on` those of them on which something was said and nothing else.
    """

    names: tuple[tuple[str, ...], ...] = ()
    headed: tuple[tuple[str, ...], ...] = ()
    aside: tuple[tuple[str, ...], ...] = ()
    actors: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    deaths: tuple[int, ...] = ()
    counted: tuple[int, ...] = ()
    poles: tuple[str, ...] = ()
    negated: bool = False
    kinds: tuple[str, ...] = ()
    means: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    scenes: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    words: tuple[int, ...] = ()
    title: tuple[int, ...] = ()
    latin: tuple[int, ...] = ()
    arabic: tuple[int, ...] = ()
    sites: dict[str, int] = {}
    dates: tuple[tuple[int, int], ...] = ()
    week: tuple[str, ...] = ()
    said_on: tuple[str, ...] = ()


def opposite_of(pole: str) -> str:
    """The opposite of one of `Traits.poles`: `deploy|withdraw` of `withdraw|deploy`."""
    left, right = pole.split("|")
    return f"{right}|{left}"


class Match(Message):
    """An article on which one or more rules fired. `story` is the fingerprint of its folded text.

    `rulebook` is the version (a hash) of the rules that were used. `sketch` and `traits` tell whether it is a copy of
    another text, and whether both report one happening; messages of 0.1 do not have them.
    """

    kind: ClassVar[str] = "match"
    article: ArticleHead
    story: str
    rulebook: str
    rules: tuple[RuleMatch, ...]
    sketch: Sketch = Sketch()
    traits: Traits = Traits()


class DeadCause(StrEnum):
    """Why a message was put aside."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    HANDLER_ERROR = "handler_error"


class DeadLetter(Message):
    """A message that could not be handled, whole, with where it came from and why it was put aside.

    `id` is `topic/partition/offset` of the original, or the article's id where it never reached a topic. `value` is
    the original's bytes in base64; `cut` says that they were too many to keep whole.
    """

    kind: ClassVar[str] = "dead-letter"
    id: str
    stage: str
    cause: DeadCause
    detail: str
    topic: str
    partition: int | None = None
    offset: int | None = None
    key: str | None = None
    value: str = ""
    cut: bool = False


_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
M = TypeVar("M", bound=Message)


class Codec(Generic[M]):
    """Bytes to one kind of message and back.

    `schema` is what this release writes; `upgrades[n]` turns a body of schema n into one of schema n + 1.
    """

    def __init__(self, model: type[M], *, schema: int = 1, upgrades: Mapping[int, Upgrade] | None = None) -> None:
        self.model, self.schema, self.upgrades = model, schema, dict(upgrades or {})

    def encode(self, message: M) -> bytes:
        """The message on the wire."""
        head = {"kind": self.model.kind, "schema": self.schema, "release": __version__}
        prefix = json.dumps(head, separators=(",", ":"))[:-1]
        return f'{prefix},"body":{message.model_dump_json()}}}'.encode()

    def decode(self, raw: bytes | None) -> M:
        """The message in `raw`.

        Raises:
            MalformedMessageError: not JSON, another kind, or a body that the model refuses.
            NewerSchemaError: written by a later release.
        """
        try:
            envelope = json.loads((raw or b"").decode("utf-8"))
            if _SURROGATE.search(raw or b""):
                # Half a character: it could be read, but never written again.
                json.dumps(envelope, ensure_ascii=False).encode("utf-8")
        except (ValueError, RecursionError) as error:
            raise MalformedMessageError(f"not JSON: {error}") from error
        if not isinstance(envelope, dict) or envelope.get("kind") != self.model.kind:
            raise MalformedMessageError(f"not a message of kind {self.model.kind}")
        schema, body = envelope.get("schema"), envelope.get("body")
        if type(schema) is not int or schema < 1 or not isinstance(body, dict):
            raise MalformedMessageError("the envelope lacks a schema number or a body")
        if schema > self.schema:
            release = str(envelope.get("release", "?"))
            raise NewerSchemaError(kind=self.model.kind, schema=schema, known=self.schema, release=release)
        return self._validate(body, schema)

    def _validate(self, body: dict[str, Any], schema: int) -> M:
        try:
            for version in range(schema, self.schema):
                body = self._upgrade(body, version)
            return self.model.model_validate(body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise MalformedMessageError(f"{where}: {first['msg']} ({error.error_count()} in all)") from error

    def _upgrade(self, body: dict[str, Any], version: int) -> dict[str, Any]:
        """The body of the next schema."""
        upgrade = self.upgrades.get(version)
        if upgrade is None:
            raise MalformedMessageError(f"no way from schema {version} of {self.model.kind}: it is too old")
        try:
            return upgrade(body)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise MalformedMessageError(f"not a {self.model.kind} of schema {version}: {error!r}") from error


ARTICLES = Codec(Article)
MATCHES = Codec(Match)
DEAD_LETTERS = Codec(DeadLetter)
