-- The first schema. A later one is a new file (0002.sql) that changes this one in place; never edit a released file.
-- Names that must be unique are kept so by the commit of a batch, which sees the state after all its changes: a
-- constraint would refuse two people who exchange their usernames in one document.

CREATE TABLE fact (
	name TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE partition (
	number INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	permission_prefix TEXT NOT NULL,
	access_token_algorithm INTEGER NOT NULL,
	branding_name TEXT NOT NULL,
	branding_color TEXT NOT NULL,
	branding_logo_url TEXT NOT NULL,
	policy_user TEXT NOT NULL,
	policy_customer TEXT NOT NULL,
	anonymous_enabled INTEGER NOT NULL,
	anonymous_permissions TEXT NOT NULL,
	version INTEGER NOT NULL
) STRICT;

CREATE TABLE department (
	number INTEGER PRIMARY KEY,
	partition TEXT NOT NULL,
	name TEXT NOT NULL,
	version INTEGER NOT NULL,
	UNIQUE (partition, name)
) STRICT;

CREATE TABLE permission (
	number INTEGER PRIMARY KEY,
	partition TEXT NOT NULL,
	name TEXT NOT NULL,
	description TEXT NOT NULL,
	kind INTEGER NOT NULL,
	version INTEGER NOT NULL,
	UNIQUE (partition, name)
) STRICT;

CREATE TABLE person (
	number INTEGER PRIMARY KEY,
	partition TEXT NOT NULL,
	kind INTEGER NOT NULL,
	id TEXT NOT NULL,
	username TEXT NOT NULL,
	username_key TEXT, -- folded; NULL: none
	email TEXT NOT NULL,
	email_key TEXT, -- folded, where it is unique (customers)
	department TEXT NOT NULL,
	roles TEXT NOT NULL,
	enabled INTEGER NOT NULL,
	password_hash TEXT NOT NULL,
	claims TEXT NOT NULL,
	valid_from_ms INTEGER NOT NULL,
	version INTEGER NOT NULL
) STRICT;

-- Each holds all that the token path asks of a person: one descent, no visit to the row. What differs most comes first:
-- it decides nearly every comparison on the way down (a fifth faster than with the partition in front, among a million).
CREATE INDEX person_by_id ON person (id, partition, kind, enabled, valid_from_ms);
CREATE INDEX person_by_username ON person (username_key, partition, kind, id, enabled, valid_from_ms)
	WHERE username_key IS NOT NULL;
CREATE INDEX person_by_email ON person (email_key, partition, kind, id, enabled, valid_from_ms)
	WHERE email_key IS NOT NULL;
CREATE INDEX person_by_partition ON person (partition, kind); -- for listings

-- One row holds all that the token endpoint needs of an application. The wide column comes last.
CREATE TABLE application (
	number INTEGER PRIMARY KEY,
	partition TEXT NOT NULL,
	client_id TEXT NOT NULL,
	name TEXT NOT NULL,
	platform INTEGER NOT NULL,
	enabled INTEGER NOT NULL,
	redirect_urls TEXT NOT NULL,
	post_logout_redirect_urls TEXT NOT NULL,
	backchannel_logout_url TEXT NOT NULL,
	jwks_url TEXT NOT NULL,
	permissions TEXT NOT NULL,
	grants INTEGER NOT NULL,
	access_token_seconds INTEGER NOT NULL,
	refresh_tokens INTEGER NOT NULL,
	refresh_idle_seconds INTEGER NOT NULL,
	refresh_max_seconds INTEGER NOT NULL,
	consent INTEGER NOT NULL,
	valid_from_ms INTEGER NOT NULL,
	version INTEGER NOT NULL,
	secrets BLOB NOT NULL,
	jwks TEXT NOT NULL,
	UNIQUE (partition, client_id)
) STRICT;
CREATE INDEX application_by_name ON application (partition, name);

-- Web origins of the redirect addresses of enabled SPA applications: who may call across origins.
CREATE TABLE application_origin (
	partition TEXT NOT NULL,
	origin TEXT NOT NULL,
	client_id TEXT NOT NULL,
	PRIMARY KEY (partition, origin, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX application_origin_by_client ON application_origin (partition, client_id);

CREATE TABLE secret_use (
	partition TEXT NOT NULL,
	client_id TEXT NOT NULL,
	label TEXT NOT NULL,
	last_used_at INTEGER NOT NULL,
	PRIMARY KEY (partition, client_id, label)
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_key (
	partition TEXT NOT NULL,
	kid TEXT NOT NULL,
	algorithm INTEGER NOT NULL,
	state INTEGER NOT NULL,
	wrapped BLOB NOT NULL,
	public_jwk TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	published_until INTEGER NOT NULL,
	PRIMARY KEY (partition, kid)
) STRICT, WITHOUT ROWID;
-- At most one next and one active key of an algorithm.
CREATE UNIQUE INDEX signing_key_in_use ON signing_key (partition, algorithm, state) WHERE state IN (1, 2);

CREATE TABLE revocation (
	partition TEXT NOT NULL,
	id TEXT NOT NULL,
	kind INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	PRIMARY KEY (partition, id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX revocation_by_expiry ON revocation (expires_at);

CREATE TABLE audit (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	at_ms INTEGER NOT NULL,
	partition TEXT NOT NULL,
	request_id TEXT NOT NULL,
	action TEXT NOT NULL,
	result TEXT NOT NULL,
	actor TEXT NOT NULL,
	object TEXT NOT NULL,
	address TEXT NOT NULL,
	detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_partition ON audit (partition, seq);
-- Anybody can cause refusals: they are bounded in number, what was done is kept for its time.
CREATE INDEX audit_refused ON audit (seq) WHERE result <> 'ok';

-- The change feed. Sequence numbers have no gaps, so a watcher sees when rows it needed are gone.
CREATE TABLE change (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	partition TEXT NOT NULL,
	kind INTEGER NOT NULL,
	id TEXT NOT NULL,
	at INTEGER NOT NULL
) STRICT;

INSERT INTO partition (id, name, permission_prefix, access_token_algorithm, branding_name, branding_color,
	branding_logo_url, policy_user, policy_customer, anonymous_enabled, anonymous_permissions, version)
VALUES ('SYSTEM', 'System', '', 1, '', '', '', '', '', 0, '', 1);
INSERT INTO change (partition, kind, id, at) VALUES ('SYSTEM', 1, 'SYSTEM', 0);
