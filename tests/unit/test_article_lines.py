from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.article_lines import ArticleLine, Format, format_of, parse_line, read_lines
from streams.errors import InputError


def test_a_line_states_an_article() -> None:
    """Every field; unknown ones are ignored."""
    raw = (
        '{"id": "1", "title": "T", "text": "خبر", "url": "http://a.example/", "date": "2019-03-18", "language": "ar",'
        '"source": "S", "authors": ["A", "B"], "seen_at": "2019-03-18T12:00:00+03:00", "mood": "grim"}'
    )
    assert parse_line(raw, file="f", line=1) == ArticleLine(
        id="1",
        title="T",
        text="خبر",
        url="http://a.example/",
        date=datetime(2019, 3, 18, tzinfo=UTC),
        date_precision="day",
        language="ar",
        source="S",
        authors=("A", "B"),
        seen_at=datetime(2019, 3, 18, 9, tzinfo=UTC),
    )


def test_other_names_are_understood() -> None:
    """`lang`, `published`, `outlet`; the proper name wins where both stand."""
    line = parse_line(
        '{"text": "x", "lang": "ar", "published": "2019-03-18T10:00:00Z", "outlet": "S"}', file="f", line=1
    )
    assert (line.language, line.date, line.source) == ("ar", datetime(2019, 3, 18, 10, tzinfo=UTC), "S")
    assert parse_line('{"text": "x", "lang": "ar", "language": "en"}', file="f", line=1).language == "en"


@pytest.mark.parametrize("stamp", ["0001-01-01T00:00:00Z", "9999-12-31", "9999-12-31T23:59:59-05:00"])
def test_a_date_that_stands_for_none_ended_a_whole_replay(stamp: str) -> None:
    """No three days lie before or behind it."""
    line = parse_line(f'{{"text": "x", "date": "{stamp}", "seen_at": "{stamp}"}}', file="f", line=1)
    assert (line.date, line.seen_at) == (None, None)


@pytest.mark.parametrize(
    ("said", "precision"),
    [
        ('"2026-03-01"', "day"),
        ('"20260301"', "day"),
        ('"2026-W09-7"', "day"),
        ('"2026-03-01T00:00:00Z"', None),
        ('"2026-03-01T00:00:00Z", "date_precision": "day"', "day"),
        ('"", "date_precision": "day"', None),
    ],
)
def test_a_bare_day_is_one_without_a_time(said: str, precision: str | None) -> None:
    """As `marsad read` has it, it may be said besides."""
    assert parse_line(f'{{"text": "x", "date": {said}}}', file="f", line=1).date_precision == precision


@pytest.mark.parametrize("stamp", ["2026-03-01T00:00:00+03:00", "2026-03-01T23:30:00-05:00", "20260301"])
def test_a_day_that_was_stated_with_a_zone_became_another_day(stamp: str) -> None:
    """Midnight in Damascus is the day before in UTC; it is told, and counted from, as it was stated."""
    line = parse_line(f'{{"text": "x", "date": "{stamp}", "date_precision": "day"}}', file="f", line=1)
    assert line.date == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("spelled", ["en", "EN", "en-GB", "en_US", " en "])
def test_a_language_is_one_however_it_is_spelled(spelled: str) -> None:
    """Routes, filters and scores asked for en and passed over en_US."""
    assert parse_line(f'{{"text": "x", "language": "{spelled}"}}', file="f", line=1).language == "en"


@pytest.mark.parametrize(
    ("raw", "id_"),
    [
        ('{"text": "x", "id": "7", "url": "http://a.example/"}', "7"),
        ('{"text": "x", "id": 7}', "7"),
        ('{"text": "x", "url": "http://a.example/"}', "http://a.example/"),
        ('{"text": "x", "id": "", "url": null}', "a.jsonl:3"),
        ('{"title": "x"}', "a.jsonl:3"),
    ],
)
def test_a_line_without_an_id_has_its_url_or_its_place(raw: str, id_: str) -> None:
    """In this order."""
    assert parse_line(raw, file="a.jsonl", line=3).id == id_


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("nonsense", "is not JSON"),
        ("[1, 2]", "is not a JSON object"),
        ('{"id": "1"}', "has neither a title nor a text"),
        ('{"text": 7}', "text is a number, not a string"),
        ('{"text": "x", "id": true}', "id is true or false, not a string"),
        ('{"text": "x", "date": "yesterday"}', "date 'yesterday' is not an ISO 8601 date"),
        ('{"text": "x", "date": 1552903200}', "date is a number"),
        ('{"text": "x", "authors": [1]}', "authors is not a list of strings"),
        ('{"text": "\\ud800"}', "half a character"),
        (b'{"text": "\xff"}', "is not UTF-8"),
        ("[" * 200_000, "is n"),
    ],
)
def test_a_bad_line_says_where_and_what(raw: str | bytes, message: str) -> None:
    """File, line, field."""
    with pytest.raises(InputError, match=r"a\.jsonl:3: ") as caught:
        parse_line(raw, file="a.jsonl", line=3)
    assert message in str(caught.value)


def test_a_bad_line_costs_only_itself() -> None:
    """The rest is read; empty lines and a byte order mark are passed over, and lines are counted as editors do."""
    lines = [b'\xef\xbb\xbf{"text": "one"}\n', b"\n", b"bad\n", b'{"text": "two"}']
    items = list(read_lines(lines, file="f"))
    assert [item.line if isinstance(item, InputError) else (item.id, item.text) for item in items] == [
        ("f:1", "one"),
        3,
        ("f:4", "two"),
    ]


@pytest.mark.parametrize(
    ("name", "beginning", "expected"),
    [
        ("a.jsonl", b"", Format.JSONL),
        ("a.HTML", b"", Format.HTML),
        ("a.txt", b"{", Format.TEXT),
        ("a", b"", Format.TEXT),
        ("-", b' {"text"', Format.JSONL),
        ("-", b"Text", Format.TEXT),
        ("-", b"", Format.TEXT),
    ],
)
def test_the_suffix_says_the_format(name: str, beginning: bytes, expected: Format) -> None:
    """Of standard input the beginning does."""
    assert format_of(name, beginning) == expected


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_line_is_an_article_or_an_input_error(raw: bytes | str) -> None:
    """Fuzzed."""
    try:
        parse_line(raw, file="f", line=1)
    except InputError:
        return
