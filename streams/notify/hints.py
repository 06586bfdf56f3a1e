"""What to do about a receiver that refuses or cannot be reached, by the words of its error. Pure."""

from __future__ import annotations

import re

_HINTS = {
    "invalid_auth|not_authed|token_revoked|token_expired|account_inactive|invalid_token": """\
        {secret} holds no valid bot token: copy the Bot User OAuth Token (xoxb-...) from the app's page OAuth &
        Permissions, and install the app again if it was removed""",
    "missing_scope|not_allowed_token_type": """\
        the app lacks a scope: add chat:write (and channels:history, groups:history, so that Slack can be asked before a
        message is repeated) to its bot token scopes, and install it again""",
    "channel_not_found": """\
        no channel has this name or id, or it is private and the bot is not in it: write its id (C0123456, at the end of
        the channel's details), and /invite the bot""",
    "not_in_channel": "/invite the bot into the channel",
    "is_archived": "the channel is archived: name another",
    "restricted_action|no_permission|access_denied|action_prohibited": "the workspace does not let the bot post there",
    "no_service|no_team|no_active_hooks": """\
        Slack knows no such webhook: make a new one and put its address into {secret}""",
    "refuses us: HTTP|not one of its own": """\
        something else than Slack answers there: check the address, and whether a proxy or a network's log-in is in the
        way""",
    "the address of .* is not one": "{secret} holds no whole address: it begins with https://",
    "refuses the login": "check username and {secret}; with two-factor login most providers want an app password",
    "certificate": """\
        the server's certificate is not trusted: name its authority's file in `mail.ca_file`, and the server by the name
        in the certificate""",
    "WRONG_VERSION_NUMBER": "the server does not speak TLS from the first byte there: `tls: starttls` with port 587",
    "STARTTLS": "the server does not offer STARTTLS there: `tls: tls` with port 465, or `none` inside a trusted net",
    "gaierror|DNSError": "no address is known for this host: is its name right?",
    "Timeout|no answer within": "nothing answers: a firewall, or port 465 without `tls: tls`",
    "cannot be reached": "nobody listens there: check host and port, and whether a firewall is in the way",
    "says 5": "the mail server's own words: often it wants another sender, or does not relay to these addresses",
    "asks to wait": "too many messages: wait, then try again",
}
"""What to do, by a pattern in the error; the first that is found counts."""


def hint_for(error: str, *, secret: str) -> str:
    """What to do, or "" where nothing better is known than the error itself. `secret` is the variable's name."""
    for pattern, text in _HINTS.items():
        if re.search(pattern, error):
            return " ".join(text.split()).format(secret=secret)
    return ""
