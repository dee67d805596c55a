-- What sign-ins leave behind: sessions, consents, grants with their code and their family of refresh tokens. Everything
-- secret-like is a SHA-256 of its own kind. kind is the kind of person, which with the partition makes the realm.

CREATE TABLE session (
	number INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE,
	partition TEXT NOT NULL,
	kind INTEGER NOT NULL,
	person_id TEXT NOT NULL,
	sid TEXT NOT NULL,
	auth_time INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	last_used_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	user_agent TEXT NOT NULL,
	address TEXT NOT NULL
) STRICT;
CREATE INDEX session_by_person ON session (person_id, partition, kind);
CREATE INDEX session_by_end ON session (expires_at);

CREATE TABLE consent (
	person_id TEXT NOT NULL,
	partition TEXT NOT NULL,
	kind INTEGER NOT NULL,
	client_id TEXT NOT NULL,
	scope TEXT NOT NULL,
	since INTEGER NOT NULL,
	last_used_at INTEGER NOT NULL,
	PRIMARY KEY (person_id, partition, kind, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_by_client ON consent (client_id, partition);

-- One row is a grant with its code and, from the redemption on, its family of refresh tokens: they begin, end and are
-- looked for together.
CREATE TABLE grant_record (
	number INTEGER PRIMARY KEY,
	partition TEXT NOT NULL,
	kind INTEGER NOT NULL,
	gid TEXT NOT NULL UNIQUE,
	client_id TEXT NOT NULL,
	person_id TEXT NOT NULL,
	sid TEXT NOT NULL,
	granted_ms INTEGER NOT NULL,
	auth_time INTEGER NOT NULL,
	offline INTEGER NOT NULL,
	ended INTEGER NOT NULL DEFAULT 0, -- 1: its code and refresh tokens are dead; 2: its gid is revoked too
	tokens_until INTEGER NOT NULL DEFAULT 0, -- access tokens that came of it live no longer
	forget_at INTEGER NOT NULL, -- nothing of it is of use after that
	code_hash BLOB NOT NULL UNIQUE,
	code_expires_at INTEGER NOT NULL,
	code_used_at INTEGER, -- NULL: not yet
	code_challenge TEXT,
	redirect_uri TEXT NOT NULL,
	family_hash BLOB, -- NULL: none
	family_created_at INTEGER,
	family_used_at INTEGER,
	family_idle_at INTEGER, -- it ends then when it stays unused,
	family_ends_at INTEGER, -- and then in any case
	scope TEXT NOT NULL,
	echoed TEXT NOT NULL,
	nonce TEXT,
	claims_id_token TEXT NOT NULL,
	claims_userinfo TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX grant_by_family ON grant_record (family_hash) WHERE family_hash IS NOT NULL;
CREATE INDEX grant_by_person ON grant_record (person_id, partition, kind, client_id, sid);
CREATE INDEX grant_by_client ON grant_record (client_id, partition);
CREATE INDEX grant_by_end ON grant_record (forget_at);

-- The tokens of a family that may still give others. One that is not here but names a family that lives was used before.
CREATE TABLE refresh_token (
	number INTEGER PRIMARY KEY, -- none is given again while a greater one, such as that of a child, is there
	hash BLOB NOT NULL UNIQUE,
	grant_number INTEGER NOT NULL,
	parent INTEGER, -- the number of the token that gave it
	used_ms INTEGER, -- the first time; NULL: not yet
	successors INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX refresh_token_by_grant ON refresh_token (grant_number);
CREATE INDEX refresh_token_used ON refresh_token (used_ms) WHERE used_ms IS NOT NULL;

-- Whoever ends a grant ends its refresh tokens.
CREATE TRIGGER grant_deleted AFTER DELETE ON grant_record BEGIN
	DELETE FROM refresh_token WHERE grant_number = OLD.number;
END;
CREATE TRIGGER grant_ended AFTER UPDATE OF ended ON grant_record WHEN NEW.ended > 0 AND OLD.ended = 0 BEGIN
	DELETE FROM refresh_token WHERE grant_number = OLD.number;
END;

-- Whoever deletes, disables or enables a person or changes the password ends what depends on it. Access tokens of a person
-- who is deleted or disabled die by valid_from_ms.
CREATE TRIGGER person_deleted AFTER DELETE ON person BEGIN
	DELETE FROM session WHERE person_id = OLD.id AND partition = OLD.partition AND kind = OLD.kind;
	DELETE FROM consent WHERE person_id = OLD.id AND partition = OLD.partition AND kind = OLD.kind;
	DELETE FROM grant_record WHERE person_id = OLD.id AND partition = OLD.partition AND kind = OLD.kind;
END;
CREATE TRIGGER person_changed AFTER UPDATE OF valid_from_ms, password_hash ON person
	WHEN OLD.valid_from_ms <> NEW.valid_from_ms OR OLD.password_hash <> NEW.password_hash BEGIN
	DELETE FROM session WHERE person_id = OLD.id AND partition = OLD.partition AND kind = OLD.kind;
	UPDATE grant_record SET ended = 1, forget_at = min(forget_at, tokens_until)
		WHERE person_id = OLD.id AND partition = OLD.partition AND kind = OLD.kind AND ended = 0;
END;
