from __future__ import annotations

import pytest

from monitoring.traces.statement_name import name_of, text_of


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ('SELECT "batches_chunk"."id" FROM "batches_chunk" WHERE "batches_chunk"."id" = %s', "SELECT batches_chunk"),
        ("\n  UPDATE batches_job SET status = %s", "UPDATE batches_job"),
        ('INSERT INTO "auth_user" ("a") VALUES (%s)', "INSERT auth_user"),
        ("DELETE FROM batches_letter WHERE id IN (SELECT id FROM x)", "DELETE batches_letter"),
        ("WITH gone AS (DELETE FROM tally RETURNING 1) SELECT * FROM gone", "DELETE tally"),
        ("WITH one AS (SELECT 1 FROM letters) SELECT * FROM one", "SELECT letters"),
        ("SELECT 1 FROM monitoring_span_20261121", "SELECT monitoring_span"),
        ('SAVEPOINT "s140_x77"', "SAVEPOINT"),
        ("SELECT set_config('a', %s, true)", "SELECT"),
        ("", "SQL"),
    ],
)
def test_verb_and_table(statement: str, name: str) -> None:
    assert name_of(statement) == name


def test_no_value_is_left_in_the_text() -> None:
    assert text_of("SELECT 1 FROM t\n  WHERE a = 'it''s taro' AND b = %s") == "SELECT 1 FROM t WHERE a = '…' AND b = %s"
