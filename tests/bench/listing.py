"""Pages of lists, as the Admin API reads them from the store: a million people, client applications, sessions, grants and audit events."""
import shutil
import sqlite3
import time

from servers import WORK, judge, program, read_once, remove_store, run_json, tell

PROGRAMS = ["listing"]
TARGET_MS = 100
ROUNDS = 100
GOOD_FOR_S = 2 * 86400  # then the times in it are too long ago

# Beside what was imported: the partition is older than its events; some users are disabled, in a department or administrators; some applications disabled or public.
# Two people, somebody, have a lot of everything. Days, hours and minutes have as many rows of statistics as they may.
FILL = """
UPDATE partition SET since_ms = 0;
UPDATE person SET department = 'Service' WHERE partition = 'BENCH' AND kind = 85 AND number % 20 = 0;
UPDATE person SET roles = 'partition_administrator' WHERE partition = 'BENCH' AND kind = 85 AND number % (:count / 10) = 0;
UPDATE person SET enabled = 0 WHERE partition = 'BENCH' AND kind = 85 AND number % (:count / 100) = 0;
UPDATE application SET enabled = 0 WHERE partition = 'BENCH' AND number % (:count / 100) = 1;
UPDATE application SET platform = 2 WHERE partition = 'BENCH' AND number % (:count / 100) = 2;
INSERT INTO session (hash, partition, kind, person_id, sid, auth_time, created_at, last_used_at, expires_at, user_agent, address)
    SELECT randomblob(32), 'BENCH', 85, CASE WHEN number % (:count / 50) = 0 THEN 'somebody' ELSE id END, lower(hex(randomblob(16))), :now,
    :now, :now + 864000, :now + 864000, 'Browser', '192.0.2.1' FROM person WHERE partition = 'BENCH' AND kind = 85;
INSERT INTO session (hash, partition, kind, person_id, sid, auth_time, created_at, last_used_at, expires_at, user_agent, address)
    SELECT randomblob(32), 'BENCH', 67, CASE WHEN number % 20 = 0 THEN 'somebody' ELSE id END, lower(hex(randomblob(16))), :now,
    :now, :now + 864000, :now + 864000, 'Browser', '192.0.2.1' FROM person WHERE partition = 'BENCH' AND kind = 67 LIMIT 1000;
INSERT INTO grant_record (partition, kind, gid, client_id, person_id, sid, granted_ms, auth_time, offline, tokens_until, forget_at, code_hash,
    code_expires_at, code_used_at, redirect_uri, scope, echoed, claims_id_token, claims_userinfo)
    SELECT 'BENCH', 85, lower(hex(randomblob(16))), CASE WHEN number % 2 = 0 THEN 'busy' ELSE 'client-' || number END,
    CASE WHEN number % (:count / 50) = 0 THEN 'somebody' ELSE id END, 's', 1, 1, 0, :now + 864000, :now + 864000, randomblob(32), 1, 1, '',
    'openid', 'openid', '', '' FROM person WHERE partition = 'BENCH' AND kind = 85;
INSERT INTO grant_record (partition, kind, gid, client_id, person_id, sid, granted_ms, auth_time, offline, tokens_until, forget_at, code_hash,
    code_expires_at, code_used_at, redirect_uri, scope, echoed, claims_id_token, claims_userinfo)
    SELECT 'BENCH', 67, lower(hex(randomblob(16))), 'busy', 'somebody', 's', 1, 1, 0, :now + 864000, :now + 864000, randomblob(32), 1, 1, '',
    'openid', 'openid', '', '' FROM person WHERE partition = 'BENCH' AND kind = 67 LIMIT 100;
INSERT INTO consent (person_id, partition, kind, client_id, scope, since, last_used_at)
    SELECT 'somebody', 'BENCH', 85, client_id, 'openid', 1, 1 FROM application WHERE partition = 'BENCH' LIMIT 256;
INSERT INTO consent (person_id, partition, kind, client_id, scope, since, last_used_at)
    SELECT 'somebody', 'BENCH', 67, client_id, 'openid', 1, 1 FROM application WHERE partition = 'BENCH' LIMIT 256;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
INSERT INTO audit (at_ms, partition, request_id, action, result, actor, object, address, detail)
    SELECT (:now - :count + i) * 1000, CASE i % 4 WHEN 0 THEN 'OTHER' ELSE 'BENCH' END, 'request-' || i,
    CASE WHEN i % (:count / 20) = 1 THEN 'partition.changed' WHEN i % 100 = 1 THEN 'user.changed' ELSE 'token.refused' END,
    CASE WHEN i % 100 = 1 THEN 'ok' WHEN i % 3 = 0 THEN 'invalid-client' ELSE 'invalid-scope' END, 'actor-' || (i % 100), 'object-' || (i % 1000), '192.0.2.1',
    'what arrived, what was registered, and what to change' FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
INSERT INTO department (partition, name, version) SELECT 'BENCH', 'Department ' || i, 1 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
INSERT INTO permission (partition, name, description, kind, version) SELECT 'BENCH', 'bench.item' || i || '.read', 'Item ' || i, 1, 1 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
INSERT INTO identity_provider (partition, registration_id, issuer, audience, jwks_url, claim, matches, version)
    SELECT 'BENCH', 'provider-' || i, 'https://id' || i || '.example.com', 'bench', 'https://id' || i || '.example.com/keys', 'email', 1, 1 FROM n;
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
INSERT INTO api (partition, name, digest, operation_count, version) SELECT 'BENCH', 'api-' || i, randomblob(32), 200, 1 FROM n;
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199999)
INSERT INTO api_operation (partition, method, shape, api, path, operation_id, summary, alternatives)
    SELECT 'BENCH', 'GET', '/bench/v1/folders/{}/items' || i || '/{}', 'api-' || (i % 1000), '/bench/v1/folders/{folder}/items' || i || '/{item}',
    'readItem' || i, 'An item of a folder', 'user bench.item' || (i % 1000) || '.read' || char(10) || 'client app.knowledge.portalmgr.read' FROM n;
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 720 * 1000 - 1)
INSERT INTO statistic (partition, step, measure, at, flow, client_id, reason, count)
    SELECT 'BENCH', 3600, 1 + (i % 1000 >= 600), (:now / 3600 - i / 1000) * 3600, 'flow-' || (i % 4), 'client-' || (i % 1000),
    CASE WHEN i % 1000 >= 600 THEN 'reason-' || (i % 50) ELSE '' END, 1 FROM n;
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 31 * 1000 - 1)
INSERT INTO statistic (partition, step, measure, at, flow, client_id, reason, count)
    SELECT 'BENCH', 86400, 1 + (i % 1000 >= 600), (:now / 86400 - i / 1000) * 86400, 'flow-' || (i % 4), 'client-' || (i % 1000),
    CASE WHEN i % 1000 >= 600 THEN 'reason-' || (i % 50) ELSE '' END, 1 FROM n;
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 60 * 1000 - 1)
INSERT INTO statistic (partition, step, measure, at, flow, client_id, reason, count)
    SELECT 'BENCH', 60, 1 + (i % 1000 >= 600), (:now / 60 - i / 1000) * 60, 'flow-' || (i % 4), 'client-' || (i % 1000),
    CASE WHEN i % 1000 >= 600 THEN 'reason-' || (i % 50) ELSE '' END, 1 FROM n;
"""


