"""The pages of traces: search, waterfall, comparison, service map. They read what Trace, Span and LogLine keep."""
