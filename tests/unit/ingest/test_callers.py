"""In whose name a source is asked."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from streams.ingest.callers import callers_of
from streams.sections import SourceSettings


@pytest.mark.parametrize(
    ("secret", "header"),
    [
        ("user:pass", "Basic dXNlcjpwYXNz"),
        ("Bearer abc", "Bearer abc"),
        ("abc", "Bearer abc"),
        ("user:pass word", "Basic dXNlcjpwYXNzIHdvcmQ="),
        ("Token user:abc", "Token user:abc"),
    ],
)
def test_credentials_are_a_header_for_the_sources_own_site(secret: str, header: str) -> None:
    """A password or a token; it is in no representation."""
    values = {"name": "A", "feed": "https://a.example/feed", "credentials": "MARSAD_A"}
    callers = callers_of([SourceSettings.model_validate(values)], {"MARSAD_A": SecretStr(secret)}.get)
    authorization = callers["A"].authorization
    assert authorization is not None
    assert (authorization.get_secret_value(), callers["A"].origin) == (header, "https://a.example")
    assert header not in repr(callers)


def test_who_says_nothing_is_asked_as_marsad() -> None:
    """There is no caller for such a source."""
    assert callers_of([SourceSettings(name="A", feed="https://a.example/")], lambda _: None) == {}
