"""`marsad match`: which rules fire on texts, and why."""

from __future__ import annotations

import contextlib
import errno
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from streams.article_lines import BOM, ArticleLine, Format, format_of, read_lines
from streams.cli.options import (
    BAD_USAGE,
    ConfigOption,
    JsonOption,
    RulesOption,
    optional_settings_of,
    rules_folder,
    sources_of,
)
from streams.cli.terminal import screen, show
from streams.errors import FetchError, InputError
from streams.file_names import name_of
from streams.messages import TEXT_LIMIT

if TYPE_CHECKING:
    from rich.console import Console

    from streams.match.engine import Engine, Fired
    from streams.messages import Excerpt, RuleMatch

STANDARD_INPUT = "-"
_MOST_OF_A_LINE = 8192
"""How far a line of standard input is read before its format is known."""
FilesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILE",
        help="Articles: .jsonl (an article a line), .html, or text; - is standard input, which is read without any.",
        show_default=False,
    ),
]
FormatOption = Annotated[Format | None, typer.Option("--format", help="Read every file so, whatever its name.")]


def match(
    files: FilesArgument = None,
    *,
    as_json: JsonOption = False,
    as_format: FormatOption = None,
    rules: RulesOption = None,
    config: ConfigOption = None,
) -> None:
    """Say which rules fire on texts, on which words, and with which slots.

    With --json, one line a document, in the order of the input: id, rules (the live ones that fire) and matches, whose
    offsets count Unicode code points of that field; for HTML also the title and text as they were extracted. Of a text
    the first 200,000 are looked at, as in workers. What a line does not say of its country, tags, section and language
    the configured source of its name says, as filters ask for.

    Exit status: 0, whether or not a rule fires; 2 when a line or file cannot be read. The others are still matched.
    """
    from streams.match.article_facts import of_source
    from streams.match.engine import Engine
    from streams.match.rulebook import load_rulebook

    settings = optional_settings_of(config)
    engine, sources = Engine(load_rulebook(rules_folder(rules, settings))), sources_of(settings)
    tell = _print_json if as_json else _print_text
    broken = False
    for name in files or [STANDARD_INPUT]:
        for item in articles_in(name, as_format):
            if isinstance(item, InputError):
                typer.echo(str(item), err=True)
                broken = True
            else:
                article, kind = item
                tell(engine, of_source(article, sources), kind)
    if broken:
        raise typer.Exit(BAD_USAGE)


def articles_in(name: str, as_format: Format | None) -> Iterator[tuple[ArticleLine, Format] | InputError]:
    """The articles of a file, in order, with the format they were read from; what cannot be read is an error.

    Lines are read as they are asked for: an archive may be larger than the memory, and a pipe never end.
    """
    try:
        with _opened(name) as file:
            beginning = _beginning(file) if name == STANDARD_INPUT and as_format is None else b""
            kind = as_format or format_of(name, beginning)
            if kind is Format.JSONL:
                for item in read_lines(_lines(beginning, file), file=name_of(name)):
                    yield item if isinstance(item, InputError) else (_looked_at(item), kind)
                return
            raw = beginning + file.read()
        yield _looked_at(_page(raw, name) if kind is Format.HTML else _text(raw, name)), kind
    except FetchError as error:
        yield InputError(str(error).removeprefix(f"{name}: "), file=name)
    except (OSError, ValueError) as error:
        yield _unreadable(error, name)


def _looked_at(article: ArticleLine) -> ArticleLine:
    """The article as far as workers look at one; that more was left is told."""
    if max(len(article.title), len(article.text)) <= TEXT_LIMIT:
        return article
    typer.echo(f"{article.id}: what is beyond letter {TEXT_LIMIT:,} is not looked at, as in workers", err=True)
    return article.model_copy(update={"title": article.title[:TEXT_LIMIT], "text": article.text[:TEXT_LIMIT]})


@contextlib.contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    """A file, or standard input, which stays open."""
    if name != STANDARD_INPUT:
        with Path(name).open("rb") as file:
            yield file
    elif sys.stdin is None:  # Python's way to say that it was closed
        raise OSError(errno.EBADF, "it is closed")
    else:
        yield sys.stdin.buffer


def _beginning(file: BinaryIO) -> bytes:
    """What comes first, up to something that tells the format; no more than is there already."""
    beginning = b""
    while not beginning.removeprefix(BOM).strip() and (more := file.readline(_MOST_OF_A_LINE)):
        beginning += more
    return beginning


