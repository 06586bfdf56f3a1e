"""`marsad rules`: write, check, try and measure rules."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli import rules_articles, rules_backtest, rules_examples
from streams.cli.options import FINDING, ConfigOption, JsonOption, RulesOption, optional_settings_of
from streams.cli.rule_folders import folder_of, print_json, write_schemas
from streams.cli.terminal import say

if TYPE_CHECKING:
    from streams.match.rulebook import Rulebook


class KindName(StrEnum):
    """The kinds of `streams.match.phrases`, said over again so that `marsad --help` need not load the alphabet."""

    NAME = "name"
    COMMON = "common"
    VERB = "verb"
    EXACT = "exact"


class FileKindName(StrEnum):
    """The kinds of `streams.match.schema`, said over again for the same reason."""

    RULE = "rule"
    CONCEPT = "concept"
    GAZETTEER = "gazetteer"
    EXCLUSION = "exclusion"


app = typer.Typer(help="Rules: check, test, understand and measure them.", no_args_is_help=True)
app.command("test")(rules_examples.try_examples)
app.command("explain")(rules_articles.explain)
app.command("eval")(rules_articles.evaluate)
app.command("backtest")(rules_backtest.backtest)

PhraseArgument = Annotated[str, typer.Argument(metavar="PHRASE", help="As in a concept.", show_default=False)]
KindOption = Annotated[KindName | None, typer.Option("--kind", help="How it changes; default each that it may be.")]
LangOption = Annotated[
    str | None, typer.Option("--lang", metavar="LANG", help="ar, en, ...; default by the letters of the phrase.")
]
FileKindArgument = Annotated[
    FileKindName, typer.Argument(metavar="[KIND]", help="rule, concept, gazetteer or exclusion.")
]
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
def lint(*, as_json: JsonOption = False, rules: RulesOption = None, config: ConfigOption = None) -> None:
    """Say everything that is wrong or doubtful in the rule files, in one run, with file, line and column.

    An error keeps the rules from being used. A warning is very likely a mistake: a phrase that another makes
    superfluous, a spelling of a frequent word, a part that can never be met, a condition met nearly everywhere. Info is
    worth knowing. rules/lint.md explains every code.

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
    for finding in findings:
        if as_json:
            print_json(asdict(finding))
            continue
        place = f"{finding.file}:{finding.line}:{finding.column}" if finding.line else finding.file
        hint = f" ({finding.hint})" if finding.hint else ""
        level = (finding.severity.value, colours[finding.severity])
        say(f"{place}: ", level, f" {finding.code}: {finding.message}{hint}")
    counts = Counter(finding.severity for finding in findings)
    typer.echo(", ".join(f"{counts[level]} {level.value}" for level in Level), err=True)
    raise typer.Exit(FINDING if counts[Level.ERROR] or counts[Level.WARNING] else 0)


@app.command()
def forms(
    phrase: PhraseArgument,
    *,
    kind: KindOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
    rules: RulesOption = None,
) -> None:
    """Show the surface forms that a phrase covers, and words that look alike and are not covered.

    Without --kind each kind that the phrase could have is shown, so that they can be compared; a phrase with / in it is
    a verb (withdraw/withdrew, دعا/يدعو). Forms are spelled folded: without harakat, with ا for أ إ آ, ي for ى, ه for ة,
    none of which matters in a text either. Look-alikes come from the frequent words of the language and from the
    phrases and examples in the rules.

    With --json, one line a kind: phrase, lang, kind, forms, not_covered.

    Exit status: 0; 2 when the phrase cannot be looked for, with the reason.
    """
    from streams.errors import InputError
    from streams.match.inflections import InflectionError
    from streams.match.lookalikes import coverage_of, kinds_for, language_of, words_of
    from streams.match.phrases import Kind, Phrase, PhraseError

    language = lang or language_of(phrase)
    words = words_of(_rulebook_at_hand(rules), language)
    for one in [Kind(kind.value)] if kind else kinds_for(phrase, language):
        try:
            coverage = coverage_of(Phrase(phrase, language, one), words)
        except (PhraseError, InflectionError) as error:
            raise InputError(str(error), file="PHRASE") from error
        if as_json:
            line = {"phrase": phrase, "lang": language, "kind": one.value}
            print_json({**line, "forms": coverage.forms, "not_covered": coverage.others})
            continue
        say((one.value, "bold"), f" ({language}), {len(coverage.forms)} forms:")
        say(f"  {'  '.join(coverage.forms)}")
        say(f"  not covered: {'  '.join(coverage.others) or 'nothing known looks alike'}")


@app.command()
def schema(
    kind: FileKindArgument = FileKindName.RULE,
    *,
    write: WriteOption = False,
    rules: RulesOption = None,
    config: ConfigOption = None,
) -> None:
    """Print the JSON Schema of rule, concept or gazetteer files: editors complete and check by it while you type.

    Each shipped file names its schema in its first line, which editors with a YAML language server understand:
    # yaml-language-server: $schema=schema/rule.schema.json

    Exit status: 0; 2 when the schemas cannot be written.
    """
    from streams.match.schema import FileKind, spelled

    if not write:
        typer.echo(spelled(FileKind(kind.value)), nl=False)
        return
    for path in write_schemas(folder_of(rules, config)):
        typer.echo(str(path), err=True)


def _rulebook_at_hand(rules: Path | None) -> Rulebook | None:
    """The rules whose words are at hand; what is wrong in them is for lint to say."""
    from streams.match.rulebook import read_folder

    reading = read_folder(folder_of(rules, None))
    return None if reading.problems else reading.rulebook()


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
