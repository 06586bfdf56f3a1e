"""Marsad: an event-stream news alerting system (the distribution and the command are called `marsad`)."""

__version__ = "0.1.0"
