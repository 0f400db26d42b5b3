"""Figures over time: told through `monitoring.telemetry`, kept per minute and per hour, read by `metrics.read`."""
