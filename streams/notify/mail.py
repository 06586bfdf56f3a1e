"""Mail over SMTP, by aiosmtplib: one connection for each message, tried once.

Errors are made anew, without the library's own behind them; of the server's words only those that do not answer the
login are passed on.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

import aiosmtplib
from pydantic import SecretStr

from streams.alerts import Notification
from streams.errors import (
    DeliveryDeferredError,
    DeliveryError,
    DeliveryRefusedError,
    DeliveryUncertainError,
)
from streams.notify.letter import letter
from streams.notify.notifier import NOTHING, Earlier, Receipt
from streams.notify.render import ENGLISH, line
from streams.notify.wording import Wording

TIMEOUT_SECONDS = 10.0
"""For each of the server's answers; the whole has the deadline of `streams.notify.deliver_agent`."""
_TRANSIENT, _PERMANENT = range(400, 500), range(500, 600)


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in. `context` holds the trusted certificates, where `tls` is not `none`."""

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"]
    context: ssl.SSLContext | None = None
    username: str | None = None
    password: SecretStr | None = None


class Mail:
    """Sends to the addresses of one receiver, as one message."""

    pace = None
    edits = False

    def __init__(self, server: Server, *, sender: str, to: tuple[str, ...], wording: Wording = ENGLISH) -> None:
        self._server, self._sender, self._to, self._wording = server, sender, to, wording

    async def send(self, notification: Notification, earlier: Earlier = NOTHING) -> Receipt:
        """Hand the message in; the receipt is its Message-ID, and which addresses were refused if some were.

        Those that are to be tried later (greylisted) are tried again without those that have it. A server cannot be
        asked what it has. A repeated attempt bears the same Message-ID, which mailboxes collapse.
        """
        message = letter(notification, sender=self._sender, to=self._to, wording=self._wording)
        left = [address for address in self._to if address not in earlier.reached]
        client = await self._open()
        try:
            refused, failure = await self._hand_in(client, message, left), None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            refused, failure = _refused_of(error) if earlier.reached else {}, _from_transaction(error)
        finally:
            client.close()
        missed = self._without_secret(_but_not(refused))
        if any(answer.code in _TRANSIENT for answer in refused.values()):
            reached = (*earlier.reached, *(address for address in left if address not in refused))
            raise DeliveryDeferredError(f"{missed}; the others have it", reached=reached)
        if failure and not refused:
            failure.args = (self._without_secret(str(failure)),)
            raise failure
        return Receipt(message["Message-ID"] + (f"; {missed}" if missed else ""), missed)

    async def _hand_in(
        self, client: aiosmtplib.SMTP, message: EmailMessage, to: list[str]
    ) -> dict[str, aiosmtplib.SMTPResponse]:
        """Send it to these addresses; those that were refused."""
        if not to:
            return {}
        refused, _ = await client.send_message(message, recipients=to)
        return refused

    async def check(self) -> str:
        """Connect, greet, encrypt and log in as for a message, and send none."""
        client = await self._open()
        try:
            await client.noop()
        except (aiosmtplib.SMTPException, OSError) as error:
            failure = _from_transaction(error)
        else:
            return f"{self._server.host}:{self._server.port} takes mail from {self._sender}"
        finally:
            client.close()
        raise failure

    async def close(self) -> None:
        """Nothing is kept open."""

    def _without_secret(self, said: str) -> str:
        """A server's words, should it repeat the password in them."""
        secret = self._server.password.get_secret_value() if self._server.password else ""
        return said.replace(secret, "…") if secret else said

    async def _open(self) -> aiosmtplib.SMTP:
        """A connection, encrypted and logged in as configured."""
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            tls_context=server.context if server.tls != "none" else None,
            username=server.username,
            password=server.password.get_secret_value() if server.username and server.password else None,
            local_hostname=self._sender.rpartition("@")[2],
            timeout=TIMEOUT_SECONDS,
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            failure = _from_opening(error, f"{server.host}:{server.port}")
        except asyncio.CancelledError:
            client.close()
            raise
        else:
            return client
        raise failure


def _from_opening(error: Exception, name: str) -> DeliveryError:
    """What a failure before the message means: nothing was sent."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        refusal = f"{name} refuses the login ({error.code})"
        if error.code in _TRANSIENT:
            return DeliveryDeferredError(refusal)
        return DeliveryRefusedError(refusal, everything=True)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _from_code(error.code, error.message, name, everything=True)
    if isinstance(error, aiosmtplib.SMTPConnectError | aiosmtplib.SMTPServerDisconnected | OSError):
        return DeliveryDeferredError(f"{name} cannot be reached ({_cause_of(error)})")
    return DeliveryRefusedError(
        f"{name} does not offer what is configured for it ({line(str(error))})", everything=True
    )


def _from_transaction(error: Exception) -> DeliveryError:
    """What a failure with the message means: a code is an answer, anything else leaves it open."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        # One that may work later is reason enough to try again: none has got it.
        worst = min(error.recipients, key=lambda refused: refused.code)
        return _from_code(worst.code, f"{worst.recipient}: {worst.message}", "the server", everything=True)
    if isinstance(error, aiosmtplib.SMTPSenderRefused | aiosmtplib.SMTPHeloError):
        return _from_code(error.code, error.message, "the server", everything=True)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _from_code(error.code, error.message, "the server")
    if isinstance(error, aiosmtplib.SMTPNotSupported | ValueError):
        return DeliveryRefusedError(f"the server cannot take this message ({line(str(error))})")
    return DeliveryUncertainError(f"the connection broke off before the server's answer ({type(error).__name__})")


def _from_code(code: int, message: str, name: str, *, everything: bool = False) -> DeliveryError:
    """What a code means; `everything`: what it refuses, us, sender or addresses, are those of every message."""
    said = f"{name} says {code} {line(message)}"
    if code in _TRANSIENT:
        return DeliveryDeferredError(said)
    if code in _PERMANENT:
        return DeliveryRefusedError(said, everything=everything)
    return DeliveryUncertainError(said)


def _cause_of(error: Exception) -> str:
    """The innermost cause by its name: a certificate's failure hides behind two others."""
    inner: BaseException = error
    while cause := inner.__cause__ or inner.__context__:
        inner = cause
    detail = ""
    if isinstance(inner, ssl.SSLCertVerificationError):
        detail = inner.verify_message
    elif isinstance(inner, ssl.SSLError):
        detail = inner.reason or ""
    return f"{type(inner).__name__}{': ' if detail else ''}{detail}"


def _refused_of(error: Exception) -> dict[str, aiosmtplib.SMTPResponse]:
    """The answers to each address, where all were refused."""
    if not isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return {}
    return {each.recipient: aiosmtplib.SMTPResponse(each.code, each.message) for each in error.recipients}


def _but_not(refused: dict[str, aiosmtplib.SMTPResponse]) -> str:
    if not refused:
        return ""
    each = (f"{who} ({answer.code} {line(answer.message)})" for who, answer in refused.items())
    return f"refused for {', '.join(each)}"
