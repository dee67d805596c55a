-- Where a batch collects what its commit will make true: temporary tables of one connection.
CREATE TEMP TABLE staged_partition (
	id TEXT PRIMARY KEY, name TEXT, permission_prefix TEXT, access_token_algorithm INTEGER, branding_name TEXT,
	branding_color TEXT, branding_logo_url TEXT, policy_user TEXT, policy_customer TEXT, anonymous_enabled INTEGER,
	anonymous_permissions TEXT, version INTEGER
) STRICT, WITHOUT ROWID;

CREATE TEMP TABLE staged_department (
	partition TEXT, name TEXT, version INTEGER, PRIMARY KEY (partition, name)
) STRICT, WITHOUT ROWID;

CREATE TEMP TABLE staged_permission (
	partition TEXT, name TEXT, description TEXT, kind INTEGER, version INTEGER, PRIMARY KEY (partition, name)
) STRICT, WITHOUT ROWID;

CREATE TEMP TABLE staged_person (
	number INTEGER PRIMARY KEY, partition TEXT, kind INTEGER, id TEXT, username TEXT, username_key TEXT, email TEXT,
	email_key TEXT, department TEXT, roles TEXT, enabled INTEGER, password_hash TEXT, claims TEXT, version INTEGER,
	UNIQUE (partition, kind, id)
) STRICT;
CREATE INDEX temp.staged_person_username ON staged_person (partition, kind, username_key) WHERE username_key IS NOT NULL;
CREATE INDEX temp.staged_person_email ON staged_person (partition, kind, email_key) WHERE email_key IS NOT NULL;

CREATE TEMP TABLE staged_application (
	number INTEGER PRIMARY KEY, partition TEXT, client_id TEXT, name TEXT, platform INTEGER, enabled INTEGER,
	redirect_urls TEXT, post_logout_redirect_urls TEXT, backchannel_logout_url TEXT, jwks_url TEXT, permissions TEXT,
	grants INTEGER, access_token_seconds INTEGER, refresh_tokens INTEGER, refresh_idle_seconds INTEGER,
	refresh_max_seconds INTEGER, consent INTEGER, version INTEGER, secrets BLOB, jwks TEXT, id_token_algorithm INTEGER,
	UNIQUE (partition, client_id)
) STRICT;
CREATE INDEX temp.staged_application_name ON staged_application (partition, name);

CREATE TEMP TABLE staged_origin (
	partition TEXT, client_id TEXT, origin TEXT, PRIMARY KEY (partition, client_id, origin)
) STRICT, WITHOUT ROWID;

-- The labels that an application's secrets have from now on.
CREATE TEMP TABLE staged_label (
	partition TEXT, client_id TEXT, label TEXT, PRIMARY KEY (partition, client_id, label)
) STRICT, WITHOUT ROWID;

CREATE TEMP TABLE staged_key (
	partition TEXT, kid TEXT, algorithm INTEGER, state INTEGER, wrapped BLOB, public_jwk TEXT, created_at INTEGER,
	published_until INTEGER, PRIMARY KEY (partition, kid)
) STRICT, WITHOUT ROWID;

CREATE TEMP TABLE mentioned (
	partition TEXT, object INTEGER, key TEXT, PRIMARY KEY (partition, object, key)
) STRICT, WITHOUT ROWID;

CREATE TEMP TABLE staged_api (
	partition TEXT, name TEXT, digest BLOB, operation_count INTEGER, version INTEGER, PRIMARY KEY (partition, name)
) STRICT, WITHOUT ROWID;

CREATE TEMP TABLE staged_api_operation (
	partition TEXT, method TEXT, shape TEXT, api TEXT, path TEXT, operation_id TEXT, summary TEXT, alternatives TEXT,
	PRIMARY KEY (partition, method, shape, api)
) STRICT, WITHOUT ROWID;
CREATE INDEX temp.staged_api_operation_api ON staged_api_operation (partition, api);

CREATE TEMP TABLE staged_identity_provider (
	partition TEXT, registration_id TEXT, issuer TEXT, audience TEXT, jwks_url TEXT, claim TEXT, matches INTEGER, version INTEGER,
	PRIMARY KEY (partition, registration_id)
) STRICT, WITHOUT ROWID;

-- What the batch depends on: it is still to be there when it is committed. version: NULL: any, and one that the batch makes will do.
CREATE TEMP TABLE relied (
	object INTEGER, partition TEXT, key TEXT, version INTEGER, PRIMARY KEY (object, partition, key)
) STRICT, WITHOUT ROWID;

-- What the commit deletes, by the number of the row in the store. version: NULL: any. asked: it was named, and goes only when nothing
-- refers to it.
CREATE TEMP TABLE pruned (
	object INTEGER, number INTEGER, partition TEXT, key TEXT, name TEXT, version INTEGER, asked INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (object, number)
) STRICT, WITHOUT ROWID;
