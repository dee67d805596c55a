-- What applications are told, and what they prove themselves with.

-- Back-channel logout: the client applications that a session gave a code to and that want to be told of its end. A grant is
-- forgotten when its tokens are over; the application's own session may go on for as long as ours.
CREATE TABLE session_application (
	sid TEXT NOT NULL,
	partition TEXT NOT NULL,
	kind INTEGER NOT NULL,
	client_id TEXT NOT NULL,
	PRIMARY KEY (sid, partition, kind, client_id)
) STRICT, WITHOUT ROWID;

-- Logout tokens that are still to be delivered. The tries and the claim are the whole state: any process may go on with it.
CREATE TABLE logout_delivery (
	number INTEGER PRIMARY KEY AUTOINCREMENT, -- never given again: who comes late with an answer finds nothing
	partition TEXT NOT NULL,
	kind INTEGER NOT NULL,
	client_id TEXT NOT NULL,
	person_id TEXT NOT NULL,
	sid TEXT NOT NULL,
	made_at INTEGER NOT NULL,
	next_try_at INTEGER NOT NULL, -- ms
	tries INTEGER NOT NULL DEFAULT 0, -- begun
	claimed_until INTEGER NOT NULL DEFAULT 0 -- ms: somebody is at it until then; 0: nobody
) STRICT;
CREATE INDEX logout_delivery_due ON logout_delivery (partition, client_id, next_try_at, claimed_until, tries);
CREATE INDEX logout_delivery_claimed ON logout_delivery (partition, client_id, claimed_until) WHERE claimed_until > 0;

CREATE TRIGGER grant_of_session AFTER INSERT ON grant_record
	WHEN EXISTS (SELECT 1 FROM application WHERE partition = NEW.partition AND client_id = NEW.client_id AND backchannel_logout_url <> '') BEGIN
	INSERT OR IGNORE INTO session_application (sid, partition, kind, client_id) VALUES (NEW.sid, NEW.partition, NEW.kind, NEW.client_id);
END;

-- Whoever ends a session has the applications told of it. One that has come to its own end is only forgotten.
CREATE TRIGGER session_ended AFTER DELETE ON session BEGIN
	INSERT INTO logout_delivery (partition, kind, client_id, person_id, sid, made_at, next_try_at)
		SELECT partition, kind, client_id, OLD.person_id, sid, unixepoch(), unixepoch() * 1000 FROM session_application
		WHERE sid = OLD.sid AND partition = OLD.partition AND kind = OLD.kind AND OLD.expires_at > unixepoch();
	DELETE FROM session_application WHERE sid = OLD.sid AND partition = OLD.partition AND kind = OLD.kind;
END;

INSERT OR IGNORE INTO session_application (sid, partition, kind, client_id)
	SELECT session.sid, session.partition, session.kind, grant_record.client_id FROM session
	JOIN grant_record ON grant_record.person_id = session.person_id AND grant_record.partition = session.partition
		AND grant_record.kind = session.kind AND grant_record.sid = session.sid
	JOIN application ON application.partition = grant_record.partition AND application.client_id = grant_record.client_id
	WHERE application.backchannel_logout_url <> '';

-- What signs an application's ID tokens: 2 is RS256, the default of OpenID Connect Core section 15.1.
ALTER TABLE application ADD COLUMN id_token_algorithm INTEGER NOT NULL DEFAULT 2;

-- Client assertions that were used (RFC 7523 section 3): the hash of partition, client id and jti. Kept until no clock takes
-- them for unexpired.
CREATE TABLE assertion_jti (
	hash BLOB NOT NULL PRIMARY KEY,
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX assertion_jti_by_end ON assertion_jti (expires_at);
