"""A stand-in for a mail server on loopback: records what it is sent, and answers as it is told to."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HANG = "hang"
"""A scripted answer that never comes."""
DROP = "drop"
"""A scripted answer in whose place the connection is closed, the message received."""


class _Connection(SMTP):
    """One client's connection, which can be cut off for certain."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._first: asyncio.BaseTransport | None = None
        self._socket: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called a second time once the connection is encrypted; the first transport has the socket."""
        if self._first is None:
            self._first, self._socket = transport, transport.get_extra_info("socket")
        super().connection_made(transport)

    async def end(self) -> None:
        """Cut off and wait until the socket is closed: after a failed handshake nobody else closes it."""
        if isinstance(self._first, asyncio.WriteTransport) and self._socket.fileno() != -1:
            self._first.abort()
            async with asyncio.timeout(5):
                while self._socket.fileno() != -1:  # noqa: ASYNC110  # the transport tells nobody
                    await asyncio.sleep(0)
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()
            await asyncio.wait([self._handler_coroutine])


class MailStandin:
    """Takes mail over SMTP.

    Attributes:
        received: the messages, in order, refused ones left out.
        recipients: each message's envelope recipients.
        script: answers to the next messages, used up one by one (`451 later`, HANG, DROP); empty accepts.
        refused: addresses that are refused with 550, as sender too.
        greylisted: recipients that are told to come later, with 450.
    """

    def __init__(
        self,
        *,
        tls: Literal["starttls", "tls", "none"] = "none",
        context: ssl.SSLContext | None = None,
        login: tuple[str, str] | None = None,
        port: int = 0,
    ) -> None:
        self.received: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.script: deque[str] = deque()
        self.refused: set[str] = set()
        self.greylisted: set[str] = set()
        self.port = port
        self._tls, self._context, self._login = tls, context, login
        self._arrived = asyncio.Condition()
        self._stopped = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._connections: list[_Connection] = []

    @property
    def notification_ids(self) -> list[str]:
        """The notification ids of what was received, in order."""
        return [str(message["X-Marsad-Notification"]) for message in self.received]

    async def start(self) -> None:
        """Listen; `port` is known afterwards."""
        self._stopped.clear()
        context = self._context if self._tls == "tls" else None
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connect, "127.0.0.1", self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and close every connection; what was received stays."""
        self._stopped.set()
        if self._server is None:
            return
        self._server.close()
        for connection in self._connections:
            await connection.end()
        self._connections.clear()
        await self._server.wait_closed()
        self._server = None

    async def wait_for(self, count: int, *, within: float = 10) -> None:
        """Until `count` messages are there; TimeoutError after `within` seconds."""
        async with asyncio.timeout(within), self._arrived:
            await self._arrived.wait_for(lambda: len(self.received) >= count)

    def _connect(self) -> _Connection:
        options: dict[str, Any] = {}
        if self._tls == "starttls":
            options.update(tls_context=self._context, require_starttls=True)
        if self._login:
            options.update(auth_require_tls=False, authenticator=self._authenticate)
        # A made-up name: looking up this machine's own can take seconds.
        connection = _Connection(self, hostname="mail.standin", ident="standin", enable_SMTPUTF8=True, **options)
        self._connections.append(connection)
        return connection

    def _authenticate(self, server: SMTP, session: Session, envelope: Envelope, how: str, what: Any) -> AuthResult:
        del server, session, envelope, how
        given = (what.login.decode(), what.password.decode()) if isinstance(what, LoginPassword) else None
        return AuthResult(success=given == self._login, handled=False)

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender or not."""
        del server, session
        if address in self.refused:
            return "550 not from you"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the recipient or not."""
        del server
        if self._login and not session.authenticated:
            return "530 authentication required"
        if address in self.greylisted:
            return "450 greylisted"
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # see above
        """Take the message or not."""
        del session
        answer = self.script.popleft() if self.script else "250 OK"
        if answer == HANG:
            await self._stopped.wait()
            return "421 stopping"
        if answer == DROP or answer.startswith("250"):
            content = envelope.content or b""
            raw = content.encode() if isinstance(content, str) else content
            message = message_from_bytes(raw, policy=policy.default)
            assert isinstance(message, EmailMessage)  # noqa: S101  # the default policy makes these
            async with self._arrived:
                self.received.append(message)
                self.recipients.append(list(envelope.rcpt_tos))
                self._arrived.notify_all()
        if answer == DROP and server.transport is not None:
            server.transport.close()
            return "421 dropped"
        return answer