def fill(path, source, count):
    """A copy of the large store with what sign-ins and administrators leave behind. From the store's own file: no verb would do it in minutes."""
    stamp, key = path.with_name(path.name + ".stamp"), path.with_name(path.name + ".key")
    present = source.with_name(source.name + ".stamp").read_text() + FILL
    if stamp.exists() and stamp.read_text() == present and time.time() - stamp.stat().st_mtime < GOOD_FOR_S:
        return
    remove_store(path)
    tell(f"filling a copy of it with {count:,} sessions, grants and audit events …")
    shutil.copyfile(source, path)
    shutil.copy(source.with_name(source.name + ".key"), key)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA cache_size = -262144")
    connection.execute("BEGIN IMMEDIATE")
    for statement in FILL.split(";\n"):
        if statement.strip():
            connection.execute(statement.replace(":count", str(count)).replace(":now", str(int(time.time()))))
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    stamp.write_text(present)


def prepare(source, count):
    path = WORK / f"listing-{count}.db"
    fill(path, source, count)
    read_once(path)
    return path


def measure(path):
    return run_json([program("listing"), f"sqlite:{path}", str(ROUNDS)], 600)


def judge_all(rows):
    worst = max(rows, key=lambda name: rows[name]["p99_ms"])
    return [judge(f"the slowest page ({worst.replace('_', ' ')}): p99", rows[worst]["p99_ms"], TARGET_MS, False, " ms")]


def print_rows(rows):
    print(f"\n{'pages of 50 (ms)':<58}{'p50':>9}{'p99':>9}{'most':>9}{'CPU':>9}{'shown':>8}")
    for name, row in rows.items():
        print(f"{name.replace('_', ' '):<58}{row['p50_ms']:>9.2f}{row['p99_ms']:>9.2f}{row['most_ms']:>9.2f}{row['processor_ms']:>9.2f}{row['shown']:>8}")
