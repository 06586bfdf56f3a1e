"""Decides what becomes of a match: who is told, and if nobody, why. Pure; its clock is the match's `seen_at`.

For each rule that fired, in this order:
1. a rule on trial is recorded (`shadow`);
2. of a happening that was told: what is new is told at once, in the order of `Reason`, unless 4 to 6 stand against it;
3. without anything new, less than `repeat_after` after it was told: a copy is a `duplicate`, another text `cooldown`;
   but whom the routes send it to and who has been told nothing of it is told: `first`, for them alone;
4. an article of the archive, or published more than `max_age` before it was seen, is `backlog`;
5. what no route takes is `unrouted`;
6. what a silence asks for is `silenced`, and what another rule's alert keeps quiet `inhibited`;
7. otherwise it is told: `first`, or `repeat` when it was told before.

A rule with a condition over time has an alert for each group of its articles (see `streams.alert.counting`). Until
enough have come together it is `below_threshold`; afterwards the steps are the same, with `higher_severity` and
`number_grown`, for a count that has grown by a step, as the only developments.

An update of an article belongs to the alert that holds the article. Where that was told, what is new is told however
old the article is, and nothing else: then it is a `duplicate`, never a `repeat`, which says that others still report.
A condition over time does not count it once more.

Only telling starts the time of `repeat_after`, and only what was told is not new any more. What was merely recorded
(backlog, shadow, unrouted, silenced, inhibited) has not reached anybody, so it never holds back a later, fresh report:
repeat rather than lose. An article without a date is taken for fresh, for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType

from streams.alert import counting
from streams.alert.copies import WINDOW as COPIED_WITHIN
from streams.alert.happenings import (
    ORIGIN_STEPS,
    agreement_with,
    differ,
    has_grown,
    new_values,
)
from streams.alert.inhibition import inhibitor_of
from streams.alert.outline import outline_of
from streams.alert.policy import Policy
from streams.alert.report import PLACE, Report
from streams.alert.ruling import Known, Ruling, ruling_on
from streams.alerts import AlertRecord, Reason, alert_id
from streams.messages import Match, RuleMatch, Severity, Unit, Window
from streams.ports import ArticleStatus
from streams.windows import Absence, WindowCount, WindowState

NOWHERE: Mapping[str, Reason] = MappingProxyType({})
"""Of an article that has not come before."""
_AN_INSTANT = timedelta(microseconds=1)

_STATUS = {
    **{reason: ArticleStatus.ALERTED for reason in Reason if reason.told},
    Reason.BACKLOG: ArticleStatus.BACKLOG,
    Reason.UNROUTED: ArticleStatus.UNROUTED,
    Reason.SILENCED: ArticleStatus.SILENCED,
    Reason.INHIBITED: ArticleStatus.INHIBITED,
    Reason.BELOW_THRESHOLD: ArticleStatus.BELOW_THRESHOLD,
    Reason.COOLDOWN: ArticleStatus.COOLDOWN,
    Reason.DUPLICATE: ArticleStatus.DUPLICATE,
    Reason.SHADOW: ArticleStatus.SHADOW,
}
"""The status each reason argues for, strongest first: an article whose rules differ takes the first that occurs."""
_SEVERITIES = list(Severity)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for one article: its story, a ruling for each rule that fired, and how the article ends."""

    article: str
    story: str
    rulings: tuple[Ruling, ...]
    status: ArticleStatus
    revision: int = 1


def alert_of(report: Report, records: Iterable[AlertRecord], held_by: Mapping[str, Reason] = NOWHERE) -> str:
    """The alert to which one rule's match belongs, its story being known.

    It is the rule's alert that holds the article in what it said before, or began with the story, or has it among its
    origins (that which was joined last, if several have), or else that of the same happening, the one that agrees best
    where there are several, or else one of its own.
    """
    rule, story, seen = report.fired.rule, report.match.story, report.match.seen_at
    own = alert_id(rule, story)
    of_rule = [record for record in records if record.rule == rule]
    for record in of_rule:
        if record.id in held_by:
            return record.id
    if any(record.id == own for record in of_rule):
        return own
    copied = [record for record in of_rule if story in record.happening.origins]
    near = [(record.last_seen_at, record.id) for record in copied if abs(seen - record.last_seen_at) <= COPIED_WITHIN]
    if near:
        return max(near)[1]
    said = outline_of(report)
    points = ((agreement_with(record, said, seen_at=seen), record) for record in of_rule)
    alike = [(agreed, record.last_seen_at, record.id, record) for agreed, record in points if agreed is not None]
    best = (record.id for *_, record in sorted(alike, reverse=True) if not differ(record, said, seen_at=seen))
    return next(best, own)


