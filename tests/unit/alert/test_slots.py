"""How the values of two slots are compared."""

from __future__ import annotations

import pytest

from streams.alert.slots import says


@pytest.mark.parametrize(
    ("longer", "shorter", "said"),
    [
        ("the Turkish troops", "Turkish troops", True),
        ("the Turkish troops", "troops", True),
        ("والقوات التركية", "القوات التركية", True),
        ("بلدة f17", "بلدة f1", False),
        ("Idlibis", "Idlib", False),
        ("troops", "the troops", False),
    ],
)
def test_a_value_has_the_words_of_another_whole(longer: str, shorter: str, *, said: bool) -> None:
    """Particles before a word are part of it in Arabic; what goes on behind it is another word."""
    assert says(longer, shorter) is said
