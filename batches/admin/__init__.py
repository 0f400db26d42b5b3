"""One file for each model; importing them registers them."""

from batches.admin import accounts, dead_letter, image_upload, job, result_file, schedules, transaction

__all__ = ["accounts", "dead_letter", "image_upload", "job", "result_file", "schedules", "transaction"]
