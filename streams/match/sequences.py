"""Rules that speak after others: what is wrong with them, and the steps that an article is of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from streams.errors import Problem
from streams.located_yaml import Document, Loc
from streams.match.alert_settings import After
from streams.match.rule_files import RuleFile, Status
from streams.messages import RuleMatch

Followers = Mapping[str, tuple[tuple[RuleFile, int], ...]]
"""By rule, the rules that speak after it, each with the step at which it comes."""


def check_sequences(
    rules: Mapping[str, RuleFile],
    documents: Mapping[tuple[str, str], Document],
    broken: Iterable[tuple[str, str]],
) -> Iterator[Problem]:
    """The rules that others speak after are there, are others, are not off, and have the slot that joins them."""
    unread = {name for model, name in broken if model == "RuleFile"}
    for rule in rules.values():
        if after := rule.alert.after:
            document = documents["RuleFile", rule.id]
            for index, name in enumerate(after.rules):
                if name in rules or name not in unread:
                    yield from _check(rule.id, after, rules, document, ("alert", "after", "rules", index))


def _check(own: str, after: After, rules: Mapping[str, RuleFile], document: Document, loc: Loc) -> Iterator[Problem]:
    name = after.rules[int(loc[-1])]
    if name == own:
        yield document.problem(loc, "the rule comes after itself", "name other rules: it is the last", code="circle")
    elif name not in rules:
        close = get_close_matches(name, sorted(rules), n=1)
        hint = f"did you mean {close[0]!r}?" if close else ""
        yield document.problem(loc, f"unknown rule {name!r}", hint, code="unknown-rule")
    elif rules[name].status is Status.OFF:
        yield document.problem(loc, f"the rule {name!r} is off: its articles never come", code="bad-value")
    elif after.by is not None and after.by not in rules[name].slots:
        hint = "give it one, or join them by another slot"
        yield document.problem(loc, f"the rule {name!r} has no slot {after.by!r}", hint, code="unknown-slot")


def followers_of(rules: Iterable[RuleFile]) -> Followers:
    """The rules that speak after others, by those."""
    found: dict[str, list[tuple[RuleFile, int]]] = {}
    for rule in rules:
        if rule.alert.after and rule.status is not Status.OFF:
            for step, name in enumerate(rule.alert.after.rules):
                found.setdefault(name, []).append((rule, step))
    return {name: tuple(steps) for name, steps in found.items()}


def steps_of(fired: RuleMatch, followers: Followers) -> Iterator[RuleMatch]:
    """What a rule's match is for the rules that speak after it: one that counts for theirs, with its own words."""
    for rule, step in followers.get(fired.rule, ()):
        window = rule.alert.window
        if window is not None:
            yield fired.model_copy(
                update={
                    "rule": rule.id,
                    "title": rule.title,
                    "severity": rule.severity,
                    "shadow": rule.status is Status.SHADOW,
                    "tags": rule.tags,
                    "event": rule.event.type,
                    "repeat_after": rule.alert.repeat_after,
                    "new_if": (),
                    "window": window.model_copy(update={"step": step}),
                }
            )
