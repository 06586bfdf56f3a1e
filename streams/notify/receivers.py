"""Builds the notifiers of the configured receivers."""

from __future__ import annotations

import ssl
from collections.abc import Iterable

from pydantic import SecretStr

from streams.errors import ConfigurationError, Problem
from streams.notify.apprise import Apprise
from streams.notify.atom import Atom
from streams.notify.lines import Lines
from streams.notify.mail import Mail, Server
from streams.notify.notifier import Notifier
from streams.notify.slack import Slack, SlackWebhook
from streams.notify.webhook import Webhook
from streams.notify.wording import Wording
from streams.receiver_sections import (
    AppriseReceiver,
    AtomReceiver,
    FileReceiver,
    MailReceiver,
    ReceiverSettings,
    SlackReceiver,
    SlackWebhookReceiver,
    WebhookReceiver,
)
from streams.settings import Secrets


def build(receivers: Iterable[ReceiverSettings], secrets: Secrets) -> dict[str, Notifier]:
    """A notifier for each receiver, by its name.

    Raises:
        ConfigurationError: every secret that is missing and every certificate file that cannot be used.
    """
    problems: list[Problem] = []
    built: dict[str, Notifier] = {}
    for receiver in receivers:
        try:
            built[receiver.name] = _build(receiver, secrets)
        except ConfigurationError as error:
            problems += error.problems
    if problems:
        raise ConfigurationError(problems)
    return built


def _build(receiver: ReceiverSettings, secrets: Secrets) -> Notifier:  # noqa: PLR0911  # one for each way
    wording = Wording(receiver.language, receiver.timezone)
    match receiver.way:
        case SlackReceiver() as way:
            token = _secret(receiver, way.token, secrets)
            return Slack(channel=way.channel, token=token, api=way.api, wording=wording)
        case SlackWebhookReceiver() as way:
            return SlackWebhook(url=_secret(receiver, way.url, secrets), wording=wording)
        case WebhookReceiver() as way:
            secret = _secret(receiver, way.secret, secrets) if way.secret else None
            return Webhook(url=_secret(receiver, way.url, secrets), secret=secret, wording=wording)
        case AppriseReceiver() as way:
            return Apprise(url=_secret(receiver, way.url, secrets), wording=wording)
        case AtomReceiver() as way:
            return Atom(way.path, title=receiver.name, wording=wording)
        case FileReceiver() as way:
            return Lines(way.path, wording=wording)
        case MailReceiver() as way:
            server = Server(
                host=way.host,
                port=way.port,
                tls=way.tls,
                context=_context(receiver.name, way),
                username=way.username,
                password=_secret(receiver, way.password, secrets) if way.username else None,
            )
            return Mail(server, sender=way.sender, to=way.to, wording=wording)


def _secret(receiver: ReceiverSettings, name: str, secrets: Secrets) -> SecretStr:
    if found := secrets.get(name):
        return found
    message = f"is not set, and receiver {receiver.name!r} needs it"
    raise ConfigurationError([Problem(name, 0, 0, message, f"export {name} or {name}_FILE")])


def _context(name: str, way: MailReceiver) -> ssl.SSLContext | None:
    if way.tls == "none":
        return None
    try:
        return ssl.create_default_context(cafile=str(way.ca_file) if way.ca_file else None)
    except OSError as error:
        place = str(way.ca_file)
        message = f"receiver {name!r}: no usable certificates in it: {error.strerror or error}"
        raise ConfigurationError([Problem(place, 0, 0, message)]) from error
