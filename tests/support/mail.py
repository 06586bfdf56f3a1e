"""The mail server's stand-in for tests, plain and with TLS."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Literal

import trustme

from deploy.sample.mail_standin import MailStandin

LOGIN = ("marsad", "smtp-very-secret")


@cache
def authority() -> trustme.CA:
    """A certificate authority for this test run; making one takes a moment."""
    return trustme.CA()


def ca_file(folder: Path) -> Path:
    """Its certificate, as `ca_file` of a receiver."""
    path = folder / "ca.pem"
    authority().cert_pem.write_to_path(str(path))
    return path


@contextlib.asynccontextmanager
async def mail(
    tls: Literal["starttls", "tls", "none"] = "none", login: tuple[str, str] | None = None
) -> AsyncIterator[MailStandin]:
    """A running stand-in whose certificate is for 127.0.0.1."""
    context = None
    if tls != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority().issue_cert("127.0.0.1").configure_cert(context)
    standin = MailStandin(tls=tls, context=context, login=login)
    await standin.start()
    try:
        yield standin
    finally:
        await standin.stop()
