"""Event codes are those of the code book."""

from __future__ import annotations

import pytest

from streams.match.cameo import checked


@pytest.mark.parametrize("code", ["01", "10", "102", "1056", "0871", "0874", "190", "1952", "2042"])
def test_codes_of_the_book_are_taken(code: str) -> None:
    """Roots, kinds, and kinds of these."""
    assert checked(code) == code


@pytest.mark.parametrize(
    ("code", "because"),
    [
        ("1057", "105 has 1051 to 1056"),
        ("109", "10 has 100 to 108"),
        ("0111", "011 has no kinds of its own"),
        ("21", "its codes begin with 01 to 20"),
    ],
)
def test_other_codes_are_refused_with_those_that_there_are(code: str, because: str) -> None:
    """As far as the code goes."""
    with pytest.raises(ValueError, match=f"'{code}' is no event code of CAMEO: {because}"):
        checked(code)
