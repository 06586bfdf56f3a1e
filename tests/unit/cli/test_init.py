"""`marsad init`: the starter is a configuration, names every setting, and overwrites nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streams.cli.init import STARTER
from streams.cli.main import app
from streams.errors import InputError
from streams.settings import Settings, load
from tests.unit.docs.test_reference import settings_of

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MARSAD_CONFIG", raising=False)


def uncommented() -> str:
    """The starter with every commented setting switched on; prose begins with a blank after its `#`."""
    return re.sub(r'^( *)#(?=[a-z"-])', r"\1", STARTER, flags=re.MULTILINE)


def test_writes_a_configuration_that_loads(tmp_path: Path) -> None:
    """The folder is made, the file has sources, and standard output stays empty."""
    done = RUNNER.invoke(app, ["init", str(tmp_path / "new" / "folder")])
    assert (done.exit_code, done.stdout) == (0, "")
    assert load(tmp_path / "new" / "folder" / "marsad.yaml").sources


def test_what_it_comments_out_is_valid_too(tmp_path: Path) -> None:
    """Whoever takes a `#` away gets a setting that works, of the value that is its default."""
    (tmp_path / "marsad.yaml").write_text(uncommented(), encoding="utf-8")
    found = load(tmp_path / "marsad.yaml")
    (tmp_path / "empty.yaml").touch()
    default = load(tmp_path / "empty.yaml")
    assert found.alerts == default.alerts
    assert found.fetch.model_copy(update={"proxy": None}) == default.fetch
    assert found.health.model_copy(update={"heartbeat": None}) == default.health
    assert found.engines.model_copy(update={"kafka": default.engines.kafka}) == default.engines
    assert [receiver.name for receiver in found.receivers] == [
        "newsroom",
        "other-newsroom",
        "desk",
        "archive",
        "feed",
        "chat",
        "own-service",
    ]


@pytest.mark.parametrize("setting", sorted(settings_of(Settings)))
def test_every_setting_is_in_it(setting: str) -> None:
    """A setting that the starter does not show is one that nobody finds."""
    key = re.escape(setting.rpartition(".")[2])
    assert re.search(rf"^ *(- )?{key}:", uncommented(), flags=re.MULTILINE)


def test_a_file_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    """A second init is bad usage and costs nobody his configuration."""
    (tmp_path / "marsad.yaml").write_text("mine", encoding="utf-8")
    done = RUNNER.invoke(app, ["init", str(tmp_path)])
    assert isinstance(done.exception, InputError)
    assert str(done.exception) == f"{tmp_path / 'marsad.yaml'}: is there already and was left as it is"
    assert (tmp_path / "marsad.yaml").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "under"):
        done = RUNNER.invoke(app, ["init", str(folder)])
        assert isinstance(done.exception, InputError)
        assert str(tmp_path / "file") in str(done.exception)
