"""What to do about a receiver, by the words of its error."""

from __future__ import annotations

import pytest

from streams.notify.hints import hint_for


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("Slack refuses us: HTTP 403", "whether a proxy"),
        ("Slack's answer is not one of its own", "whether a proxy"),
        ("the address of Slack is not one (InvalidUrlClientError)", "MARSAD_HOOK holds no whole address"),
        ("Slack refuses us: no_service", "put its address into MARSAD_HOOK"),
    ],
)
def test_whatever_answers_in_a_receivers_place_had_no_hint(error: str, advice: str) -> None:
    """A page, a redirect, or a secret that is no address."""
    assert advice in hint_for(error, secret="MARSAD_HOOK")


def test_what_is_not_known_has_none() -> None:
    """The error stands for itself."""
    assert hint_for("something else", secret="MARSAD_HOOK") == ""
