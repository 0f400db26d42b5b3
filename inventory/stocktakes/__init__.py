"""Stocktakes: opened, counted line by line, looked through, posted once. Each verb has a file of its name."""
