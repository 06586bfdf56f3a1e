"""Filters as an analyst writes them: on which articles a rule is evaluated at all."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from streams.match.file_models import Duration, FileModel, Language, Text, as_list, as_member

Few = Annotated[tuple[Text, ...], BeforeValidator(as_list), Field(min_length=1)]


class Unknown(StrEnum):
    """What becomes of an article that does not say what a filter asks."""

    PASS = "pass"  # noqa: S105  # no password
    STOP = "stop"


class FilterLists(FileModel):
    """Lists of which the article has to be in one each, or must not be in any."""

    languages: Annotated[tuple[Language, ...], BeforeValidator(as_list), Field(min_length=1)] | None = None
    sources: Few | None = None
    countries: Few | None = None
    tags: Few | None = None
    sections: Few | None = None


class Filters(FilterLists):
    """The articles that a rule looks at. `none`: those that it does not, though they pass the rest.

    What an article does not say passes, unless `unknown` is stop; `none` leaves out only what it says.
    """

    max_age: Duration | None = None
    none: FilterLists | None = None
    unknown: Annotated[Unknown, BeforeValidator(as_member(Unknown))] = Unknown.PASS

    @model_validator(mode="after")
    def _leaves_something(self) -> Filters:
        barred = self.none or FilterLists()
        asked = 0
        for key in FilterLists.model_fields:
            wanted, unwanted = getattr(self, key), getattr(barred, key)
            asked += bool(wanted) + bool(unwanted)
            if wanted and unwanted and {one.casefold() for one in wanted} <= {one.casefold() for one in unwanted}:
                raise ValueError(f"none takes away all {key} that pass: no article is left")
        if not asked and self.max_age is None:
            raise ValueError("says nothing: write languages, sources, countries, tags, sections, max_age or none")
        return self


class ExampleFacts(FileModel):
    """What is known of an example's article besides its language."""

    source: Text | None = None
    country: Text | None = None
    tags: Few | None = None
    section: Text | None = None
    age: Duration | None = None
