"""Faults, for real: worker processes that are killed, stopped and cut off at named points; afterwards all is exact."""
