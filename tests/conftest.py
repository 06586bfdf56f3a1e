"""The order of tests: what takes longest begins first, so that nothing long is left over when all else is done."""

from __future__ import annotations

import pytest

BEGIN_WITH = ("crash", "kafka")
"""Groups, longest first: with `-n`, one process runs all tests of a group (`pytest.mark.xdist_group`)."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests by how long they take, without more order than that: they stay shuffled."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    group = item.get_closest_marker("xdist_group")
    if group is not None:
        return BEGIN_WITH.index(group.args[0])
    return len(BEGIN_WITH) if item.get_closest_marker("slow") else len(BEGIN_WITH) + 1
