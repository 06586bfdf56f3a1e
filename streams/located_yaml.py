"""YAML with the place of every value, so that an error can name file, line and column.

Plain data is built from the events of PyYAML's parser (libyaml where the wheel has it), because its own constructors
forget the marks, let a later duplicate key win, and read `no` and `on` as booleans (YAML 1.1). Places are worked out by
a second reading, and only when something has to be said about the file: most files are right.
Anchors, aliases and tags are refused: rules and settings have no use for them, and an alias can expand without bound.
"""

from __future__ import annotations

import codecs
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from streams.errors import Problem, ProblemsError
from streams.yaml_words import in_words, keys_of, nearest, syntax_hint

Loc = tuple[str | int, ...]
ModelT = TypeVar("ModelT", bound=BaseModel)

MAX_BYTES = 10_000_000
"""Largest YAML file that is read; the largest rule pack we know of is a twentieth of it."""
MAX_PROBLEMS = 100
"""Most problems that are told of one file: a file of the wrong kind has one in every line."""

MAX_VALUES = 100_000
"""Most values, keys among them, of one file, which take half a second to read; the largest shipped gazetteer has a
sixth of that. A file of 10 MB can hold five million."""
MAX_VALUES_OF_SETTINGS = 1_000_000
"""Of files that an operator alone writes: ten thousand sources with tags have 170,000."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH = 50
_MAX_MESSAGE = 400
"""Longest message, in letters: it may quote a value, and a value may be the whole file."""
_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?")
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}
_NOT_TEXT = frozenset(("", *"+-.0123456789tTfFnN~"))
"""How a plain value begins that may be anything but text."""
_UNPRINTABLE = yaml.reader.Reader.NON_PRINTABLE


@dataclass(frozen=True)
class Document:
    """Plain data read from `text`, which is what `file` holds."""

    file: str
    data: Any
    text: str

    @cached_property
    def _root(self) -> _Place:
        return _places_in(self.text)

    def holds(self, loc: Loc) -> bool:
        """Whether there is a value at `loc`."""
        value = self.data
        for step in loc:
            if isinstance(value, dict):
                known = step in value
            else:
                known = isinstance(value, list) and isinstance(step, int) and step < len(value)
            if not known:
                return False
            value = value[step]
        return True

    def place(self, loc: Loc) -> tuple[int, int]:
        """Line and column at which the value at `loc` begins, of a mapping at its key; else of what it would be in.

        The first of a list that was written as one value, without the list, is that value.
        """
        place = self._root
        for step in loc:
            below = place.below.get(step, place if step == 0 else None)
            if below is None:
                break
            place = below
        return place.line, place.column

    def problem(self, loc: Loc, message: str, hint: str = "", *, code: str = "") -> Problem:
        """A problem at the value at `loc`."""
        return Problem(self.file, *self.place(loc), _shortened(message), hint, code)

    def validate(self, model: type[ModelT]) -> tuple[ModelT | None, list[Problem]]:
        """The data as `model`, or every way in which it is not one, each at its place."""
        try:
            return model.model_validate(self.data), []
        except ValidationError as error:
            return None, problems_of(error, self, model)


def problems_of(
    error: ValidationError, document: Document, model: type[BaseModel], *, branches: frozenset[str] = frozenset()
) -> list[Problem]:
    """Each of pydantic's errors at its place in the document, in words for the file's author.

    `branches` are the tags of unions, which pydantic puts into an error's path and no document has.
    """
    found = []
    for item in error.errors(include_url=False):
        loc = tuple(step for step in item["loc"] if step not in branches)
        path, hint = spelled(loc), ""
        message = in_words(item)
        if item["type"] == "extra_forbidden":
            message, path, hint = f"unknown key '{path}'", "", nearest(str(loc[-1]), keys_of(model))
        elif item["type"] == "missing":
            message, path = f"key {path!r} is missing", ""
        found.append(document.problem(loc, f"{path}: {message}" if path else message, hint))
    return found


def spelled(loc: Loc) -> str:
    """A path for a reader's eyes, on one line whatever its keys are."""
    path = ".".join(map(str, loc))
    return path if path.isprintable() else ascii(path)[1:-1]


def at_most(problems: Iterator[Problem]) -> list[Problem]:
    """The first MAX_PROBLEMS of one file's problems, and that there are more."""
    first = list(islice(problems, MAX_PROBLEMS))
    return [*first, _and_more(first[-1])] if next(problems, None) is not None else first


