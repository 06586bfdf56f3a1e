"""Configurations written as text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streams.errors import ConfigurationError
from streams.settings import Settings

Load = Callable[[str], Settings]

MAIL = "mail: {to: [a@example.org], sender: b@example.org, host: smtp.example.org"
"""Without the brace at its end, so that more may follow."""


def problems(config: Load, text: str) -> list[tuple[int, str]]:
    """Line and message of each problem of a configuration."""
    with pytest.raises(ConfigurationError) as caught:
        config(text)
    return [(problem.line, problem.message) for problem in caught.value.problems]
