"""What became of rows: written by the database's own triggers, so that bulk changes and raw SQL are caught as well."""
