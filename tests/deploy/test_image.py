"""deploy/Dockerfile: its install steps, run outside a container in an empty environment."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from streams.settings import load

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
STEPS = [
    (line.split(None, 1)[0], line.split(None, 1)[1])
    for line in DOCKERFILE.replace("\\\n", " ").splitlines()
    if line and not line.startswith("#")
]
BUILD = STEPS[: next(i for i, step in enumerate(STEPS) if step[0] == "FROM" and i)]


def copied() -> list[str]:
    """What the build stage copies out of the checkout."""
    return [name for step, rest in BUILD if step == "COPY" for name in rest.split()[:-1]]


def interpreter() -> str:
    """The image's Python where this machine has it, else the one that runs the tests."""
    version = re.search(r"python:(3\.\d+)", BUILD[0][1])
    candidates = [shutil.which(f"python{version[1]}")] if version else []
    for path in filter(None, candidates):
        if subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    return sys.executable


def copy_context(to: Path) -> None:
    """The files that the image is built from, and no others."""
    for name in copied():
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, to / name)


def test_copies_only_what_the_context_has() -> None:
    """Every COPY finds its file, and .dockerignore lets it through."""
    allowed = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert all((ROOT / name).exists() and f"!{name}" in allowed for name in copied())


def test_runs_as_nobody_in_particular() -> None:
    """The last stage changes to a user that is not root, before its entry point."""
    names = [step for step, _ in STEPS[len(BUILD) :]]
    assert dict(STEPS[len(BUILD) :])["USER"] == "marsad"
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert json.loads(dict(STEPS)["ENTRYPOINT"]) == ["marsad"]


def test_the_lock_file_names_no_registry() -> None:
    """Every requirement is pinned with hashes, and where to get it is the machine's own business."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^\S+==\S+.*\\\n\s+--hash=sha256:", lock, flags=re.MULTILINE)
    assert len(pins) == len(re.findall(r"^\w", lock, flags=re.MULTILINE))
    assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links", lock)


def test_the_wheel_carries_rules_and_scripts(tmp_path: Path) -> None:
    """What is built from the image's context alone has every rule and every Lua script of the checkout in it."""
    copy_context(tmp_path)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet", "-w", "out", "."]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "out").glob("marsad-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    rules = {f"streams/shipped_rules/{path.relative_to(ROOT / 'rules')}" for path in (ROOT / "rules").rglob("*.yaml")}
    scripts = {str(path.relative_to(ROOT)) for path in (ROOT / "streams").rglob("*.lua")}
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "streams").rglob("*.py")}
    assert rules
    assert scripts
    assert rules | scripts | modules <= names


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_install_steps_work_in_an_empty_environment(tmp_path: Path) -> None:
    """The RUN steps, in order, make a Marsad that answers and that reads the rules it ships; nothing is amiss in it.

    The lock file is installed as it is: pip warned of an extra that lxml spells otherwise than who asks for it.
    """
    context, target = tmp_path / "src", tmp_path / "marsad"
    context.mkdir()
    copy_context(context)
    kept = ("PATH", "HOME", "LANG", "SSL_", "PIP_", "HTTP", "http", "NO_PROXY", "no_proxy", "ALL_PROXY")
    environment = {key: value for key, value in os.environ.items() if key.startswith(kept)}
    environment |= {"PIP_NO_COMPILE": "1", "PIP_QUIET": "1"}  # the same steps, only sooner done
    for step, rest in BUILD:
        if step != "RUN":
            continue
        command = shlex.split(rest.replace("/opt/marsad", str(target)))
        command[0] = interpreter() if command[0] == "python" else command[0]
        done = subprocess.run(command, cwd=context, env=environment, capture_output=True, text=True, check=False)
        if done.returncode and "--require-hashes" in rest and _is_offline(done.stderr) and not os.environ.get("CI"):
            pytest.skip("no package registry can be reached from here")
        assert (done.returncode, "WARNING" in done.stderr) == (0, False), f"{rest}\n{done.stderr}"
    check = [str(target / "bin" / "python"), "-m", "pip", "check"]
    assert subprocess.run(check, env=environment, capture_output=True, check=False).returncode == 0
    _init_and_version(target / "bin" / "marsad", tmp_path, environment)


def _is_offline(stderr: str) -> bool:
    signs = ("Could not find a version", "NewConnectionError", "No matching distribution")
    return any(sign in stderr for sign in signs)


def _init_and_version(marsad: Path, folder: Path, environment: dict[str, str]) -> None:
    version = subprocess.run([marsad, "version", "--json"], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(version.stdout)["marsad"]
    subprocess.run([marsad, "init", folder / "new"], env=environment, capture_output=True, check=True)
    assert load(folder / "new" / "marsad.yaml").sources
