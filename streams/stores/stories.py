"""Known texts in Redis: which of them share prints with a match, and how new ones are remembered.

A print of 40 bits is parted into a bucket, which names a key, and its high bits, which stand in the key with the number
of the text. Sets of whole numbers take 8 bytes a member; with 2^19 buckets a day a million texts fit into memory, see
the figures in the architecture page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis

from streams.alert.copies import MIN_SHARED, WINDOW, Likeness, story_of
from streams.alerts import KnownText
from streams.messages import Match
from streams.stores.scripts import Script

BUCKET_BITS = 19
_BUCKETS = (1 << BUCKET_BITS) - 1


@dataclass(frozen=True, slots=True)
class Placed:
    """A batch of matches, each with the story of which it is a copy, and what has to be remembered of it.

    `version` is that of the alerts and texts on which it rests.
    """

    version: str
    matches: tuple[Match, ...]
    fingerprints: tuple[str, ...]
    known: frozenset[str]

    def plan(self, articles: Container[str]) -> list[dict[str, Any]]:
        """What `lua/stories.lua` needs to remember the texts of these articles."""
        return [
            {
                "fingerprint": fingerprint,
                "record": _known(match).model_dump_json(),
                "day": _day(match.seen_at),
                "prints": [list(place) for place in _places(match)],
            }
            for match, fingerprint in zip(self.matches, self.fingerprints, strict=True)
            if match.article.id in articles and fingerprint not in self.known
        ]


class _Batch:
    """The matches of a batch that have been placed, by their prints; earlier ones count for later ones."""

    def __init__(self) -> None:
        self.placed: list[Match] = []
        self._by_print: dict[tuple[int, int], list[int]] = defaultdict(list)
        self._by_fingerprint: dict[str, KnownText] = {}

    def same(self, match: Match) -> KnownText | None:
        """The first one of the same text."""
        return self._by_fingerprint.get(match.story)

    def like(self, match: Match) -> list[Likeness]:
        """The placed ones that share enough prints to be asked about."""
        counts: dict[int, list[int]] = {}
        for kind, print_ in _prints(match):
            for index in self._by_print.get((kind, print_), ()):
                counts.setdefault(index, [0, 0])[kind - 2] += 1
        return [
            Likeness(_known(self.placed[index]), pairs, triples)
            for index, (pairs, triples) in counts.items()
            if max(pairs, triples) >= MIN_SHARED
        ]

    def add(self, match: Match, story: str) -> None:
        """Take in a match of this story."""
        for key in _prints(match):
            self._by_print[key].append(len(self.placed))
        self.placed.append(match.model_copy(update={"story": story}))
        self._by_fingerprint.setdefault(match.story, _known(self.placed[-1]))


class Stories:
    """Reads known texts under `prefix`; they are written with the alerts (see `streams.stores.alerts`)."""

    def __init__(self, redis: Redis, *, prefix: str, mark: str | None = None) -> None:
        self._like = Script(redis, "stories_like", prefix=prefix, mark=mark)

    async def place(self, matches: Sequence[Match]) -> Placed:
        """The matches in their order, each with the story of which it is a copy.

        Raises:
            EngineAwayError: Redis cannot serve now.
        """
        texts = {match.story: match for match in matches}
        found = await self._like.run_all(map(_question, texts.values()))
        # That of the first answer: what was committed between it and the others shows when the decisions are.
        version = next((str(answer[0]) for answer in found), "0")
        answers = dict(zip(texts, map(_read, found), strict=True))
        batch = _Batch()
        for match in matches:
            same, like = answers[match.story]
            story = story_of(match, batch.same(match) or same, [*like, *batch.like(match)])
            batch.add(match, story)
        known = frozenset(fingerprint for fingerprint, (same, _) in answers.items() if same is not None)
        return Placed(version, tuple(batch.placed), tuple(match.story for match in matches), known)


def _read(answer: Sequence[Any]) -> tuple[KnownText | None, list[Likeness]]:
    """The text with the fingerprint that was asked about, and those that share prints with it."""
    _, same, *flat = answer
    rows = zip(flat[::3], flat[1::3], flat[2::3], strict=True)
    like = [Likeness(KnownText.model_validate_json(row[0]), int(row[1]), int(row[2])) for row in rows]
    return KnownText.model_validate_json(same) if same else None, like


def _question(match: Match) -> list[str | int]:
    """What `lua/stories_like.lua` is asked about a match."""
    days = range(_day(match.seen_at) - WINDOW.days, _day(match.seen_at) + WINDOW.days + 1)
    return [MIN_SHARED, len(days), *days, match.story, *(part for place in _places(match) for part in place)]


def _places(match: Match) -> Iterator[tuple[str, int]]:
    """Where each print of the match's sketch is kept: kind and bucket, which name a key, and its high bits."""
    for kind, print_ in _prints(match):
        yield f"{kind}:{print_ & _BUCKETS}", print_ >> BUCKET_BITS


def _prints(match: Match) -> Iterator[tuple[int, int]]:
    """Each print of the match's sketch after the number of words that it stands for."""
    for kind, prints in ((2, match.sketch.pairs), (3, match.sketch.triples)):
        for print_ in prints:
            yield kind, print_


def _known(match: Match) -> KnownText:
    return KnownText(
        story=match.story,
        pairs=len(match.sketch.pairs),
        triples=len(match.sketch.triples),
        traits=match.traits,
        seen_at=match.seen_at,
    )


def _day(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp() // 86_400)
