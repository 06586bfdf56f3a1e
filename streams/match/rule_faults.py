"""What is wrong with the shape of a rule file, in an analyst's words, and what the file is without that.

The first fault of a file does not hide the others: what is left when the faulty parts are taken out is looked at like
any other file (`streams.match.rule_checks`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from streams.errors import Problem
from streams.located_yaml import Document, Loc, spelled
from streams.match.file_models import FileModel
from streams.yaml_words import in_words, keys_of, nearest

ModelT = TypeVar("ModelT", bound=FileModel)
_EXAMPLE_KEYS = ("examples", "fires", "silent")
_FILLED_IN: Final[dict[str, Any]] = {
    "id": "x",
    "title": "x",
    "status": "off",
    "severity": "low",
    "languages": ["en"],
    "match": "x",
    "alert": {"repeat_after": "1h"},
    "examples": {
        "fires": [{"lang": "en", "text": "x"}],
        "silent": [{"lang": "en", "text": "x", "because": "x"}],
    },
}
"""For keys that every rule needs."""
_WORD: Final = "x"
_ROUNDS: Final = 8
"""How often faulty parts are taken out; each time what they stand in may be wrong without them."""
_MOST: Final = 20
"""Faults of a file above which it is left alone: it is no rule at all, and may be large."""


def problems_of(error: ValidationError, document: Document, model: type[FileModel]) -> Iterator[Problem]:
    """Each of pydantic's errors at its place, in an analyst's words."""
    for item in error.errors(include_url=False, include_input=False):
        loc = _written(item["loc"], document.data)
        path = spelled(loc)
        message, hint, code = in_words(item), "", "bad-value"
        if item["type"] == "extra_forbidden":
            message, path, code = f"unknown key '{path}'", "", "unknown-key"
            hint = nearest(str(item["loc"][-1]), keys_of(model))
        elif item["type"] == "missing":
            message, path, code = f"key {spelled(item['loc'])!r} is missing", "", "missing-key"
            if item["loc"][-1] in _EXAMPLE_KEYS:
                code = "missing-example"
        elif item["type"] == "string_pattern_mismatch":
            message = "write a code as it is known: a language as ar or en, an event as 1056"
        elif item["type"] == "model_type" and item["ctx"]["class_name"] == "Node":
            listed = isinstance(_value(document.data, loc), list)
            message = (
                f"write {'all: or any: before this list' if listed else 'words in quotes, or keys and values, here'}"
            )
        yield document.problem(loc, f"{path}: {message}" if path else message, hint, code=code)


def _written(loc: Sequence[str | int], data: Any) -> Loc:
    """The steps of pydantic's path that are there in the file: models add steps for short forms that were filled in."""
    steps: list[str | int] = []
    for step in loc:
        try:
            below = data[step]
        except (KeyError, IndexError, TypeError):
            continue
        if isinstance(data, str):
            continue
        data = below
        steps.append(step)
    return tuple(steps)


def _value(data: Any, loc: Loc) -> Any:
    """What stands at a place that is there; Any: YAML."""
    for step in loc:
        data = data[step]
    return data


def without_faults(error: ValidationError, document: Document, model: type[ModelT]) -> ModelT | None:
    """The file without the parts that the error is about, None where nothing sound is left.

    In lists a word stands in the place of what was taken out, so that the places of the others stay.
    """
    data = deepcopy(document.data)
    for _ in range(_ROUNDS):
        if error.error_count() > _MOST or not isinstance(data, dict):
            return None
        locs = [item["loc"] for item in error.errors(include_url=False, include_context=False, include_input=False)]
        places = [(_written(loc, data), str(loc[-1]) if loc else "") for loc in locs]
        if not all(_take_out(data, place, key) for place, key in places):
            return None
        try:
            return model.model_validate(data)
        except ValidationError as next_error:
            error = next_error
    return None


def _take_out(data: dict[str, Any], loc: Loc, key: str) -> bool:
    """Take out what is at a place, which may be gone already; whether it could be. `key` is what may be missing."""
    if not loc:
        if key not in _FILLED_IN or key in data:
            return False
        data[key] = deepcopy(_FILLED_IN[key])
        return True
    try:
        inside = _value(data, loc[:-1])
    except (KeyError, TypeError):
        return True  # gone with what it stood in
    step = loc[-1]
    if isinstance(inside, dict):
        inside.pop(step, None)
    elif not isinstance(inside, list) or not isinstance(step, int):
        return True
    elif inside[step] == _WORD:
        return _take_out(data, loc[:-1], "")
    else:
        inside[step] = _WORD
    return True
