"""An alert or a notice as a mail message: text and HTML, the same bytes every time it is made. Pure."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

from streams.alerts import AlertContent, Notice, Notification
from streams.notify.render import Sheet, direction, more_of, plain, sheet

_STYLE = "font-family:sans-serif;font-size:15px;line-height:1.5;color:#222;max-width:42em"


def letter(notification: Notification, *, sender: str, to: tuple[str, ...]) -> EmailMessage:
    """The message. Message-ID, Date and boundary follow from the notification, so a repeated attempt is recognised.

    No header can be smuggled in: what comes from outside is put on one line before it becomes a subject, and no
    encoded word (RFC 2047) is left in it, which the header's parser would decode, line breaks and all.
    """
    parts = sheet(notification.content)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Marsad", addr_spec=sender)
    message["To"] = ", ".join(to)
    message["Subject"] = parts.subject.replace("=?", "= ?")
    message["Date"] = notification.content.seen_at
    message["Message-ID"] = _message_id(notification.id, sender)
    if notification.first:
        message["In-Reply-To"] = message["References"] = _message_id(notification.first, sender)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Marsad-Notification"] = notification.id
    if notification.alert:
        message["X-Marsad-Alert"] = notification.alert
    message.set_content(plain(parts), cte="base64")
    message.add_alternative(html(notification.content), subtype="html", cte="base64")
    message.set_boundary(f"=_{notification.id.replace(':', '_')}")
    return message


def _message_id(notification: str, sender: str) -> str:
    return f"<{notification.replace(':', '.')}@{sender.rpartition('@')[2]}>"


def html(content: AlertContent | Notice) -> str:
    """The content as an HTML page in which each text has the direction of its own letters."""
    parts = sheet(content)
    body = [
        f"<h2{_dir(parts.title)}>{escape(parts.label)}: {escape(parts.title)}</h2>",
        *([_headline(parts)] if parts.headline else []),
        f"<p{_dir(parts.origin)}>{escape(parts.origin)}</p>",
        *(_sentence(parts, index) for index in range(len(parts.sentences))),
        *([f"<p>{more_of(parts)}</p>"] if parts.more else []),
        *([_facts(parts)] if parts.facts else []),
        f'<p style="color:#777;font-size:12px">{escape(parts.footer)}</p>',
    ]
    head = f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head>\n<body style="{_STYLE}">'
    return "\n".join([head, *body, "</body></html>\n"])


def _dir(text: str) -> str:
    return f' dir="{direction(text)}"'


def _headline(parts: Sheet) -> str:
    text = escape(parts.headline)
    inner = f'<a href="{escape(parts.url)}">{text}</a>' if parts.url else text
    return f"<h3{_dir(parts.headline)}>{inner}</h3>"


def _sentence(parts: Sheet, index: int) -> str:
    sentence = parts.sentences[index]
    inner = "".join(
        f"<mark><b>{escape(segment.text)}</b></mark>" if segment.marked else escape(segment.text)
        for segment in sentence
    )
    whole = "".join(segment.text for segment in sentence)
    look = ' style="margin:0.6em 0;padding:0 1em;border-inline-start:3px solid #bbb;white-space:pre-line"'
    return f"<blockquote{_dir(whole)}{look}>{inner}</blockquote>"


def _facts(parts: Sheet) -> str:
    rows = (
        f"<tr><th align=left>{escape(name)}</th><td{_dir(words)}>{escape(words)}</td></tr>"
        for name, words in parts.facts
    )
    return f"<table cellpadding=4>{''.join(rows)}</table>"