def _lines(beginning: bytes, file: BinaryIO) -> Iterator[bytes]:
    """The lines of which `beginning` was read already."""
    *whole, begun = beginning.split(b"\n")
    yield from whole
    if begun or not whole:
        yield begun + file.readline()
    yield from file


def lines_in(name: str) -> Iterator[bytes]:
    """The lines of a file, or of standard input, read as they are asked for.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with _opened(name) as file:
            yield from file
    except (OSError, ValueError) as error:
        raise _unreadable(error, name) from error


def bytes_of(name: str) -> bytes:
    """The content of a file, or of standard input.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with _opened(name) as file:
            return file.read()
    except (OSError, ValueError) as error:
        raise _unreadable(error, name) from error


def _unreadable(error: OSError | ValueError, name: str) -> InputError:
    reason = error.strerror if isinstance(error, OSError) else None
    return InputError(f"cannot be read: {reason or error}", file=name)


def _page(raw: bytes, name: str) -> ArticleLine:
    from streams.ingest.readers import read_page

    page = read_page(raw, name)
    return ArticleLine(id=name_of(name), title=page.title, text=page.text)


def _text(raw: bytes, name: str) -> ArticleLine:
    from streams.ingest import encodings
    from streams.ingest.texts import is_text

    text = encodings.decode(raw)
    if not is_text(text):
        raise ValueError("it holds no text; unpack what is packed")
    return ArticleLine(id=name_of(name), text=text)


def _print_json(engine: Engine, article: ArticleLine, kind: Format) -> None:
    from streams.match.article_facts import facts_of_line

    matches = engine.match(article.title, article.text, facts_of_line(article))
    line: dict[str, Any] = {"id": article.id}  # Any: the shapes of JSON
    if kind is Format.HTML:
        line |= {"title": article.title, "text": article.text}
    line["rules"] = sorted(match.rule for match in matches if not match.shadow)
    line["matches"] = [_as_json(match) for match in matches]
    typer.echo(json.dumps(line, ensure_ascii=False))


def _as_json(match: RuleMatch) -> dict[str, Any]:
    """One rule's match; Any, because it is JSON."""
    dumped = match.model_dump(mode="json", include={"rule", "evidence", "slots", "entities"})
    return {**dumped, "shadow": True} if match.shadow else dumped


def _print_text(engine: Engine, article: ArticleLine, _kind: Format) -> None:
    from rich.text import Text

    console = screen()
    show(console, Text(article.id, style="bold"), Text(article.title.strip()))
    from streams.match.article_facts import facts_of_line

    fired = engine.evaluate(article.title, article.text, facts_of_line(article))
    for one in fired:
        _print_match(console, one)
    if not fired:
        show(console, Text("  no rule fires"))


def _print_match(console: Console, fired: Fired) -> None:
    from rich.text import Text

    from streams.match.engine import describe
    from streams.match.explain import reasons_of
    from streams.match.over_time import over_time

    match = describe(fired)
    trial = " (on trial: nobody is told)" if match.shadow else ""
    show(console, Text(f"  {match.rule}", style="bold red"), Text(f"{match.severity.value}: {match.title}{trial}"))
    if told := over_time(fired.rule.file.alert):
        show(console, Text(f"    {told}", style="dim"))
    for name, values in match.slots.items():
        known = {entity.name: entity.code for entity in match.entities.get(name, ())}
        named = "; ".join(f"{name}, {code}" if code else name for name, code in known.items())
        show(console, Text(f"    {name}: {' | '.join(values) or '-'}" + (f"  [{named}]" if named else "")))
    for reason in reasons_of(fired):
        show(console, Text(f"    because of {reason.term}: {' | '.join(reason.words)}", style="dim"))
    for excerpt in match.excerpts:
        show(console, highlighted(excerpt, colour=console.is_terminal))


def highlighted(excerpt: Excerpt, *, colour: bool) -> Any:
    """The sentence with its evidence in colour, or in double brackets where there is none; a rich Text, seen lazily."""
    from rich.text import Text

    line, last = Text("    > "), 0
    for start, end in excerpt.marks:
        words = excerpt.text[start:end]
        line.append(excerpt.text[last:start])
        line.append(words if colour else f"[[{words}]]", style="bold yellow")
        last = end
    return line.append(excerpt.text[last:])
