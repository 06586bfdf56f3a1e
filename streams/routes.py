"""Who is told of an alert: a tree of routes, walked from the top as Alertmanager walks its own.

A route takes an alert that has everything its `match` asks for. It hands it to the first of its own `routes` that
takes it, and to those after it as long as each says `continue`; when none does, the alert goes to the route's own
receivers. A route without `receivers` has those of the route it is in. What no route takes goes to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple
from unicodedata import normalize

from pydantic import BeforeValidator, Field, model_validator

from streams.messages import ArticleHead, RuleMatch, Severity
from streams.sections import Section

_SEVERITIES = list(Severity)
EVERY_RULE = "*"


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Name = Annotated[str, Field(min_length=1)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_listed), Field(min_length=1)]
"""One name or several, of which one has to be the alert's."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What routes look at in an alert. `slots` holds all the names of each slot's values, as `names_of` gives them."""

    rule: str
    severity: Severity
    tags: frozenset[str] = frozenset()
    slots: Mapping[str, frozenset[str]] = field(default_factory=dict)
    language: str | None = None
    source: str | None = None
    country: str | None = None

    @classmethod
    def of(cls, article: ArticleHead, fired: RuleMatch) -> Subject:
        """What fired on an article, as routes see it."""
        return cls(
            rule=fired.rule,
            severity=fired.severity,
            tags=_folded(fired.tags),
            slots={slot: names for slot in fired.slots if (names := names_of(fired, slot))},
            language=article.language,
            source=article.source,
            country=article.country,
        )


def names_of(fired: RuleMatch, slot: str) -> frozenset[str]:
    """Every name that a slot's values go by: the words, the canonical name, the code, and the places it lies in."""
    names = set(fired.slots.get(slot, ()))
    for entity in fired.entities.get(slot, ()):
        names |= {entity.text, entity.name, entity.code or "", *entity.path[1:], *entity.around}
    return _folded(filter(None, names))


class Matchers(Section):
    """What an alert must have; of each list one. `severity` is the least, `slots` are names or gazetteer ids.

    A language takes those of its regions: `ar` takes `ar-SY`, as the filters of rules do.
    """

    rules: Names | None = None
    tags: Names | None = None
    severity: Severity | None = None
    slots: dict[str, Names] = Field(default={})
    languages: Names | None = None
    sources: Names | None = None
    countries: Names | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Matchers:
        if not any(getattr(self, key) for key in Matchers.model_fields):
            raise ValueError("asks nothing: leave `match` out for a route that takes every alert")
        return self

    @property
    def by_rule_alone(self) -> bool:
        """Whether a rule's file is all one needs to know to tell."""
        return not (self.slots or self.languages or self.sources or self.countries)

    def unmet(self, alert: Subject) -> str | None:
        """What the alert lacks first, in words; None when it has everything."""
        return next(self._unmet(alert), None) or next(self._unmet_by_article(alert), None)

    def unmet_by_rule(self, alert: Subject) -> str | None:
        """What the alert's rule lacks, whatever the article is."""
        return next(self._unmet(alert), None)

    def _unmet(self, alert: Subject) -> Iterator[str]:
        if self.rules and alert.rule not in self.rules:
            yield f"the rule is {alert.rule}, not {_either(self.rules)}"
        if self.tags and not alert.tags & _folded(self.tags):
            yield f"the rule has no tag {_either(self.tags)}"
        if self.severity and _SEVERITIES.index(alert.severity) < _SEVERITIES.index(self.severity):
            yield f"its severity is {alert.severity.value}, less than {self.severity.value}"

    def _unmet_by_article(self, alert: Subject) -> Iterator[str]:
        for slot, names in self.slots.items():
            if not alert.slots.get(slot, frozenset()) & _folded(names):
                yield f"`{slot}` names no {_either(names)}"
        facts: tuple[tuple[str, str | None, tuple[str, ...] | None], ...] = (
            ("language", alert.language, self.languages),
            ("source", alert.source, self.sources),
            ("country", alert.country, self.countries),
        )
        for word, value, wanted in facts:
            said = {value or "", (value or "").partition("-")[0]} if word == "language" else {value or ""}
            if wanted and not _folded(said) & _folded(wanted):
                yield f"its {word} is {value or 'not known'}, not {_either(wanted)}"


class Route(Section):
    """One node of the tree; see the module for how it is walked."""

    match: Matchers | None = None
    receivers: Annotated[tuple[str, ...], BeforeValidator(_listed)] | None = None
    goes_on: Annotated[bool, Field(alias="continue")] = False
    routes: tuple[Route, ...] = ()

    def unmet(self, alert: Subject) -> str | None:
        """What keeps the alert from this route, in words; None when it is taken."""
        return self.match.unmet(alert) if self.match else None