def few_of_each_file(problems: Iterable[Problem]) -> list[Problem]:
    """The first MAX_PROBLEMS of each file, and that there are more, in their order."""
    counts = Counter[str]()
    kept = []
    for problem in problems:
        counts[problem.file] += 1
        if counts[problem.file] <= MAX_PROBLEMS:
            kept.append(problem)
        elif counts[problem.file] == MAX_PROBLEMS + 1:
            kept.append(_and_more(problem))
    return kept


def _and_more(last: Problem) -> Problem:
    return replace(last, message="there is more that is wrong in this file", hint="mend what is told and look again")


def _shortened(message: str) -> str:
    return message if len(message) <= _MAX_MESSAGE else f"{message[:_MAX_MESSAGE]} …"


def read(path: Path, name: str | None = None, *, most: int = MAX_VALUES) -> Document:
    """The YAML file at `path`, of `most` values; `name` is what problems call it.

    Raises:
        ProblemsError: unreadable, not UTF-8, too large, not YAML, duplicate keys, anchors, aliases or tags.
    """
    name = name or str(path)
    return parse(_text_of(path, name), name, most=most)


def read_with_problems(path: Path, name: str) -> tuple[Document, list[Problem]]:
    """The YAML file at `path` as far as it can be read, and what is wrong with it: a key that stands twice.

    Raises:
        ProblemsError: where nothing of it can be used: unreadable, not UTF-8, too large, not YAML, aliases, tags.
    """
    return _parse(_text_of(path, name), name)


def parse(text: str, name: str, *, most: int = MAX_VALUES) -> Document:
    """The YAML in `text`; raises like `read`."""
    document, problems = _parse(text, name, most)
    if problems:
        raise ProblemsError(problems)
    return document


