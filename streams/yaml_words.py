"""What pydantic finds wrong with a file, in words of YAML and of who wrote the file. Pure."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import ErrorDetails

_SHAPES: Final = {
    "model_type": "write keys and values here",
    "model_attributes_type": "write keys and values here",
    "dict_type": "write keys and values here",
    "tuple_type": "write a list here",
    "list_type": "write a list here",
    "string_type": "write text here, in quotes if need be",
    "string_too_short": "write something here",
    "bool_type": "write true or false here",
    "int_type": "write a whole number here",
    "float_type": "write a number here",
}
_SIZES: Final = {
    "greater_than_equal": "write {ge} or more here",
    "greater_than": "write more than {gt} here",
    "less_than_equal": "write {le} or less here",
    "less_than": "write less than {lt} here",
    "too_short": "write at least {min_length} here",
    "too_long": "write at most {max_length} here",
}


_SYNTAX: Final = (
    ("mapping values are not allowed", "put a text with a colon in quotes; a key's colon has a blank behind it"),
    ("expected ',' or", "close the bracket, or put the text before this place in quotes"),
    ("expected node content", "write what is missing here, or take a comma out"),
    ("cannot start any token", "put the text in quotes"),
    ("unknown escape character", "write single quotes: in double ones a backslash begins a special character"),
    (
        "could not find expected ':'",
        "a key has a colon and a blank behind it, an item of a list a dash and a blank before",
    ),
    ("unexpected end of stream", "close the quotation mark"),
    (
        "did not find expected key",
        "begin the line below the keys that it stands with, or write a text before it in quotes",
    ),
    ("block end", "begin the line below what it stands with"),
    ("expected '-'", "begin each item of the list below the first"),
)
"""What stands in YAML's own messages, and what to do about it most often."""


def syntax_hint(message: str | None) -> str:
    """What to do where YAML itself says that something is wrong; "" where that may be many things."""
    return next((hint for said, hint in _SYNTAX if said in (message or "")), "")


def in_words(item: ErrorDetails) -> str:
    """One error, as what to write in its place; as pydantic says it where nothing better is known."""
    told = item["msg"].removeprefix("Value error, ")
    size = _SIZES[item["type"]].format_map(item["ctx"]) if item["type"] in _SIZES else ""
    if size and "timedelta" not in size:  # of spans pydantic's own words are better
        return size
    return _SHAPES.get(item["type"], told)


def nearest(word: str, known: Collection[str]) -> str:
    """A hint at the known word that is most like this one; "" when none is like it."""
    if word in known:
        return "it belongs elsewhere: see how far right it begins"
    close = get_close_matches(word, sorted(known), n=1)
    return f"did you mean {close[0]!r}?" if close else ""


@cache
def keys_of(model: type[BaseModel]) -> frozenset[str]:
    """All keys that may stand anywhere in such a file."""
    schema: dict[str, Any] = model.model_json_schema()
    parts = (schema, *schema.get("$defs", {}).values())
    return frozenset(key for part in parts for key in part.get("properties", {}))
