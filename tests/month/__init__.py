"""A simulated web on loopback, with a clock that is set, and outlets of every habit."""
