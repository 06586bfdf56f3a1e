"""Writes rules/reference.md: every key of every kind of file, from the models, so that none is missing or extra.

`python -m streams.match.reference > rules/reference.md` brings the page up to date; a test compares the two.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Final

from pydantic.fields import FieldInfo

from streams.match.field_descriptions import FIELDS
from streams.match.field_examples import EXAMPLES
from streams.match.file_models import FileModel
from streams.match.rule_nodes import Node
from streams.match.schema import FileKind, Schema, schema_of

_FOLDERS: Final = {
    FileKind.RULE: "rules/ID.yaml",
    FileKind.CONCEPT: "rules/concepts/ID.yaml",
    FileKind.GAZETTEER: "rules/gazetteers/ID.yaml",
    FileKind.EXCLUSION: "rules/exclusions/ID.yaml",
}
_HEAD: Final = """\
# Every key of every rule file

[README.md](README.md) teaches the language; this page lists it whole. It is written by
`python -m streams.match.reference` from the models that read the files. Beside the codes in the last column every key
may get `bad-value` (wrong kind of value, or outside what is allowed); [lint.md](lint.md) explains them all.
"""
_PATTERNS: Final = {"^[a-z0-9]": "id", "^[a-z]{2,3}$": "language", r"^\s*([0-9]": "span of time", "^(0[1-9]": "code"}
"""How texts of a certain shape are called, by the beginning of their pattern."""
_NODE: Final = "[Node](#node)"
_CONDITION: Final = "[condition](#node)"


def page() -> str:
    """The page as Markdown."""
    parts = [_HEAD]
    seen: set[str] = set()
    for kind in FileKind:
        schema = schema_of(kind)
        parts.append(f"## {kind.value.capitalize()} files: `{_FOLDERS[kind]}`\n")
        name = schema_name(kind)
        models = {name: schema, **schema.get("$defs", {})}
        for one, part in models.items():
            if one in FIELDS and one not in seen:
                seen.add(one)
                parts.append(_section(one, part))
    return "\n".join(parts)


def schema_name(kind: FileKind) -> str:
    """The model of a kind of file."""
    return f"{kind.value.capitalize()}File"


def model_of(name: str) -> type[FileModel]:
    """A model of a part of a file by its name."""
    return next(one for one in _models(FileModel) if one.__name__ == name)


def _models(above: type[FileModel]) -> Iterator[type[FileModel]]:
    for one in above.__subclasses__():
        yield one
        yield from _models(one)


def _section(name: str, schema: Schema) -> str:
    about, model = " ".join(str(schema.get("description", "")).split()), model_of(name)
    shared = Node.model_fields if issubclass(model, Node) and model is not Node else {}
    about += f" Every key of a {_CONDITION} may stand beside." if shared else ""
    rows = [
        f"| `{key}` | {_cell(FIELDS[name][key])} | {_type_of(part)} | {_default(model.model_fields[key])} "
        f"| `{_cell(EXAMPLES[name][key].yaml)}` | {', '.join(f'`{code}`' for code in EXAMPLES[name][key].codes)} |"
        for key, part in schema["properties"].items()
        if key not in shared
    ]
    head = ["| key | what it is for | type | default | example | lint |", "|---|---|---|---|---|---|"]
    return "\n".join([f"### {name}\n", about, "", *head, *rows, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    default = field.default
    if default is None or default in ((), {}, "") or isinstance(default, FileModel):
        return "none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _type_of(part: Any) -> str:
    """A part of a schema in words; Any: JSON."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})" if name in FIELDS else _choices(name)
    if "anyOf" in part:
        kinds = list(dict.fromkeys(_type_of(one) for one in part["anyOf"]))
        return _CONDITION if kinds == ["text", _NODE] else " or ".join(kinds)
    if part.get("type") == "array":
        return _list_of(part)
    if part.get("type") == "object":
        values = part.get("additionalProperties") or next(iter(part["patternProperties"].values()))
        return f"by {'language' if 'patternProperties' in part else 'name'}: {_type_of(values)}"
    return _scalar(part)


def _list_of(part: Any) -> str:
    if "prefixItems" in part:
        return " and ".join(_type_of(one) for one in part["prefixItems"])
    counts = f", {part.get('minItems', 0)} to {part['maxItems']}" if "maxItems" in part else ""
    return f"list of {_type_of(part['items'])}{counts}"


def _scalar(part: Any) -> str:
    if part["type"] == "integer":
        low, high = part.get("minimum"), part.get("maximum")
        return f"whole number{f' from {low}' if low is not None else ''}{f' to {high}' if high is not None else ''}"
    if part["type"] == "boolean":
        return "true or false"
    names = [name for start, name in _PATTERNS.items() if str(part.get("pattern", "")).startswith(start)]
    return names[0] if names else {"string": "text"}.get(part["type"], part["type"])


def _choices(name: str) -> str:
    """The values of an enumeration."""
    for kind in FileKind:
        found = schema_of(kind).get("$defs", {}).get(name)
        if found is not None:
            return ", ".join(f"`{value}`" for value in found["enum"])
    raise KeyError(name)


if __name__ == "__main__":
    sys.stdout.write(page())
