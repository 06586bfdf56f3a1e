"""How the commands of `marsad rules` find and read the rules they are about."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from streams.cli.options import optional_settings_of, rules_folder

if TYPE_CHECKING:
    from streams.match.rulebook import Reading, Rulebook


def folder_of(rules: Path | None, config: Path | None) -> Path:
    """The rule folder of a command; the configuration is read only when it decides."""
    return rules or rules_folder(None, optional_settings_of(config))


def read_whole(folder: Path) -> Reading:
    """The folder with its rulebook and the places of everything in it.

    Raises:
        RuleError: something is wrong in it.
    """
    from streams.errors import RuleError
    from streams.match.rulebook import read_folder

    reading = read_folder(folder)
    if reading.problems:
        raise RuleError(reading.problems)
    return reading


def chosen(reading: Reading, wanted: Iterable[str]) -> Rulebook:
    """The rulebook with the rules that are named; all of them when none is.

    Raises:
        RuleError: a rule is not there.
    """
    from dataclasses import replace
    from difflib import get_close_matches

    from streams.errors import Problem, RuleError

    book = reading.rulebook()
    names = list(wanted) or list(book.rules)
    problems = []
    for name in names:
        if name not in book.rules:
            close = get_close_matches(name, list(book.rules), n=1)
            hint = f"did you mean {close[0]!r}?" if close else "`marsad rules test` lists those that are there"
            problems.append(Problem(str(reading.folder), 0, 0, f"holds no rule {name!r}", hint))
    if problems:
        raise RuleError(problems)
    return replace(book, rules={name: book.rules[name] for name in names})


def print_json(line: dict[str, Any]) -> None:
    """One object on one line; Any, because it is JSON."""
    typer.echo(json.dumps(line, ensure_ascii=False))


def write_schemas(folder: Path) -> list[Path]:
    """Write the JSON Schemas into the rule folder; their paths.

    Raises:
        InputError: they cannot be written.
    """
    from streams.errors import InputError
    from streams.match.schema import FileKind, file_name, spelled

    paths = []
    for kind in FileKind:
        path = folder / "schema" / file_name(kind)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(spelled(kind), encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", file=path) from error
        paths.append(path)
    return paths
