"""`make bench`: the engine beside its peers, on one machine, in one run, written to docs/benchmarks.md.

place → lines → contenders (engine, copy, bulk_create, dlt) and measurements (sizes, wide, landing, telemetry, web_cost,
where) → sheet (raw samples) → page (docs/benchmarks.md).
"""
