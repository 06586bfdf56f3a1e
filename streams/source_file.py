"""The file `sources.yaml` beside marsad.yaml: sources that commands add and remove, in the form of marsad.yaml's own.

Commands change it as text, so that an operator's comments and order stay, and it can be kept under version control
like the configuration that it is part of.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from streams import located_yaml
from streams.errors import ConfigurationError, Problem, ProblemsError
from streams.located_yaml import MAX_VALUES_OF_SETTINGS
from streams.sections import Section, SourceSettings
from streams.yaml_edits import with_values

NAME = "sources.yaml"
_NO_SOURCES = re.compile(r"^sources:(?:[ \t]*(?:\[\s*\]|null|~))?(?=[ \t]*(?:#|$))", re.MULTILINE)
_HEAD = """\
# Sources, in the form of those in marsad.yaml. `marsad sources add`, `import`, `set` and `remove` change this file, and
# leave comments as they are; it may be edited by hand, too.
sources:
"""


class SourceFile(Section):
    """What the file may say."""

    sources: tuple[SourceSettings, ...] = ()


def beside(config: Path) -> Path:
    """The file that belongs to a configuration."""
    return config.resolve().parent / NAME


def read_sources(path: Path) -> tuple[tuple[SourceSettings, ...], located_yaml.Document | None]:
    """The sources in the file, paths in it absolute, and the document they stand in; none where there is no file.

    Raises:
        ConfigurationError: everything that is wrong with it.
    """
    if not path.exists():
        return (), None
    try:
        document = located_yaml.read(path, most=MAX_VALUES_OF_SETTINGS)
    except ProblemsError as error:
        raise ConfigurationError(list(error.problems)) from error
    if document.data is None:
        return (), document
    if not isinstance(document.data, dict):
        raise ConfigurationError([document.problem((), "is not a mapping with the key `sources`")])
    found, problems = document.validate(SourceFile)
    if found is None:
        raise ConfigurationError(problems)
    folder = path.parent
    absolute = [
        source.model_copy(update={"files": tuple(folder / file.expanduser() for file in source.files)})
        for source in found.sources
    ]
    return tuple(absolute), document


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the one command that reads the file and changes it; others wait. A folder that cannot be locked is not."""
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):
            folder = os.open(path.parent, os.O_RDONLY)
            held.callback(os.close, folder)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield


def add_sources(path: Path, entries: Sequence[Mapping[str, Any]]) -> None:
    """Append sources, each as its keys stand in YAML. They have been validated before.

    Raises:
        ConfigurationError: the file cannot be read, or has another form.
    """
    sources, document = read_sources(path)
    text, indent = document.text.rstrip() + "\n" if document and document.text.strip() else _HEAD, "  "
    if document and sources:
        line = document.text.splitlines()[document.place(("sources", len(sources) - 1))[0] - 1]
        dash = re.match(r"( *)- ", line)
        if not dash:
            message = "has its sources in brackets, to which no command adds"
            raise ConfigurationError([document.problem(("sources",), message, "write each in a line with a dash")])
        indent = dash[1]
    elif document and not re.search(_NO_SOURCES, text):
        text += "sources:\n"
    else:
        text = re.sub(_NO_SOURCES, "sources:", text)
    body = yaml.safe_dump(list(map(dict, entries)), allow_unicode=True, sort_keys=False, width=10_000)
    _write(path, text + "".join(f"{indent}{line}\n" for line in body.splitlines()))


def remove_source(path: Path, name: str) -> bool:
    """Take a source out of the file; False where none is called so."""
    sources, document = read_sources(path)
    index = next((index for index, source in enumerate(sources) if source.name == name), None)
    if document is None or index is None:
        return False
    lines = document.text.splitlines()
    begin = document.place(("sources", index))[0] - 1
    after = document.place(("sources", index + 1))[0] - 1 if index + 1 < len(sources) else len(lines)
    # What is said above the next source is about that one.
    while after > begin + 1 and (not lines[after - 1].strip() or lines[after - 1].lstrip().startswith("#")):
        after -= 1
    _write(path, "\n".join([*lines[:begin], *lines[after:]]).rstrip() + "\n")
    return True


def change_source(path: Path, name: str, changes: Mapping[str, Any]) -> bool:
    """Change keys of a source in the file, or take out those that are None; False where none is called so.

    Raises:
        ConfigurationError: what it would say then is wrong, or it is written in a way that cannot be changed here.
    """
    sources, document = read_sources(path)
    index = next((index for index, source in enumerate(sources) if source.name == name), None)
    if document is None or index is None:
        return False
    try:
        text = with_values(document.text, ("sources", index), changes)
        after = located_yaml.parse(text, str(path), most=MAX_VALUES_OF_SETTINGS)
    except ProblemsError as error:
        raise ConfigurationError(list(error.problems)) from error
    _, problems = after.validate(SourceFile)
    if problems:
        raise ConfigurationError(problems)
    wanted = list(map(_said, document.data["sources"]))
    wanted[index] = _said({**wanted[index], **changes})
    if list(map(_said, after.data["sources"])) != wanted:
        raise ConfigurationError([document.problem(("sources", index), "cannot be changed by a command", "edit it")])
    _write(path, after.text)
    return True


def _said(source: Mapping[str, Any]) -> dict[str, Any]:
    """What a source says: a key with nothing after it says nothing."""
    return {key: value for key, value in source.items() if value is not None}


def _write(path: Path, text: str) -> None:
    """Replace the file in one step.

    Raises:
        ConfigurationError: it cannot be written, or could not be read again: it is too large.
    """
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        located_yaml.read(Path(name), str(path), most=MAX_VALUES_OF_SETTINGS)
        if path.exists():
            Path(name).chmod(path.stat().st_mode & 0o777)
        else:
            Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        raise ConfigurationError([Problem(str(path), 0, 0, f"cannot be written: {error.strerror}")]) from error
    except ProblemsError as error:
        raise ConfigurationError(list(error.problems)) from error
    finally:
        if name:
            Path(name).unlink(missing_ok=True)  # which is still there where it has not become the file
