"""The name of an SNS topic. In a file of its own: whoever only checks it needs no boto3, which is eight megabytes."""

from __future__ import annotations

import re

ARN = re.compile(r"arn:aws[a-z-]*:sns:(?P<region>[a-z0-9-]+):\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?")
