"""When a rule speaks: at once or when enough has come together, and how soon again."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from streams.match.file_models import Duration, FileModel, Id, Text, Texts, as_list
from streams.messages import Unit, Window

MOST = 200
"""Most articles that a condition over time may ask for; as many of a group are remembered."""
LONGEST = timedelta(days=30)
LONGEST_REPEAT = timedelta(days=366)
"""An alert is remembered for twice as long."""
SHORTEST_SPIKE = timedelta(hours=1)
"""The usual is known by the hour."""
LEAST_HISTORY, LONGEST_HISTORY = timedelta(days=14), timedelta(days=84)

Many = Annotated[int, Field(ge=2, le=MOST)]


class Counting(FileModel):
    """So many of one thing within a time, for each value of the slot `by`."""

    articles: Many | None = None
    origins: Many | None = None
    within: Duration
    by: Text | None = None

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Counting:
        if len(self._asked) != 1:
            names = ", ".join(unit.value for unit in Unit if unit.value in type(self).model_fields)
            raise ValueError(f"has exactly one of {names}")
        if not timedelta() < self.within <= LONGEST:
            raise ValueError(f"within is more than nothing, and {LONGEST.days}d at most")
        return self

    @property
    def window(self) -> Window:
        """The condition as a match carries it."""
        ((unit, number),) = self._asked.items()
        return Window(at_least=number, unit=unit, within=self.within, by=self.by)

    @property
    def _asked(self) -> dict[Unit, int]:
        return {unit: number for unit in Unit if (number := getattr(self, unit.value, None)) is not None}


class Threshold(Counting):
    """So many articles, sources or origins (texts that are nobody's copy) within a time."""

    sources: Many | None = None


class Spike(Counting):
    """So many articles or origins, and `times` the usual of the same hours of the week, as `history` knows it."""

    times: Annotated[float, Field(gt=1, le=1000, strict=False)] = 3.0
    history: Duration = timedelta(days=28)

    @model_validator(mode="after")
    def _can_know_the_usual(self) -> Spike:
        _check_history(self.within, self.history)
        return self

    @property
    def window(self) -> Window:
        """The condition as a match carries it."""
        return super().window.model_copy(update={"times": self.times, "history": self.history})


class After(FileModel):
    """Articles of other rules, one after another, before one of this rule; all within a time, and of one value of `by`.

    Rules on trial, and articles that were not told, count like others.
    """

    rules: Annotated[tuple[Id, ...], BeforeValidator(as_list), Field(min_length=1, max_length=9)]
    within: Duration
    by: Text | None = None

    @model_validator(mode="after")
    def _lasts(self) -> After:
        if not timedelta() < self.within <= LONGEST:
            raise ValueError(f"within is more than nothing, and {LONGEST.days}d at most")
        return self

    @property
    def window(self) -> Window:
        """The condition as a match of the rule itself carries it: it is the last step."""
        steps = len(self.rules) + 1
        return Window(at_least=steps, unit=Unit.STEPS, within=self.within, by=self.by, step=steps - 1, after=self.rules)


class Absence(FileModel):
    """No article within a time, where as many as `usual` were to be expected by the same hours of the weeks before."""

    within: Duration
    usual: Annotated[float, Field(ge=1, le=100_000, strict=False)] = 3.0
    history: Duration = timedelta(days=28)
    by: Text | None = None

    @model_validator(mode="after")
    def _can_know_the_usual(self) -> Absence:
        _check_history(self.within, self.history)
        return self

    @property
    def window(self) -> Window:
        """The condition as a match carries it."""
        return Window(
            at_least=0,
            unit=Unit.ARTICLES,
            within=self.within,
            by=self.by,
            history=self.history,
            usual=self.usual,
        )


def _check_history(within: timedelta, history: timedelta) -> None:
    """Raises ValueError where nothing could be said of what is usual within the time."""
    if within < SHORTEST_SPIKE:
        raise ValueError("within is 1h at least: the usual is known by the hour")
    if not LEAST_HISTORY <= history <= LONGEST_HISTORY:
        raise ValueError(f"history is {LEAST_HISTORY.days}d to {LONGEST_HISTORY.days}d")
    if within * 2 > history:
        raise ValueError("within is longer than half of history: there would be no usual to compare with")


class AlertSettings(FileModel):
    """When a rule speaks: on each happening, or, with a condition over time, when enough articles come together.

    `repeat_after` is how long it is quiet about what it told, `new_if` names the slots whose new value is told at once.
    """

    repeat_after: Duration
    new_if: Texts = ()
    at_least: Threshold | None = None
    spike: Spike | None = None
    after: After | None = None
    absence: Absence | None = None

    @model_validator(mode="after")
    def _ends(self) -> AlertSettings:
        if self.repeat_after > LONGEST_REPEAT:
            raise ValueError(f"repeat_after is {LONGEST_REPEAT.days}d at most")
        return self

    @model_validator(mode="after")
    def _counts_one_way(self) -> AlertSettings:
        if sum(each is not None for each in (self.at_least, self.spike, self.after, self.absence)) > 1:
            raise ValueError("has only one of at_least, spike, after, absence")
        if self.new_if and self.counting:
            raise ValueError("new_if is for rules that tell each happening: a count tells when it has grown")
        return self

    @property
    def window(self) -> Window | None:
        """The condition over time; None where each article speaks for itself."""
        return self.counting.window if self.counting else None

    @property
    def counting(self) -> Threshold | Spike | After | Absence | None:
        """Whichever of at_least, spike, after and absence there is."""
        return self.at_least or self.spike or self.after or self.absence
