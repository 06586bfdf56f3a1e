"""What commands write, whatever publishers wrote and wherever it goes; by the command itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from streams.cli.main import app

COMMAND = (sys.executable, "-c", "from streams.cli.main import main; main()", "match")
TEXT = "Russia demanded that Turkish troops withdraw from Idlib.\x1b[2J \x9b31m \u202etroops\x07 طالب"


def _match(
    *arguments: str, redirection: str = "", stdin: str | None = TEXT, **environment: str
) -> subprocess.CompletedProcess[str]:
    command: tuple[str, ...] = (*COMMAND, *arguments)
    if redirection:
        command = ("sh", "-c", f'exec "$@" {redirection}', "sh", *command)
    return subprocess.run(
        command, input=stdin, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


def test_readers_are_shown_no_escape_sequences_of_publishers() -> None:
    """A title or text must not rewrite the terminal; --json keeps every character."""
    line = json.dumps({"id": "\x1b]0;id\x07", "title": "\x1b[31mtitle\nforged: line", "text": TEXT})
    shown = _match(stdin=line)
    assert "forged" in shown.stdout
    assert "\nforged" not in shown.stdout
    assert shown.returncode == 0
    assert "troop-withdrawal-demand" in shown.stdout
    assert not set(shown.stdout) & set("\x1b\x07\x9b\u202e")
    assert json.loads(_match("--json", stdin=line).stdout)["id"] == "\x1b]0;id\x07"


def test_a_terminal_that_lacks_the_letters_is_shown_their_numbers() -> None:
    """Arabic on an ASCII terminal is no reason to end with a traceback."""
    shown = _match(stdin="طالب الوزير بانسحاب القوات التركية من إدلب", PYTHONIOENCODING="ascii")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "\\u0627" in shown.stdout


def test_json_is_utf8_whatever_the_encoding_of_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters that the locale lacked were escaped in a way that no JSON has, and the others were in its encoding."""
    written = BytesIO()
    monkeypatch.setattr("sys.stdout", TextIOWrapper(written, encoding="iso-8859-6", errors="backslashreplace"))
    app(["rules", "forms", "caf\xe9 قوات", "--kind", "name", "--json", "--rules", str(tmp_path)], standalone_mode=False)
    assert json.loads(written.getvalue())["phrase"] == "caf\xe9 قوات"


def test_an_argument_that_is_not_utf_8_ended_json_in_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes are half characters, which JSON can escape."""
    written = BytesIO()
    monkeypatch.setattr("sys.stdout", TextIOWrapper(written, encoding="utf-8"))
    app(["rules", "forms", "caf\udce9", "--kind", "name", "--json", "--rules", str(tmp_path)], standalone_mode=False)
    assert json.loads(written.getvalue())["phrase"] == "caf\udce9"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_told_in_words() -> None:
    """Exit status 2 and one line, not a traceback."""
    failed = _match("--json", redirection=">/dev/full")
    assert failed.returncode == 2
    assert failed.stderr == "what was to be written could not be: No space left on device\n"


def test_a_closed_standard_input_is_told_in_words() -> None:
    """As some supervisors start what they run."""
    failed = _match("--json", redirection="<&-", stdin=None)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr == "-: cannot be read: it is closed\n"


@pytest.mark.parametrize("command", ["rules schema --json", "rules lint --all --json", "rules forms attack", "--help"])
def test_a_reader_that_had_read_enough_was_a_finding(command: str) -> None:
    """`marsad ... | head` ends like other commands whose pipe is closed, and says nothing."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            (*COMMAND[:-1], *command.split()),
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, "")


def test_an_error_that_nobody_read_was_a_finding() -> None:
    """`marsad ... 2>&1 | head`: told to the same closed pipe, it ended in a traceback."""
    reading, writing = os.pipe()
    os.close(reading)
    command = (*COMMAND[:-1], "match", "--rules", "nowhere", "-")
    try:
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=writing, stderr=writing, timeout=60, check=False
        )
    finally:
        os.close(writing)
    assert ended.returncode == 141


@pytest.mark.parametrize("arguments", [["run", "--drain"], ["rules", "forms", "forces"]])
def test_closed_outputs_end_no_command(arguments: list[str], tmp_path: Path) -> None:
    """A worker that was started with `2>&-` ended at once with status 1, and could not say why."""
    (tmp_path / "marsad.yaml").write_text("health: {port: 0}", encoding="utf-8")
    command = ("sh", "-c", 'exec "$@" >&- 2>&-', "sh", *COMMAND[:-1], *arguments)
    done = subprocess.run(command, cwd=tmp_path, timeout=60, check=False)
    assert done.returncode == 0
