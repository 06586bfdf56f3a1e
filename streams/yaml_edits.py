"""Changes values of a mapping in YAML text and leaves all else as it stands: comments, order, ways of writing. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from streams.located_yaml import LOADER, Loc


def with_values(text: str, loc: Loc, changes: Mapping[str, Any]) -> str:
    """The text in which the mapping at `loc` has these values under these keys; a key with None is taken out.

    The text has been read before (`streams.located_yaml`), so it has no aliases. Comments within a list that is
    replaced go with it.
    """
    for key, value in changes.items():
        text = _with_value(text, loc, key, value)
    return text


def _with_value(text: str, loc: Loc, key: str, value: Any) -> str:
    mapping, at = _node_at(yaml.compose(text, Loader=LOADER), loc), _Places(text)
    pairs = {name.value: (at(name.start_mark), at(name.end_mark), at(_last(held))) for name, held in mapping.value}
    if key not in pairs:
        return text if value is None else _with_pair(text, f"{key}: {_flow(value)}", mapping, at)
    start, begin, end = pairs[key]
    end = begin + len(text[begin:end].rstrip())
    if value is not None or mapping.flow_style:
        return f"{text[:begin]}: {_flow(value)}{text[end:]}"
    line = text.rfind("\n", 0, start) + 1
    if text[line:start].strip():  # after the dash of its list
        return f"{text[:begin]}: null{text[end:]}"
    return text[:line] + text[_line_end(text, end) + 1 :]


def _with_pair(text: str, pair: str, mapping: Any, at: _Places) -> str:
    """The text with one more pair at the end of a mapping, which is not empty."""
    end = at(_last(mapping.value[-1][1]))
    if mapping.flow_style:
        return f"{text[:end]}, {pair}{text[end:]}"
    end, indent = _line_end(text, end), " " * mapping.value[0][0].start_mark.column
    return f"{text[:end]}\n{indent}{pair}{text[end:] or chr(10)}"


def _node_at(node: Any, loc: Loc) -> Any:
    """The node at a place; Any: PyYAML has no types of them."""
    for step in loc:
        below = {name.value: held for name, held in node.value} if isinstance(node, yaml.MappingNode) else node.value
        node = below[step]
    return node


def _last(node: Any) -> Any:
    """The mark where a node ends, without the blank lines and comments that PyYAML counts to a block."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return node.end_mark
    last = node.value[-1]
    return _last(last[1] if isinstance(last, tuple) else last)


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _flow(value: Any) -> str:
    """A value in one line, as it may stand anywhere."""
    return yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=10**9).strip()[1:-1]


class _Places:
    """Where marks are in a text; libyaml's own count of characters is of another text than Python's."""

    def __init__(self, text: str) -> None:
        self._starts: list[int] = [0]
        for line in text.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def __call__(self, mark: Any) -> int:
        return int(self._starts[mark.line] + mark.column)
