"""From counted stock to stocktakes: once, whoever is killed in between; and never a change of stock by itself."""
