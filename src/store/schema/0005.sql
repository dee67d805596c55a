-- What administrators look at: pages, the audit log, statistics.

-- Lists are read by an index that begins with the partition, so that a page costs the same however many others there are; searches are for
-- a prefix without regard to ASCII case, which NOCASE is.
DROP INDEX person_by_partition;
CREATE INDEX person_by_partition ON person (partition, kind, id COLLATE NOCASE);
CREATE INDEX person_search_username ON person (partition, kind, username_key) WHERE username_key IS NOT NULL;
DROP INDEX person_user_email;
CREATE INDEX person_search_email ON person (partition, kind, email COLLATE NOCASE) WHERE email <> '';
CREATE INDEX person_by_department ON person (partition, kind, department, id COLLATE NOCASE) WHERE department <> '';
-- What few are.
CREATE INDEX person_with_role ON person (partition, kind, id COLLATE NOCASE) WHERE roles <> '';
CREATE INDEX person_disabled ON person (partition, kind, id COLLATE NOCASE) WHERE enabled = 0;

DROP INDEX application_by_name;
CREATE INDEX application_by_name ON application (partition, name COLLATE NOCASE);
CREATE INDEX application_search_client_id ON application (partition, client_id COLLATE NOCASE);
CREATE INDEX application_disabled ON application (partition, name COLLATE NOCASE) WHERE enabled = 0;
CREATE INDEX application_public ON application (partition, name COLLATE NOCASE) WHERE platform = 2;

CREATE INDEX api_operation_by_path ON api_operation (partition, path, method, api);

CREATE INDEX session_by_realm ON session (partition, kind, sid);
DROP INDEX grant_by_client;
CREATE INDEX grant_by_client ON grant_record (client_id, partition, kind, gid);
CREATE INDEX grant_by_realm ON grant_record (partition, kind, gid);

-- The audit log is only ever added to; the sweeper takes what is too old or too much. Events are shown by their time, newest first: every
-- index has it behind what it finds, and behind it what most often is asked for with it.
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit BEGIN
	SELECT RAISE(ABORT, 'the audit log is append-only');
END;
DROP INDEX audit_by_partition;
CREATE INDEX audit_by_partition ON audit (partition, at_ms);
CREATE INDEX audit_by_time ON audit (at_ms, partition);
CREATE INDEX audit_by_actor ON audit (actor, at_ms, partition) WHERE actor <> '';
CREATE INDEX audit_by_object ON audit (object, at_ms, partition) WHERE object <> '';
CREATE INDEX audit_by_action ON audit (action, at_ms, partition);
CREATE INDEX audit_by_result ON audit (result, at_ms, partition) WHERE result <> 'ok';
CREATE INDEX audit_by_request ON audit (request_id) WHERE request_id <> '';

-- A deleted partition's events stay. Another of its id sees only those since it was made (0: since ever).
ALTER TABLE partition ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0;

-- What was counted, by minutes, hours and days (step: their length in s).
CREATE TABLE statistic (
	partition TEXT NOT NULL,
	step INTEGER NOT NULL,
	at INTEGER NOT NULL, -- s: its beginning
	measure INTEGER NOT NULL,
	flow TEXT NOT NULL,
	client_id TEXT NOT NULL,
	reason TEXT NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (partition, step, measure, at, flow, client_id, reason)
) STRICT, WITHOUT ROWID;
CREATE INDEX statistic_by_time ON statistic (step, at);
