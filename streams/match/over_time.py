"""A rule's condition over time in words, for whoever looks at one article alone."""

from __future__ import annotations

from streams.match.alert_settings import Absence, After, AlertSettings, Counting, Spike
from streams.units import spelled_span


def over_time(alert: AlertSettings) -> str:
    """When the rule tells people, one article not being enough; empty where it is."""
    match alert.counting:
        case None:
            return ""
        case After(rules=rules, within=within, by=by):
            steps = ", then of ".join(rules)
            said = f"an article of {steps} has come up to {spelled_span(within)} before"
        case Absence(within=within, usual=usual, by=by):
            said = f"no article comes for {spelled_span(within)} in which {usual:g} are usual"
        case Counting(within=within, by=by) as counted:
            window = counted.window
            said = f"{window.at_least} {window.unit.value} come within {spelled_span(within)}"
            if isinstance(counted, Spike):
                said += f", {counted.times:g} times the usual of these hours of the week"
    return f"tells when {said}" + (f", for each {by} by itself" if by else "")
