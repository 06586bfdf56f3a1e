"""What `make` does before Marsad is there, with stand-ins for Python."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile, and a Python that only notes what it is asked; one in `.venv` has no pip."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for path, ends_with in ((tmp_path / "python", 0), (tmp_path / ".venv" / "bin" / "python", 1)):
        path.write_text(f'#!/bin/sh\necho "$PIP_USER $*" >> {tmp_path}/asked\nexit {ends_with}\n', encoding="utf-8")
        path.chmod(0o755)
    return tmp_path


def make(checkout: Path, target: str) -> list[str]:
    """What the Pythons were asked, behind the value of PIP_USER."""
    environment = {**os.environ, "PIP_USER": "1"}
    command = ["make", target, f"PYTHON={checkout}/python"]
    subprocess.run(command, cwd=checkout, env=environment, capture_output=True, timeout=30, check=False)
    return (checkout / "asked").read_text("utf-8").splitlines()


def test_an_unfinished_environment_is_made_anew(checkout: Path) -> None:
    """After a Ctrl-C, or where ensurepip was missing, `make run` said "No module named pip" for ever."""
    assert make(checkout, ".venv/made")[-1] == "0 -m venv --clear .venv"


def test_pip_installs_into_the_environment_whatever_the_user_told_it(checkout: Path) -> None:
    """With `user = true` in pip.conf it refused to."""
    assert make(checkout, "install")[-1].startswith("0 -m pip --quiet")
