"""`marsad rules test`: the examples in the rules, and how much of the rules they hold fast."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.cli.options import FINDING, ConfigOption, JsonOption, RulesOption
from streams.cli.rule_folders import chosen, folder_of, print_json, read_whole
from streams.cli.terminal import say

if TYPE_CHECKING:
    from streams.match.examples import Result
    from streams.match.mutations import Mutant
    from streams.match.rulebook import Reading, Rulebook

RulesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="RULE", help="Ids of rules; default all.", show_default=False)
]
CoverageOption = Annotated[
    bool,
    typer.Option("--coverage", help="Also drop each phrase and part of a condition in turn; list what nothing misses."),
]
ProcessesOption = Annotated[
    int | None, typer.Option("--processes", min=1, help="For --coverage; default one for each core.")
]
_LETTERS_SHOWN = 70
_KINDS = {"RuleFile": "rule", "ConceptFile": "concept", "ExclusionFile": "exclusion"}


def try_examples(  # noqa: PLR0913  # a command's options
    names: RulesArgument = None,
    *,
    coverage: CoverageOption = False,
    processes: ProcessesOption = None,
    as_json: JsonOption = False,
    rules: RulesOption = None,
    config: ConfigOption = None,
) -> None:
    """Run the examples in the rules: texts that must fire, with their slots, texts that must not, and timelines.

    Rules that are off are run too. With --coverage each phrase of a concept and each part of a condition or slot is
    dropped in turn; what no example misses is listed: give it an example, or take it out. In the end each rule and
    concept is told with how much of it is caught. Names of gazetteers are data and stay.

    With --json, one line an example (kind, rule, list, index, file, line, column, lang, holds, failures) or timeline
    (kind, rule, index, title, file, line, column, holds, failures); with
    --coverage also one for each thing that can be dropped unnoticed (kind mutant, of, id, file, line, column, dropped)
    and one for each rule, concept and exclusion (kind coverage, of, id, file, dropped, caught).

    Exit status: 0 when every example holds, and with --coverage when nothing can be dropped unnoticed; else 1; 2 when
    the rules cannot be read.
    """
    reading = read_whole(folder_of(rules, config))
    book = chosen(reading, names or ())
    failed = _run_examples(reading, book, as_json=as_json) + _run_timelines(reading, list(book.rules), as_json=as_json)
    if failed and coverage:
        typer.echo("coverage can be told when every example holds", err=True)
    unnoticed = 0
    if coverage and not failed:
        unnoticed = _run_mutants(reading, book, processes=processes, as_json=as_json)
    raise typer.Exit(FINDING if failed or unnoticed else 0)


def _run_examples(reading: Reading, book: Rulebook, *, as_json: bool) -> int:
    """Print what came of each example; how many do not hold."""
    from itertools import groupby

    from streams.match.examples import results_of

    count = failed = 0
    for (model, name), grouped in groupby(results_of(book), key=lambda result: (result.model, result.rule)):
        results = list(grouped)
        broken = [result for result in results if result.failures]
        count, failed = count + len(results), failed + len(broken)
        if as_json:
            for result in results:
                print_json(_example_line(reading, result))
            continue
        verdict = ("FAIL", "red") if broken else ("ok  ", "green")
        what = "" if model == "RuleFile" else f"{_KINDS[model]} "
        say(verdict, f" {what}{name}: {len(results) - len(broken)} of {len(results)} hold")
        for result in broken:
            _print_failure(reading, result)
    typer.echo(f"{count - failed} of {count} examples hold", err=True)
    return failed


def _run_timelines(reading: Reading, names: Iterable[str], *, as_json: bool) -> int:
    """Print what came of each timeline; how many do not hold."""
    from streams.timelines import timelines_of

    count = failed = 0
    for result in timelines_of(reading.rulebook(), names):
        count, failed = count + 1, failed + bool(result.failures)
        file, line, column = _place(reading, "RuleFile", result.rule, ("examples", "timelines", result.index))
        if as_json:
            told = {"kind": "timeline", "rule": result.rule, "index": result.index, "title": result.timeline.title}
            place = {"file": file, "line": line, "column": column}
            print_json({**told, **place, "holds": not result.failures, "failures": list(result.failures)})
            continue
        verdict = ("FAIL", "red") if result.failures else ("ok  ", "green")
        say(verdict, f" {result.rule}, timeline: {result.timeline.title}")
        for message in result.failures:
            say(f"  {file}:{line}:{column}: {message}")
    if count:
        typer.echo(f"{count - failed} of {count} timelines hold", err=True)
    return failed


def _print_failure(reading: Reading, result: Result) -> None:
    file, line, column = _place(reading, result.model, result.rule, result.loc)
    for message in result.failures:
        say(f"  {file}:{line}:{column}: {message}")
    say(f"    {_shortened(result)}")


def _shortened(result: Result) -> str:
    text = f"{result.example.title} {result.example.text}".strip().replace("\n", " ")
    return text if len(text) <= _LETTERS_SHOWN else f"{text[: _LETTERS_SHOWN - 1]}…"


def _example_line(reading: Reading, result: Result) -> dict[str, Any]:
    file, line, column = _place(reading, result.model, result.rule, result.loc)
    return {
        "kind": "example",
        "rule": result.rule,
        "list": result.kind,
        "index": result.index,
        "file": file,
        "line": line,
        "column": column,
        "lang": result.example.lang,
        "holds": not result.failures,
        "failures": list(result.failures),
    }


def _run_mutants(reading: Reading, book: Rulebook, *, processes: int | None, as_json: bool) -> int:
    """Print what can be dropped without an example noticing; how many that are."""
    import os

    from streams.cli.progress import share_done
    from streams.match.mutations import mutants_of

    with share_done("dropped and tried") as advance:
        count = processes or len(os.sched_getaffinity(0))
        mutants = mutants_of(book, processes=count, advance=advance)
    unnoticed = [mutant for mutant in mutants if not mutant.caught]
    for place, mutant in sorted(((_place_of(reading, one), one) for one in unnoticed), key=lambda pair: pair[0]):
        _print_mutant(place, mutant, as_json=as_json)
    _print_shares(reading, mutants, as_json=as_json)
    share = 1 - len(unnoticed) / len(mutants) if mutants else 1.0
    typer.echo(
        f"{len(unnoticed)} of {len(mutants)} droppable parts are missed by no example; coverage {share:.0%}", err=True
    )
    return len(unnoticed)


def _print_mutant(place: tuple[str, int, int], mutant: Mutant, *, as_json: bool) -> None:
    file, line, column = place
    if as_json:
        told = {"kind": "mutant", "of": _KINDS[mutant.model], "id": mutant.id}
        print_json({**told, "file": file, "line": line, "column": column, "dropped": mutant.dropped})
    else:
        say(f"{file}:{line}:{column}: no example misses {mutant.dropped}")


def _print_shares(reading: Reading, mutants: Iterable[Mutant], *, as_json: bool) -> None:
    """How much of each file is caught; to readers those of which all is are only counted."""
    from collections import Counter

    tried, caught = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for mutant in mutants:
        tried[mutant.model, mutant.id] += 1
        caught[mutant.model, mutant.id] += mutant.caught
    whole = 0
    for (model, name), count in sorted(tried.items(), key=lambda pair: (pair[0][0] != "RuleFile", pair[0])):
        found = caught[model, name]
        if as_json:
            told = {"kind": "coverage", "of": _KINDS[model], "id": name}
            print_json({**told, "file": reading.documents[model, name].file, "dropped": count, "caught": found})
        elif model == "RuleFile" or found < count:
            colour = "green" if found == count else "yellow"
            say((f"{found / count:>4.0%}", colour), f" of {_KINDS[model]} {name}: {found} of {count} parts caught")
        else:
            whole += 1
    if whole and not as_json:
        say(("100%", "green"), f" of {whole} concepts and exclusions more")


def _place_of(reading: Reading, mutant: Mutant) -> tuple[str, int, int]:
    return _place(reading, mutant.model, mutant.id, mutant.loc)


def _place(reading: Reading, model: str, name: str, loc: tuple[str | int, ...]) -> tuple[str, int, int]:
    document = reading.documents[model, name]
    return (document.file, *document.place(loc))
