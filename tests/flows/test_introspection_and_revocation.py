"""RFC 7662 and RFC 7009, and contract §3, Introspection and revocation, Live state."""

import pytest

from support import documents as d
from support.oauth import client_credentials, granted, introspect, on_behalf_of, post_form, refused, revoke, unverified
from support.program import run

INACTIVE = {"active": False}


def client_token(server, client=d.WEB, scope=d.APP_READ, **keywords):
	return granted(client_credentials(server, client, scope, **keywords))["access_token"]


def person_token(server, client=d.WEB, subject=d.USER, realm="U"):
	return granted(on_behalf_of(server, client, d.OBO_READ, subject, realm=realm))["access_token"]


@pytest.mark.parametrize("make", [client_token, person_token])
def test_an_active_token_is_described_by_its_own_claims(server, make):
	"""RFC 7662 §2.2."""
	token = make(server)
	claims, answer = unverified(token), introspect(server, d.WEB, token)
	assert answer["active"] is True
	for name in ("iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope"):
		assert answer[name] == claims[name], name
	assert answer.get("token_type", "Bearer") == "Bearer"


def test_any_web_application_may_introspect_its_partitions_access_tokens(server):
	"""Contract §3: any web application … its partition's access tokens."""
	token = client_token(server)
	for client in (d.SECOND, d.BARE, d.NARROW):
		assert introspect(server, client, token)["active"] is True
	assert introspect(server, d.WEB, client_token(server, realm="C"), realm="C")["active"] is True


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense", ""])
def test_a_token_type_hint_is_only_a_hint(server, hint):
	"""RFC 7662 §2.1, RFC 7009 §2.1."""
	token = client_token(server)
	assert introspect(server, d.WEB, token, token_type_hint=hint)["active"] is True
	assert revoke(server, d.WEB, token, token_type_hint=hint).status_code == 200
	assert introspect(server, d.WEB, token) == INACTIVE


def test_another_partitions_token_is_inactive(server):
	"""A7; contract §3: other partitions … {"active": false}."""
	token = client_token(server)
	assert introspect(server, d.OTHER_WEB, token, partition="OTHER") == INACTIVE
	assert introspect(server, d.WEB, client_token(server, d.OTHER_WEB, partition="OTHER")) == INACTIVE
	assert introspect(server, d.WEB, token)["active"] is True


def tampered(token):
	head, payload, signature = token.split(".")
	return ".".join((head, payload, signature[:-4] + ("AAAA" if signature[-4:] != "AAAA" else "BBBB")))


@pytest.mark.parametrize("change", [
	tampered,
	lambda token: token + "x",
	lambda token: token + ".",
	lambda token: token.rsplit(".", 1)[0] + ".",
	lambda token: token.split(".")[1],
	lambda token: "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0." + token.split(".")[1] + ".",
	lambda token: " " + token,
	lambda token: "x",
	lambda token: "." * 1000,
	lambda token: "A" * 15000,
	lambda token: d.WEB.secret,
	lambda token: unverified(token)["jti"],
	lambda token: unverified(token)["gid"],
])
def test_what_is_no_token_is_inactive_and_says_nothing_more(server, change):
	"""RFC 7662 §2.2: only active; A4, A8, A9."""
	assert introspect(server, d.WEB, change(client_token(server))) == INACTIVE


@pytest.mark.parametrize("endpoint", ["introspect", "revoke"])
def test_a_client_must_authenticate_and_a_token_must_be_named(server, endpoint):
	"""RFC 7662 §2.1, RFC 7009 §2.1."""
	address = f"{server.realm('ACME')}/oauth2/{endpoint}"
	token = client_token(server)
	refused(post_form(address, {"token": token}), "invalid_client", 401)
	refused(post_form(address, {"token": token, "client_id": d.WEB.id, "client_secret": d.secret_of("wrong")}), "invalid_client", 401)
	refused(post_form(address, {"client_id": d.WEB.id, "client_secret": d.WEB.secret}), "invalid_request", 400, "token")
	refused(post_form(address, [("client_id", d.WEB.id), ("client_secret", d.WEB.secret), ("token", token), ("token", token)]), "invalid_request")
	reply = post_form(address, {"token": token}, basic=(d.WEB.id, d.WEB.secret))
	assert reply.status_code == 200


def test_a_single_page_application_does_not_introspect(server):
	"""Contract §3: any web application may."""
	reply = post_form(server.realm("ACME") + "/oauth2/introspect", {"client_id": d.SPA.id, "token": client_token(server)})
	assert reply.status_code in (400, 401) or reply.json() == INACTIVE, reply.text


def test_a_token_without_a_client_is_no_credential(server):
	"""A4: an access token does not open introspection."""
	token = client_token(server)
	reply = post_form(server.realm("ACME") + "/oauth2/introspect", {"token": token}, headers={"Authorization": "Bearer " + token})
	assert reply.status_code in (400, 401)


