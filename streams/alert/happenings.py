"""Decides whether two texts report one happening, and what a further report adds to it. Pure.

Two independent texts share hardly a sentence. They are of one happening when the same rule fired on both within a day
(of violence within three, if the later one names its day), nothing contradicts, and they agree in enough points (see
`streams.alert.agreement`); figures on real and made-up timelines stand in the architecture page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from operator import itemgetter

from streams.alert.agreement import agreement, are_of_one_day
from streams.alert.contrasts import contradicts
from streams.alert.copies import overlap
from streams.alert.outline import Outline, outline_known, places_in
from streams.alert.report import PLACE, VIOLENT, Report, named
from streams.alert.slots import Agreement, agreed_actors, are_near, says
from streams.alert.titles import Path, titles_differ
from streams.alerts import AlertRecord, Happening
from streams.messages import Traits

WINDOW = timedelta(hours=24)
"""How far apart two reports of one happening are seen at most, but for those that say on which day it was."""
BY_ITS_DAY = timedelta(days=3)
"""How much later a report of violence may be seen that names the day of what is known."""
ENOUGH = 1.5
"""Points that make two reports one happening."""
SAME_WORDS = 0.7
"""Share of the smaller head's words from which on reports are no more independent: one has the other's words."""
LIKE_LENGTH = 0.6
"""The least part of the longer head's words that the shorter one has then: few words are soon all in many."""
MOST = 64
"""Most values of a slot, and most origins, that are remembered."""
STEP = 1.5
"""A number grows by a step when it becomes this many times larger, and by 3 at least."""
MIN_GROWTH = 3
ORIGIN_STEPS = frozenset({2, 3, 5, 10, 20, 50})
"""Numbers of independent texts that are told."""


def agreement_with(record: AlertRecord, said: Outline, *, seen_at: datetime) -> float | None:
    """The points by which a report of the alert's rule is of its happening, unless they differ; None where too few."""
    apart, late = seen_at - record.first_seen_at, seen_at - record.last_seen_at
    # A demand is made again on another day.
    if -apart > WINDOW or late > (BY_ITS_DAY if said.event in VIOLENT else WINDOW):
        return None
    known = outline_known(record.happening)
    if late > WINDOW and not are_of_one_day(known, said, apart):
        return None
    points = agreement(known, said, apart=apart)
    return points if points >= ENOUGH else None


def differ(record: AlertRecord, said: Outline, *, seen_at: datetime) -> bool:
    """Whether a report cannot be of the alert's happening, however much they agree."""
    known, violent = outline_known(record.happening), said.event in VIOLENT if said.event else None
    if _are_worded_alike(known.words, said.words):
        return contradicts(known.traits, said.traits, apart=seen_at - record.first_seen_at, demand=violent is False)
    by_one = not violent and agreed_actors(known, said) in {Agreement.SAME, Agreement.WORDED}
    return titles_differ(known.traits, said.traits, independent=True, by_one=by_one, violent=violent)


def _are_worded_alike(some: frozenset[int], others: frozenset[int]) -> bool:
    """Whether two heads of like length are so alike that they are no more independent."""
    least, most = sorted((len(some), len(others)))
    return overlap(some, others) >= SAME_WORDS and least >= LIKE_LENGTH * most


def news_in(happening: Happening, report: Report) -> Happening:
    """The happening with all that a report says, which is told, or the only thing known while nobody is told."""
    match = report.match
    changes = {
        "slots": _together(happening.slots, report.values),
        "deaths": max([happening.deaths, *match.traits.deaths]),
        "number": max([happening.number, *(() if match.traits.deaths else match.traits.numbers)]),
    }
    return joined(happening, report).model_copy(update=changes)


