"""What `make run` prints: each alert as Slack was sent it, then what everybody received and how every article ended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from rich.table import Table
from rich.text import Text

EVIDENCE = "bold black on yellow"
_ISOLATES = re.compile("[\u2066-\u2069]")
"""Terminals count them as columns, and few heed them."""
_FIELD = re.compile(r"\*(?P<name>[^*\n]+)\*\n(?P<words>.*)", re.DOTALL)


def render_blocks(blocks: list[dict[str, Any]], *, marks: tuple[str, str] = ("", "")) -> Iterator[Text]:
    """Block Kit as lines for a terminal; blocks of other kinds (buttons, dividers) have nothing to read in them.

    `marks` are put around evidence, for where colours do not show.
    """
    for block in blocks:
        match block:
            case {"type": "header", "text": {"text": str(title)}}:
                yield Text(shown(title), style="bold red")
            case {"type": "rich_text", "elements": list(elements)}:
                yield from (_rich_text(element, marks) for element in elements)
            case {"type": "section", "fields": list(fields)}:
                yield from (_field(shown(field["text"])) for field in fields)
            case {"type": "context", "elements": list(elements)}:
                yield from (Text(unescape(shown(element["text"])), style="dim") for element in elements)
            case _:
                continue


def shown(text: str) -> str:
    """The text without isolates."""
    return _ISOLATES.sub("", text)


def _rich_text(element: dict[str, Any], marks: tuple[str, str]) -> Text:
    """A section, or a quoted sentence in which what is bold is evidence."""
    quoted = element["type"] == "rich_text_quote"
    text = Text("  " if quoted else "")
    for part in element["elements"]:
        bold = part.get("style", {}).get("bold", False)
        if bold and quoted:
            text.append(marks[0]).append(part["text"], style=EVIDENCE).append(marks[1])
        else:
            text.append(shown(part["text"]), style="bold" if bold else "")
        if "url" in part:
            text.append(f"\n{part['url']}", style="dim")
    return text


def _field(markup: str) -> Text:
    """`*who*` over its words as one line."""
    found = _FIELD.fullmatch(unescape(markup))
    return Text.assemble(("  ", ""), (f"{found['name']}: ", "bold"), found["words"]) if found else Text(markup)


def articles_table(entered: int, statuses: Mapping[str, int]) -> Table:
    """Articles in, and how each ended."""
    table = Table(title="Articles", title_justify="left", title_style="bold", show_footer=True)
    table.add_column("ended as", footer=f"in: {entered}")
    table.add_column("articles", justify="right", footer=str(sum(statuses.values())))
    for status, count in sorted(statuses.items()):
        if count:
            table.add_row(status, str(count))
    return table


def receipts_table(receipts: Mapping[str, list[str]]) -> Table:
    """What each receiver was told, by headline."""
    table = Table(title="Received", title_justify="left", title_style="bold")
    table.add_column("by")
    table.add_column("notifications", justify="right")
    table.add_column("what")
    for receiver, headlines in receipts.items():
        table.add_row(receiver, str(len(headlines)), shown("\n".join(headlines)))
    return table
