"""Reads a folder of rules: every file, every problem in one run, each with file, line and column.

    rules/*.yaml   rules/concepts/*.yaml   rules/gazetteers/*.yaml   rules/exclusions/*.yaml

A Rulebook is either whole and consistent or not there at all.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from streams import located_yaml
from streams.errors import Problem, ProblemsError, RuleError
from streams.file_names import name_of
from streams.located_yaml import Document, at_most, few_of_each_file
from streams.match.exclusion_files import ExclusionFile
from streams.match.rule_checks import check_exclusions, check_rulebook, check_sound
from streams.match.rule_faults import problems_of, without_faults
from streams.match.rule_files import ConceptFile, FileModel, GazetteerFile, RuleFile
from streams.match.rule_limits import too_large
from streams.match.sequences import check_sequences

ModelT = TypeVar("ModelT", RuleFile, ConceptFile, GazetteerFile, ExclusionFile)
VERSION_PREFIX = "r2"
SHELVES = ("concepts", "gazetteers", "exclusions")
"""The folders that are read below that of the rules."""
_SUFFIXES_MEANT = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules of a folder by id, with the concepts and gazetteers that they share.

    `version` is a hash of what the files say: comments and white space do not change it.
    """

    rules: Mapping[str, RuleFile]
    concepts: Mapping[str, ConceptFile]
    gazetteers: Mapping[str, GazetteerFile]
    version: str
    exclusions: Mapping[str, ExclusionFile] = field(default_factory=dict)


@dataclass(slots=True)
class Reading:
    """A rule folder as far as it could be read: models by id, their documents, and every problem.

    `broken` are documents that are YAML but not what they should be, by model and by the file's name: what they would
    have brought is not reported as missing elsewhere. `sound` is what some of them are without what is wrong.
    """

    folder: Path
    rules: dict[str, RuleFile] = field(default_factory=dict)
    concepts: dict[str, ConceptFile] = field(default_factory=dict)
    gazetteers: dict[str, GazetteerFile] = field(default_factory=dict)
    exclusions: dict[str, ExclusionFile] = field(default_factory=dict)
    documents: dict[tuple[str, str], Document] = field(default_factory=dict)
    broken: dict[tuple[str, str], Document | None] = field(default_factory=dict)
    sound: dict[tuple[str, str], FileModel] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def rulebook(self) -> Rulebook:
        """The rulebook that the files make, whatever their problems; ask for it when there are none."""
        version = _version(self.rules, self.concepts, self.gazetteers, self.exclusions)
        return Rulebook(self.rules, self.concepts, self.gazetteers, version, self.exclusions)

    def read(self, folder: Path, model: type[ModelT], found: dict[str, ModelT]) -> None:
        """The files of one folder as models, by id; whatever is wrong is noted."""
        try:
            paths = sorted(folder.iterdir())
        except FileNotFoundError:
            return
        except OSError as error:
            self.note(folder, f"cannot be read: {error.strerror}", "make it a folder that can be read", "unreadable")
            return
        for path in paths:
            if path.name.startswith("."):
                continue  # an editor's lock or backup
            if path.suffix == ".yaml":
                self._read_one(path, model, found)
            elif path.suffix.lower() in _SUFFIXES_MEANT:
                self.note(path, "is not read", "let its name end in .yaml", "not-read")

    def _read_one(self, path: Path, model: type[ModelT], found: dict[str, ModelT]) -> None:
        key = (model.__name__, path.stem)
        try:
            document, problems = located_yaml.read_with_problems(path, name_of(path))
        except ProblemsError as error:
            self.problems.extend(error.problems)
            self.broken[key] = None
            return
        self.problems.extend(problems)
        if large := list(too_large(document)):
            self.problems.extend(large)
            self.broken[key] = None
            return
        try:
            parsed = model.model_validate(document.data)
        except ValidationError as error:
            self.problems.extend(at_most(problems_of(error, document, model)))
            self.broken[key] = document
            if sound := without_faults(error, document, model):
                self.sound[key] = sound
            return
        if parsed.id != path.stem:
            hint, message = (
                f"write id: {path.stem}, or rename the file",
                f"the id {parsed.id!r} differs from the file's name",
            )
            self.problems.append(document.problem(("id",), message, hint, code="id-differs"))
        if parsed.id in found:
            message, hint = f"the id {parsed.id!r} is taken by another file", "give each file an id of its own"
            self.problems.append(document.problem(("id",), message, hint, code="duplicate-id"))
            return
        found[parsed.id] = parsed
        self.documents[model.__name__, parsed.id] = document

    def note(self, path: Path, message: str, hint: str, code: str) -> None:
        """Note a problem of a file or folder as a whole."""
        self.problems.append(Problem(name_of(path), 0, 0, message, hint, code))


def read_folder(folder: Path) -> Reading:
    """Every rule, concept and gazetteer under `folder`, and every problem of theirs. Raises nothing."""
    reading = Reading(folder)
    if not folder.is_dir():
        reading.note(folder, "is no folder", "name the folder that holds the rules", "unreadable")
        return reading
    reading.read(folder, RuleFile, reading.rules)
    concepts, gazetteers, exclusions = (folder / shelf for shelf in SHELVES)
    reading.read(concepts, ConceptFile, reading.concepts)
    reading.read(gazetteers, GazetteerFile, reading.gazetteers)
    reading.read(exclusions, ExclusionFile, reading.exclusions)
    if not reading.rules and not reading.problems:
        reading.note(folder, "holds no rule", "a rule is a file ID.yaml in this folder", "no-rules")
    checked = check_rulebook(reading.rules, reading.concepts, reading.gazetteers, reading.documents, reading.broken)
    reading.problems.extend(checked)
    shelves = (reading.concepts, reading.gazetteers, frozenset(reading.broken))
    reading.problems.extend(check_exclusions(reading.exclusions, *shelves, reading.documents))
    told = check_sound(
        reading.sound, reading.broken, reading.problems, concepts=reading.concepts, gazetteers=reading.gazetteers
    )
    reading.problems.extend(told)
    reading.problems.extend(check_sequences(reading.rules, reading.documents, reading.broken))
    reading.problems = few_of_each_file(reading.problems)
    return reading


def folders_not_read(folder: Path) -> Iterator[Path]:
    """Folders right below that of the rules, or below one that is read, that hold rule files which nothing reads."""
    read = [folder / shelf for shelf in SHELVES]
    for place in (folder, *read):
        with contextlib.suppress(OSError):
            inner = [path for path in sorted(place.iterdir()) if path.is_dir() and not path.name.startswith(".")]
            for path in (one for one in inner if one not in read):
                if any(below.suffix.lower() in _SUFFIXES_MEANT for below in path.iterdir()):
                    yield path


def load_rulebook(folder: Path) -> Rulebook:
    """Every rule, concept and gazetteer under `folder`.

    Raises:
        RuleError: with every problem of every file.
    """
    reading = read_folder(folder)
    if reading.problems:
        raise RuleError(reading.problems)
    return reading.rulebook()


def shipped_rules_dir() -> Path:
    """The rules that come with Marsad: beside the package in a checkout, within it when it was installed."""
    beside = Path(__file__).resolve().parents[2] / "rules"
    return beside if beside.is_dir() else Path(str(files("streams.shipped_rules")))


def _version(*shelves: Mapping[str, BaseModel]) -> str:
    content = blake2b(digest_size=8)
    for shelf in shelves:
        for _, model in sorted(shelf.items()):
            content.update(model.model_dump_json(exclude_defaults=True).encode())
    return f"{VERSION_PREFIX}:{content.hexdigest()}"