def joined(happening: Happening, report: Report) -> Happening:
    """The happening with one more report of it that told nobody anything.

    What only this report says stays new until it is told.
    """
    match = report.match
    known, said = happening.traits if happening.origins else match.traits, match.traits
    together = {
        "headed": tuple(sorted({*known.headed, *said.headed}))[:MOST],
        "aside": _beside_which(known, said),
        "counted": tuple(sorted({*known.counted, *said.counted}))[-MOST:],
        "deaths": tuple(sorted({*known.deaths, *said.deaths}))[-MOST:],
        "kinds": tuple(sorted({*known.kinds, *said.kinds})),
        "means": tuple(sorted({*known.means, *said.means})),
        "targets": tuple(sorted({*known.targets, *said.targets})),
        "scenes": tuple(sorted({*known.scenes, *said.scenes})),
        "sites": dict(sorted(_first_of(known.sites, said.sites).items(), key=itemgetter(1))[:MOST]),
        "latin": tuple(dict.fromkeys((*known.latin, *said.latin)))[:MOST],
        "arabic": tuple(dict.fromkeys((*known.arabic, *said.arabic)))[:MOST],
    }
    origins = tuple(dict.fromkeys((*happening.origins, match.story)))[:MOST]
    changes = {
        "heard": _together(happening.heard or happening.slots, report.values),
        "spots": {**happening.spots, **report.spots},
        "traits": known.model_copy(update=together),
        "days": tuple(sorted({*happening.days, *report.days}))[-MOST:],
        "ministries": tuple(sorted({*happening.ministries, *report.ministries})),
        "origins": origins,
    }
    return happening.model_copy(update=changes)


def _beside_which(known: Traits, said: Traits) -> tuple[Path, ...]:
    """The places beside which it happened, and in none of which any report says that it did."""
    there = {site for one in (known, said) for site in one.sites.keys() - places_in(one.aside)}
    return tuple(path for path in dict.fromkeys((*known.aside, *said.aside)) if "/".join(path[1:]) not in there)[:MOST]


def _first_of(some: Mapping[str, int], others: Mapping[str, int]) -> dict[str, int]:
    return {site: min(known[site] for known in (some, others) if site in known) for site in {**some, **others}}


def _together(some: Mapping[str, tuple[str, ...]], others: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {
        slot: tuple(dict.fromkeys((*some.get(slot, ()), *others.get(slot, ()))))[:MOST] for slot in {**some, **others}
    }


def new_values(happening: Happening, report: Report, slot: str) -> tuple[str, ...]:
    """What fills the slot and was not told; a place in which a known one lies, or near one, is not new.

    Mere words are not new beside names: they may be other words for what is named.
    """
    known, said = happening.slots.get(slot, ()), report.values.get(slot, ())
    names = named((*known, *said))
    fresh = [value for value in said if value not in known and (not names or value in names)]
    if slot != PLACE:
        return tuple(value for value in fresh if not any(says(value, old) or says(old, value) for old in known))
    spots = {**happening.spots, **report.spots}
    return tuple(
        value
        for value in fresh
        if not any(old.startswith(f"{value}/") or are_near(spots.get(value), spots.get(old)) for old in known)
    )


def has_grown(happening: Happening, report: Report) -> bool:
    """Whether a number has grown by a step since it was told: of the dead, if they are counted.

    A first toll is a step, but of a demand, which may tell of the dead for whom it is made, and where the number was
    told already. Other numbers than tolls are compared with such alone: fighters are no measure of the dead.
    """
    match, known = report.match, happening.traits
    if tolls := match.traits.deaths:
        # An alert of an earlier release kept its toll among the numbers.
        told = happening.deaths or (happening.number if known.deaths else 0)
        if not told and (_is_demand(happening, report) or max(tolls) in known.numbers):
            return False
        return _grown(told, max(tolls))
    return happening.number > 0 and _grown(happening.number, max(match.traits.numbers, default=0))


def _is_demand(happening: Happening, report: Report) -> bool:
    event = report.fired.event
    return event not in VIOLENT if event else outline_known(happening).is_demand


def _grown(before: int, now: int) -> bool:
    return now >= max(before * STEP, before + MIN_GROWTH)
