"""The event codes of CAMEO (Schrodt, CAMEO Event and Actor Codebook 1.1b3, 2012), without their names.

A root code has kinds, which have a third digit, and some of these kinds of their own, with a fourth. The codes were
compared with the lists that users of the code book publish.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_KINDS: Final = {
    "01": 9, "02": 8, "03": 9, "04": 6, "05": 7, "06": 4, "07": 5, "08": 7, "09": 4, "10": 8,
    "11": 6, "12": 9, "13": 9, "14": 5, "15": 5, "16": 6, "17": 6, "18": 6, "19": 6, "20": 4,
}  # fmt: skip
"""By root code: its last kind; the first is 0, what is not specified below."""
_BELOW: Final = {
    "021": 4, "023": 4, "024": 4, "025": 6, "031": 4, "033": 4, "034": 4, "035": 6,
    "081": 4, "083": 4, "084": 2, "086": 3, "087": 4, "101": 4, "103": 4, "104": 4, "105": 6,
    "112": 5, "121": 4, "122": 4, "123": 4, "124": 6, "131": 3, "132": 4, "138": 5,
    "141": 4, "142": 4, "143": 4, "144": 4, "145": 4, "162": 3, "166": 3, "171": 2, "172": 4,
    "182": 3, "183": 3, "195": 2, "204": 2,
}  # fmt: skip
"""By kind: the last of its own kinds; the first is 1."""


def _codes() -> Iterator[str]:
    for root, last in _KINDS.items():
        yield root
        for digit in range(last + 1):
            yield f"{root}{digit}"
    for kind, last in _BELOW.items():
        yield from (f"{kind}{digit}" for digit in range(1, last + 1))


CODES: Final = frozenset(_codes())


def checked(code: str) -> str:
    """The code.

    Raises:
        ValueError: it is not in the code book; the text says which are, as far as the code goes.
    """
    if code in CODES:
        return code
    above = next((code[:length] for length in range(len(code), 1, -1) if code[:length] in CODES), "")
    below = sorted(one for one in CODES if one.startswith(above) and len(one) == len(above) + 1) if above else []
    known = f"{above} has {below[0]} to {below[-1]}" if below else f"{above or 'it'} has no kinds of its own"
    raise ValueError(f"{code!r} is no event code of CAMEO: {known if above else 'its codes begin with 01 to 20'}")
