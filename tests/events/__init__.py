"""The event door whole: S3 → SNS → SQS → consumer → rows, against a server of AWS's interfaces in its own process."""
