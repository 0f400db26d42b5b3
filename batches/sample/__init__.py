"""A realistic sample: receipts of a small shop, as five models answered them. The same bytes each time it is made."""
