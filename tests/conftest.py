"""Which tests one process runs together, and which begin first, when several processes run them (`pytest -n 3`)."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

GROUPS = ("crash", "kafka", "figures")
"""What `group_of` answers, in the order in which they begin: the longest first."""


def group_of(nodeid: str) -> str | None:
    """The tests that one process is to run, by what they share; None for one that shares nothing.

    By the id, since pytest-xdist 3.8 does not pass `xdist_group` marks on under pytest 9.2.
    """
    path, _, name = nodeid.partition("::")
    if path.startswith("tests/crash/"):
        return "crash"  # the scenarios of a module-wide fixture, which all run side by side
    if path.endswith(("/test_kafka.py", "/test_secured_kafka.py")) or name.endswith(("[kafka]", "[servers]")):
        return "kafka"  # a broker, which takes seconds to start
    if path.endswith(("/test_blind_news.py", "/test_withdrawal_rule.py", "/test_idlib_rule.py")):
        return "figures"  # what the shipped rules make of a file of articles, on which several tests look
    return None


class InGroups(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out groups, and tests that are in none, in the order of the collection."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid) or nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> InGroups:
    """Called in the process that hands out the tests."""
    config.option.loadscopereorder = False
    return InGroups(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest first, so that nothing long is left over at the end; otherwise they stay shuffled."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    if (group := group_of(item.nodeid)) is not None:
        return GROUPS.index(group)
    return len(GROUPS) if item.get_closest_marker("slow") else len(GROUPS) + 1
