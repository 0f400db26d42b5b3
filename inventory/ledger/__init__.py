"""The stock ledger: `post` is the only writer of levels and movements; each verb of the shop's is a file beside it."""
