"""An exclusion as an analyst writes it: what rules with certain tags do not look at."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from streams.match.file_models import FileModel, Id, Text, as_list, as_member
from streams.match.rule_files import Examples
from streams.match.rule_nodes import Nodes


class Extent(StrEnum):
    """What is left out where an exclusion is met: the whole article, or the paragraphs or sentences that meet it."""

    DOCUMENT = "document"
    PARAGRAPH = "paragraph"
    SENTENCE = "sentence"


class ExclusionFile(FileModel):
    """What every rule with one of `tags` leaves out: rules/exclusions/ID.yaml.

    Where one of `none` is met in a unit of `scope`, the unit gives no evidence, as if it were page furniture. The
    `examples` are of the exclusion itself: it fires on texts that it leaves out, and is silent on others.
    """

    id: Id
    title: Text
    why: str = ""
    tags: Annotated[tuple[Text, ...], BeforeValidator(as_list), Field(min_length=1)]
    scope: Annotated[Extent, BeforeValidator(as_member(Extent))] = Extent.DOCUMENT
    none: Nodes
    examples: Examples
