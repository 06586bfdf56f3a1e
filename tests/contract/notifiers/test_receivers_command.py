"""`marsad receivers` against stand-ins: what was delivered, what was answered, and what to do."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from deploy.sample.slack_standin import Answer
from streams.cli.main import app
from tests.support.mail import LOGIN, ca_file, mail
from tests.support.ports import free_port
from tests.support.slack import TOKEN, slack


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARSAD_SLACK_TOKEN", TOKEN)
    monkeypatch.setenv("MARSAD_SMTP_PASSWORD", LOGIN[1])


async def run(folder: Path, receivers: list[dict[str, Any]], *arguments: str) -> Result:
    """The command in a thread, since the stand-ins live in this loop."""
    config = folder / "marsad.yaml"
    config.write_text(json.dumps({"receivers": receivers}), encoding="utf-8")
    command = ["receivers", *arguments, "--config", str(config)]
    result = await asyncio.to_thread(CliRunner().invoke, app, command)
    assert TOKEN not in result.output
    assert LOGIN[1] not in result.output
    return result


def bot(api: str, **more: Any) -> dict[str, Any]:
    return {"name": "newsroom", "slack": {"channel": "#alerts", "api": api}, **more}


def post(port: int, **more: Any) -> dict[str, Any]:
    way = {"to": ["desk@example.org"], "sender": "marsad@example.org", "host": "127.0.0.1", "port": port, "tls": "none"}
    return {"name": "desk", "mail": {**way, **more}}


async def test_a_test_message_arrives_and_says_what_it_is(tmp_path: Path) -> None:
    """In both ways and languages, marked as a test; the receipt is what the sink said."""
    async with slack() as chat, mail() as server:
        receivers = [bot(chat.api), {**post(server.port), "language": "ar"}]
        result = await run(tmp_path, receivers, "test", "newsroom", "desk")
        assert result.exit_code == 0, result.output
        assert "ok   newsroom: delivered as #alerts/1700000000.000001" in result.stdout
        assert "Slack answers for marsad in Sample" in result.stderr
        assert chat.received[0]["text"] == "[TEST] Test of the receiver newsroom"
        assert str(server.received[0]["Subject"]).startswith("[تجربة] تجربة المستقبِل")


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("channel_not_found", "/invite the bot"),
        ("not_in_channel", "/invite the bot into the channel"),
        ("missing_scope", "add chat:write"),
    ],
)
async def test_what_slack_refuses_is_said_with_what_to_do(tmp_path: Path, error: str, advice: str) -> None:
    """As JSON as well; exit status 1."""
    async with slack() as chat:
        chat.script.append(Answer(body={"ok": False, "error": error}))
        result = await run(tmp_path, [bot(chat.api)], "test", "newsroom", "--json")
        answer = json.loads(result.stdout)
        assert (result.exit_code, answer["delivered"], answer["outcome"]) == (1, False, "refused")
        assert answer["error"] == f"Slack refuses us: {error}"
        assert advice in answer["hint"]


async def test_a_wrong_token_names_its_variable(tmp_path: Path) -> None:
    """Nothing is sent once the check has failed."""
    async with slack(token="another") as chat:
        result = await run(tmp_path, [bot(chat.api)], "test", "newsroom")
        assert result.exit_code == 1
        assert "invalid_auth" in result.stdout
        assert "MARSAD_SLACK_TOKEN holds no valid bot token" in result.stdout
        assert chat.received == []


async def test_what_a_mail_server_refuses_is_said_with_what_to_do(tmp_path: Path) -> None:
    """A login, an address, a server without STARTTLS, TLS where there is none, a certificate nobody knows."""
    async with mail(login=("marsad", "another")) as locked, mail("starttls", LOGIN) as sealed, mail() as plain:
        plain.refused.add("desk@example.org")
        cases = {
            "MARSAD_SMTP_PASSWORD": post(locked.port, username="marsad"),
            "550 desk@example.org: no such mailbox": post(plain.port),
            "`tls: tls`": post(plain.port, tls="starttls"),
            "`tls: starttls`": post(plain.port, tls="tls"),
            "`mail.ca_file`": post(sealed.port, tls="starttls"),
            "nobody listens there": post(free_port()),
        }
        for words, receiver in cases.items():
            result = await run(tmp_path, [receiver], "test", "desk")
            assert (result.exit_code, words in result.stdout) == (1, True), (words, result.stdout)
        trusted = post(sealed.port, tls="starttls", ca_file=str(ca_file(tmp_path)), username=LOGIN[0])
        assert (await run(tmp_path, [trusted], "test", "desk")).exit_code == 0


async def test_bad_usage_names_what_there_is(tmp_path: Path) -> None:
    """An unknown name, and a time zone that is none with its place."""
    result = await run(tmp_path, [post(1)], "test", "nobody")
    assert (result.exit_code, result.stderr) == (2, "no receiver is called nobody (receivers are: desk)\n")


async def test_receivers_are_listed_with_what_waits(tmp_path: Path) -> None:
    """One line of JSON each; nobody is sent anything."""
    receivers = [bot("http://127.0.0.1:1/api/", language="ar", timezone="Asia/Damascus", storm_limit=0), post(1)]
    result = await run(tmp_path, receivers, "list", "--json")
    first, second = map(json.loads, result.stdout.splitlines())
    assert first == {
        "name": "newsroom",
        "way": "slack",
        "to": "#alerts",
        "language": "ar",
        "timezone": "Asia/Damascus",
        "storm_limit": 0,
        "waiting": 0,
        "circuit": None,
    }
    assert (second["way"], second["to"], second["storm_limit"]) == ("mail", "desk@example.org", 20)


async def test_when_a_receiver_is_not_told_at_once_is_listed(tmp_path: Path) -> None:
    """Its quiet hours and its digest."""
    quiet = [{"from": "22:00", "to": "06:30"}, {"from": "12:00", "to": "14:00", "days": ["fri"]}]
    digest = {"every": "weekly", "at": "07:00"}
    receiver = {"name": "desk", "file": {"path": "out"}, "storm_limit": 0, "quiet_hours": quiet, "digest": digest}
    lines = (await run(tmp_path, [receiver], "list")).stdout.splitlines()
    assert lines[1].strip() == (
        "en, UTC, no storm limit, quiet 22:00 to 06:30, quiet 12:00 to 14:00 (fri), weekly digest on mon at 07:00"
    )
