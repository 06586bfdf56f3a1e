"""Names of files as text that can be written anywhere: a name is bytes, and no encoding need fit them."""

from __future__ import annotations

import os
from pathlib import Path


def name_of(path: Path | str) -> str:
    r"""The path as messages, ids and output tell it; a byte that is not UTF-8 as \xe9."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
