"""Puts what is told into words: the parts that every sink shows, each in its own form. Pure.

Text from outside is shown in its original characters, with two exceptions that take one place each, so that evidence
stays where it is: control characters, which could steer a terminal or break a header, and direction overrides, which
make text read as what it is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import quote

from streams.alerts import AlertContent, Content, Notice, Reason, Revision, Summary
from streams.messages import Excerpt
from streams.notify.wording import Wording
from streams.notify.words import Counted
from streams.windows import WindowCount

EXCERPTS = 5
"""Sentences shown; the rest is counted."""
EXCERPT_LIMIT = 600
"""Code points of one sentence shown, around its first evidence."""
LINE_LIMIT = 300
"""Code points of a headline, a source's name or a slot's words."""
SOURCES = 12
"""Sources named in an edited first message."""
GROUPS, ENTRIES = 8, 10
"""Rules that a summary lists, and alerts of each; the rest is counted."""
ENTRY_LIMIT = 140
SILENCED = 50
"""Alerts that the end of a silence lists; the rest is counted."""
URL_LIMIT = 2000
"""Longest address that browsers and Slack take."""
RECEIVER_TEST = "receiver-test"
"""The cause of a notice that only tries out a receiver; its title is the receiver's name."""
ENGLISH = Wording()
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e]")
_NESTING = re.compile("[\u202a-\u202c\u2066-\u2069]")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_WEB = re.compile(r"https?://[^\s<>\"|]+")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a sentence; `marked` is evidence."""

    text: str
    marked: bool


Sentence = tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Headlines with links under a title: the alerts of one rule, articles that count. `counted` tells `left_out`."""

    title: str
    entries: tuple[tuple[str, str | None], ...] = ()
    left_out: int = 0
    counted: Counted | None = None

    def shortened(self, entries: int) -> Group:
        """With so many entries at most, the others left out."""
        rest = len(self.entries) - entries
        return replace(self, entries=self.entries[:entries], left_out=self.left_out + rest) if rest > 0 else self

    def more(self, wording: Wording) -> str:
        """How many are left out; "" where none is."""
        return wording.count(self.counted, self.left_out) if self.counted and self.left_out else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is shown, sink by sink in its own form, in the receiver's language but for what is quoted.

    `label` is the severity; `facts` are (name, words) of the slots that were filled; `origin` is source and time;
    `notes` are further lines on it; `more` counts sentences left out; `footer` tells where it comes from. A notice has
    `sentences` of one plain segment; a summary has `groups`, and so has what a condition over time has counted.
    """

    wording: Wording
    label: str
    title: str
    origin: str
    footer: str
    headline: str = ""
    url: str | None = None
    notes: tuple[str, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    more: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    groups: tuple[Group, ...] = ()

    @property
    def subject(self) -> str:
        """One line that says it."""
        headline = f": {self.wording.isolated(self.headline)}" if self.headline else ""
        return f"[{self.label}] {self.title}{headline}"


def sheet(content: Content, wording: Wording = ENGLISH) -> Sheet:
    """The parts of what is told, cleaned and cut to size."""
    match content:
        case Notice():
            return _of_notice(content, wording)
        case AlertContent():
            return _of_alert(content, wording)
        case Revision():
            return _of_revision(content, wording)
        case Summary():
            return _of_summary(content, wording)


def _of_notice(notice: Notice, wording: Wording) -> Sheet:
    words = wording.words
    label, title, text = words.notice, line(notice.title), clean(notice.text)[:3000]
    if notice.held:
        title = wording.count(words.silence_ended, len(notice.held), about=line(notice.about))
    if notice.cause == RECEIVER_TEST:
        label, title, text = words.test, wording.say(words.test_title, receiver=title), words.test_text
    return Sheet(
        wording,
        label=label,
        title=title,
        origin=wording.clock(notice.seen_at),
        footer=wording.say(words.about_itself, cause=notice.cause),
        sentences=((Segment(text, marked=False),),) if text else (),
        groups=(_held_back(notice, wording),) if notice.held else (),
    )


def _held_back(notice: Notice, wording: Wording) -> Group:
    """What a silence held back."""
    first = islice(notice.held.items(), SILENCED)
    shown = tuple((f"{wording.isolated(line(text, ENTRY_LIMIT))} ({alert})", None) for alert, text in first)
    return Group(wording.words.held_back, shown, len(notice.held) - len(shown), wording.words.more_items)


def _of_alert(content: AlertContent, wording: Wording) -> Sheet:
    words, article, match = wording.words, content.article, content.match
    shown, rest = match.excerpts[:EXCERPTS], len(match.excerpts) - EXCERPTS
    news = _news(content, wording)
    origin = [line(article.source)]
    if article.published:
        day_only = article.date_precision == "day"
        when = wording.day(article.published) if day_only else wording.clock(article.published)
        origin.append(words.published.format(time=when))
    if article.update:
        origin.append(words.revised)
    if content.origins > 1 and content.window is None:
        origin.append(wording.count(words.independent, content.origins))
    seen = wording.clock(content.seen_at)
    return Sheet(
        wording,
        label=words.severities[match.severity],
        title=wording.isolated(line(match.title)) + (f" ({news})" if news else ""),
        headline=line(article.title) or words.no_title,
        url=web_address(article.url),
        origin=words.comma.join([wording.isolated(origin[0]), *origin[1:]]),
        sentences=tuple(tuple(segments(clip(excerpt, EXCERPT_LIMIT))) for excerpt in shown),
        more=wording.count(words.more_sentences, rest) if rest > 0 else "",
        facts=tuple(_facts([content], wording)),
        footer=words.footer.format(rule=wording.isolated(match.rule), time=seen, alert=wording.isolated(content.alert)),
        notes=tuple(_numbers(content.window, wording)),
        groups=(_counted(content.window, wording),) if content.window else (),
    )


def _numbers(window: WindowCount | None, wording: Wording) -> Iterator[str]:
    """How many there were, and how many there usually are."""
    if window is None:
        return
    words = wording.words
    counts = ((words.articles, window.articles), (words.origins, window.origins), (words.outlets, window.sources))
    count = words.comma.join(wording.count(counted, n) for counted, n in counts)
    within = words.within.format(count=count, span=wording.span(window.within))
    yield f"{wording.isolated(line(window.of))}: {within}" if window.of else within
    if window.usual is not None:
        before = words.comma.join(f"{n:g}" for n in window.before)
        yield words.usual.format(usual=f"{window.usual:g}", before=before)


def _counted(window: WindowCount, wording: Wording) -> Group:
    """The articles that were counted, the latest first; where there was none, the last one before."""
    words, rest = wording.words, len(window.items) - ENTRIES
    latest = [
        (f"{line(item.source, ENTRY_LIMIT)}: {line(item.title, ENTRY_LIMIT) or words.no_title}", web_address(item.url))
        for item in reversed(window.items[-ENTRIES:])
    ]
    title = words.counted if window.count else words.counted_last
    return Group(title, tuple(latest), max(rest, 0), words.more_articles)


def _of_revision(revision: Revision, wording: Wording) -> Sheet:
    """The first message as it was, with what has become known since.

    Raises:
        ValueError: it is not known what the receiver was told.
    """
    if not revision.told:
        raise ValueError("a revision of nothing")
    words, first, latest = wording.words, revision.told[0], revision.told[-1]
    reported = [wording.count(words.independent, revision.origins), wording.count(words.articles, revision.articles)]
    notes = [*_numbers(first.window, wording), words.comma.join(reported)]
    if revision.sources:
        named = [line(source) for source in revision.sources[:SOURCES]]
        rest = "…" if len(revision.sources) > SOURCES else ""
        notes.append(f"{words.sources}: {wording.listed(named)}{rest}")
    if revision.number:
        notes.append(f"{words.largest_number}: {revision.number}")
    if latest is not first:
        news = _news(latest, wording)
        notes.append(words.updated.format(time=wording.clock(latest.seen_at), news=news))
        notes += _numbers(latest.window, wording)
    base = _of_alert(first.model_copy(update={"origins": 1}), wording)
    severest = max((told.match.severity for told in revision.told), key=list(words.severities).index)
    facts = tuple(_facts(revision.told, wording))
    return replace(base, label=words.severities[severest], notes=tuple(notes), facts=facts)


def _of_summary(summary: Summary, wording: Wording) -> Sheet:
    words = wording.words
    by_rule: dict[str, list[AlertContent]] = {}
    for told in summary.told:
        by_rule.setdefault(told.match.rule, []).append(told)
    ranked = sorted(by_rule.values(), key=len, reverse=True)
    groups = [_group(alerts, wording) for alerts in ranked[:GROUPS]]
    if rest := sum(map(len, ranked[GROUPS:])):
        groups.append(Group(wording.count(words.more_items, rest)))
    start, end = wording.clock(summary.seen_at), wording.clock(summary.until)
    return Sheet(
        wording,
        label=words.held[summary.by],
        title=wording.count(words.held_title[summary.by], len(summary.told)),
        origin=words.held_why[summary.by].format(limit=summary.limit, start=start, end=end),
        footer=wording.say(words.about_itself, cause=summary.by.value),
        groups=tuple(groups),
    )


def _group(alerts: list[AlertContent], wording: Wording) -> Group:
    words, rest = wording.words, len(alerts) - ENTRIES
    entries = [(_entry(told, wording), web_address(told.article.url, LINE_LIMIT)) for told in alerts[:ENTRIES]]
    title = wording.count(words.held_rule, len(alerts), title=line(alerts[0].match.title, ENTRY_LIMIT))
    return Group(title, tuple(entries), max(rest, 0), words.more_items)


def _entry(content: AlertContent, wording: Wording) -> str:
    """An alert in a list: its headline, and of a count how many there were."""
    headline = line(content.article.title, ENTRY_LIMIT) or wording.words.no_title
    numbers = next(_numbers(content.window, wording), "")
    return f"{wording.isolated(headline)} ({numbers})" if numbers else headline


def _news(content: AlertContent, wording: Wording) -> str:
    """What a telling after the first one tells."""
    template = wording.words.news.get(content.reason, "")
    return template.format(n=content.number) if content.reason is not Reason.FIRST else ""


def _facts(told: list[AlertContent] | tuple[AlertContent, ...], wording: Wording) -> Iterator[tuple[str, str]]:
    """The slots in the rule's order, with the names of what the words name where those say more than the words."""
    found: dict[str, dict[str, None]] = {}
    for content in told:
        for slot, words in content.match.slots.items():
            entities = content.match.entities.get(slot, ())
            for word in words:
                names = dict.fromkeys(one.name for one in entities if one.text in word and one.name not in word)
                shown = wording.isolated(line(word, ENTRY_LIMIT))
                behind = f" ({wording.listed([line(name, ENTRY_LIMIT) for name in names])})" if names else ""
                found.setdefault(slot, {})[shown + behind] = None
    for slot, values in found.items():
        yield wording.words.slots.get(slot, line(slot)), _bounded(list(values), wording)


