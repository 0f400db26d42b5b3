"""How large, how many, how long."""

from __future__ import annotations

MAX_BYTES = 20 * 2**20
MAX_PIXELS = 50_000_000
# A WebP cannot be decoded at a smaller size, and its decoder holds the whole picture three times over.
MAX_PIXELS_OF = {"WebP": 25_000_000}
MAX_SIDE = 30_000  # pixels; a picture one pixel wide would cost more in bookkeeping than in pixels
MOST_IMAGES = 50  # of a product
MOST_ATTEMPTS = 3
TARGET_SECONDS = 900  # how long an upload may begin after it was asked for
LEASE_SECONDS = 60  # renewed behind each step of the work
REST_SECONDS = 60  # until a picture, or a key to be deleted, is tried again
AWAITED_HOURS = 24
