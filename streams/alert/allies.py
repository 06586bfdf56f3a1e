"""Who fights side by side, so that outlets name now the one, now the other for what was done by either."""

from __future__ import annotations

from typing import Final

ALLIES: Final = (
    "SYR RUS IRN state syrian-government hezbollah irgc",
    "TUR syrian-opposition rebels",
    "USA GBR FRA global-coalition NATO",
    "SAU ARE YEM yemeni-government arab-coalition",
    "RWA m23",
    "RUS separatists-ukraine",
)
"""Codes and ids of gazetteer entries, and names of `streams.match.scenes.SIDES`."""
