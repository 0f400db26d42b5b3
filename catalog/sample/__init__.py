"""A made-up shop: what `make demo` fills the catalogue with."""
