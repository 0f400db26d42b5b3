"""As many open letters, jobs and groups as asked for, made inside the database: for the benchmark, and for tests that
look at what the planner does with them.
"""

from __future__ import annotations

from django.db import connection

JOBS = """
    INSERT INTO batches_job (job_id, intent_id, kind, user_id, model_id, status, trace_id, manifest_version, created_at,
        started_at, finished_at)
    SELECT 'many-' || n, 'intent-many-' || n, 'receipts', 'user-' || n %% 5000, '', 'with_letters',
        decode(md5('job' || n), 'hex'), '', now() - n * interval '30 seconds', now(), now()
    FROM generate_series(1, %(jobs)s) AS n"""
FILES = """
    INSERT INTO batches_resultfile (job_id, bucket, key, version, size, door, fresh, status, failure, received_at,
        finished_at)
    SELECT id, 'local', 'batch-output/' || job_id || '/results.jsonl', '1', 1000, 'sweep', true, 'finished', '', now(),
        now()
    FROM batches_job WHERE job_id LIKE 'many-%%'"""
CHUNKS = """
    INSERT INTO batches_chunk (file_id, job_id, ordinal, start, "end", status, attempts, lease, holder, last_error,
        not_before, physical_lines, read, inserted, updated, unchanged, superseded, dead, seconds, finished_at)
    SELECT id, job_id, 0, 0, 1000, 'done', 1, 1, '', '', now(), 1000, 1000, 990, 0, 0, 0, 10, 0.1, now()
    FROM batches_resultfile WHERE key LIKE 'batch-output/many-%%'"""
# Few problems have most of the letters, as in life.
GROUPS = """
    INSERT INTO batches_lettergroup (fingerprint, kind, code, field, pattern, status, letters, open, amount, jobs,
        users, first_seen, last_seen)
    SELECT decode(substr(md5('group' || n), 1, 16), 'hex'), (ARRAY['line', 'line', 'line', 'conflict'])[1 + n %% 4],
        'code_' || n %% 40, (ARRAY['date', 'amount', 'category', 'merchant', ''])[1 + n %% 5],
        'What is wrong in this way is number ' || n, 'open', 0, 0, 0, 0, 0, now() - interval '30 days', now()
    FROM generate_series(0, %(groups)s - 1) AS n"""
LETTERS = """
    INSERT INTO batches_deadletter (kind, status, job_id, file_id, chunk_id, line, "offset", length, source, code,
        field, message, excerpt, record_id, transaction_id, trace_id, group_id, user_id, amount, created_at)
    SELECT g.kind, 'open', c.job_id, c.file_id, c.id, 1 + s.n / %(jobs)s, s.n * 600, 600, '', g.code, g.field,
        g.pattern || ' `' || s.n || '`; compare it with the image and correct it.', 'the value ' || s.n,
        'image-' || s.n, decode(substr(md5('t' || s.n), 1, 24), 'hex'), decode(md5('l' || s.n), 'hex'), g.fingerprint,
        'user-' || s.n %% 5000, (s.n %% 9000) + 100, now() - (%(letters)s - s.n) * interval '30 days' / %(letters)s
    FROM (SELECT n, floor(%(groups)s * power(random(), 3))::int AS "group" FROM generate_series(1, %(letters)s) AS n) s
    JOIN (SELECT row_number() OVER (ORDER BY fingerprint) - 1 AS place, * FROM batches_lettergroup) g
        ON g.place = s."group"
    JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS place, * FROM batches_chunk) c ON c.place = s.n %% %(jobs)s
    ORDER BY s.n"""
FIGURES = """
    UPDATE batches_lettergroup AS g SET letters = f.letters, open = f.letters, amount = f.amount, jobs = f.jobs,
        users = f.users
    FROM (SELECT group_id, count(*) AS letters, sum(amount) AS amount, count(DISTINCT job_id) AS jobs,
        count(DISTINCT user_id) AS users FROM batches_deadletter GROUP BY 1) f WHERE f.group_id = g.fingerprint"""
HOURS = """
    INSERT INTO batches_letterhour (group_id, hour, letters)
    SELECT group_id, date_trunc('hour', created_at), count(*) FROM batches_deadletter
    WHERE created_at > now() - interval '2 days' GROUP BY 1, 2"""
# A night's chunks that are not rolled up yet.
TALLIES = """
    INSERT INTO batches_lettertally (group_id, letters, open, amount, job_id, users, at)
    SELECT fingerprint, 0, 0, 0, NULL, '{}', now() FROM batches_lettergroup CROSS JOIN generate_series(1, 4)"""
STEPS = (JOBS, FILES, CHUNKS, GROUPS, LETTERS, FIGURES, HOURS, TALLIES)
TABLES = ("job", "resultfile", "chunk", "lettergroup", "deadletter", "letterhour", "lettertally", "lettertouch")


def build(*, letters: int, jobs: int, groups: int) -> None:
    """Into empty tables. The planner's statistics are brought up to date."""
    counts = {"letters": letters, "jobs": jobs, "groups": groups}
    with connection.cursor() as cursor:
        for step in STEPS:
            cursor.execute(step, counts)
        for table in TABLES:
            cursor.execute(f"{'' if connection.in_atomic_block else 'VACUUM '}ANALYZE batches_{table}")
