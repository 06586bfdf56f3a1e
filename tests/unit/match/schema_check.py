"""Checks plain data against the part of JSON Schema that the rules' schemas use; anything else in one is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}
_NOTES = {"$schema", "$defs", "title", "description", "default", "format"}


def faults(data: Any, schema: dict[str, Any], root: dict[str, Any] | None = None) -> list[str]:
    """What is wrong with the data; Any, because both are JSON."""
    root = root or schema
    unknown = set(schema) - _NOTES - set(_RULES)
    assert not unknown, unknown
    if "type" in schema and not isinstance(data, _TYPES[schema["type"]]):
        return [f"type: {data!r:.60}"]
    found = [f"{key}: {data!r:.60}" for key in schema if key in _RULES and not _RULES[key](data, schema, root)]
    for key, part in _parts(data, schema):
        found += [f"{key}.{fault}" for fault in faults(data[key], part, root)]
    return found


def _parts(data: Any, schema: dict[str, Any]) -> list[tuple[Any, dict[str, Any]]]:
    if isinstance(data, list):
        prefix = schema.get("prefixItems", [])
        return [(i, prefix[i] if i < len(prefix) else schema.get("items", {})) for i in range(len(data))]
    if not isinstance(data, dict):
        return []
    known = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    found = []
    for key in data:
        matching = [part for pattern, part in patterns.items() if re.search(pattern, key)]
        rest = schema.get("additionalProperties", {})
        found.append((key, known[key] if key in known else (matching or [rest if isinstance(rest, dict) else {}])[0]))
    return found


def _referred(data: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    return not faults(data, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)


def _closed(data: Any, schema: dict[str, Any], _root: dict[str, Any]) -> bool:
    return schema["additionalProperties"] is not False or set(data) <= set(schema.get("properties", {}))


_RULES: dict[str, Callable[[Any, dict[str, Any], dict[str, Any]], bool]] = {
    "$ref": _referred,
    "anyOf": lambda data, schema, root: any(not faults(data, one, root) for one in schema["anyOf"]),
    "type": lambda *_: True,
    "enum": lambda data, schema, _: data in schema["enum"],
    "required": lambda data, schema, _: set(schema["required"]) <= set(data),
    "additionalProperties": _closed,
    "properties": lambda *_: True,
    "patternProperties": lambda *_: True,
    "items": lambda *_: True,
    "prefixItems": lambda *_: True,
    "minItems": lambda data, schema, _: len(data) >= schema["minItems"],
    "maxItems": lambda data, schema, _: len(data) <= schema["maxItems"],
    "minProperties": lambda data, schema, _: len(data) >= schema["minProperties"],
    "minLength": lambda data, schema, _: not isinstance(data, str) or len(data) >= schema["minLength"],
    "pattern": lambda data, schema, _: not isinstance(data, str) or bool(re.search(schema["pattern"], data)),
    "minimum": lambda data, schema, _: not isinstance(data, int) or data >= schema["minimum"],
    "maximum": lambda data, schema, _: not isinstance(data, int) or data <= schema["maximum"],
}
