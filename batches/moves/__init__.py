"""Images move when their receipt was read (Y9): `uploads/{userId}/{name}` → `processed/{YYYY-MM-DD}/{userId}/{name}`.

start → claim → copy (and verify) → record → delete → record; `fail` when it cannot be done. A step is a file.
"""
