"""What grouping makes of incidents and of headlines that contradict each other; see `tests/data/README.md`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from streams.article_lines import ArticleLine, parse_line
from streams.match.engine import Engine
from streams.replay import Replayed, in_order, replay

_DATA = Path(__file__).parents[1] / "data"
_MORNING = datetime(2020, 2, 11, 8, 0, tzinfo=UTC)
_WIRE = {
    "en": "More than three million people live in the region, about half of whom were uprooted from other parts.\n"
    "There was no immediate comment from the government. State media rarely mention such incidents.",
    "ar": "ويعيش في المنطقة أكثر من ثلاثة ملايين شخص، نصفهم تقريبا نازحون من مناطق أخرى في البلاد.\n"
    "ولم يصدر أي تعليق فوري من الجهات الرسمية، فيما لم يتسن التحقق من صحة الأنباء من مصدر مستقل.",
}


@dataclass(frozen=True, slots=True)
class Grouping:
    """How incidents fared: alerts that each one's articles bear, and where alerts or stories hold what they should not.

    `aside` are alerts of other rules than the one that an incident is about, which no grouping could join, `unmatched`
    the reports on which that rule did not fire. `lost` have no alert that began with them. `missed` are copies that are
    not in their story, `wrong` stories of texts that are nobody's copy.
    """

    incidents: int
    alerts: int
    aside: int
    unmatched: int
    lost: tuple[str, ...]
    mixed: int
    missed: tuple[str, ...]
    wrong: int

    @property
    def alerts_per_incident(self) -> float:
        """1 is best: each incident's articles bear one alert of its rule."""
        return self.alerts / self.incidents


def incidents(part: str) -> list[dict[str, Any]]:
    """The articles of the incidents of a part, with what is known of them."""
    return [item for item in _read("incidents.jsonl") if item["part"] == part]


def lines_of(part: str) -> list[ArticleLine]:
    """The same as article lines."""
    return list(map(_line, incidents(part)))


def contradictions(part: str) -> list[dict[str, Any]]:
    """The pairs of headlines of a part."""
    return [item for item in _read("contradictions.jsonl") if item["part"] == part]


async def grouping_of(engine: Engine, articles: Sequence[Mapping[str, Any]]) -> Grouping:
    """What a replay makes of these articles."""
    by_id = {item["id"]: item for item in articles}
    told = await _replayed(engine, [_line(item) for item in articles])
    stories = {one.article: one.story for one in told}
    began: dict[str, str] = {}
    bears, holds = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    matched, aside = set[str](), set[str]()
    for one in told:
        about = by_id[one.article]["rule"] == one.rule
        if about:
            matched.add(one.article)
        if one.alert is not None:
            incident = by_id[one.article]["incident"]
            began.setdefault(one.alert, incident)
            (bears[incident] if about else aside).add(one.alert)
            holds[one.alert].add(incident)
    texts = defaultdict[str, set[str]](set)
    for item in articles:
        texts[stories[item["id"]]].add(item.get("copy_of") or item["id"])
    names = sorted({item["incident"] for item in articles})
    return Grouping(
        incidents=len(names),
        alerts=sum(map(len, bears.values())),
        aside=len(aside),
        unmatched=len(by_id) - len(matched),
        lost=tuple(name for name in names if name not in began.values()),
        mixed=sum(len(some) > 1 for some in holds.values()),
        missed=tuple(i for i, one in by_id.items() if "copy_of" in one and stories[i] != stories[one["copy_of"]]),
        wrong=sum(len(some) > 1 for some in texts.values()),
    )


async def merged(engine: Engine, pairs: Sequence[Mapping[str, Any]], *, wire: bool) -> list[str]:
    """The pairs that come under one story or one alert, 40 minutes apart; each pair has ten days of its own.

    A headline that has no text below it is its own text.

    Args:
        engine: the rules.
        pairs: headlines.
        wire: put the same two paragraphs under both, instead of nothing.
    """
    lines = []
    for number, pair in enumerate(pairs):
        tail = f"\n{_WIRE[pair['language']]}" if wire else ""
        first = _MORNING + number * timedelta(days=10)
        for which, minutes in (("one", 0), ("other", 40)):
            title, _, text = pair[which].partition("\n")
            text, seen = f"{text or f'{title}.'}{tail}", first + timedelta(minutes=minutes)
            lines.append(ArticleLine(id=f"{pair['id']} {which}", title=title, text=text, seen_at=seen))
    groups = defaultdict[str, set[str]](set)
    for told in await _replayed(engine, lines):
        groups[told.story].add(told.article)
        if told.alert is not None:
            groups[told.alert].add(told.article)
    return sorted({min(some).split()[0] for some in groups.values() if len(some) > 1})


async def _replayed(engine: Engine, lines: Sequence[ArticleLine]) -> list[Replayed]:
    return [one async for one in replay(engine, in_order(lines), unmatched=True)]


def _line(item: Mapping[str, Any]) -> ArticleLine:
    return parse_line(json.dumps(item), file="incidents.jsonl", line=1)


def _read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (_DATA / name).read_text(encoding="utf-8").splitlines()]
