from django.db import migrations

# Minutes that were rolled up before: all of a metric as a series of its own, as the roll-up makes it from now on.
WHOLE_MINUTES = """
    INSERT INTO monitoring_series (metric, labels) SELECT DISTINCT metric, '{"*": "*"}'::jsonb FROM monitoring_series
    ON CONFLICT DO NOTHING;
    WITH parts AS (
        SELECT whole.id, b.at, b.count, b.errors, b.total, b.least, b.most, b.bins, b.bin_counts
        FROM monitoring_minute AS b
        JOIN monitoring_series AS s ON s.id = b.series_id AND NOT s.labels ? '*'
        JOIN monitoring_series AS whole ON whole.metric = s.metric AND whole.labels ? '*'
    ), sums AS (
        SELECT id, at, sum(count) AS count, sum(errors) AS errors, sum(total) AS total, min(least) AS least,
            max(most) AS most
        FROM parts GROUP BY 1, 2
    ), histograms AS (
        SELECT id, at, array_agg(bin) AS bins, array_agg(number) AS counts
        FROM (
            SELECT id, at, bin, sum(n)::bigint AS number FROM parts, unnest(bins, bin_counts) AS u(bin, n)
            GROUP BY 1, 2, 3
        ) AS summed GROUP BY 1, 2
    )
    INSERT INTO monitoring_minute (series_id, at, count, errors, total, least, most, bins, bin_counts)
    SELECT id, at, count, errors, total, least, most, coalesce(bins, '{}'), coalesce(counts, '{}')
    FROM sums LEFT JOIN histograms USING (id, at)
    ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0010_audit_by_moment")]

    operations = [migrations.RunSQL(WHOLE_MINUTES, migrations.RunSQL.noop)]
