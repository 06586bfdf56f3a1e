"""How far a partition may be committed."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from streams.transports.offsets import HandledOffsets, Partition

ONE, TWO = Partition("t", 0), Partition("t", 1)


def book(*offsets: int) -> HandledOffsets:
    """A book with these offsets of one partition fetched and in hand."""
    found = HandledOffsets()
    for offset in offsets:
        assert found.fetch(ONE, offset)
        assert found.receive(ONE, offset)
    return found


def test_a_position_stops_before_the_first_unhandled() -> None:
    """A later record that is handled first does not move the position."""
    offsets = book(4, 5, 6)
    offsets.handle(ONE, 5)
    assert offsets.uncommitted() == {}
    offsets.handle(ONE, 4)
    assert offsets.uncommitted() == {ONE: 6}


def test_a_record_dropped_on_its_way_holds_the_position() -> None:
    """A fetched record that never reached the handler is not passed by those after it."""
    offsets = HandledOffsets()
    for offset in (0, 1, 2):
        offsets.fetch(ONE, offset)
    offsets.receive(ONE, 1)
    offsets.handle(ONE, 1)
    assert offsets.uncommitted() == {}


def test_a_committed_position_is_not_committed_again() -> None:
    """Only what moved since is to be committed."""
    offsets = book(0)
    offsets.handle(ONE, 0)
    offsets.commit({ONE: 1})
    offsets.fetch(TWO, 0)
    offsets.receive(TWO, 0)
    offsets.handle(TWO, 0)
    assert offsets.uncommitted() == {TWO: 1}


def test_a_record_is_taken_in_hand_once() -> None:
    """A second fetch or receipt of the same offset is told to be dropped."""
    offsets = book(3)
    assert not offsets.fetch(ONE, 3)
    assert not offsets.receive(ONE, 3)


def test_what_was_in_hand_before_a_reset_counts_for_nothing() -> None:
    """After a rebalance a late "handled" of the old round does not move the new round's position."""
    offsets = book(0, 1)
    offsets.reset()
    offsets.handle(ONE, 1)
    assert offsets.fetch(ONE, 0)
    offsets.handle(ONE, 0)
    assert offsets.uncommitted() == {}


@given(st.integers(0, 50), st.lists(st.integers(1, 3), max_size=30), st.randoms(use_true_random=False))
def test_a_position_never_passes_an_unhandled_record(first: int, steps: list[int], random: Random) -> None:
    """Whatever the gaps and the order of handling: every fetched record below the position is handled."""
    fetched, at = [], first
    for step in steps:
        fetched.append(at)
        at += step
    offsets = book(*fetched)
    order = list(fetched)
    random.shuffle(order)
    handled: set[int] = set()
    for offset in order:
        offsets.handle(ONE, offset)
        handled.add(offset)
        position = offsets.uncommitted().get(ONE, first)
        assert all(one in handled for one in fetched if one < position)
    if fetched:
        assert offsets.uncommitted() == {ONE: fetched[-1] + 1}
