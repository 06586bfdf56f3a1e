"""Messages and their codec: what crosses a topic comes out as it went in, or is refused with a reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from streams import __version__
from streams.errors import MalformedMessageError, MessageError, NewerSchemaError
from streams.messages import (
    ARTICLES,
    DEAD_LETTERS,
    MATCHES,
    Article,
    ArticleHead,
    Codec,
    DeadCause,
    DeadLetter,
    Entity,
    Evidence,
    Excerpt,
    Match,
    RuleMatch,
    Severity,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ARTICLE = Article(
    id="c1:a", title="إدلب", source="daily", text="أولًا\nثانيًا", seen_at=NOW, published=NOW, language="ar"
)
RULE = RuleMatch(
    rule="r",
    title="R",
    severity=Severity.HIGH,
    evidence=(Evidence(field="text", start=0, end=5, text="أولًا"),),
    excerpts=(Excerpt(text="أولًا", marks=((0, 5),)),),
    slots={"who": ("باقري",)},
    entities={"who": (Entity(text="باقري", name="Bagheri", code="IRNMIL"),)},
    repeat_after=timedelta(hours=12),
)
MATCH = Match(seen_at=NOW, article=ARTICLE.head, story="s1:x", rulebook="b1", rules=(RULE,))
LETTER = DeadLetter(
    id="articles/0/7", seen_at=NOW, stage="match", cause=DeadCause.MALFORMED, detail="not JSON", topic="articles"
)


def wire(body: object, **envelope: object) -> bytes:
    """An article's envelope around `body`."""
    return json.dumps({"kind": "article", "schema": 1, "release": "9.9", "body": body, **envelope}).encode()


@pytest.mark.parametrize(("codec", "message"), [(ARTICLES, ARTICLE), (MATCHES, MATCH), (DEAD_LETTERS, LETTER)])
def test_a_message_comes_out_as_it_went_in(codec: Codec[Any], message: Any) -> None:
    """Encoding and decoding lose nothing."""
    assert codec.decode(codec.encode(message)) == message


def test_the_wire_form_is_the_one_that_is_recorded() -> None:
    """Bytes that lie on topics stay readable: the form changes only together with the schema number."""
    envelope = json.loads(ARTICLES.encode(ARTICLE))
    assert envelope == {
        "kind": "article",
        "schema": 1,
        "release": __version__,
        "body": {
            "seen_at": "2026-01-02T03:04:05Z",
            "id": "c1:a",
            "title": "إدلب",
            "source": "daily",
            "url": None,
            "language": "ar",
            "authors": [],
            "published": "2026-01-02T03:04:05Z",
            "backlog": False,
            "truncated": False,
            "country": None,
            "tags": [],
            "section": None,
            "update": None,
            "text": "أولًا\nثانيًا",
            "text_from": None,
            "date_from": None,
            "date_precision": None,
        },
    }


def test_the_head_is_the_article_without_its_text() -> None:
    """What goes on to the next topic does not carry the text again."""
    assert ARTICLE.head == ArticleHead(id="c1:a", title="إدلب", source="daily", published=NOW, language="ar")


def test_a_time_without_a_zone_is_refused() -> None:
    """Every time is aware, so that a worker's own zone never matters."""
    with pytest.raises(ValidationError, match="timezone"):
        Article(id="a", title="", source="s", text="", seen_at=datetime(2026, 1, 1))  # noqa: DTZ001  # that is the point


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (None, "not JSON"),
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"1" * 10_000, "not JSON"),
        (b"[]", "not a message of kind article"),
        (DEAD_LETTERS.encode(LETTER), "not a message of kind article"),
        (wire({}, schema=True), "lacks a schema number or a body"),
        (wire({}, schema=0), "lacks a schema number or a body"),
        (wire([]), "lacks a schema number or a body"),
        (wire({}), "seen_at: Field required (5 in all)"),
        (wire({"id": "a", "title": "\ud800", "source": "s", "text": "t", "seen_at": "2026-01-01T00:00Z"}), "not JSON"),
        (wire({"title": "?"}).replace(b"?", b"\xed\xa0\x80"), "not JSON"),
        ('{"kind": "article"}'.encode("utf-16"), "not JSON"),
    ],
)
def test_what_is_not_such_a_message_is_refused(raw: bytes | None, reason: str) -> None:
    """Each is malformed for good, with a reason that a dead letter can carry."""
    with pytest.raises(MalformedMessageError) as caught:
        ARTICLES.decode(raw)
    assert reason in str(caught.value)


def test_a_reason_does_not_repeat_the_message() -> None:
    """A dead letter's reason names the field, not the text in it, which may be long or private."""
    with pytest.raises(MalformedMessageError) as caught:
        ARTICLES.decode(wire({"id": ["secret text"]}))
    assert "secret text" not in str(caught.value)


def test_a_later_schema_names_the_release_that_wrote_it() -> None:
    """Who reads the error knows what to install."""
    with pytest.raises(NewerSchemaError) as caught:
        ARTICLES.decode(wire({}, schema=2))
    assert (caught.value.schema, caught.value.known, caught.value.release) == (2, 1, "9.9")


def test_a_character_in_two_escapes_is_whole() -> None:
    """JSON writes characters beyond the first 65,536 as a pair, which is not half a character."""
    body = {**json.loads(ARTICLE.model_dump_json()), "title": "\N{PARTY POPPER}"}
    assert b"\\ud83c" in wire(body)
    assert ARTICLES.decode(wire(body)).title == "\N{PARTY POPPER}"


def test_an_unknown_field_is_ignored() -> None:
    """A field may be added within a schema without stopping older workers."""
    envelope = json.loads(ARTICLES.encode(ARTICLE))
    assert ARTICLES.decode(wire({**envelope["body"], "mood": "grim"})) == ARTICLE


UPGRADED = Codec(Article, schema=3, upgrades={2: lambda body: {**body, "title": body.pop("headline").strip()}})


def test_an_older_schema_is_read_through_its_upgrades() -> None:
    """What an earlier release wrote is read as if this one had written it."""
    body = {key: value for key, value in json.loads(ARTICLE.model_dump_json()).items() if key != "title"}
    assert UPGRADED.decode(wire({**body, "headline": " إدلب "}, schema=2)) == ARTICLE


def test_a_schema_that_nothing_upgrades_is_refused() -> None:
    """Older than any upgrade we still have."""
    with pytest.raises(MalformedMessageError, match="no way from schema 1 of article"):
        UPGRADED.decode(wire({}))


@pytest.mark.parametrize("body", [{}, {"headline": 7}, {"headline": None}])
def test_an_upgrade_that_trips_over_a_body_refuses_it(body: dict[str, Any]) -> None:
    """A malformed body of an older schema is malformed, not a crash of the worker."""
    with pytest.raises(MalformedMessageError, match="not a article of schema 2"):
        UPGRADED.decode(wire(body, schema=2))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kind", "schema", "release", "body", "id", "title", "text", "seen_at", "authors"]), inner
        )
    ),
    max_leaves=10,
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()) | JSON.map(wire))
@settings(deadline=None, max_examples=300)
def test_whatever_bytes_come_only_message_errors_come_out(raw: bytes) -> None:
    """Bytes from a topic are a MessageError or a message that can be written again, never another exception."""
    for codec in (ARTICLES, UPGRADED):
        try:
            article = codec.decode(raw)
        except MessageError:
            continue
        assert codec.decode(codec.encode(article)) == article