@pytest.mark.parametrize("make", [client_token, person_token])
def test_a_revoked_token_is_inactive_at_once_and_its_siblings_live(server, make):
	"""Contract §3: an access token only itself."""
	first, second = make(server), make(server)
	assert revoke(server, d.WEB, first).status_code == 200
	assert introspect(server, d.WEB, first) == INACTIVE
	assert introspect(server, d.SECOND, first) == INACTIVE
	assert introspect(server, d.WEB, second)["active"] is True
	assert revoke(server, d.WEB, first).status_code == 200


def test_an_unknown_token_is_revoked_without_complaint(server):
	"""Contract §3: unknown: 200; RFC 7009 §2.2."""
	for token in ("x", "a.b.c", "x" * 3000):
		assert revoke(server, d.WEB, token).status_code == 200


def test_another_applications_token_is_not_revoked(server):
	"""Contract §3: another application's: 400 invalid_request."""
	token = client_token(server)
	refused(revoke(server, d.SECOND, token), "invalid_request")
	refused(revoke(server, d.SPA, token), "invalid_request")
	assert introspect(server, d.WEB, token)["active"] is True


def test_a_single_page_application_may_ask_to_revoke(server):
	"""RFC 7009 §2.1: public clients too; contract §3, CORS lists revoke."""
	assert revoke(server, d.SPA, "unknown").status_code == 200


def test_another_partition_cannot_revoke(server):
	"""A7: as if it did not exist."""
	token = client_token(server)
	assert revoke(server, d.OTHER_WEB, token, partition="OTHER").status_code == 200
	assert introspect(server, d.WEB, token)["active"] is True


def test_a_revocation_holds_at_another_server_on_the_same_store_and_after_a_restart(store, serve):
	"""Design §2: in memory for the decision and in the store for restart and the other nodes."""
	one, two = serve(store), serve(store)
	token, other = client_token(one), client_token(two)
	assert introspect(two, d.WEB, token)["active"] is True
	assert revoke(one, d.WEB, token).status_code == 200
	two.wait_for(lambda: introspect(two, d.WEB, token) == INACTIVE, timeout=10, what="the revocation at the other server")
	one.kill()
	again = serve(store)
	assert introspect(again, d.WEB, token) == INACTIVE
	assert introspect(again, d.WEB, other)["active"] is True


@pytest.mark.parametrize("change", [
	{"client_applications": [{"client_id": d.SECOND.id, "name": "Second", "platform": "web", "enabled": False}]},
	{"users": [{"id": "1001", "username": "pa", "enabled": False}]},
], ids=["application", "person"])
def test_disabling_either_party_ends_a_token_at_once_and_for_good(store, serve, change):
	"""Contract §3, Live state: a disabled person or client application loses access tokens at once (introspection)."""
	running = serve(store)
	token = person_token(running, d.SECOND)
	bystander = person_token(running, d.WEB, {"subject_username": "agent.smith"})
	assert introspect(running, d.WEB, token)["active"] is True
	store.apply(d.partial(**change))
	assert introspect(running, d.WEB, token) == INACTIVE
	for objects in change.values():
		objects[0]["enabled"] = True
	store.apply(d.partial(**change))
	assert introspect(running, d.WEB, token) == INACTIVE
	assert introspect(running, d.WEB, bystander)["active"] is True
	assert introspect(running, d.WEB, person_token(running, d.SECOND))["active"] is True


@pytest.mark.parametrize("what", ["client_applications", "customers"])
def test_deleting_either_party_ends_a_token_at_once_and_for_good(store, serve, what):
	"""Contract §3, Live state: deleted."""
	running = serve(store)
	token = person_token(running, d.SECOND, d.CUSTOMER, realm="C")
	assert introspect(running, d.WEB, token, realm="C")["active"] is True
	full = d.directory()
	lists = d.partition_of(full)
	removed = [one for one in lists[what] if one.get("client_id") == d.SECOND.id or one.get("id") == "c-1"]
	lists[what] = [one for one in lists[what] if one not in removed]
	store.apply(full, "--prune")
	assert introspect(running, d.WEB, token, realm="C") == INACTIVE
	store.apply(d.partial(**{what: removed}))
	assert introspect(running, d.WEB, token, realm="C") == INACTIVE


def test_a_permission_taken_away_stops_new_tokens_and_leaves_old_ones(store, serve):
	"""Contract §3, Scope: assigned and asked for."""
	running = serve(store)
	token = client_token(running, d.NARROW)
	store.apply(d.partial(client_applications=[{"client_id": d.NARROW.id, "name": "Narrow", "platform": "web", "permissions": []}]))
	refused(client_credentials(running, d.NARROW, d.APP_READ), "invalid_scope")
	assert introspect(running, d.WEB, token)["active"] is True


def test_a_token_of_a_rotated_key_stays_active(store, serve):
	"""Contract §4: kept published until the last token signed with them has expired."""
	running = serve(store)
	token = client_token(running)
	run("keys", "rotate", "--store", store.url)
	assert introspect(running, d.WEB, token)["active"] is True
