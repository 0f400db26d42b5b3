"""What the event door needs in AWS, for a development account or an emulator: one part a file.

A part says how it differs from what it should be, and puts that right. What belongs to others (notifications,
lifecycle rules, policy statements) is left as it is; S3 replaces whole configurations, so they are read and merged.
In production this is infrastructure code, and only `--check` is of use.
"""
