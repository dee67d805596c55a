"""Every refusal leaves an audit event, on stderr and in the store, that names the request and never a secret."""

import sqlite3
import time

import pytest

from support import documents as d
from support.oauth import ask, basic_header, client_credentials, granted, introspect, on_behalf_of, post_form, revoke, unverified
from support.program import DEADLINE_S

GOOD = {"grant_type": "client_credentials", "scope": d.APP_READ}
SECRET_WORD = "never-in-a-log"
STRANGER = d.Client("a-stranger", d.secret_of(SECRET_WORD))

REFUSALS = {
	"a wrong secret": lambda server: ask(server, d.Client(d.WEB.id, d.secret_of(SECRET_WORD)), GOOD),
	"an unknown client": lambda server: ask(server, STRANGER, GOOD),
	"a disabled application": lambda server: ask(server, d.OFF, GOOD),
	"another partition's client": lambda server: ask(server, d.OTHER_WEB, GOOD),
	"a wrong scope": lambda server: client_credentials(server, d.WEB, d.OBO_READ),
	"a missing scope": lambda server: client_credentials(server, d.WEB, None),
	"an unassigned scope": lambda server: client_credentials(server, d.WEB, d.UNASSIGNED["application"]),
	"an unknown subject": lambda server: on_behalf_of(server, d.WEB, d.OBO_READ, {"subject_username": "nobody"}),
	"a disabled subject": lambda server: on_behalf_of(server, d.WEB, d.OBO_READ, {"subject_username": "left"}),
	"another partition's subject": lambda server: on_behalf_of(server, d.WEB, d.OBO_READ, {"subject_username": "theirs"}),
	"no subject": lambda server: on_behalf_of(server, d.WEB, d.OBO_READ, {}),
	"two subjects": lambda server: on_behalf_of(server, d.WEB, d.OBO_READ, {**d.USER, **d.USER_BY_ID}),
	"the other realm's subject": lambda server: on_behalf_of(server, d.WEB, d.OBO_READ, d.CUSTOMER),
	"a grant closed to the platform": lambda server: client_credentials(server, d.SPA, d.READ),
	"an SPA with a secret": lambda server: ask(server, d.Client(d.SPA.id, d.secret_of(SECRET_WORD)), GOOD),
	"an unsupported grant": lambda server: ask(server, d.WEB, {"grant_type": "nonsense"}),
	"a repeated parameter": lambda server: ask(server, d.WEB, [*GOOD.items(), ("scope", "x")]),
	"two ways of authentication": lambda server: ask(server, d.WEB, GOOD, headers={"Authorization": basic_header(d.WEB.id, d.secret_of(SECRET_WORD))}),
	"a broken form": lambda server: post_form(server.realm("ACME") + "/oauth2/token", None, body="scope=%zz&client_secret=" + STRANGER.secret),
	"another application's token": lambda server: revoke(server, d.SECOND, granted(client_credentials(server, d.WEB, d.APP_READ))["access_token"]),
	"introspection without a client": lambda server: post_form(server.realm("ACME") + "/oauth2/introspect", {"token": "x", "client_id": STRANGER.id, "client_secret": STRANGER.secret}),
}


def stored(server, request_id):
	"""The events of one request in the store; they are queued, so they may take a moment."""
	deadline = time.monotonic() + DEADLINE_S
	while True:
		connection = sqlite3.connect(f"file:{server.store.path}?mode=ro", uri=True)
		try:
			connection.row_factory = sqlite3.Row
			rows = [dict(row) for row in connection.execute("SELECT * FROM audit WHERE request_id = ?", (request_id,))]
		finally:
			connection.close()
		if rows:
			return rows
		assert time.monotonic() < deadline, f"no audit row of {request_id}"
		time.sleep(0.02)


@pytest.mark.parametrize("what", REFUSALS)
def test_a_refusal_leaves_an_event_with_the_request_id_in_log_and_store(server, what):
	"""Attacks, head: refused means the right error, nothing stored, and an audit event; issue 2, Deliver 2."""
	reply = REFUSALS[what](server)
	assert reply.status_code in (400, 401), reply.text
	request_id = reply.headers["X-Request-Id"]
	line, row = server.audit_of(request_id)[0], stored(server, request_id)[0]
	for event in (line, row):
		assert event["action"]
		assert event["result"] and event["result"] != "ok"
		assert event["partition"] == "ACME"
		assert event["address"] == "127.0.0.1"
	assert line["message"] == "audit" and line["level"] == "info" and line["time"]
	assert line["action"] == row["action"] and line["result"] == row["result"]


@pytest.mark.parametrize("what", ["a wrong scope", "an unknown subject", "an unsupported grant"])
def test_an_event_names_the_application_that_asked(server, what):
	"""Issue 2: who, what, on whom, from where, with which result."""
	event = server.audit_of(REFUSALS[what](server).headers["X-Request-Id"])[0]
	assert event["actor"] == d.WEB.id


def test_an_event_of_an_on_behalf_of_refusal_names_whom_it_was_about(server):
	"""A5: somebody who looks into the log must see whom it was tried on."""
	event = server.audit_of(REFUSALS["an unknown subject"](server).headers["X-Request-Id"])[0]
	assert "nobody" in str(event)


def test_an_apply_leaves_an_event_in_the_store(store):
	"""Issue 2, Deliver 2: commands too; actor is the command line."""
	store.apply(d.partial(users=[{"id": "7001", "username": "audited"}]))
	connection = sqlite3.connect(f"file:{store.path}?mode=ro", uri=True)
	rows = connection.execute("SELECT actor, result FROM audit").fetchall()
	connection.close()
	assert ("command line", "ok") in rows


def test_no_secret_and_no_token_is_ever_in_the_log_or_in_the_store(store, serve):
	"""Design §3: secrets cannot be passed to the log; stored only as a hash."""
	running = serve(store)
	for refusal in REFUSALS.values():
		refusal(running)
	token = granted(on_behalf_of(running, d.WEB, d.OBO_READ, d.USER))["access_token"]
	introspect(running, d.WEB, token)
	revoke(running, d.WEB, token)
	running.audit_of(ask(running, d.WEB, {"grant_type": "end"}).headers["X-Request-Id"])
	log = str(running.lines)
	running.stop()
	files = b"".join(file.read_bytes() for file in store.folder.glob("writ.db*"))
	signature = token.split(".")[2]
	for secret in (SECRET_WORD, d.WEB.secret, d.SECOND.secret, d.NARROW.secret, d.OTHER_WEB.secret, signature):
		assert secret not in log
		assert secret.encode() not in files
	assert unverified(token)["sub"] == "1001"
