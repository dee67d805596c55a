"""Who asks: the ways of client authentication of contract §3, and what their refusals may tell."""

import base64
import datetime
import uuid

import pytest

from support import documents as d
from support.oauth import ask, basic_header, client_credentials, granted, on_behalf_of, post_form, refused, verified

ODD = d.Client("odd._~-id", "._~-" * 8 + "Odd")
GRANT = {"grant_type": "client_credentials", "scope": d.APP_READ}


def token(server, fields, **keywords):
	return post_form(server.realm("ACME") + "/oauth2/token", fields, **keywords)


def stranger():
	"""A client id that nobody used before: failure limits count by name."""
	return d.Client(str(uuid.uuid4()), d.secret_of("stranger"))


def test_the_secret_may_come_in_the_form_or_by_basic(server):
	"""Contract §3: client_secret_post, client_secret_basic."""
	granted(token(server, {**GRANT, "client_id": d.WEB.id, "client_secret": d.WEB.secret}))
	granted(token(server, GRANT, basic=(d.WEB.id, d.WEB.secret)))


def test_basic_is_form_decoded(server):
	"""Contract §3: Basic is form-decoded (RFC 6749 §2.3.1): every character may be escaped."""
	escaped = "".join(f"%{ord(character):02x}" for character in d.WEB.id) + ":" + "".join(f"%{ord(character):02X}" for character in d.WEB.secret)
	header = "Basic " + base64.b64encode(escaped.encode()).decode()
	granted(token(server, GRANT, headers={"Authorization": header}))


@pytest.mark.parametrize("scheme", ["basic", "BASIC"])
def test_the_scheme_basic_has_no_case(server, scheme):
	"""RFC 7235 §2.1."""
	header = basic_header(d.WEB.id, d.WEB.secret).replace("Basic", scheme)
	granted(token(server, GRANT, headers={"Authorization": header}))


def test_special_characters_in_ids_and_secrets_work_both_ways(store, serve):
	"""Contract §4: secrets of [A-Za-z0-9._~-]."""
	store.apply(d.partial(client_applications=[d.application(ODD, "Odd", [d.APP_READ])]))
	running = serve(store)
	granted(token(running, {**GRANT, "client_id": ODD.id, "client_secret": ODD.secret}))
	granted(token(running, GRANT, basic=(ODD.id, ODD.secret)))


