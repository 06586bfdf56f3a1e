"""Days that texts name by date."""

from __future__ import annotations

import pytest

from streams.match.dates import dates_in


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("السبت 24 من حزيران", [(6, 24)]),
        ("في 8/ أيلول/ 2022", [(9, 8)]),
        ("٢٦ يوليو ٢٠١٩", [(7, 26)]),
        ("20 تشرين الثاني و16 تشرين الأول", [(11, 20), (10, 16)]),
        ("20 أكتوبر/تشرين الأول 2021", [(10, 20)]),
        ("on Saturday, 7th of June 2018, and Nov. 20", [(6, 7), (11, 20)]),
        ("25-11-2023", [(11, 25)]),
        ("2020/02/25", [(2, 25)]),
        ("11.25.2023", [(11, 25)]),
        ("5 may be dead, as in July 2019", []),
        ("at 12:30, 45/13/2020, 3.5 million", []),
    ],
)
def test_days_are_named_in_the_ways_of_both_languages(text: str, dates: list[tuple[int, int]]) -> None:
    """With months of the Levant, of Egypt and of the Maghreb; a month alone is no day, nor is a verb."""
    assert list(dates_in(text)) == dates
