"""Reads a folder of rules: every file, every problem in one run, each with file, line and column.

    rules/*.yaml   rules/concepts/*.yaml   rules/gazetteers/*.yaml

A Rulebook is either whole and consistent or not there at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from streams import located_yaml
from streams.errors import Problem, ProblemsError, RuleError
from streams.located_yaml import Document, Loc
from streams.match.rule_checks import check_rulebook
from streams.match.rule_files import ConceptFile, FileModel, GazetteerFile, RuleFile

ModelT = TypeVar("ModelT", RuleFile, ConceptFile, GazetteerFile)
VERSION_PREFIX = "r1"
_WORDS = {
    "model_type": "write keys and values here",
    "model_attributes_type": "write keys and values here",
    "dict_type": "write keys and values here",
    "tuple_type": "write a list here",
    "string_type": "write text here, in quotes if need be",
}
"""Pydantic's errors about shapes, in words of YAML."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules of a folder by id, with the concepts and gazetteers that they share.

    `version` is a hash of what the files say: comments, white space and the order of keys do not change it.
    """

    rules: Mapping[str, RuleFile]
    concepts: Mapping[str, ConceptFile]
    gazetteers: Mapping[str, GazetteerFile]
    version: str


@dataclass(slots=True)
class _Shelf:
    """What has been read so far."""

    problems: list[Problem] = field(default_factory=list)
    documents: dict[tuple[str, str], Document] = field(default_factory=dict)

    def read(self, folder: Path, model: type[ModelT]) -> dict[str, ModelT]:
        """The files of one folder as models, by id; whatever is wrong is noted."""
        found: dict[str, ModelT] = {}
        for path in sorted(folder.glob("*.y*ml")) if folder.is_dir() else ():
            if path.suffix != ".yaml":
                self.problems.append(Problem(str(path), 0, 0, "is not read", "let its name end in .yaml"))
                continue
            self._read_one(path, model, found)
        return found

    def _read_one(self, path: Path, model: type[ModelT], found: dict[str, ModelT]) -> None:
        try:
            document = located_yaml.read(path)
            parsed = model.model_validate(document.data)
        except ProblemsError as error:
            self.problems.extend(error.problems)
            return
        except ValidationError as error:
            self.problems.extend(_problems_of(error, document, model))
            return
        if parsed.id != path.stem:
            hint = f"write id: {path.stem}, or rename the file"
            self.problems.append(document.problem(("id",), f"the id {parsed.id!r} differs from the file's name", hint))
        if parsed.id in found:
            self.problems.append(document.problem(("id",), f"the id {parsed.id!r} is taken by another file"))
            return
        found[parsed.id] = parsed
        self.documents[model.__name__, parsed.id] = document


def load_rulebook(folder: Path) -> Rulebook:
    """Every rule, concept and gazetteer under `folder`.

    Raises:
        RuleError: with every problem of every file.
    """
    if not folder.is_dir():
        raise RuleError([Problem(str(folder), 0, 0, "is no folder", "name the folder that holds the rules")])
    shelf = _Shelf()
    rules = shelf.read(folder, RuleFile)
    concepts = shelf.read(folder / "concepts", ConceptFile)
    gazetteers = shelf.read(folder / "gazetteers", GazetteerFile)
    if not rules and not shelf.problems:
        shelf.problems.append(Problem(str(folder), 0, 0, "holds no rule", "a rule is a file ID.yaml in this folder"))
    shelf.problems.extend(check_rulebook(rules, concepts, gazetteers, shelf.documents))
    if shelf.problems:
        raise RuleError(shelf.problems)
    return Rulebook(rules, concepts, gazetteers, _version(rules, concepts, gazetteers))


def shipped_rules_dir() -> Path:
    """The rules that come with Marsad: beside the package in a checkout, within it when it was installed."""
    beside = Path(__file__).resolve().parents[2] / "rules"
    return beside if beside.is_dir() else Path(str(files("streams.shipped_rules")))


def _version(*shelves: Mapping[str, BaseModel]) -> str:
    content = [[model.model_dump(mode="json") for _, model in sorted(shelf.items())] for shelf in shelves]
    spelled = json.dumps(content, sort_keys=True, ensure_ascii=True).encode()
    return f"{VERSION_PREFIX}:{blake2b(spelled, digest_size=8).hexdigest()}"


def _problems_of(error: ValidationError, document: Document, model: type[FileModel]) -> Iterator[Problem]:
    """Each of pydantic's errors at its place, in an analyst's words."""
    for item in error.errors(include_url=False):
        loc = _written(item["loc"], document.data)
        path = ".".join(str(step) for step in loc)
        message, hint = item["msg"].removeprefix("Value error, "), ""
        if item["type"] == "extra_forbidden":
            message, path, hint = f"unknown key {path!r}", "", _nearest(str(item["loc"][-1]), _keys(model))
        elif item["type"] == "missing":
            message, path = f"key {'.'.join(map(str, item['loc']))!r} is missing", ""
        else:
            message = _WORDS.get(item["type"], message)
        yield document.problem(loc, f"{path}: {message}" if path else message, hint)


def _written(loc: Sequence[str | int], data: Any) -> Loc:
    """The steps of pydantic's path that are there in the file: models add steps for short forms that were filled in."""
    steps: list[str | int] = []
    for step in loc:
        try:
            below = data[step]
        except (KeyError, IndexError, TypeError):
            continue
        if isinstance(data, str):
            continue
        data = below
        steps.append(step)
    return tuple(steps)


def _keys(model: type[FileModel]) -> set[str]:
    """All keys that may stand anywhere in such a file."""
    return {key for one in (model, *FileModel.__subclasses__()) for key in one.model_fields}


def _nearest(word: str, known: set[str]) -> str:
    close = get_close_matches(word, sorted(known), n=1)
    return f"did you mean {close[0]!r}?" if close else ""
