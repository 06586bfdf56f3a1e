"""How times cross between Python and Redis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.stores.scripts import instant, milliseconds, seconds


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # hypothesis adds the zone
def test_an_instant_survives_to_the_millisecond(at: datetime) -> None:
    """To Redis and back it moves by half a millisecond at most."""
    back = instant(str(milliseconds(at)))
    assert back is not None
    assert abs(back - at) <= timedelta(milliseconds=0.5)


def test_no_instant_is_none() -> None:
    """Absent and empty fields are no instant."""
    assert (instant(None), instant("")) == (None, None)


def test_a_span_is_at_least_a_second() -> None:
    """EXPIRE takes no fractions, and 0 would delete."""
    assert (seconds(timedelta(milliseconds=3)), seconds(timedelta(days=1))) == (1, 86400)
