"""What the models of all files under rules/ are made of: strictness, short forms, and kinds of values."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from difflib import get_close_matches
from enum import Enum, StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from streams.units import parse_span

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class FileModel(BaseModel):
    """A part of a rule file: frozen, and strict about keys, because a mistyped key would silently change a rule."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Short(Enum):
    """A short form that a validator takes too, for the JSON Schema: editors should not mark it as wrong."""

    TEXT = "a string"
    ITEM = "one item in place of a list"
    TERMS = "the terms of a slot alone"
    NAMES = "the names of an entry alone, as a list"

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Either the short form or what the model says."""
        whole = handler(core)
        if self is Short.TEXT:
            return {"anyOf": [{"type": "string", "minLength": 1}, whole]}
        if self is Short.ITEM:
            return {"anyOf": [whole["items"], whole]}
        key = "terms" if self is Short.TERMS else "name"
        return {"anyOf": [handler.resolve_ref_schema(whole)["properties"][key], whole]}


def is_id(text: str) -> bool:
    """Whether a text can be the id of a rule, concept, gazetteer or entry."""
    return bool(_ID.fullmatch(text))


def is_language(text: str) -> bool:
    """Whether a text is the code of a language as files and commands name it: ar, en, ckb."""
    return bool(_LANGUAGE.fullmatch(text))


def _as_id(value: Any) -> Any:
    if isinstance(value, str) and not is_id(value):
        raise ValueError(f"{value!r} is no id: use small letters a-z, digits and single hyphens")
    return value


def as_tuple(value: Any) -> Any:
    """One value, or a list of them."""
    return tuple(value) if isinstance(value, list) else (value,)


def as_list(value: Any) -> Any:
    """A list as the tuple that frozen models hold; anything else is left for pydantic to refuse."""
    return tuple(value) if isinstance(value, list) else value


def as_member(kind: type[StrEnum]) -> Callable[[Any], Any]:
    """A validator that takes one of the words of an enumeration, and says which there are."""

    def validate(value: Any) -> Any:
        known = [member.value for member in kind]
        if value is None:
            raise ValueError(f"write one of {', '.join(known)} here")
        if value in known:
            return kind(value)
        close = get_close_matches(str(value), known, n=1)
        meant = f"; did you mean {close[0]}?" if close else ""
        raise ValueError(f"{value!r} is none of {', '.join(known)}{meant}")

    return validate


Id = Annotated[str, BeforeValidator(_as_id), WithJsonSchema({"type": "string", "pattern": f"^{_ID.pattern}$"})]
Duration = Annotated[
    timedelta,
    BeforeValidator(parse_span),
    WithJsonSchema({"type": "string", "pattern": r"^\s*([0-9]+(\.[0-9]+)?\s*(ms|s|m|h|d)\s*)+$"}),
]
Language = Annotated[str, Field(pattern=f"^{_LANGUAGE.pattern}$")]
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(as_list)]
Scopes = Annotated[tuple[Text, ...], BeforeValidator(as_tuple), Short.ITEM]
