"""How far a partition may be committed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.transports.offsets import HandledOffsets, Partition

ONE, TWO = Partition("t", 0), Partition("t", 1)


def test_a_position_stops_before_the_first_unhandled() -> None:
    """A later event that is handled first does not move the position."""
    offsets = HandledOffsets()
    for offset in (4, 5, 6):
        assert offsets.receive(ONE, offset)
    offsets.handle(ONE, 5)
    assert offsets.uncommitted() == {}
    offsets.handle(ONE, 4)
    assert offsets.uncommitted() == {ONE: 6}


def test_a_committed_position_is_not_committed_again() -> None:
    """Only what moved since is to be committed."""
    offsets = HandledOffsets()
    offsets.receive(ONE, 0)
    offsets.receive(TWO, 0)
    offsets.handle(ONE, 0)
    offsets.commit({ONE: 1})
    offsets.handle(TWO, 0)
    assert offsets.uncommitted() == {TWO: 1}


def test_an_event_received_twice_is_not_handled_twice() -> None:
    """A second receipt of the same offset is told to be dropped."""
    offsets = HandledOffsets()
    assert offsets.receive(ONE, 3)
    assert not offsets.receive(ONE, 3)


def test_what_was_in_hand_before_a_reset_counts_for_nothing() -> None:
    """After a rebalance a late "handled" of the old round does not move the new round's position."""
    offsets = HandledOffsets()
    offsets.receive(ONE, 0)
    offsets.receive(ONE, 1)
    offsets.reset()
    offsets.handle(ONE, 1)
    assert offsets.uncommitted() == {}
    assert offsets.receive(ONE, 0)


@given(st.integers(0, 50), st.lists(st.integers(1, 3), max_size=30), st.randoms(use_true_random=False))
def test_a_position_never_passes_an_unhandled_event(first: int, steps: list[int], random: object) -> None:
    """Whatever the gaps and the order of handling: every received event below the position is handled."""
    received, at = [], first
    for step in steps:
        received.append(at)
        at += step
    offsets = HandledOffsets()
    for offset in received:
        offsets.receive(ONE, offset)
    order = list(received)
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis's Random
    handled: set[int] = set()
    for offset in order:
        offsets.handle(ONE, offset)
        handled.add(offset)
        position = offsets.uncommitted().get(ONE, first)
        assert all(one in handled for one in received if one < position)
    if received:
        assert offsets.uncommitted() == {ONE: received[-1] + 1}
