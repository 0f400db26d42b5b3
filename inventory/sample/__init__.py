"""Two months of a made-up shop: deliveries, sales, transfers and a count."""
