"""PostgreSQL and a Celery broker from two wheels, run by our own launcher: ``python -m embedded --help``.

For a development machine and for tests. Nothing here knows Django or the apps (import-linter sees to that).
"""
