"""Puts an alert or a notice into words: the parts that every sink shows, and their plain and terminal forms. Pure.

Text from outside is shown in its original characters, with two exceptions that take one place each, so that evidence
stays where it is: control characters, which could steer a terminal or break a header, and direction overrides, which
make text read as what it is not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.text import Text

from streams.alerts import AlertContent, Notice, Reason
from streams.messages import Excerpt, Severity

EXCERPTS = 5
"""Sentences shown; the rest is counted."""
EXCERPT_LIMIT = 600
"""Code points of one sentence shown, around its first evidence."""
LINE_LIMIT = 300
"""Code points of a headline, a source's name or a slot's words."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e]")
_WEB = re.compile(r"https?://[^\s<>\"|]+")
_NEW = {
    Reason.HIGHER_SEVERITY: "more severe",
    Reason.NUMBER_GROWN: "a number has grown",
    Reason.NEW_PLACE: "a new place",
    Reason.NEW_ACTOR: "a new name",
    Reason.NEW_ORIGIN: "confirmed",
}
"""What a development is called."""
_STYLES = {Severity.LOW: "cyan", Severity.MEDIUM: "yellow", Severity.HIGH: "red", Severity.CRITICAL: "bold red"}


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a sentence; `marked` is evidence."""

    text: str
    marked: bool


Sentence = tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is shown, sink by sink in its own form.

    `label` is the severity; `facts` are (name, words) of the slots that were filled; `origin` is source and time;
    `more` counts sentences left out; `footer` tells where it comes from. A notice has `sentences` of one plain segment.
    """

    label: str
    title: str
    headline: str
    url: str | None
    origin: str
    sentences: tuple[Sentence, ...]
    more: int
    facts: tuple[tuple[str, str], ...]
    footer: str

    @property
    def subject(self) -> str:
        """One line that says it."""
        return f"[{self.label}] {self.title}" + (f": {self.headline}" if self.headline else "")


def sheet(content: AlertContent | Notice) -> Sheet:
    """The parts of an alert or a notice, cleaned and cut to size."""
    if isinstance(content, Notice):
        return Sheet(
            label="NOTICE",
            title=line(content.title),
            headline="",
            url=None,
            origin=clock(content.seen_at),
            sentences=((Segment(clean(content.text)[:3000], marked=False),),),
            more=0,
            facts=(),
            footer=f"Marsad, about itself ({content.cause})",
        )
    article, match = content.article, content.match
    shown = match.excerpts[:EXCERPTS]
    published = f", published {clock(article.published)}" if article.published else ""
    return Sheet(
        label=match.severity.value.upper(),
        title=line(match.title) + _what_is_new(content),
        headline=line(article.title) or "(no title)",
        url=article.url if article.url and _WEB.fullmatch(article.url) and len(article.url) <= 2000 else None,  # noqa: PLR2004  # longest that browsers and Slack take
        origin=f"{line(article.source)}{published}{_confirmed(content)}",
        sentences=tuple(tuple(segments(clip(excerpt, EXCERPT_LIMIT))) for excerpt in shown),
        more=len(match.excerpts) - len(shown),
        facts=tuple(_facts(content)),
        footer=f"rule {match.rule}, seen {clock(content.seen_at)}, alert {content.alert}",
    )


def _what_is_new(content: AlertContent) -> str:
    word = _NEW.get(content.reason)
    return f" ({word})" if word else f" (again, {content.number})" if content.reason is Reason.REPEAT else ""


def _confirmed(content: AlertContent) -> str:
    return f", reported by {content.origins} independent texts" if content.origins > 1 else ""


def _facts(content: AlertContent) -> Iterator[tuple[str, str]]:
    """The slots in the rule's order; what a word names is added where that says more than the word."""
    for slot, words in content.match.slots.items():
        names = {entity.text: entity.name for entity in content.match.entities.get(slot, ())}
        told = [f"{word} ({names[word]})" if names.get(word, word) != word else word for word in dict.fromkeys(words)]
        if told:
            yield slot, line(", ".join(told))


def clean(text: str) -> str:
    """The text with control characters and direction overrides replaced, one for one."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def line(text: str) -> str:
    """The text as one line of bounded length."""
    flat = clean(" ".join(text.split()))
    return flat if len(flat) <= LINE_LIMIT else f"{flat[: LINE_LIMIT - 1]}…"


def clip(excerpt: Excerpt, limit: int) -> Excerpt:
    """A sentence of at most `limit` code points around its first evidence, its marks moved along."""
    if len(excerpt.text) <= limit:
        return excerpt
    first = excerpt.marks[0][0] if excerpt.marks else 0
    start = max(0, min(first - limit // 4, len(excerpt.text) - limit + 2))
    end = min(len(excerpt.text), start + limit - 2)
    before, after = "…" if start else "", "…" if end < len(excerpt.text) else ""
    shift = len(before) - start
    marks = tuple((max(a, start) + shift, min(b, end) + shift) for a, b in excerpt.marks if a < end and b > start)
    return Excerpt(text=f"{before}{excerpt.text[start:end]}{after}", marks=marks)


def segments(excerpt: Excerpt) -> Iterator[Segment]:
    """The sentence cut at its marks, nothing lost."""
    text, at = clean(excerpt.text), 0
    for start, end in excerpt.marks:
        if start > at:
            yield Segment(text[at:start], marked=False)
        if end > max(start, at):
            yield Segment(text[max(start, at) : end], marked=True)
        at = max(at, end)
    if at < len(text):
        yield Segment(text[at:], marked=False)


def direction(text: str) -> str:
    """`rtl` or `ltr`, by the first letter that has one (UAX 9, P2 and P3)."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in {"R", "AL"}:
            return "rtl"
        if kind == "L":
            return "ltr"
    return "ltr"


def clock(at: datetime) -> str:
    """An instant to the minute."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def plain(sheet: Sheet, *, mark: tuple[str, str] = ("«", "»")) -> str:
    """The sheet as plain text, evidence between the two marks."""
    lines = [f"[{sheet.label}] {sheet.title}", sheet.headline, sheet.origin, sheet.url or ""]
    lines = [text for text in lines if text]
    for sentence in sheet.sentences:
        lines += ["", "".join(f"{mark[0]}{s.text}{mark[1]}" if s.marked else s.text for s in sentence)]
    if sheet.more:
        lines += ["", more_of(sheet)]
    if sheet.facts:
        lines += ["", *(f"{name}: {words}" for name, words in sheet.facts)]
    return "\n".join([*lines, "", sheet.footer]) + "\n"


def more_of(sheet: Sheet) -> str:
    """How many sentences were left out."""
    return f"and {sheet.more} more sentence{'s' if sheet.more > 1 else ''}"


def terminal(content: AlertContent | Notice) -> Text:
    """An alert or a notice for a terminal: rich decides about colour, evidence is underlined besides."""
    parts = sheet(content)
    style = _STYLES[content.match.severity] if isinstance(content, AlertContent) else "magenta"
    text = Text()
    text.append(f"[{parts.label}] ", style).append(parts.title, "bold").append("\n")
    for piece, look in ((parts.headline, "bold"), (parts.origin, "dim"), (parts.url or "", "blue")):
        if piece:
            text.append(piece, look).append("\n")
    for sentence in parts.sentences:
        text.append("  ")
        for segment in sentence:
            text.append(segment.text, "bold underline" if segment.marked else "")
        text.append("\n")
    if parts.more:
        text.append(f"  {more_of(parts)}\n", "dim")
    for name, words in parts.facts:
        text.append(f"  {name}: ", "dim").append(words).append("\n")
    return text.append(parts.footer, "dim")