class AlertExample(Section):
    """An alert as an example or a command describes it. Severity and tags are the rule's own where it is known."""

    rule: str
    severity: Severity | None = None
    tags: Names | None = None
    slots: dict[str, Names] = Field(default={})
    language: str | None = None
    source: str | None = None
    country: str | None = None

    def subject(self, rules: Mapping[str, Subject], names: Callable[[str], Iterable[str]] = lambda _: ()) -> Subject:
        """The alert as routes see it.

        `rules` is what they see of each rule before any article, and `names` gives what else something goes by that
        fills a slot, as `names_of` does.
        """
        rule = rules.get(self.rule, Subject(self.rule, Severity.MEDIUM))
        return Subject(
            rule=self.rule,
            severity=self.severity or rule.severity,
            tags=rule.tags if self.tags is None else _folded(self.tags),
            slots={
                slot: _folded(name for one in said for name in (one, *names(one))) for slot, said in self.slots.items()
            },
            language=self.language,
            source=self.source,
            country=self.country,
        )


class RouteExample(Section):
    """An alert and who is to be told of it, in any order; `marsad check` says where the routes disagree."""

    alert: AlertExample
    receivers: Annotated[tuple[str, ...], BeforeValidator(_listed)]


ByRule = dict[str, Annotated[tuple[str, ...], BeforeValidator(_listed)]]
"""The short form: receivers by rule, and under `*` those of every rule without a line of its own."""


class Step(NamedTuple):
    """What became of an alert at one route: `unmet` says why it was not taken, `told` who is told by it.

    `path` are the places in the lists of routes, outermost first.
    """

    path: tuple[int, ...]
    route: Route
    unmet: str | None
    told: tuple[str, ...]


def tree_of(routes: ByRule | tuple[Route, ...]) -> tuple[Route, ...]:
    """The routes as a tree, whichever way they are written."""
    if isinstance(routes, tuple):
        return routes
    named = [rule for rule in routes if rule != EVERY_RULE]
    tree = [Route(match=Matchers(rules=(rule,)), receivers=routes[rule]) for rule in named]
    return (*tree, Route(receivers=routes[EVERY_RULE])) if EVERY_RULE in routes else tuple(tree)


def receivers_for(routes: Iterable[Route], alert: Subject) -> tuple[str, ...]:
    """Who is told of the alert, each once, in the order of the tree."""
    return tuple(dict.fromkeys(name for step in walk(routes, alert) for name in step.told))


def walk(routes: Iterable[Route], alert: Subject) -> tuple[Step, ...]:
    """Every route that the alert came to, in order, with what became of it there."""
    return tuple(_walk(routes, alert, (), ()))


def _walk(routes: Iterable[Route], alert: Subject, path: tuple[int, ...], inherited: tuple[str, ...]) -> Iterator[Step]:
    for index, route in enumerate(routes):
        unmet = route.unmet(alert)
        if unmet is not None:
            yield Step((*path, index), route, unmet, ())
            continue
        own = inherited if route.receivers is None else route.receivers
        inner = tuple(_walk(route.routes, alert, (*path, index), own))
        taken = any(step.unmet is None for step in inner)
        yield Step((*path, index), route, None, () if taken else own)
        yield from inner
        if not route.goes_on:
            return


def reaching(routes: Iterable[Route], path: tuple[int, ...], rules: Iterable[Subject]) -> tuple[str, ...]:
    """The rules of which an alert can come to the route at `path`, whatever the article says.

    A rule's alert ends at a route for certain when nothing but the rule is asked for there and it does not go on.
    """
    routes = tuple(routes)
    return tuple(rule.rule for rule in rules if any(path == there for there, _ in _reached(routes, rule, (), ())))


def can_be_told(routes: Iterable[Route], rule: Subject) -> bool:
    """Whether any alert of the rule, whatever the article says, would be told to somebody."""
    return any(receivers for _, receivers in _reached(routes, rule, (), ()))


def paths_of(routes: Iterable[Route], path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Route]]:
    """Every route of the tree with its path, in order."""
    for index, route in enumerate(routes):
        yield (*path, index), route
        yield from paths_of(route.routes, (*path, index))


def _reached(
    routes: Iterable[Route], rule: Subject, path: tuple[int, ...], inherited: tuple[str, ...]
) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
    for index, route in enumerate(routes):
        if route.match and route.match.unmet_by_rule(rule):
            continue
        own = inherited if route.receivers is None else route.receivers
        taken = any(_surely_takes(inner, rule) for inner in route.routes)
        yield (*path, index), () if taken else own
        yield from _reached(route.routes, rule, (*path, index), own)
        if not route.goes_on and (route.match is None or route.match.by_rule_alone):
            return


def _surely_takes(route: Route, rule: Subject) -> bool:
    """Whether the route takes every alert of the rule, whatever the article says."""
    asked = route.match
    return asked is None or (asked.by_rule_alone and asked.unmet_by_rule(rule) is None)


def folded(name: str) -> str:
    """The name as it is compared: neither capitals nor the way in which its marks are encoded make a difference."""
    return normalize("NFC", name).casefold()


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(folded, names))


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)
