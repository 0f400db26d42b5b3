"""Bytes of a file → its rows, one at a time. Nothing here knows the database."""
