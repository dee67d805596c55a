-- Guarded APIs, and what came with them.

-- Protected APIs. An operation is a call, and so of one API of its partition alone: its shape is its path without the names of what
-- varies. alternatives has a line for each: the actor, and the scopes behind it, separated by spaces.
CREATE TABLE api (
	number INTEGER PRIMARY KEY,
	partition TEXT NOT NULL,
	name TEXT NOT NULL,
	digest BLOB NOT NULL,
	operation_count INTEGER NOT NULL,
	version INTEGER NOT NULL,
	UNIQUE (partition, name)
) STRICT;

CREATE TABLE api_operation (
	partition TEXT NOT NULL,
	method TEXT NOT NULL,
	shape TEXT NOT NULL,
	api TEXT NOT NULL,
	path TEXT NOT NULL,
	operation_id TEXT NOT NULL,
	summary TEXT NOT NULL,
	alternatives TEXT NOT NULL,
	PRIMARY KEY (partition, method, shape)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_operation_by_api ON api_operation (partition, api, path, method);

-- Who signs tokens that may be exchanged for ours (RFC 8693).
CREATE TABLE identity_provider (
	number INTEGER PRIMARY KEY,
	partition TEXT NOT NULL,
	registration_id TEXT NOT NULL,
	issuer TEXT NOT NULL,
	audience TEXT NOT NULL,
	jwks_url TEXT NOT NULL,
	claim TEXT NOT NULL,
	matches INTEGER NOT NULL,
	version INTEGER NOT NULL,
	UNIQUE (partition, registration_id)
) STRICT;

-- A provider may name a user by e-mail, which several users may share.
CREATE INDEX person_user_email ON person (partition, email COLLATE NOCASE) WHERE kind = 85 AND email <> '';

-- A grant that came of a token exchange has no session, and so no end of one to be told of.
DROP TRIGGER grant_of_session;
CREATE TRIGGER grant_of_session AFTER INSERT ON grant_record
	WHEN NEW.sid <> '' AND EXISTS (SELECT 1 FROM application
		WHERE partition = NEW.partition AND client_id = NEW.client_id AND backchannel_logout_url <> '') BEGIN
	INSERT OR IGNORE INTO session_application (sid, partition, kind, client_id) VALUES (NEW.sid, NEW.partition, NEW.kind, NEW.client_id);
END;
