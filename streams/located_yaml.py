"""YAML with the place of every value, so that an error can name file, line and column.

PyYAML's composer (libyaml where the wheel has it) gives nodes with marks; plain data is built from them here, because
its own constructors forget the marks, let a later duplicate key win, and read `no` and `on` as booleans (YAML 1.1).
Anchors, aliases and tags are refused: rules and settings have no use for them, and an alias can expand without bound.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from streams.errors import Problem, ProblemsError

Loc = tuple[str | int, ...]
ModelT = TypeVar("ModelT", bound=BaseModel)

MAX_BYTES = 10_000_000
"""Largest YAML file that is read; the largest rule pack we know of is a twentieth of it."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH = 50
_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?")
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data read from `file`, and where each value begins, by its path of keys and indices."""

    file: str
    data: Any
    places: dict[Loc, tuple[int, int]]

    def place(self, loc: Loc) -> tuple[int, int]:
        """Line and column of the value at `loc`, or of its nearest parent that has one."""
        while loc and loc not in self.places:
            loc = loc[:-1]
        return self.places.get(loc, (1, 1))

    def problem(self, loc: Loc, message: str, hint: str = "", *, code: str = "") -> Problem:
        """A problem at the value at `loc`."""
        return Problem(self.file, *self.place(loc), message, hint, code)

    def validate(self, model: type[ModelT]) -> tuple[ModelT | None, list[Problem]]:
        """The data as `model`, or every way in which it is not one, each at its place."""
        try:
            return model.model_validate(self.data), []
        except ValidationError as error:
            return None, problems_of(error, self)


def problems_of(error: ValidationError, document: Document) -> list[Problem]:
    """Each of pydantic's errors at its place in the document, in words for the file's author."""
    found = []
    for item in error.errors(include_url=False):
        path = ".".join(str(step) for step in item["loc"])
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            message, path = f"unknown key {path!r}", ""
        elif item["type"] == "missing":
            message, path = f"key {path!r} is missing", ""
        found.append(document.problem(tuple(item["loc"]), f"{path}: {message}" if path else message))
    return found


def read(path: Path, name: str | None = None) -> Document:
    """The YAML file at `path`; `name` is what problems call it.

    Raises:
        ProblemsError: unreadable, not UTF-8, too large, not YAML, duplicate keys, anchors, aliases or tags.
    """
    name = name or str(path)
    return parse(_text_of(path, name), name)


def read_with_problems(path: Path) -> tuple[Document, list[Problem]]:
    """The YAML file at `path` as far as it can be read, and what is wrong with it: a key that stands twice, a tag.

    Raises:
        ProblemsError: where nothing of it can be used: unreadable, not UTF-8, too large, not YAML, aliases.
    """
    return _parse(_text_of(path, str(path)), str(path))


def _text_of(path: Path, name: str) -> str:
    try:
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
        line = raw[: error.start].count(b"\n") + 1
        problem = Problem(name, line, 1, "is not UTF-8", "save the file as UTF-8", "unreadable")
        raise ProblemsError([problem]) from error


def parse(text: str, name: str) -> Document:
    """The YAML in `text`; raises like `read`."""
    document, problems = _parse(text, name)
    if problems:
        raise ProblemsError(problems)
    return document


def _parse(text: str, name: str) -> tuple[Document, list[Problem]]:
    builder = _Builder(name)
    try:
        builder.refuse_aliases(text)
        if builder.problems:
            raise ProblemsError(builder.problems)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        # libyaml does not say which character it stumbled over.
        hint = "indent with spaces, not tabs" if mark and text[mark.index : mark.index + 1] == "\t" else ""
        raise ProblemsError([Problem(name, line, column, f"not YAML: {error.problem}", hint, "not-yaml")]) from error
    except (yaml.YAMLError, RecursionError) as error:
        problem = Problem(name, 1, 1, f"not YAML: {str(error).splitlines()[0]}", code="not-yaml")
        raise ProblemsError([problem]) from error
    data = builder.build(node, ()) if node is not None else None
    return Document(name, data, builder.places), builder.problems


class _Builder:
    """Builds plain data from composed nodes, noting places and problems."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.places: dict[Loc, tuple[int, int]] = {}
        self.problems: list[Problem] = []

    def refuse_aliases(self, text: str) -> None:
        depth = 0
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > _MAX_DEPTH:
                self._note(event, f"is nested deeper than {_MAX_DEPTH}", code="not-yaml")
                return
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                hint = "write the value out, or share a concept"
                self._note(event, "anchors and aliases are not used here", hint, code="alias")
            elif tag := getattr(event, "tag", None):
                self._note(event, f"the tag {tag} is not used here", code="alias")

    def build(self, node: yaml.Node, loc: Loc) -> Any:
        self.places[loc] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*loc, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._note(key_node, "a key has to be a word", code="bad-value")
                continue
            key = str(key_node.value)
            if key in result:
                self._note(key_node, f"the key {key!r} stands twice", "keep one of them", code="duplicate-key")
            if _CONTROLS.search(key):
                message = f"the key {key!r} has an invisible direction mark in it"
                self._note(key_node, message, "delete it and retype", code="invisible-mark")
            result[key] = self.build(value_node, (*loc, key))
            # The key's place is what a reader looks for when the value is wrong.
            self.places[*loc, key] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        return result

    def _scalar(self, node: yaml.Node) -> Any:
        text = str(node.value)
        if getattr(node, "style", None):
            return text
        if text.lower() in _CONSTANTS:
            return _CONSTANTS[text.lower()]
        if _INTEGER.fullmatch(text) and len(text) < 19:  # noqa: PLR2004  # longer is an id, not a count
            return int(text)
        if _FLOAT.fullmatch(text) and "." in text:
            return float(text)
        return text

    def _note(self, where: Any, message: str, hint: str = "", *, code: str) -> None:
        mark = where.start_mark
        self.problems.append(Problem(self.name, mark.line + 1, mark.column + 1, message, hint, code))
