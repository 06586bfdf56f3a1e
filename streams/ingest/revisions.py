"""Whether an article that comes again says something else than before. Pure; what it said is kept in 26 bytes.

What is compared are its sentences, and of what a page has around them nothing: white space, case, punctuation, lines
that are no sentences (view counters, "updated 3 minutes ago"), their order, and the clock times and dates in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import blake2b
from math import log

from streams.messages import Article, Update
from streams.stores.seen import CONTENT_BYTES, MARK_BYTES, Printed, Seen
from streams.stores.sources import Pending

TEASER = 0.5
"""A text that lost more than this share and gained nothing was not read whole: a paywall, or a teaser."""

_BITS = 128
_SIZES = (3, 3, 4, _BITS // 8)
_SHORTEST = 6
"""Words of a line that may be a sentence, if it ends like one; as `streams.match.story` has it."""
_ENDS = tuple(".!?؟۔…")
_CLOSING = "\"'”’»)]}"
_BREAK = re.compile(r"(?<=[.!?؟۔…])[\"'”’»)\]]*\s+")
_WHEN = re.compile(
    r"\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]\.?m\b)?|\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}"
    r"|\d{1,2}\s+[^\W\d]+,?\s+(?:19|20)\d{2}|(?<!\w)[^\W\d]+\s+\d{1,2},?\s+(?:19|20)\d{2}"
)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Content:
    """What is kept of what an article says.

    `letters` are those of its text, `title` and `words` hashes of its title and of all its sentences; `sentences` has a
    bit set for each of them, by which it is estimated how many two texts share (linear counting: Whang et al., 1990).
    """

    letters: int
    title: int
    words: int
    sentences: int

    @classmethod
    def of(cls, title: str, text: str) -> Content:
        """That of a title and a text."""
        prints = sorted({_hash(sentence, 8) for sentence in _sentences(text)})
        bits = 0
        for print_ in prints:
            bits |= 1 << print_ % _BITS
        letters = min(sum(map(str.isalpha, text)), 2**24 - 1)
        return cls(letters, _hash(_plain(title), 3), _hash(repr(prints), 4), bits)

    @classmethod
    def unpacked(cls, raw: bytes) -> Content:
        """The content that was `packed` into these bytes."""
        values, place = list[int](), 0
        for size in _SIZES:
            values.append(int.from_bytes(raw[place : place + size], "big"))
            place += size
        return cls(*values)

    def says_the_same(self, other: Content) -> bool:
        """Whether the two have the same title and the same sentences."""
        return (self.words, self.title) == (other.words, other.title)

    def packed(self) -> bytes:
        """It in CONTENT_BYTES."""
        values = (self.letters, self.title, self.words, self.sentences)
        raw = b"".join(value.to_bytes(size, "big") for value, size in zip(values, _SIZES, strict=True))
        assert len(raw) == CONTENT_BYTES  # noqa: S101  # what the store's scripts take it for
        return raw


class Course(Enum):
    """What is to be done with an entry."""

    PUBLISH = "publish"  # nobody has, or as archive only
    COMPARE = "compare"  # look at it again: what it says may have changed
    PASS = "pass"  # noqa: S105  # it is known, and there is nothing to look at


def course_of(entry: Pending, seen: Seen | None) -> Course:
    """What is to be done with an entry of whose article this is remembered.

    What was published as archive alone is published by who brings it as news. Else a page's text is never replaced by
    a feed's, and a feed's text by that of the same source or by the page's: what two feeds say of one article differs.
    """
    if seen is None or seen.printed is None:
        return Course.PUBLISH
    from_page = seen.printed.from_page
    if seen.outcome is None:
        if seen.printed.backlog and not entry.backlog:
            return Course.PUBLISH
        return Course.COMPARE if entry.fetch and not from_page else Course.PASS
    if seen.checked_at > entry.seen_at:
        return Course.PASS
    own = not from_page and seen.outcome != DUPLICATE
    return Course.COMPARE if entry.fetch or own else Course.PASS


def print_of(article: Article) -> Printed:
    """What is remembered of an article that is published."""
    return Printed(
        revision=article.revision,
        content=Content.of(article.title, article.text).packed(),
        backlog=article.backlog,
        from_page=article.text_from == "page",
    )


def revised(article: Article, printed: Printed) -> Article | None:
    """The article as an update of what was printed last; None where it says the same, or was not read whole."""
    before, after = _contents(article, printed)
    if before.says_the_same(after):
        return None
    added, removed = _shares(before, after)
    if not (added or before.title != after.title) and removed > TEASER:
        return None
    return _update(article, before, after, printed.revision + 1)


def _contents(article: Article, printed: Printed) -> tuple[Content, Content]:
    return Content.unpacked(printed.content), Content.of(article.title, article.text)


def _update(article: Article, before: Content, after: Content, revision: int) -> Article:
    """The article as an update of what was printed, by how much it differs from that."""
    added, removed = _shares(before, after)
    update = Update(
        revision=revision,
        letters_before=before.letters,
        letters=after.letters,
        added=round(min(added, 1.0), 2),
        removed=round(min(removed, 1.0), 2),
        title_changed=before.title != after.title,
    )
    return article.model_copy(update={"update": update})


def _shares(before: Content, after: Content) -> tuple[float, float]:
    """About which share of the sentences is new, and which is gone."""
    both = _count(before.sentences | after.sentences)
    added = (both - _count(before.sentences)) / max(1.0, _count(after.sentences))
    return added, (both - _count(after.sentences)) / max(1.0, _count(before.sentences))


def printings(article: Article, before: Printed | None, begun: Printed | None) -> tuple[Article, ...]:
    """What is to be published of an article of which this was printed `before`, in this order.

    `begun` is what a worker may have published when it died. Where nothing is known to be printed the article is
    published as a first one, which is passed over by those who have it; what differs from what was begun is an update
    of that, with a number of its own, and what does not has the same number again.
    """
    first = () if before else (article,)
    if update := (revised(article, last) if (last := begun or before) else None):
        return (*first, update)
    if begun and begun.revision > 1:
        said, now = _contents(article, begun)
        if said.says_the_same(now):
            known = Content.unpacked(before.content) if before else said
            return (*first, _update(article, known, now, begun.revision))
    return first


def mark_of(title: str, text: str, *dates: datetime | None) -> str:
    """A mark of what a feed says of an article, in hex; another one means that its page may have changed."""
    content = Content.of(title, text)
    said = f"{content.title} {content.words} {[date.isoformat() if date else '' for date in dates]}"
    # What no entry has yet is all zeros, see `streams.stores.seen`.
    return (_hash(said, MARK_BYTES) or 1).to_bytes(MARK_BYTES, "big").hex()


def _sentences(text: str) -> Iterator[str]:
    """The sentences, plainly written; where no line is one, its lines."""
    lines = [line for line in text.split("\n") if line.strip()]
    prose = [line for line in lines if _is_prose(line)] or lines
    for line in prose:
        for sentence in _BREAK.split(line):
            if plain := _plain(_WHEN.sub(" 0 ", sentence)):
                yield plain


def _is_prose(line: str) -> bool:
    return line.rstrip().rstrip(_CLOSING).endswith(_ENDS) and len(line.split(maxsplit=_SHORTEST)) >= _SHORTEST


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _count(bits: int) -> float:
    """About how many sentences have set these bits."""
    empty = _BITS - bits.bit_count()
    return -_BITS * log(max(empty, 0.5) / _BITS)


def _hash(text: str, size: int) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest(), "big")


PUBLISHED, UPDATED, UNCHANGED, DUPLICATE = "published", "updated", "unchanged", "duplicate"
"""How entries end that come to an article; others end in a cause, see `streams.ingest.causes`."""