def decide(
    match: Match, records: Mapping[str, AlertRecord], policy: Policy, *, held_by: Mapping[str, Reason] = NOWHERE
) -> Decision:
    """The decision on a match.

    Args:
        match: what fired; its `story` is that of which it is a copy (see `streams.alert.copies`).
        records: what is remembered of the alerts to which it may belong, by id.
        policy: what else it depends on.
        held_by: the ids of alerts which an update's article has joined before, in what it said then, and why as it did.
    """
    known, rulings = dict(records), list[Ruling]()
    for fired in _in_order(match.rules, policy):
        for ruling in _rulings_on(Report.of(match, fired), known, policy, held_by):
            rulings.append(ruling)
            known[ruling.record.id] = ruling.record
    reasons = {ruling.reason for ruling in rulings}
    status = next((status for reason, status in _STATUS.items() if reason in reasons), ArticleStatus.NO_MATCH)
    return Decision(match.article.id, match.story, tuple(rulings), status, match.article.revision)


def _in_order(rules: Iterable[RuleMatch], policy: Policy) -> Iterator[RuleMatch]:
    """Those that keep others quiet first, since both may fire on one article; of a circle, the first."""
    left = list(rules)
    while left:
        names = {fired.rule for fired in left}
        free = (fired for fired in left if names.isdisjoint(policy.sources_for(fired.rule)))
        fired = next(free, left[0])
        left.remove(fired)
        yield fired


def reason_for(report: Report, record: AlertRecord | None, policy: Policy) -> Reason:
    """Why one rule's match is told or not; see the module for the order."""
    match, fired = report.match, report.fired
    if fired.shadow:
        return Reason.SHADOW
    told_at = record.told_at if record else None
    wanted = Reason.FIRST
    updates = match.article.update is not None and told_at is not None
    if record is not None and told_at is not None:
        wanted = development_in(record, report) or Reason.REPEAT
        if wanted is Reason.REPEAT and updates:
            return Reason.DUPLICATE
        # Not later than told at all: the article that was told comes again, whatever `repeat_after` says.
        if wanted is Reason.REPEAT and match.seen_at - told_at < max(fired.repeat_after, _AN_INSTANT):
            if not record.newcomers(policy.receivers_of(match, fired)):
                return Reason.DUPLICATE if match.story in record.happening.origins else Reason.COOLDOWN
            wanted = Reason.FIRST
    # What an article of last week says since today is news, to those who were told what it said.
    if policy.takes_for_archive(match) and not (updates and not match.article.backlog):
        return Reason.BACKLOG
    return wanted if policy.receivers_of(match, fired) else Reason.UNROUTED


def development_in(record: AlertRecord, report: Report) -> Reason | None:
    """What the match adds to an alert that was told: the weightiest of what is new, None where nothing is."""
    happening, match, fired = record.happening, report.match, report.fired
    fresh = [slot for slot in fired.new_if if new_values(happening, report, slot)]
    independent = len({*happening.origins, match.story})
    news = {
        Reason.HIGHER_SEVERITY: _is_higher(fired.severity, record),
        Reason.NUMBER_GROWN: has_grown(happening, report),
        Reason.NEW_PLACE: PLACE in fresh,
        Reason.NEW_ACTOR: any(slot != PLACE for slot in fresh),
        Reason.NEW_ORIGIN: independent > len(happening.origins) and independent in ORIGIN_STEPS,
    }
    return next((reason for reason, there in news.items() if there), None)


def _is_higher(severity: Severity, record: AlertRecord) -> bool:
    return _SEVERITIES.index(severity) > _SEVERITIES.index(record.severity)


def _rulings_on(
    report: Report, records: Mapping[str, AlertRecord], policy: Policy, held_by: Mapping[str, Reason]
) -> Iterator[Ruling]:
    if report.fired.window is None:
        id_ = alert_of(report, records.values(), held_by)
        known = Known(id_, records.get(id_), _inhibitor(report, records, policy), id_ in held_by)
        yield ruling_on(report, known, reason_for(report, known.record, policy), policy)
        return
    for id_ in window_alerts_of(report, report.fired.window):
        known = Known(id_, records.get(id_), _inhibitor(report, records, policy), id_ in held_by)
        counted = held_by.get(id_, Reason.BACKLOG) is not Reason.BACKLOG and report.fired.window.unit is not Unit.STEPS
        yield _counted_ruling(report, known, report.fired.window, policy, counted=counted)


def _inhibitor(report: Report, records: Mapping[str, AlertRecord], policy: Policy) -> str:
    found = inhibitor_of(report, records.values(), policy.inhibitions)
    return found.id if found else ""


def window_alerts_of(report: Report, window: Window) -> list[str]:
    """The alerts of a rule with a condition over time for which a match counts, one for each group."""
    return list(_groups_of(report, window))


