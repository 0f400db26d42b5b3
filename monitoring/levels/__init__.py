"""Levels: figures that are not told when something happens, but looked at once a minute. `metrics.names` lists them."""
