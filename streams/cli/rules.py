"""`marsad rules`: write, check, try and measure rules."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from streams.cli import rules_articles, rules_backtest, rules_examples, rules_forms
from streams.cli.options import FINDING, ConfigOption, JsonOption, RulesOption, optional_settings_of
from streams.cli.rule_folders import folder_of, print_json, write_schemas
from streams.cli.terminal import say


class FileKindName(StrEnum):
    """The kinds of `streams.match.schema`, said over again so that `marsad --help` need not load them."""

    RULE = "rule"
    CONCEPT = "concept"
    GAZETTEER = "gazetteer"
    EXCLUSION = "exclusion"


_MOST_INFO = 20

app = typer.Typer(help="Rules: check, test, understand and measure them.", no_args_is_help=True)
app.command("test")(rules_examples.try_examples)
app.command("forms")(rules_forms.forms)
app.command("explain")(rules_articles.explain)
app.command("eval")(rules_articles.evaluate)
app.command("backtest")(rules_backtest.backtest)

FileKindArgument = Annotated[
    FileKindName, typer.Argument(metavar="[KIND]", help="rule, concept, gazetteer or exclusion.")
]
EveryFindingOption = Annotated[bool, typer.Option("--all", help="List info too, however much there is.")]
WriteOption = Annotated[bool, typer.Option("--write", help="Write all four into schema/ of the rule folder instead.")]
NewRuleArgument = Annotated[
    str, typer.Argument(metavar="ID", help="Of the rule, and name of its file: my-rule.", show_default=False)
]
LanguagesOption = Annotated[
    list[str] | None, typer.Option("--lang", metavar="LANG", help="ar or en, once for each; default en.")
]
NewFolderOption = Annotated[
    Path | None,
    typer.Option("--rules", metavar="DIR", help="Folder to write into; default the configuration's, then ./rules."),
]


@app.command()
def lint(
    *,
    as_json: JsonOption = False,
    every: EveryFindingOption = False,
    rules: RulesOption = None,
    config: ConfigOption = None,
) -> None:
    """Say everything that is wrong or doubtful in the rule files, in one run, with file, line and column.

    An error keeps the rules from being used. A warning is very likely a mistake: a phrase that another makes
    superfluous, a spelling of a frequent word, a part that can never be met, a condition met nearly everywhere. Info is
    worth knowing; more than 20 of it are only counted, by code. rules/lint.md explains every code.

    With --json, one line a finding: file, line, column, code, severity, message, hint.

    Exit status: 0 when there is no error and no warning, 1 when there is, 2 when the folder is not there.
    """
    from collections import Counter

    from streams.errors import InputError
    from streams.match.lint import Level
    from streams.match.lint import lint as findings_of

    folder = folder_of(rules, config)
    if not folder.is_dir():
        raise InputError("is no folder; name the folder that holds the rules", file=folder)
    findings = findings_of(folder)
    colours = {Level.ERROR: "red", Level.WARNING: "yellow", Level.INFO: "blue"}
    info = Counter(finding.code for finding in findings if finding.severity is Level.INFO)
    counted = info.total() > _MOST_INFO and not every
    for finding in findings:
        if as_json:
            print_json(asdict(finding))
            continue
        if counted and finding.severity is Level.INFO:
            continue
        place = f"{finding.file}:{finding.line}:{finding.column}" if finding.line else finding.file
        hint = f" ({finding.hint})" if finding.hint else ""
        level = (finding.severity.value, colours[finding.severity])
        say(f"{place}: ", level, f" {finding.code}: {finding.message}{hint}")
    if counted and not as_json:
        codes = ", ".join(f"{count} {code}" for code, count in info.most_common())
        say(f"{folder}: ", ("info", colours[Level.INFO]), f" {codes} (--all lists them)")
    counts = Counter(finding.severity for finding in findings)
    typer.echo(", ".join(f"{counts[level]} {level.value}" for level in Level), err=True)
    raise typer.Exit(FINDING if counts[Level.ERROR] or counts[Level.WARNING] else 0)


@app.command()
def schema(
    kind: FileKindArgument = FileKindName.RULE,
    *,
    write: WriteOption = False,
    as_json: JsonOption = False,
    rules: RulesOption = None,
    config: ConfigOption = None,
) -> None:
    """Print the JSON Schema of rule, concept or gazetteer files: editors complete and check by it while you type.

    Each shipped file names its schema in its first line, which editors with a YAML language server understand:
    # yaml-language-server: $schema=schema/rule.schema.json

    With --json, the schema on one line; with --write one line a schema: file.

    Exit status: 0; 2 when the schemas cannot be written.
    """
    from streams.match.schema import FileKind, schema_of, spelled

    if not write:
        if as_json:
            print_json(schema_of(FileKind(kind.value)))
        else:
            typer.echo(spelled(FileKind(kind.value)), nl=False)
        return
    for path in write_schemas(folder_of(rules, config)):
        if as_json:
            print_json({"file": str(path)})
        else:
            typer.echo(str(path), err=True)


@app.command()
def new(
    rule: NewRuleArgument,
    *,
    languages: LanguagesOption = None,
    as_json: JsonOption = False,
    rules: NewFolderOption = None,
    config: ConfigOption = None,
) -> None:
    """Write a commented rule to start from, which lints and whose examples hold, and the schemas that editors use.

    It is on trial (status: shadow) until you say otherwise. An existing file is never written over.

    With --json, one line: id, file.

    Exit status: 0; 2 when the id is none, the rule is there already, or the file cannot be written.
    """
    from streams.errors import InputError
    from streams.match.rule_files import is_id
    from streams.match.skeleton import LANGUAGES, skeleton

    settings = None if rules else optional_settings_of(config)
    folder = rules or (settings.rules if settings and settings.rules else Path("rules"))
    path = folder / f"{rule}.yaml"
    if not is_id(rule):
        raise InputError(f"{rule!r} is no id: use small letters a-z, digits and single hyphens", file="RULE")
    chosen_languages = list(dict.fromkeys(languages or ["en"]))
    for language in chosen_languages:
        if language not in LANGUAGES:
            known = " and ".join(LANGUAGES)
            raise InputError(f"there is a skeleton in {known}; translate it into {language!r}", file="--lang")
    try:
        if folder.exists() and not folder.is_dir():
            raise InputError("is no folder; name the one to write into", file=folder)
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(skeleton(rule, chosen_languages))
    except FileExistsError as error:
        raise InputError("is there already; choose another id, or delete it", file=path) from error
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=path) from error
    write_schemas(folder)
    if as_json:
        print_json({"id": rule, "file": str(path)})
    else:
        say(str(path))
