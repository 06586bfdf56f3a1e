"""`make run`: the main job over the sample, from its feeds to Slack and mail, on this machine alone.

Starts the sample's publishers and stand-ins for Slack and a mail server on free loopback ports, writes a configuration
into `.run/`, runs the real `marsad run --drain` on it, and shows what was alerted. Exit status 0 only when every
article has ended in a counted status and every alert has been delivered.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import signal
import string
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from deploy.sample import terminal
from deploy.sample.mail_standin import MailStandin
from deploy.sample.sample_site import PUBLISHERS, SampleSite
from deploy.sample.slack_standin import SlackStandin

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".run"
MARSAD = Path(sys.executable).with_name("marsad")
STOP_SECONDS = 60
INTERRUPTED = 130

NEXT = """\
[bold]What to do next[/bold]
  your own configuration   .venv/bin/marsad init .        then edit marsad.yaml: add a feed, name a receiver
  a real Slack channel     export MARSAD_SLACK_TOKEN=...  or a mail server, with MARSAD_SMTP_PASSWORD
  does it all answer?      .venv/bin/marsad check       then  .venv/bin/marsad receivers test NAME  sends a message
  keep it running          make serve
  change a rule            edit rules/*.yaml, then .venv/bin/marsad match FILE  shows what fires and why
  this run's files         .run/marsad.yaml, .run/marsad.log"""


@dataclass
class Sample:
    """Everything that the sample consists of besides Marsad, and what it has shown so far."""

    console: Console
    site: SampleSite
    slack: SlackStandin = field(default_factory=SlackStandin)
    mail: MailStandin = field(default_factory=MailStandin)
    started: float = field(default_factory=time.monotonic)
    shown: int = 0

    def show_new_alerts(self) -> None:
        """Print the alerts that Slack has received since the last call."""
        for message in self.slack.received[self.shown :]:
            if not self.shown:
                self.console.print(f"first alert after {time.monotonic() - self.started:.1f} s", style="green")
            self.shown += 1
            self.console.print(Rule(f"alert {self.shown}", align="left", style="yellow"))
            marks = ("", "") if self.console.color_system else ("«", "»")
            for line in terminal.render_blocks(message["blocks"], marks=marks):
                self.console.print(line)


@contextlib.contextmanager
def empty_folder(folder: Path) -> Iterator[Path]:
    """`folder`, made or emptied, and held so that a second run does not empty it under the first."""
    if folder.is_symlink():
        sys.exit(f"{folder} is a link; the sample only empties a folder of its own. Remove the link")
    folder.mkdir(exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for entry in folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        yield folder
    except BlockingIOError:
        sys.exit(f"another `make run` is using {folder}; wait for it to end")
    finally:
        os.close(handle)


def write_config(folder: Path, *, feeds: dict[str, str], slack_api: str, mail_port: int) -> Path:
    """The sample's marsad.yaml: its feeds may alert what is in them already, which a real new source does not."""
    sources = "\n".join(
        f"  - {{name: {name}, feed: {json.dumps(url)}, every: 10s, alert_archive: true}}" for name, url in feeds.items()
    )
    template = string.Template((Path(__file__).parent / "marsad.yaml.in").read_text(encoding="utf-8"))
    path = folder / "marsad.yaml"
    rules = json.dumps(str(ROOT / "rules"), ensure_ascii=False)
    text = template.substitute(sources=sources, slack_api=slack_api, mail_port=mail_port, rules=rules)
    path.write_text(text, encoding="utf-8")
    return path


def environment() -> dict[str, str]:
    """This environment without any MARSAD_ setting of the user's, and with the stand-in's made-up token."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("MARSAD_")}
    return {**kept, "MARSAD_SLACK_TOKEN": "xoxb-sample"}


@contextlib.asynccontextmanager
async def marsad(*arguments: str, cwd: Path, **streams: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command in a session of its own, so that Ctrl-C reaches it only through us; stopped on the way out."""
    process = await asyncio.create_subprocess_exec(
        str(MARSAD), *arguments, cwd=cwd, env=environment(), start_new_session=True, **streams
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()


async def drain(sample: Sample, config: Path) -> int:
    """One pass over every source; shows alerts as they arrive. The command's exit status."""
    with (config.parent / "marsad.log").open("wb") as log:
        async with marsad("run", "--drain", "--config", str(config), cwd=config.parent, stdout=log, stderr=log) as run:
            ended = asyncio.create_task(run.wait())
            while not ended.done():
                await asyncio.wait([ended], timeout=0.05)
                sample.show_new_alerts()
            return ended.result()


async def read_status(config: Path) -> dict[str, Any]:
    """What `marsad status --json` says of the run that has ended."""
    command = marsad("status", "--json", "--config", str(config), cwd=config.parent, stdout=asyncio.subprocess.PIPE)
    async with command as process:
        output, _ = await process.communicate()
    status: dict[str, Any] = json.loads(output) if process.returncode == 0 else {}
    return status


def shortcomings(code: int, status: dict[str, Any], sample: Sample) -> list[str]:
    """Why this run is not a success; empty when it is."""
    entries = sum(publisher.entries for publisher in PUBLISHERS)
    articles, outbox = status.get("articles", {}), status.get("outbox", {})
    entered, ended = articles.get("entered", 0), sum(articles.get("statuses", {}).values())
    delivered = outbox.get("delivered", 0)
    received = len(sample.slack.received) + len(sample.mail.received)
    checks = {
        f"`marsad run --drain` ended with status {code}; see .run/marsad.log": code == 0,
        f"the feeds have {entries} entries, but {entered} articles entered": entered == entries,
        f"{entered} articles entered, but {ended} have ended": entered == ended,
        f"notifications are undelivered: {outbox}": sum(outbox.values()) == delivered,
        f"{delivered} notifications were delivered, but {received} were received": received >= delivered > 0,
    }
    return [reason for reason, holds in checks.items() if not holds]


def show_summary(sample: Sample, status: dict[str, Any]) -> None:
    """How every article ended, and what each receiver was told."""
    if not status:
        return
    articles = status["articles"]
    sample.console.print(Rule(style="yellow"))
    sample.console.print(terminal.articles_table(articles["entered"], articles["statuses"]))
    receipts = {
        "Slack #alerts": [str(message["text"]) for message in sample.slack.received],
        "mail desk@example.org": [_subject(message) for message in sample.mail.received],
    }
    sample.console.print(terminal.receipts_table(receipts))


def _subject(message: EmailMessage) -> str:
    return str(message["Subject"])


async def run(folder: Path, console: Console) -> int:
    """The whole sample in `folder`; the exit status."""
    site = SampleSite(datetime.now(UTC), lambda what: console.print(Text(f"read {what}", style="dim")))
    sample = Sample(console, site)
    parts = (sample.site, sample.slack, sample.mail)
    async with contextlib.AsyncExitStack() as stack:
        for part in parts:
            await part.start()
            stack.push_async_callback(part.stop)
        config = write_config(folder, feeds=site.feeds, slack_api=sample.slack.api, mail_port=sample.mail.port)
        console.print("marsad run --drain --config .run/marsad.yaml", style="bold")
        code = await drain(sample, config)
        status = await read_status(config)
    sample.show_new_alerts()
    show_summary(sample, status)
    problems = shortcomings(code, status, sample)
    for problem in problems:
        console.print(problem, style="bold red", markup=False)
    if code:
        lines = (folder / "marsad.log").read_text(encoding="utf-8", errors="replace").splitlines()
        console.print("\n".join(lines[-20:]), style="dim", markup=False, soft_wrap=True)
    console.print(NEXT, soft_wrap=True)
    return 1 if problems else 0


async def main() -> int:
    """Run until done; SIGTERM and SIGHUP stop it as cleanly as Ctrl-C does."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  # this is a coroutine, so there is one
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with empty_folder(FOLDER) as folder:
        return await run(folder, Console(highlight=False))


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main()))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("stopped", file=sys.stderr)
        sys.exit(INTERRUPTED)