@pytest.mark.parametrize("pair", ["a b:" + d.WEB.secret, "50%:" + d.WEB.secret, "%zz:x", "%:x", "%00:x", "%ff:x", "no-colon", ":", "::", f"{d.WEB.id}:"])
def test_a_broken_basic_header_is_refused_and_never_guessed(server, pair):
	"""Contract §3, §6; A9: the Basic header's parser."""
	reply = token(server, GRANT, headers={"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()})
	assert (reply.status_code, reply.json()["error"]) in ((401, "invalid_client"), (400, "invalid_request")), reply.text


@pytest.mark.parametrize("header", ["Basic", "Basic ", "Basic !!!!", "Basic " + "A" * 3000, "Basic =", "Bearer abc", "Negotiate abc", "Digest x=1"])
def test_an_authorization_header_that_says_nothing_is_refused(server, header):
	"""Contract §3: no client, no token."""
	reply = token(server, GRANT, headers={"Authorization": header})
	assert (reply.status_code, reply.json()["error"]) in ((401, "invalid_client"), (400, "invalid_request")), reply.text


@pytest.mark.parametrize("fields", [
	{"client_id": d.WEB.id, "client_secret": d.WEB.secret},
	{"client_secret": d.WEB.secret},
	{"client_id": d.SECOND.id, "client_secret": d.SECOND.secret},
])
def test_two_ways_at_once_are_an_invalid_request(server, fields):
	"""Contract §3: two ways of client authentication at once: invalid_request."""
	refused(token(server, {**GRANT, **fields}, basic=(d.WEB.id, d.WEB.secret)), "invalid_request")


def test_another_client_id_beside_basic_gives_no_token(server):
	"""RFC 6749 §2.3: one client a request."""
	reply = token(server, {**GRANT, "client_id": d.SECOND.id}, basic=(d.WEB.id, d.WEB.secret))
	assert reply.status_code in (400, 401), reply.text


def test_the_same_client_id_beside_basic_is_good(server):
	"""RFC 6749 §3.2.1: client_id identifies; it is no second way of authentication."""
	granted(token(server, {**GRANT, "client_id": d.WEB.id}, basic=(d.WEB.id, d.WEB.secret)))


def test_no_reply_tells_an_unknown_client_from_a_wrong_secret(server):
	"""Contract §3, Errors: byte for byte the same, the request id apart."""
	unknown = ask(server, stranger(), GRANT)
	wrong = ask(server, d.Client(d.WEB.id, d.secret_of("wrong")), GRANT)
	disabled = ask(server, d.OFF, GRANT)
	disabled_wrong = ask(server, d.Client(d.OFF.id, d.secret_of("wrong")), GRANT)
	shown = []
	for reply in (unknown, wrong, disabled, disabled_wrong):
		refused(reply, "invalid_client", 401)
		headers = {name.lower(): value for name, value in reply.headers.items() if name.lower() not in ("x-request-id", "date")}
		shown.append((reply.content, headers))
	assert shown[0] == shown[1] == shown[2] == shown[3]
	granted(ask(server, d.WEB, GRANT))


@pytest.mark.parametrize("secret", [None, ""])
def test_a_web_application_without_its_secret_is_refused(server, secret):
	"""Contract §3, table: web needs client id and secret; a parameter without a value counts as absent."""
	refused(ask(server, d.Client(d.SEVERAL.id, secret), GRANT), "invalid_client", 401)


def test_no_client_at_all_is_refused(server):
	"""RFC 6749 §5.2: no client authentication included: invalid_client."""
	refused(token(server, GRANT), "invalid_client", 401)


@pytest.mark.parametrize("secret", [d.NARROW.secret + " ", " " + d.NARROW.secret, d.NARROW.secret.upper(), d.NARROW.secret[:-1], d.NARROW.secret + "~"])
def test_a_secret_that_is_nearly_right_is_wrong(server, secret):
	"""Contract §4: compared whole."""
	refused(ask(server, d.Client(d.NARROW.id, secret), GRANT), "invalid_client", 401)
	granted(ask(server, d.NARROW, GRANT))


@pytest.mark.parametrize("client_id", [d.NARROW.id.upper(), d.NARROW.id + " ", d.NARROW.id[:-1]])
def test_client_ids_compare_exactly(server, client_id):
	"""Contract §1: ids compare exactly."""
	refused(ask(server, d.Client(client_id, d.NARROW.secret), GRANT), "invalid_client", 401)


def test_www_authenticate_is_there_only_when_basic_was_tried(server):
	"""Contract §3, Errors: 401 with WWW-Authenticate: Basic when Basic was tried."""
	tried = token(server, GRANT, basic=(stranger().id, d.secret_of("x")))
	refused(tried, "invalid_client", 401)
	assert tried.headers["WWW-Authenticate"].startswith("Basic")
	not_tried = ask(server, stranger(), GRANT)
	assert "WWW-Authenticate" not in not_tried.headers
	assert "WWW-Authenticate" not in token(server, {**GRANT, "scope": "x"}, basic=(d.WEB.id, d.WEB.secret)).headers


def test_any_of_several_secrets_works(server):
	"""Contract §4: an application may hold several, so that they rotate without downtime."""
	for client in (d.SEVERAL, d.SEVERAL_NEW):
		assert verified(server, granted(ask(server, client, GRANT))["access_token"])["sub"] == d.SEVERAL.id


def test_a_removed_secret_stops_at_once_and_the_others_go_on(store, serve):
	"""Contract §9: one left out of a given list: deleted; apply returns when running servers see it."""
	running = serve(store)
	granted(ask(running, d.SEVERAL, GRANT))
	store.apply(d.partial(client_applications=[{"client_id": d.SEVERAL.id, "name": "Several", "platform": "web", "secrets": [{"label": "new"}]}]))
	refused(ask(running, d.SEVERAL, GRANT), "invalid_client", 401)
	granted(ask(running, d.SEVERAL_NEW, GRANT))


def test_an_application_that_is_disabled_stops_at_once_and_comes_back(store, serve):
	"""Contract §3, Live state."""
	running = serve(store)
	granted(ask(running, d.NARROW, GRANT))
	change = {"client_id": d.NARROW.id, "name": "Narrow", "platform": "web"}
	store.apply(d.partial(client_applications=[{**change, "enabled": False}]))
	refused(ask(running, d.NARROW, GRANT), "invalid_client", 401)
	store.apply(d.partial(client_applications=[{**change, "enabled": True}]))
	granted(ask(running, d.NARROW, GRANT))


def test_a_secret_is_good_until_it_expires(store, serve):
	"""Contract §4: an optional expiry."""
	now = datetime.datetime.now(datetime.timezone.utc)
	past, future = (now - datetime.timedelta(hours=1)), (now + datetime.timedelta(hours=1))
	old, good = d.Client("expiring", d.secret_of("old-one")), d.Client("expiring", d.secret_of("good-one"))
	secrets = [{"label": "old", "value": old.secret, "expires_at": past.strftime("%Y-%m-%dT%H:%M:%SZ")},
	           {"label": "good", "value": good.secret, "expires_at": future.strftime("%Y-%m-%dT%H:%M:%SZ")}]
	store.apply(d.partial(client_applications=[d.application(old, "Expiring", [d.APP_READ], secrets=secrets)]))
	running = serve(store)
	refused(ask(running, old, GRANT), "invalid_client", 401)
	granted(ask(running, good, GRANT))


@pytest.mark.parametrize("secret", ["short", "x" * 31, "x" * 40 + " ", "x" * 40 + "!", "ü" * 40])
def test_a_secret_given_by_hand_must_be_long_and_plain(store, secret):
	"""Contract §4: at least 32 characters of [A-Za-z0-9._~-]."""
	done = store.apply(d.partial(client_applications=[d.application(d.Client("by-hand", secret), "By hand")]), check=False)
	assert done.returncode == 1
	assert secret not in done.stderr + done.stdout


@pytest.mark.parametrize("client,fields,error,status", [
	(d.Client("nobody", d.secret_of("x")), [("scope", "a"), ("scope", "b"), ("grant_type", "nonsense")], "invalid_request", 400),
	(d.Client("nobody-else", d.secret_of("x")), {"grant_type": "nonsense"}, "invalid_client", 401),
	(d.Client("nobody-else", d.secret_of("x")), {}, "invalid_client", 401),
	(d.WEB, {}, "invalid_request", 400),
	(d.WEB, {"grant_type": "nonsense"}, "unsupported_grant_type", 400),
	(d.SPA, {"grant_type": "client_credentials"}, "unauthorized_client", 400),
	(d.SPA, {"grant_type": "password", "scope": "openid"}, "unauthorized_client", 400),
	(d.WEB, {"grant_type": "password", "scope": "openid", "subject_email": "x", "subject_username": "y"}, "invalid_request", 400),
	(d.WEB, {"grant_type": "password", "scope": "openid", "subject_username": "nobody"}, "invalid_scope", 400),
	(d.WEB, {"grant_type": "password", "scope": d.OBO_READ, "subject_username": "nobody"}, "invalid_grant", 400),
], ids=lambda value: str(value)[:40])
def test_checks_come_in_the_order_form_client_grant_parameters_scope_subject(server, client, fields, error, status):
	"""Contract §3, Requests."""
	refused(ask(server, client, fields), error, status)


def test_both_flows_authenticate_by_basic(server):
	"""Contract §3."""
	granted(token(server, {"grant_type": "password", "scope": d.OBO_READ, **d.USER}, basic=(d.WEB.id, d.WEB.secret)))


def test_the_other_realm_takes_the_same_credentials(server):
	"""Contract §3, table: client credentials in U and C."""
	granted(client_credentials(server, d.WEB, d.APP_READ, realm="C"))
	granted(on_behalf_of(server, d.WEB, d.OBO_READ, d.CUSTOMER, realm="C"))


def test_a_token_is_no_secret(server):
	"""A4: one kind of artefact taken for another."""
	token_text = granted(ask(server, d.WEB, GRANT))["access_token"]
	reply = ask(server, d.Client(d.SECOND.id, token_text), GRANT)
	assert reply.status_code in (400, 401) and "access_token" not in reply.text
