"""The commands of `marsad rules` that hold rules against articles: explain, eval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.article_lines import ArticleLine
from streams.cli.match import articles_in
from streams.cli.options import BAD_USAGE, ConfigOption, JsonOption, RulesOption
from streams.cli.rule_folders import chosen, folder_of, print_json, read_whole
from streams.errors import InputError

if TYPE_CHECKING:
    from streams.match.engine import CompiledRule, Engine
    from streams.match.explanation import Explained

RuleArgument = Annotated[str, typer.Argument(metavar="RULE", help="Id of a rule.", show_default=False)]
FileArgument = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="Article: text, .html, or .jsonl (each of its articles is explained); - is standard input.",
        show_default=False,
    ),
]


def explain(
    rule: RuleArgument,
    file: FileArgument,
    *,
    as_json: JsonOption = False,
    rules: RulesOption = None,
    config: ConfigOption = None,
) -> None:
    """Show a rule's condition on an article as a tree: each part met or not, with its words in the text.

    A part that stands under `sentence` or another scope is shown in the sentence that meets it, or that comes nearest
    to it; for a rule that does not fire the last line says what that sentence has and what it lacks. A rule that is off
    is explained too.

    With --json, one line an article: id, rule, fires, nearest_miss, and condition (text, met, words, where, parts).

    Exit status: 0, whether or not the rule fires; 2 when the rule is not there or a file or line cannot be read.
    """
    from dataclasses import replace

    from streams.match.engine import Engine
    from streams.match.examples import on_trial

    book = chosen(read_whole(folder_of(rules, config)), [rule])
    engine = Engine(on_trial(replace(book, rules={rule: book.rules[rule]})))
    broken = False
    for item in articles_in(file, None):
        if isinstance(item, InputError):
            typer.echo(str(item), err=True)
            broken = True
        else:
            _explain_one(engine, engine.rules[0], item[0], as_json=as_json)
    if broken:
        raise typer.Exit(BAD_USAGE)


def _explain_one(engine: Engine, rule: CompiledRule, article: ArticleLine, *, as_json: bool) -> None:
    from streams.match.document import Document
    from streams.match.explanation import explain as explain_rule
    from streams.match.explanation import nearest_miss

    told = explain_rule(rule, Document(article.title, article.text, engine.vocabulary))
    miss = nearest_miss(told)
    if as_json:
        line = {"id": article.id, "rule": rule.file.id, "fires": told.met, "nearest_miss": miss}
        print_json({**line, "condition": _as_json(told)})
        return
    verdict = typer.style("fires", fg="green") if told.met else typer.style("does not fire", fg="red")
    typer.echo(f"{rule.file.id} {verdict} on {article.id}")
    _print_tree(told, depth=1)
    if miss:
        typer.echo(f"nearest miss: {miss}")


def _as_json(told: Explained) -> dict[str, Any]:
    """A node as JSON; Any for that reason."""
    return {
        "text": told.text,
        "met": told.met,
        "words": list(told.words),
        "where": told.where,
        "parts": [_as_json(part) for part in told.parts],
    }


def _print_tree(told: Explained, *, depth: int, excluded: bool = False) -> None:
    """A line a node; what a `none` excludes is marked by whether it is there, not by whether that is good."""
    if excluded:
        mark = typer.style("!", fg="red") if told.met else " "
    else:
        mark = typer.style("✓", fg="green") if told.met else typer.style("✗", fg="red")
    where = f" ({told.where})" if told.where else ""
    words = f": {' | '.join(told.words)}" if told.words else ""
    typer.echo(f"{'  ' * depth}{mark} {told.text}{where}{words}")
    for part in told.parts:
        _print_tree(part, depth=depth + 1, excluded=excluded or told.excludes)