def _bounded(values: list[str], wording: Wording) -> str:
    """As many of the values as fit on a line, which is cut between two of them."""
    fit = 1
    while fit < len(values) and len(wording.words.comma.join(values[: fit + 1])) <= LINE_LIMIT:
        fit += 1
    return wording.words.comma.join(values[:fit]) + ("…" if fit < len(values) else "")


def web_address(url: str | None, limit: int = URL_LIMIT) -> str | None:
    """The address where it is one that a reader may be sent to; what is unseen in it, or turns it, is encoded."""
    shown = _UNSEEN.sub(lambda unseen: quote(unseen[0]), url or "")
    return shown if len(shown) <= limit and _WEB.fullmatch(shown) else None


def clean(text: str) -> str:
    """The text with control characters and direction overrides replaced, one for one."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def unnested(text: str) -> str:
    """The text without embeddings and isolates, of which one end could undo what is put around it."""
    return _NESTING.sub("", text)


def line(text: str, limit: int = LINE_LIMIT) -> str:
    """The text as one line of bounded length, its own direction marks taken off."""
    flat = clean(" ".join(unnested(text).split()))
    return flat if len(flat) <= limit else f"{flat[: limit - 1]}…"


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


def plain(parts: Sheet, *, mark: tuple[str, str] = ("«", "»")) -> str:
    """The sheet as plain text, evidence between the two marks."""
    lines = [f"[{parts.label}] {parts.title}", parts.headline, parts.origin, *parts.notes, parts.url or ""]
    lines = [text for text in lines if text]
    for sentence in parts.sentences:
        lines += ["", "".join(f"{mark[0]}{s.text}{mark[1]}" if s.marked else s.text for s in sentence)]
    if parts.more:
        lines += ["", parts.more]
    if parts.facts:
        lines += ["", *(f"{name}: {words}" for name, words in parts.facts)]
    for group in parts.groups:
        lines += ["", group.title, *(f"- {text}" + (f"\n  {url}" if url else "") for text, url in group.entries)]
        lines += [more] if (more := group.more(parts.wording)) else []
    return "\n".join([*lines, "", parts.footer]) + "\n"
