"""Spans: begun through `monitoring.telemetry`, kept or let go when their part of the work ends, stored by a thread.

`spans` begins them; `part` holds those of one piece of work in one process until `keep` decides; `export` stores.
"""
