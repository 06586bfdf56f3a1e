"""A rule of the tests' own: the shipped ones take their time to load, and change."""

from __future__ import annotations

from pathlib import Path

_RULE = """
id: demand
title: A demand that troops leave
status: live
severity: high
languages: [en]
match:
  sentence:
    - any: ["called on"]
    - any: ["withdraw"]
alert: {repeat_after: 12h}
examples:
  fires:
    - {lang: en, text: The minister called on Turkey to withdraw its troops.}
  silent:
    - {lang: en, text: The council opened a library., because: no demand}
"""


def write_rule(folder: Path) -> str:
    """A folder of rules with the one that fires on a newspaper's demands; its path, for the setting `rules`."""
    folder.mkdir(parents=True)
    (folder / "demand.yaml").write_text(_RULE, encoding="utf-8")
    return str(folder)
