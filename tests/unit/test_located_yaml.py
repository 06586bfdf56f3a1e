"""YAML with places: what is read, what is refused, and that each problem says where it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from streams import located_yaml
from streams.errors import ProblemsError
from streams.located_yaml import Loc, parse, read


def problems(text: str) -> list[str]:
    """Every problem of a text, as a user sees it."""
    with pytest.raises(ProblemsError) as caught:
        parse(text, "f.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_plain_data_and_its_places() -> None:
    """A value is found at its key, an item of a list at its own beginning."""
    document = parse("a: 1\nb:\n  - x\n  - {c: y}\n", "f.yaml")
    assert document.data == {"a": 1, "b": ["x", {"c": "y"}]}
    assert [document.place(loc) for loc in (("a",), ("b",), ("b", 0), ("b", 1, "c"))] == [
        (1, 1),
        (2, 1),
        (3, 5),
        (4, 6),
    ]


def test_what_has_no_place_has_its_parents() -> None:
    """A key that is missing is a problem of the mapping that lacks it."""
    document = parse("a:\n  b: 1\n", "f.yaml")
    assert document.place(("a", "missing", 3)) == (1, 1)
    assert str(document.problem(("a", "b"), "is odd", "make it even")) == "f.yaml:2:3: is odd (make it even)"


def test_places_are_worked_out_when_they_are_asked_for() -> None:
    """Most files are right, and nobody asks."""
    document = parse("a:\n  b: [1]\n", "f.yaml")
    assert (document.holds(("a", "b", 0)), document.holds(("a", "b", 1)), document.holds(("a", 0))) == (
        True,
        False,
        False,
    )
    assert "_root" not in vars(document)
    assert (document.place(("a", "b", 0)), "_root" in vars(document)) == ((2, 7), True)


@pytest.mark.parametrize(
    "text", ["- a\n" * 100_001, "".join(f"a{number}:\n" for number in range(50_001))], ids=["items", "keys"]
)
def test_a_file_of_too_many_values_is_given_up_where_they_are_too_many(text: str) -> None:
    """However small each is: a file of ten megabytes could hold five million, and take half a minute."""
    assert problems(text)[-1].endswith("is larger than 100000 values (split it into several files)")


def test_places_of_keys_that_are_no_words_and_of_twins() -> None:
    """A key that stands twice has the place of the last, as its value has; what stands under no word has no place."""
    document, _ = located_yaml._parse("a: 1\n? [x, y]\n: [z]\na: {b: 2}\n", "f.yaml")
    assert [document.place(loc) for loc in (("a",), ("a", "b"), ("z",))] == [(4, 1), (4, 5), (1, 1)]


def test_a_long_value_is_not_quoted_whole() -> None:
    """A message stays readable when the value is a book."""
    assert len(parse("a: 1\n", "f.yaml").problem(("a",), "x" * 10_000).message) < 500  # and a bit


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("NO", "NO"),
        ("12:30", "12:30"),
        ("2026-01-02", "2026-01-02"),
        ("0123", "0123"),
        ("1_000", "1_000"),
        ("1e5", "1e5"),
        ("0x1f", "0x1f"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("''", ""),
        ("-12", -12),
        ("1.5", 1.5),
        ("123456789012345678901", "123456789012345678901"),
        ("إدلب", "إدلب"),
    ],
)
def test_words_stay_words(text: str, value: object) -> None:
    """Only true, false, null and plain numbers are anything but text: `no` is a word and Norway's code."""
    data = parse(f"a: {text}\n", "f.yaml").data
    assert data == {"a": value}
    assert type(data["a"]) is type(value)


def test_keys_are_always_text() -> None:
    """A rule may be called 12 or true."""
    assert parse("12: a\ntrue: b\n", "f.yaml").data == {"12": "a", "true": "b"}


def test_every_duplicate_key_is_a_problem() -> None:
    """Of two values under one key, neither wins in silence."""
    assert problems("a: 1\nb: {c: 1, c: 2}\na: 3\n") == [
        "f.yaml:2:11: the key 'c' stands twice (keep one of them)",
        "f.yaml:3:1: the key 'a' stands twice (keep one of them)",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x 1\nb: *x\n", "f.yaml:1:4: anchors and aliases are not used here"),
        ("a: !!python/object:os.system 1\n", "f.yaml:1:4: the tag tag:yaml.org,2002:python/object:os.system"),
        ("a: !include other.yaml\n", "f.yaml:1:4: the tag !include"),
        (
            "a:\n\t- b\n",
            "f.yaml:2:1: not YAML: found character that cannot start any token (indent with spaces",
        ),
        ("a: [1, 2\n", "f.yaml:2:1: not YAML: did not find expected ',' or ']' (close the bracket, or put the text"),
        (
            "why: The army: left\n",
            "f.yaml:1:14: not YAML: mapping values are not allowed in this context (put a text with",
        ),
        ("why: 'it's'\n", "f.yaml:1:10: not YAML: did not find expected key (begin the line below the keys"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document begins"),
        ("? [a, b]\n: 1\n", "f.yaml:1:3: a key has to be a word"),
        ("a\u200fb: 1\n", "f.yaml:1:1: the key 'a\\u200fb' has an invisible direction mark in it"),
        ("a: \x01\n", "f.yaml:1:4: not YAML: the character U+0001 is not allowed"),
        ("[" * 60 + "]" * 60, "f.yaml:1:51: is nested deeper than 50"),
        ("[" * 100_000, "f.yaml:1:1001: not YAML: exceeded maximum nesting depth"),
    ],
)
def test_what_is_refused_says_where(text: str, words: str) -> None:
    """Everything that rules and settings have no use for, or that could harm, is a problem at its place."""
    assert problems(text)[0].startswith(words)


