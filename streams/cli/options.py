"""What every command shares: its common options, how it finds its settings, and how it says what went wrong."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.errors import ConfigurationError, Problem
from streams.settings import Settings, find_config, load

if TYPE_CHECKING:
    from streams.sections import SourceSettings

DONE, FINDING, BAD_USAGE = 0, 1, 2
"""Exit statuses: done or stopped cleanly; a finding, failed check or something undelivered; bad usage or input."""
READER_GONE = 141
"""As a shell tells of a command that SIGPIPE ended. The signal itself would end a worker whose server hangs up, too."""

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="Configuration; default $MARSAD_CONFIG, then ./marsad.yaml."),
]
RulesOption = Annotated[
    Path | None,
    typer.Option(
        "--rules",
        metavar="DIR",
        help="Rule folder; default the configuration's, then ./rules, then the shipped rules.",
    ),
]


def _in_utf8(value: bool) -> bool:  # noqa: FBT001  # as typer calls it
    """JSON is UTF-8 whatever the terminal's encoding is (RFC 8259); half characters, as of arguments, are escaped."""
    if value and isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    return value


JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON, one object a line, and nothing else.", callback=_in_utf8)
]


def config_of(config: Path | None) -> Path:
    """The configuration's file.

    Raises:
        ConfigurationError: there is none.
    """
    path = find_config(config)
    if path is None:
        raise ConfigurationError(
            [Problem("marsad.yaml", 0, 0, "is not here", "write a starter with `marsad init .`, or say --config FILE")]
        )
    return path


def settings_of(config: Path | None) -> Settings:
    """The settings a command runs with.

    Raises:
        ConfigurationError: there is no configuration, or something is wrong in it.
    """
    return load(config_of(config))


def optional_settings_of(config: Path | None) -> Settings | None:
    """The settings if there is a configuration; for commands that do without."""
    path = find_config(config)
    return load(path) if path else None


def sources_of(settings: Settings | None) -> dict[str, SourceSettings]:
    """The configured sources by name."""
    return {source.name: source for source in settings.sources} if settings else {}


def rules_folder(given: Path | None, settings: Settings | None) -> Path:
    """The rules a command runs with: as given, else the configuration's, else `./rules`, else the shipped ones."""
    from streams.match.rulebook import shipped_rules_dir

    configured = settings.rules if settings else None
    here = Path("rules")
    return given or configured or (here if here.is_dir() else shipped_rules_dir())
