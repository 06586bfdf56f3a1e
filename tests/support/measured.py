"""What `marsad rules eval` measures of the shipped rules on a file of tests/data, once for each part of it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from streams.errors import InputError
from streams.match.evaluation import Evaluation, read_labelled
from tests.support.shipped import shipped_engine

_DATA = Path(__file__).parents[1] / "data"


def lines_of(name: str, **which: object) -> list[bytes]:
    """The lines of a file whose fields have these values."""
    lines = (_DATA / name).read_bytes().splitlines()
    return [line for line in lines if which.items() <= json.loads(line).items()]


@cache
def measured(name: str, **which: object) -> Evaluation:
    """The scores of all shipped rules on these lines; fields as for `lines_of`, as hashable values."""
    evaluation = Evaluation(shipped_engine())
    for item in read_labelled(lines_of(name, **which), file=name):
        assert not isinstance(item, InputError), item
        evaluation.take(item)
    return evaluation