def _text_of(path: Path, name: str) -> str:
    try:
        # Opening a pipe would wait for somebody to write into it.
        if not stat.S_ISREG(path.stat().st_mode):
            raise ProblemsError([Problem(name, 0, 0, "cannot be read: it is no file", code="unreadable")])
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ProblemsError([Problem(name, 0, 0, f"cannot be read: {error.strerror}", code="unreadable")]) from error
    if len(raw) > MAX_BYTES:
        message, hint = f"is larger than {MAX_BYTES} bytes", "split it into several files"
        raise ProblemsError([Problem(name, 0, 0, message, hint, "unreadable")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].removeprefix(codecs.BOM_UTF8).decode("utf-8")
        problem = Problem(name, *_end_of(before), "is not UTF-8", "save the file as UTF-8", "unreadable")
        raise ProblemsError([problem]) from error


def _parse(text: str, name: str, most: int = MAX_VALUES) -> tuple[Document, list[Problem]]:
    builder = _Builder(name, text, most)
    try:
        data = builder.build()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        # libyaml does not say which character it stumbled over.
        is_tab = mark is not None and text[mark.index : mark.index + 1] == "\t"
        hint = "indent with spaces, not tabs" if is_tab else syntax_hint(error.problem)
        raise ProblemsError([Problem(name, line, column, f"not YAML: {error.problem}", hint, "not-yaml")]) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise ProblemsError([_not_text(text, name)]) from error
    if any(problem.code == "alias" for problem in builder.problems):
        raise ProblemsError(builder.problems)
    return Document(name, data, text), builder.problems


def _not_text(text: str, name: str) -> Problem:
    """The first character that YAML does not allow."""
    found = _UNPRINTABLE.search(text)
    line, column = _end_of(text[: found.start()]) if found else (1, 1)
    message = f"not YAML: the character U+{ord(found[0]):04X} is not allowed" if found else "not YAML"
    return Problem(name, line, column, message, "delete it, or save the file as UTF-8", "not-yaml")


def _end_of(text: str) -> tuple[int, int]:
    """Line and column just after `text`."""
    return text.count("\n") + 1, len(text) - text.rfind("\n")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value begins, and the values in it, by key or index."""

    line: int = 1
    column: int = 1
    below: dict[str | int, _Place] = field(default_factory=dict)


def _places_in(text: str) -> _Place:
    """The places of all values in a text that was read before: nothing in it is wrong but a key that stands twice."""
    take = LOADER(text).get_event
    take()  # the stream begins
    return _Place() if type(take()) is yaml.StreamEndEvent else _place_below(take(), take)


def _place_below(event: Any, take: Callable[[], Any]) -> _Place:
    """Where the value that `event` begins is, and what is in it; Any: events, which PyYAML has no types of."""
    place = _Place(*_place_of(event))
    if type(event) is yaml.SequenceStartEvent:
        while type(item := take()) is not yaml.SequenceEndEvent:
            place.below[len(place.below)] = _place_below(item, take)
    elif type(event) is yaml.MappingStartEvent:
        while type(key := take()) is not yaml.MappingEndEvent:
            # The key's place is what a reader looks for when the value is wrong.
            name = key.value if type(key) is yaml.ScalarEvent else None
            value = _place_below(key, take) if name is None else _place_below(take(), take)
            if name is None:
                _place_below(take(), take)
            else:
                place.below[name] = _Place(*_place_of(key), value.below)
    return place


def _place_of(event: Any) -> tuple[int, int]:
    """Where an event begins; Any: PyYAML has no types of them."""
    return event.start_mark.line + 1, event.start_mark.column + 1


class _Builder:
    """Builds plain data from events, noting problems. Any: events, which PyYAML has no types of, and their data."""

    def __init__(self, name: str, text: str, most: int) -> None:
        self.name, self._text = name, text
        self._next: Callable[[], Any] = iter(()).__next__
        self._most = self._left = most
        self.problems: list[Problem] = []

    def build(self) -> Any:
        """The data of the only document, None where there is none.

        Raises:
            yaml.YAMLError: it is not YAML.
            ProblemsError: nested too deeply, a second document, or too many problems to go on.
        """
        self._next = LOADER(self._text).get_event
        self._next()  # the stream begins
        if type(self._next()) is yaml.StreamEndEvent:
            return None
        data = self._value(self._next(), 0)
        self._next()  # the document ends
        if type(event := self._next()) is not yaml.StreamEndEvent:
            self._note(event, "a second document begins", "make it a file of its own", code="not-yaml")
            raise ProblemsError(self.problems)
        return data

    def _value(self, event: Any, depth: int) -> Any:
        kind = type(event)
        self._count(event)
        if kind is yaml.ScalarEvent:
            self._refuse_extras(event)
            text = event.value
            return text if event.style or text[:1] not in _NOT_TEXT else _plain(text)
        if kind is yaml.AliasEvent:
            if not self.problems:  # an alias has its anchor above it, of which has been told
                self._refuse_sharing(event, "anchors and aliases")
            return None
        self._refuse_extras(event)
        if depth == _MAX_DEPTH:
            self._note(event, f"is nested deeper than {_MAX_DEPTH}", code="not-yaml")
            raise ProblemsError(self.problems)
        return self._mapping(depth + 1) if kind is yaml.MappingStartEvent else self._sequence(depth + 1)

    def _sequence(self, depth: int) -> list[Any]:
        items = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            items.append(self._value(event, depth))
        return items

    def _mapping(self, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while type(event := self._next()) is not yaml.MappingEndEvent:
            if type(event) is not yaml.ScalarEvent:
                self._note(event, "a key has to be a word", code="bad-value")
                self._value(event, depth)
                self._value(self._next(), depth)
                continue
            self._count(event)
            self._refuse_extras(event)
            key = event.value
            if key in result:
                self._note(event, f"the key {key!r} stands twice", "keep one of them", code="duplicate-key")
            if key == "<<" and not event.style:
                self._refuse_sharing(event, "merge keys")
            if not key.isascii() and _CONTROLS.search(key):
                message = f"the key {key!r} has an invisible direction mark in it"
                self._note(event, message, "delete it and retype", code="invisible-mark")
            result[key] = self._value(self._next(), depth)
        return result

    def _count(self, event: Any) -> None:
        self._left -= 1
        if self._left < 0:
            self._note(event, f"is larger than {self._most} values", "split it into several files", code="unreadable")
            raise ProblemsError(self.problems)

    def _refuse_extras(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse_sharing(event, "anchors and aliases")
        if event.tag is not None:
            self._note(event, f"the tag {event.tag} is not used here", code="alias")

    def _refuse_sharing(self, event: Any, what: str) -> None:
        self._note(event, f"{what} are not used here", "write the value out, or share a concept", code="alias")

    def _note(self, where: Any, message: str, hint: str = "", *, code: str) -> None:
        self.problems.append(Problem(self.name, *_place_of(where), _shortened(message), hint, code))
        if len(self.problems) == MAX_PROBLEMS:
            raise ProblemsError([*self.problems, _and_more(self.problems[-1])])


def _plain(text: str) -> Any:
    """What a value without quotes means."""
    if text.lower() in _CONSTANTS:
        return _CONSTANTS[text.lower()]
    if _INTEGER.fullmatch(text) and len(text) < 19:  # noqa: PLR2004  # longer is an id, not a count
        return int(text)
    if _FLOAT.fullmatch(text) and "." in text:
        return float(text)
    return text
