"""What is SMTP's own: encryption, logins, addresses that are refused."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from pathlib import Path
from typing import Literal

import pytest
from pydantic import SecretStr

from deploy.sample.mail_standin import MailStandin
from streams.errors import DeliveryDeferredError, DeliveryRefusedError
from streams.notify.mail import Mail, Server
from streams.notify.notifier import NOTHING, Earlier
from streams.notify.receivers import build
from streams.settings import MailReceiver, ReceiverSettings, Secrets
from tests.support.alerting import notification
from tests.support.mail import LOGIN, ca_file, mail


def plain_mail(standin: MailStandin, *to: str) -> Mail:
    return Mail(Server("127.0.0.1", standin.port, "none"), sender="m@example.org", to=to or ("a@example.org",))


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_it_logs_in_over_an_encrypted_connection(tls: Literal["starttls", "tls"], tmp_path: Path) -> None:
    """Built from settings with the authority's certificate and the password from the environment."""
    async with mail(tls, LOGIN) as standin:
        way = MailReceiver(
            to=("a@example.org",),
            sender="m@example.org",
            host="127.0.0.1",
            port=standin.port,
            tls=tls,
            ca_file=ca_file(tmp_path),
            username=LOGIN[0],
        )
        built = build([ReceiverSettings(name="post", mail=way)], Secrets({"MARSAD_SMTP_PASSWORD": LOGIN[1]}))
        await built["post"].check()
        await built["post"].send(notification())
        assert standin.notification_ids == [notification().id]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_certificate_that_is_not_trusted_stops_it(tls: Literal["starttls", "tls"]) -> None:
    """Nothing is sent, the password neither; the certificate is named as the cause."""
    async with mail(tls, LOGIN) as standin:
        server = Server(
            "127.0.0.1", standin.port, tls, ssl.create_default_context(), username=LOGIN[0], password=SecretStr("x")
        )
        with pytest.raises(DeliveryDeferredError, match="certificate"):
            await Mail(server, sender="m@example.org", to=("a@example.org",)).send(notification())
        assert standin.received == []


async def test_a_server_without_starttls_gets_nothing() -> None:
    """A configured encryption is not silently left out."""
    async with mail("none") as standin:
        server = Server("127.0.0.1", standin.port, "starttls", ssl.create_default_context())
        with pytest.raises(DeliveryRefusedError, match="STARTTLS"):
            await Mail(server, sender="m@example.org", to=("a@example.org",)).send(notification())
        assert standin.received == []


async def test_addresses_refused_among_others_are_in_the_receipt() -> None:
    """The others have it, so it is not sent again; who was refused is not kept quiet."""
    async with mail() as standin:
        standin.refused.add("gone@example.org")
        receipt = await plain_mail(standin, "a@example.org", "gone@example.org").send(notification())
        assert standin.recipients == [["a@example.org"]]
        assert "; refused for gone@example.org (550 no such mailbox)" in receipt.text
        assert receipt.missed == "refused for gone@example.org (550 no such mailbox)"


async def test_an_address_that_was_greylisted_among_others_missed_the_mail() -> None:
    """It is tried again by itself, as long as it is; what the server then says of it alone ends no receiver."""
    async with mail() as standin:
        post = plain_mail(standin, "a@example.org", "late@example.org", "gone@example.org")
        standin.greylisted.add("late@example.org")
        standin.refused.add("gone@example.org")
        earlier = NOTHING
        for _ in range(2):
            with pytest.raises(DeliveryDeferredError, match=r"450 greylisted.*the others have it") as caught:
                await post.send(notification(), earlier)
            assert caught.value.reached == ("a@example.org",)
            earlier = Earlier(reached=caught.value.reached)
        standin.greylisted.clear()
        assert "gone@example.org (550" in (await post.send(notification(), earlier)).missed
        assert standin.recipients == [["a@example.org"], ["late@example.org"]]
        assert {message["To"] for message in standin.received} == {"a@example.org, late@example.org, gone@example.org"}
        assert len({message["Message-ID"] for message in standin.received}) == 1


async def test_addresses_that_are_refused_once_the_others_have_it_are_missed_alone() -> None:
    """The message has arrived; and where all have it, as after a change of the settings, nothing is sent."""
    async with mail() as standin:
        post = plain_mail(standin, "a@example.org", "gone@example.org")
        standin.refused.add("gone@example.org")
        receipt = await post.send(notification(), Earlier(reached=("a@example.org",)))
        assert receipt.missed == "refused for gone@example.org (550 no such mailbox)"
        assert (await post.send(notification(), Earlier(reached=("a@example.org", "gone@example.org")))).missed == ""
        assert standin.received == []


@pytest.mark.parametrize("refused", [("x@example.org", "y@example.org"), ("m@example.org",)])
async def test_every_alert_was_given_up_while_addresses_were_refused(refused: tuple[str, ...]) -> None:
    """Sender and addresses are those of every message: it is tried again, the receiver left alone meanwhile."""
    async with mail() as standin:
        standin.refused |= set(refused)
        with pytest.raises(DeliveryRefusedError, match="550") as caught:
            await plain_mail(standin, "x@example.org", "y@example.org").send(notification())
        assert caught.value.everything


@pytest.mark.parametrize(
    ("tls", "answers"),
    [
        ("none", {"": b"554 no service here"}),
        ("none", {"EHLO": b"550 who are you?", "HELO": b"550 who are you?"}),
        ("starttls", {"EHLO": b"250-x\r\n250 STARTTLS", "STARTTLS": b"554 not now"}),
    ],
    ids=["greeting", "hello", "starttls"],
)
async def test_every_alert_was_given_up_while_a_server_turned_everybody_away(
    tls: Literal["starttls", "none"], answers: dict[str, bytes]
) -> None:
    """What it says before it has heard of the message is about none: it is tried again, the receiver left alone."""
    gone = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            writer.write(answers.get("", b"220 hello") + b"\r\n")
            while word := (await reader.readline()).split(b" ")[0].strip().decode():
                writer.write(answers.get(word, b"250 ok") + b"\r\n")
        writer.close()
        gone.set()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as running:
        port = running.sockets[0].getsockname()[1]
        server = Server("127.0.0.1", port, tls, ssl.create_default_context())
        with pytest.raises(DeliveryRefusedError, match="says 55") as caught:
            await Mail(server, sender="m@example.org", to=("a@example.org",)).send(notification())
        await gone.wait()
    assert caught.value.everything


async def test_a_refused_login_says_no_more_than_its_code() -> None:
    """The server's words in answer to a password are not passed on."""
    async with mail(login=LOGIN) as standin:
        server = Server("127.0.0.1", standin.port, "none", username=LOGIN[0], password=SecretStr("wrong"))
        with pytest.raises(DeliveryRefusedError, match=r"refuses the login \(535\)$"):
            await Mail(server, sender="m@example.org", to=("a@example.org",)).send(notification())
