"""Known texts in Redis: which of them share prints with a match, and how new ones are remembered.

A print of 40 bits is parted into its high bits, the bucket, which names a key, and its low bits, which stand in the
key's string with the number of the text, 7 bytes together; see the figures in the architecture page.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis

from streams.alert.contrasts import narrowest
from streams.alert.copies import MIN_SHARED, WINDOW, Likeness, is_near, story_of
from streams.alerts import KnownText
from streams.messages import Match, Traits
from streams.stores.scripts import Script

EPOCH_DAYS = 2 * WINDOW.days
"""Length of an epoch: the texts seen within WINDOW before or after one lie in two of them."""
_WIDTH = 5
_UNUSED = {"traits": {"actors", "aside", "headed", "hours", "kinds", "means", "scenes", "targets"}}
"""What is not asked of a known text."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A batch of matches, each with the story of which it is a copy, and what has to be remembered of it.

    `new` are the matches whose text is to be remembered,
    each with its fingerprint, and whether that stands for a text too old to be this one.
    """

    matches: tuple[Match, ...]
    new: tuple[tuple[Match, str, bool], ...]

    def plan(self, revisions: Container[tuple[str, int]]) -> tuple[list[dict[str, Any]], list[bytes]]:
        """What `lua/stories.lua` needs to remember the texts of these articles by revision, and their packed prints."""
        new = [one for one in self.new if (one[0].article.id, one[0].article.revision) in revisions]
        plans = [
            {
                "fingerprint": fingerprint,
                "again": again,
                "story": match.story if match.story != fingerprint else "",
                "seen": str(int(match.seen_at.timestamp())),
                "record": _known(match).model_dump_json(exclude=_UNUSED, exclude_defaults=True),
                "epoch": _epoch(match.seen_at),
            }
            for match, fingerprint, again in new
        ]
        return plans, list(_packed(match for match, _, _ in new))


class _Batch:
    """The matches of a batch that have been placed; earlier ones count for later ones as if they were remembered."""

    def __init__(self, same: Mapping[str, KnownText], stories: Mapping[str, str]) -> None:
        """`same` are the known texts by fingerprint, `stories` those of articles that came before, by their ids."""
        self.placed: list[Match] = []
        self.new: list[tuple[Match, str, bool]] = []
        self._same, self._stories = dict(same), dict(stories)
        self._by_print: dict[int, list[int]] = defaultdict(list)

    def place(self, match: Match, like: Iterable[Likeness]) -> None:
        """Give the match its story; `like` are the known texts that share prints with it.

        An update has that of its article, so that it is no origin of its own, and neither are copies of it.
        """
        fingerprint, same, id_ = match.story, self._same.get(match.story), match.article.id
        story = self._stories.get(id_) if match.article.update else None
        story = story or story_of(match, same, [*like, *self._like(match)])
        self._stories.setdefault(id_, story)
        placed = match.model_copy(update={"story": story})
        if same is None or not is_near(match, same):
            self._same[fingerprint] = _known(placed)
            for print_ in _prints(match):
                self._by_print[print_].append(len(self.new))
            self.new.append((placed, fingerprint, same is not None))
        self.placed.append(placed)

    def _like(self, match: Match) -> list[Likeness]:
        """The new ones that share enough prints to be asked about."""
        counts: dict[int, list[int]] = {}
        for print_ in _prints(match):
            for index in self._by_print.get(print_, ()):
                counts.setdefault(index, [0, 0])[print_ % 2] += 1
        return [
            Likeness(_known(self.new[index][0]), pairs, triples)
            for index, (pairs, triples) in counts.items()
            if max(pairs, triples) >= MIN_SHARED
        ]


class Stories:
    """Reads known texts under `prefix`; they are written with the alerts (see `streams.stores.alerts`)."""

    def __init__(self, redis: Redis, *, prefix: str, mark: str | None = None) -> None:
        self._like = Script(redis, "stories", "stories_like", prefix=prefix, mark=mark)

    async def place(self, matches: Sequence[Match], stories: Mapping[str, str]) -> Placed:
        """The matches in their order, each with the story of which it is a copy.

        `stories` are those of articles on which was decided before, by their ids.

        Raises:
            EngineAwayError: Redis cannot serve now.
        """
        texts = {match.story: match for match in matches}
        questions = json.dumps(list(map(_question, texts.values())))
        found = await self._like.run(MIN_SHARED, questions, *_packed(texts.values()))
        answers = dict(zip(texts, map(_read, texts, found), strict=True))
        same = {fingerprint: same for fingerprint, (same, _) in answers.items() if same is not None}
        batch = _Batch(same, stories)
        for match in matches:
            batch.place(match, answers[match.story][1])
        return Placed(tuple(batch.placed), tuple(batch.new))


def _read(fingerprint: str, answer: Sequence[Any]) -> tuple[KnownText | None, list[Likeness]]:
    """The text with the fingerprint, and those that share prints with it."""
    same, *flat = answer
    rows = zip(flat[::3], flat[1::3], flat[2::3], strict=True)
    like = [Likeness(KnownText.model_validate_json(row[0]), int(row[1]), int(row[2])) for row in rows]
    return _known_text(fingerprint, same) if same else None, like


def _known_text(fingerprint: str, said: str) -> KnownText:
    """A known text; of one that has been forgotten its story, and when it was seen."""
    if said.startswith("{"):
        return KnownText.model_validate_json(said)
    _, seen, story = said.split(" ", 2)
    seen_at = datetime.fromtimestamp(int(seen), UTC)
    return KnownText(story=story or fingerprint, pairs=0, triples=0, traits=Traits(), seen_at=seen_at)


def _question(match: Match) -> dict[str, Any]:
    """What `lua/stories_like.lua` is asked about a match, besides its prints."""
    epochs = sorted({_epoch(match.seen_at - WINDOW), _epoch(match.seen_at + WINDOW)})
    return {"fingerprint": match.story, "epochs": epochs}


def _packed(matches: Iterable[Match]) -> Iterator[bytes]:
    """For each match its prints of two words, and those of three, as `lua/stories.lua` reads them."""
    for match in matches:
        for prints in (match.sketch.pairs, match.sketch.triples):
            yield b"".join(print_.to_bytes(_WIDTH, "big") for print_ in prints)


def _prints(match: Match) -> Iterator[int]:
    """Each print of the match's sketch, told apart by the number of words that it stands for."""
    yield from (2 * print_ for print_ in match.sketch.pairs)
    yield from (2 * print_ + 1 for print_ in match.sketch.triples)


def _known(match: Match) -> KnownText:
    # What only tells independent reports apart, or is said again by what is kept, would take room for a million texts.
    less = {"names": tuple(sorted(narrowest(match.traits.names))), "latin": (), "arabic": ()}
    return KnownText(
        story=match.story,
        pairs=len(match.sketch.pairs),
        triples=len(match.sketch.triples),
        traits=match.traits.model_copy(update=less),
        seen_at=match.seen_at,
    )


def _epoch(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp() // (EPOCH_DAYS * 86_400))