def _groups_of(report: Report, window: Window) -> dict[str, str]:
    """The values of the slot for which a match counts, by their alerts; "" where there is none."""
    groups = counting.groups_of(window, report.values)
    return {alert_id(report.fired.rule, f"window {group}"): group for group in groups}


def _said_of(count: WindowCount, report: Report, window: Window, alert: str) -> WindowCount:
    """The count with the name of what it is of."""
    group = _groups_of(report, window).get(alert)
    return count.model_copy(update={"of": report.name_of(window.by, group)}) if window.by and group else count


def _counted_ruling(report: Report, known: Known, window: Window, policy: Policy, *, counted: bool) -> Ruling:
    """The ruling for one group; `counted` says that the article is an update of one that has been counted."""
    if policy.takes_for_archive(report.match):
        return ruling_on(report, known, Reason.BACKLOG, policy)
    if counted:
        return ruling_on(report, known, _reason_for_counted(report.fired, known.record), policy)
    before = (known.record.window if known.record else None) or WindowState()
    item = counting.counted(report.match, window)
    state = counting.with_article(before, item, window)
    count = _said_of(counting.count_at(state, item, window), report, window, known.id)
    if window.usual is not None:
        reason = Reason.SHADOW if report.fired.shadow else Reason.BELOW_THRESHOLD
        at = counting.silent_at(state, window, report.match.seen_at)
        match = report.match.model_copy(update={"rules": (report.fired,)})
        absence = Absence(at=at, match=match) if at else None
        return replace(ruling_on(report, known, reason, policy, counting=(state, count)), watches=True, absence=absence)
    if report.fired.shadow:
        reason = Reason.SHADOW
    elif not counting.is_met(count, window):
        reason = Reason.BELOW_THRESHOLD
    else:
        again, receivers = counting.has_article(before, item), policy.receivers_of(report.match, report.fired)
        reason = _reason_for_count(report, known.record, before, count, again=again)
        reason = _reason_by_receivers(reason, known.record, receivers, again=again)
    return ruling_on(report, known, reason, policy, counting=(state, count))


def _reason_for_counted(fired: RuleMatch, record: AlertRecord | None) -> Reason:
    """Of an update of an article that has been counted: as one it counts no further time."""
    if fired.shadow:
        return Reason.SHADOW
    return Reason.DUPLICATE if record and record.told_at else Reason.BELOW_THRESHOLD


def decide_absence(absence: Absence, record: AlertRecord, policy: Policy) -> Ruling:
    """The ruling on a group in which no article has come by then; the clock is the absence's own."""
    match = absence.match.model_copy(update={"seen_at": absence.at})
    (fired,) = match.rules
    report, state = Report.of(match, fired), record.window or WindowState()
    assert fired.window is not None  # noqa: S101  # it is what makes an absence
    reason = Reason.FIRST
    if record.told_at is not None:
        reason = Reason.REPEAT if absence.at - record.told_at >= fired.repeat_after else Reason.COOLDOWN
    reason = _reason_by_receivers(reason, record, policy.receivers_of(match, fired))
    reason = Reason.SHADOW if fired.shadow else reason
    count = _said_of(counting.silence_at(state, fired.window, absence.at), report, fired.window, record.id)
    ruling = ruling_on(report, Known(record.id, record), reason, policy, counting=(state, count))
    # No article has joined.
    after = ruling.record.model_copy(update={"articles": record.articles, "last_seen_at": record.last_seen_at})
    return replace(ruling, record=after, watches=True)


def _reason_by_receivers(
    reason: Reason, record: AlertRecord | None, receivers: tuple[str, ...], *, again: bool = False
) -> Reason:
    """Of what is counted: nobody may be there to be told, or somebody who has not been told what others were.

    What counted before, and comes `again`, is no news for anybody.
    """
    if reason in {Reason.COOLDOWN, Reason.DUPLICATE} and not again and record and record.newcomers(receivers):
        return Reason.FIRST
    return reason if receivers or not reason.told else Reason.UNROUTED


def _reason_for_count(
    report: Report, record: AlertRecord | None, before: WindowState, count: WindowCount, *, again: bool
) -> Reason:
    match = report.match
    if record is None or record.told_at is None:
        return Reason.FIRST
    if again:
        return Reason.DUPLICATE
    if _is_higher(report.fired.severity, record):
        return Reason.HIGHER_SEVERITY
    # Told by a clock far ahead, it was long ago for all we know.
    if abs(match.seen_at - record.told_at) >= max(report.fired.repeat_after, _AN_INSTANT):
        return Reason.REPEAT
    if counting.has_grown(count, before):
        return Reason.NUMBER_GROWN
    return Reason.DUPLICATE if any(match.story == old.story for old in before.items) else Reason.COOLDOWN