def test_a_bomb_of_aliases_never_expands() -> None:
    """Nine lines that would become a billion words are refused at the first."""
    lines = ['a0: &a0 ["x"]', *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))]
    assert problems("\n".join(lines))[0].startswith("f.yaml:1:5: anchors and aliases")


class Small(BaseModel):
    """What the validation tests read."""

    model_config = ConfigDict(extra="forbid")

    name: str
    counts: tuple[int, ...] = ()


class Inner(BaseModel):
    """A part with a key that its whole has not."""

    model_config = ConfigDict(extra="forbid")

    other: str = ""


class Outer(BaseModel):
    """A whole with a key that its part has not."""

    name: str
    inner: Inner = Inner()


def test_a_model_gives_every_problem_at_its_place() -> None:
    """Unknown, missing and wrong are told in the words of the file, in one run."""
    model, found = parse("counts: [1, x, y]\nnmae: a\n", "f.yaml").validate(Small)
    assert model is None
    assert [str(problem) for problem in found] == [
        "f.yaml:1:1: key 'name' is missing",
        "f.yaml:1:13: counts.1: Input should be a valid integer, unable to parse string as an integer",
        "f.yaml:1:16: counts.2: Input should be a valid integer, unable to parse string as an integer",
        "f.yaml:2:1: unknown key 'nmae' (did you mean 'name'?)",
    ]
    _, found = parse("name: a\ninner: {name: b}\n", "f.yaml").validate(Outer)
    assert str(found[0]) == "f.yaml:2:9: unknown key 'inner.name' (it belongs elsewhere: see how far right it begins)"
    _, found = parse("name: [a]\ncounts: 1\n", "f.yaml").validate(Small)
    assert [str(problem) for problem in found] == [
        "f.yaml:1:1: name: write text here, in quotes if need be",
        "f.yaml:2:1: counts: write a list here",
    ]


def test_a_model_that_fits_has_no_problems() -> None:
    """The model comes back."""
    assert parse("name: a\ncounts: [1]\n", "f.yaml").validate(Small) == (Small(name="a", counts=(1,)), [])


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"a: \xff\n", ":1:4: is not UTF-8 (save the file as UTF-8)"),
        (b"a: 1\nb: \xe9\n", ":2:4: is not UTF-8 (save the file as UTF-8)"),
        (b" " * (located_yaml.MAX_BYTES + 1), ": is larger than 10000000 bytes (split it into several files)"),
    ],
)
def test_a_file_that_cannot_be_text_is_a_problem(tmp_path: Path, raw: bytes, words: str) -> None:
    """Another encoding is named with its line, a huge file is not read to its end."""
    path = tmp_path / "f.yaml"
    path.write_bytes(raw)
    with pytest.raises(ProblemsError) as caught:
        read(path)
    assert str(caught.value) == f"{path}{words}"


@pytest.mark.parametrize("name", ["absent.yaml", "."])
def test_a_file_that_cannot_be_opened_is_a_problem(tmp_path: Path, name: str) -> None:
    """A missing file and a folder are problems of the file as a whole."""
    with pytest.raises(ProblemsError, match=r"shown: cannot be read: "):
        read(tmp_path / name, "shown")


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    """Files saved by Windows editors begin with one."""
    (tmp_path / "f.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read(tmp_path / "f.yaml").data == {"a": 1}


PIECES = st.lists(
    st.sampled_from(
        ["a", ":", " ", "\n", "- ", "[", "]", "{", "}", "&x", "*x", "!", "|", ">", "'", '"', "#", "\t", "?"]
    )
    | st.sampled_from(
        ["%", "---", "...", "\\", "\0", "\x85", "\u2028", "\ufeff", "\u200f", "إ", "1", ".", "<<", "~", "@"]
    ),
    max_size=30,
).map("".join)


def _locs(data: Any, loc: Loc = ()) -> Iterator[Loc]:
    """The path of every value; Any: YAML."""
    yield loc
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, below in items:
        yield from _locs(below, (*loc, step))


@given(PIECES | st.text(max_size=50))
@settings(deadline=None, max_examples=500)
def test_whatever_text_comes_only_problems_come_out(text: str) -> None:
    """Any text is a document or a ProblemsError whose places count from one, never another exception."""
    try:
        document = parse(text, "f.yaml")
    except ProblemsError as error:
        assert all(problem.line >= 1 and problem.column >= 1 for problem in error.problems)  # noqa: PT017  # either is right
    else:
        lines = [document.place(loc) for loc in _locs(document.data)]
        assert all(1 <= line <= text.count("\n") + text.count("\r") + 9 and column >= 1 for line, column in lines)


@given(st.binary(max_size=60))
@settings(deadline=None, max_examples=100)
def test_whatever_bytes_come_only_problems_come_out(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    """Any file is a document or a ProblemsError."""
    path = tmp_path_factory.mktemp("fuzz") / "f.yaml"
    path.write_bytes(raw)
    try:
        read(path)
    except ProblemsError as error:
        assert error.problems  # noqa: PT017  # either outcome is right, another exception is not


SAME = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**16), 10**16) | st.text(st.characters(categories=["L", "N", "Zs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(categories=["L"])), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(SAME)
@settings(deadline=None, max_examples=200)
def test_what_a_yaml_writer_writes_is_read_back(data: Any) -> None:
    """Where YAML's rules and ours agree, the data is what was written."""
    text = yaml.dump(data, Dumper=_NoAliases, allow_unicode=True, default_style=None)
    assert parse(text, "f.yaml").data == data


class _NoAliases(yaml.SafeDumper):
    """Writes equal objects twice."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True
