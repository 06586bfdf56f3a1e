"""The JSON Schemas of rule, concept and gazetteer files, made from the models: what editors complete and check by.

They are stricter than the models in one point (an empty value is not allowed where a key may be absent), and know
nothing of what only the models and the rulebook check: which shapes may stand together, and whether names exist.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any, Final

from streams.match.exclusion_files import ExclusionFile
from streams.match.field_descriptions import FIELDS
from streams.match.rule_files import ConceptFile, FileModel, GazetteerFile, RuleFile

Schema = dict[str, Any]
"""JSON Schema, draft 2020-12, as plain data."""


class FileKind(StrEnum):
    """The kinds of files under rules/."""

    RULE = "rule"
    CONCEPT = "concept"
    GAZETTEER = "gazetteer"
    EXCLUSION = "exclusion"


_MODELS: Final[dict[FileKind, type[FileModel]]] = {
    FileKind.RULE: RuleFile,
    FileKind.CONCEPT: ConceptFile,
    FileKind.GAZETTEER: GazetteerFile,
    FileKind.EXCLUSION: ExclusionFile,
}
_FOLDERS: Final = {FileKind.RULE: "", FileKind.CONCEPT: "../", FileKind.GAZETTEER: "../", FileKind.EXCLUSION: "../"}
_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema_of(kind: FileKind) -> Schema:
    """The schema of one kind of file."""
    model = _MODELS[kind]
    schema = _tidied(model.model_json_schema())
    for name, part in ((model.__name__, schema), *schema.get("$defs", {}).items()):
        for key, text in FIELDS.get(name, {}).items():
            part["properties"][key]["description"] = text
    node = schema.get("$defs", {}).get("Node")
    if node is not None:
        node["minProperties"] = 1
    return {"$schema": _DRAFT, "title": f"Marsad {kind.value}", **{k: v for k, v in schema.items() if k != "title"}}


def file_name(kind: FileKind) -> str:
    """The schema's file under rules/schema/."""
    return f"{kind.value}.schema.json"


def modeline(kind: FileKind) -> str:
    """The first line of a file of this kind, by which editors find the schema."""
    return f"# yaml-language-server: $schema={_FOLDERS[kind]}schema/{file_name(kind)}"


def spelled(kind: FileKind) -> str:
    """The schema as it stands in its file."""
    return json.dumps(schema_of(kind), ensure_ascii=False, indent=2) + "\n"


def _tidied(part: Any) -> Any:
    """Without generated titles, defaults and nulls, which only clutter an editor; lengths of lists as such."""
    if isinstance(part, list):
        return [_tidied(item) for item in part]
    if not isinstance(part, dict):
        return part
    choices = [one for one in part.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) == 1:
        part = {**{key: value for key, value in part.items() if key != "anyOf"}, **choices[0]}
    elif choices:
        part = {**part, "anyOf": choices}
    tidy = {key: _tidied(value) for key, value in part.items() if not _is_clutter(key, value)}
    if tidy.get("type") == "array":
        for wrong, right in (("minLength", "minItems"), ("maxLength", "maxItems")):
            if wrong in tidy:
                tidy[right] = tidy.pop(wrong)
    return tidy


def _is_clutter(key: str, value: Any) -> bool:
    """A title or default of the schema, and not a property that is called so."""
    return (key == "title" and isinstance(value, str)) or (key == "default" and not isinstance(value, bool))
