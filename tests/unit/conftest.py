"""What unit tests of several modules are given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from streams.settings import Settings, load
from tests.support.configuration import Load


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without settings in variables of whoever runs the tests."""
    for name in os.environ:
        if name.startswith("MARSAD_"):
            monkeypatch.delenv(name)


@pytest.fixture
def config(tmp_path: Path) -> Load:
    def read(text: str) -> Settings:
        path = tmp_path / "marsad.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path)

    return read
