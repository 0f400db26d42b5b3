"""Rows → bytes of a file, one row at a time."""
