"""Anonymous customers (contract §8): anybody gets a token where the partition gives any, of what it lists, and so many in a minute."""

import re
import signal
import uuid

import pytest

from support import documents as d
from support.minting import mint
from support.oauth import CLIENT_CLAIMS, client_credentials, granted, introspect, post_form, refused, revoke, unverified, verified
from support.people import userinfo
from support.program import Server, Store, get, request, run

ADDRESS = "/core/authmgr/v3/oauth2/v2.0/anonymous/token"
OLDER = "/internal/oauth2/v2.0/anonymous/token"
ACME = "?user_type=customer&domain_hint=ACME"
GRANT = {"grant_type": "client_credentials", "scope": d.READ}
LISTED = [d.READ, d.UNASSIGNED["delegated"]]


def turned_on(permissions=(d.READ, d.UNASSIGNED["delegated"]), enabled=True):
	return d.partial(anonymous_customers={"enabled": enabled, "permissions": list(permissions)})


@pytest.fixture(scope="module")
def prepared_store(tmp_path_factory):
	"""The shared directory with anonymous customers in ACME alone."""
	store = Store(tmp_path_factory.mktemp("anonymous"))
	store.apply(d.directory())
	store.apply(turned_on())
	return store


@pytest.fixture(scope="module")
def open_server(prepared_store, tmp_path_factory):
	"""Many tests share one address: its limit is tested elsewhere."""
	with Server(prepared_store.copy_to(tmp_path_factory.mktemp("store")), "--auth-url", d.AUTH_URL, "--api-url", d.API_URL, "--anonymous-tokens", "1000000") as running:
		yield running


def anonymous(server, fields=GRANT, query=ACME, path=ADDRESS, **keywords):
	return post_form(server.url + path + query, fields, **keywords)


def token_of(server, scope=d.READ):
	return granted(anonymous(server, {**GRANT, "scope": scope}))["access_token"]


# ---- the token


@pytest.mark.parametrize("path", [ADDRESS, OLDER])
def test_anybody_gets_a_token_that_speaks_for_an_anonymous_customer(open_server, path):
	"""Contract §4: exactly these claims, signed by a key of the customers' realm."""
	body = granted(anonymous(open_server, path=path))
	claims = verified(open_server, body["access_token"], "ACME", "C")
	assert set(claims) == CLIENT_CLAIMS
	assert claims["actor"] == "anonymous_customer" and claims["partition"] == "ACME"
	assert re.fullmatch(r"anon:[0-9a-f-]{36}", claims["sub"]) and uuid.UUID(claims["sub"][5:]).version == 4
	assert claims["client_id"] == "anonymous"  # RFC 9068 §2.2 wants one; docs/decisions says why this one
	assert claims["iss"] == f"{d.AUTH_URL}/system/auth/ACME-C" and claims["aud"] == d.API_URL
	assert claims["scope"] == body["scope"] == d.READ
	assert claims["exp"] - claims["iat"] == body["expires_in"] == 3600


def test_each_token_names_another_customer(open_server):
	claims = [unverified(token_of(open_server)) for _ in range(3)]
	for name in ("sub", "jti", "gid"):
		assert len({one[name] for one in claims}) == 3


@pytest.mark.parametrize("credentials", [
	{"client_id": "clientId", "client_secret": "clientSecret"},  # what the browser kit sends
	{"client_id": d.WEB.id, "client_secret": d.secret_of("wrong")},
	{"client_id": d.WEB.id, "client_secret": d.WEB.secret},
	{"client_id": "", "client_secret": ""},
	{"client_id": "x" * 20000, "client_secret": "y" * 20000},
	{"client_assertion": "no.such.thing", "client_assertion_type": "nonsense"},
])
def test_whatever_stands_in_client_id_and_client_secret_is_ignored(open_server, credentials):
	"""Contract §8."""
	claims = unverified(granted(anonymous(open_server, {**GRANT, **credentials}))["access_token"])
	assert (claims["actor"], claims["client_id"]) == ("anonymous_customer", "anonymous")


def test_an_authorization_header_is_ignored_and_never_counts_as_a_guess(open_server):
	"""Contract §6: a failure is a wrong client secret; here none is looked at."""
	for number in range(8):
		claims = unverified(granted(anonymous(open_server, basic=(d.NARROW.id, d.secret_of(f"guess{number}"))))["access_token"])
		assert claims["client_id"] == "anonymous"
	granted(client_credentials(open_server, d.NARROW, d.APP_READ))


# ---- whom it is about


@pytest.mark.parametrize("query,fields", [
	(ACME, {}),
	("?domain_hint=ACME", {}),  # only customers can be meant
	("?tenantId=ACME&user_type=customer", {}),
	("", {"user_type": "customer", "domain_hint": "ACME"}),
	("?user_type=customer", {"domain_hint": "ACME"}),
	("?domain_hint=ACME", {"user_type": "customer"}),
	(ACME, {"user_type": "customer", "domain_hint": "ACME"}),
	("?user_type=&domain_hint=", {"user_type": "customer", "tenantId": "ACME"}),  # without a value: absent
	(ACME + "&localLogin=true", {"x-client-SKU": "kit"}),
])
def test_user_type_and_partition_come_in_the_address_or_in_the_form(open_server, query, fields):
	"""Contract §3, Requests: the anonymous endpoint also user_type and domain_hint of its address."""
	claims = unverified(granted(anonymous(open_server, {**GRANT, **fields}, query))["access_token"])
	assert (claims["partition"], claims["actor"]) == ("ACME", "anonymous_customer")


@pytest.mark.parametrize("query,fields", [
	(ACME, {"domain_hint": "OTHER"}),
	("?user_type=customer&domain_hint=OTHER", {"domain_hint": "ACME"}),
	(ACME, {"user_type": "user"}),
	(ACME + "&tenantId=OTHER", {}),
	(ACME, {"tenantId": "OTHER"}),
	(ACME + "&domain_hint=ACME", {}),
	(ACME + "&scope=a&scope=b", {}),
])
def test_two_values_are_refused_whichever_was_meant(open_server, query, fields):
	"""Contract §3: a parameter given twice is invalid_request."""
	reply = anonymous(open_server, {**GRANT, **fields}, query)
	refused(reply, "invalid_request")
	assert reply.json()["error_uri"].endswith("/parameter-repeated")


@pytest.mark.parametrize("query,slug", [
	("?user_type=user&domain_hint=ACME", "user-type"),
	("?user_type=Customer&domain_hint=ACME", "user-type"),
	("?user_type=agent&domain_hint=ACME", "user-type"),
	("?user_type=customer", "parameter-missing"),
	("", "parameter-missing"),
	("?user_type=customer&domain_hint=%00", "form-malformed"),
	("?user_type=customer&domain_hint=%ff", "form-malformed"),
	("?user_type=customer&domain_hint=" + "A" * 300, "parameter-too-long"),
])
def test_an_address_that_does_not_say_whom_it_is_about_is_refused(open_server, query, slug):
	reply = anonymous(open_server, GRANT, query)
	refused(reply, "invalid_request")
	assert reply.json()["error_uri"].endswith("/" + slug)


@pytest.mark.parametrize("partition", ["NOWHERE", "acme", "ACME-C", "../ACME", "ACME%20", "A" * 65])
def test_an_unknown_partition_is_not_found(open_server, partition):
	"""Contract §1: ids compare exactly."""
	refused(anonymous(open_server, GRANT, "?user_type=customer&domain_hint=" + partition), "invalid_request", 404, "partition")


# ---- what it gives


def test_it_is_off_unless_the_partition_turns_it_on(open_server):
	"""Contract §8; A7: what ACME gives is nothing to OTHER."""
	for partition in ("OTHER", "SYSTEM"):
		reply = anonymous(open_server, GRANT, f"?user_type=customer&domain_hint={partition}")
		refused(reply, "unauthorized_client", 400, "anonymous")
		assert reply.json()["error_uri"] == f"{d.AUTH_URL}/errors/anonymous-off"
		event, = open_server.audit_of(reply.headers["X-Request-Id"])
		assert (event["action"], event["result"], event["partition"]) == ("token.refused", "anonymous-off", partition)


@pytest.mark.parametrize("scope", [*LISTED, " ".join(LISTED), d.PREFIX + d.READ, f"{d.PREFIX}{d.READ} {LISTED[1]}", f"{d.READ} address phone"])
def test_what_the_partition_lists_is_given(open_server, scope):
	"""Contract §1: with or without the prefix; the reply echoes each name as it was asked for."""
	body = granted(anonymous(open_server, {**GRANT, "scope": scope}))
	echoed = [word for word in scope.split() if word not in ("address", "phone")]
	assert body["scope"].split() == echoed
	assert unverified(body["access_token"])["scope"].split() == [word.removeprefix(d.PREFIX) for word in echoed]


@pytest.mark.parametrize("scope", [
	d.MANAGE, d.OBO_READ, d.APP_READ, d.APP_ODD, "no.such.permission", "openid", "profile", "offline_access", ".default", d.PREFIX + ".default",
	*d.ADMIN_PERMISSIONS, f"{d.READ} {d.MANAGE}", f"{d.READ} openid", f"{d.READ} writ.admin.read", d.READ.upper(), d.READ + '"', None, "", "   "])
def test_nothing_else_is_given(open_server, scope):
	"""Contract §3's table, column anonymous: only those that the partition lists; one wrong scope refuses all (A5)."""
	refused(anonymous(open_server, {**GRANT, "scope": scope}), "invalid_scope", 400, "scope")


@pytest.mark.parametrize("grant_type", ["password", "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange", "x"])
def test_no_other_grant_works_here(open_server, grant_type):
	reply = anonymous(open_server, {**GRANT, "grant_type": grant_type, "client_id": d.WEB.id, "client_secret": d.WEB.secret, **d.CUSTOMER})
	refused(reply, "unsupported_grant_type")


def test_a_request_without_a_grant_type_is_refused(open_server):
	refused(anonymous(open_server, {"scope": d.READ}), "invalid_request", 400, "grant_type")


@pytest.mark.parametrize("subject", [d.USER, d.USER_BY_ID, d.CUSTOMER, {"subject_username": "x" * 300}, {"subject_token": "somebody"}])
def test_a_subject_is_refused_and_never_dropped(open_server, subject):
	"""A6."""
	refused(anonymous(open_server, {**GRANT, **subject}), "invalid_request")


@pytest.mark.parametrize("body", ["grant_type=client_credentials&scope=a%00b", "grant_type=client_credentials&scope=%ff", "grant_type=client_credentials&client_id=%00",
                                  "grant_type=client_credentials&grant_type=client_credentials&scope=" + d.READ])
def test_a_broken_form_is_refused(open_server, body):
	refused(anonymous(open_server, None, body=body), "invalid_request")


def test_a_body_of_another_type_is_refused(open_server):
	refused(request("POST", open_server.url + ADDRESS + ACME, json=GRANT), "invalid_request", 400, "Content-Type")


def test_only_a_post_is_answered(open_server):
	reply = get(open_server.url + ADDRESS + ACME)
	assert reply.status_code == 405 and "POST" in reply.headers["Allow"]


# ---- pages in a browser


def test_every_page_may_ask_and_read_the_answer_be_it_an_error(open_server):
	"""Contract §3, CORS: the anonymous endpoint: *; on errors too."""
	origin = {"Origin": "https://anywhere.example"}
	replies = [anonymous(open_server, headers=origin), anonymous(open_server, {}, headers=origin), anonymous(open_server, GRANT, "", headers=origin),
	           anonymous(open_server, GRANT, "?domain_hint=OTHER", headers=origin), anonymous(open_server, GRANT, "?domain_hint=NOWHERE", headers=origin),
	           anonymous(open_server, {**GRANT, "more": "x" * 70000}, headers=origin), get(open_server.url + ADDRESS, headers=origin)]
	assert [reply.status_code for reply in replies] == [200, 400, 400, 400, 404, 413, 405]
	for reply in replies:
		assert reply.headers["Access-Control-Allow-Origin"] == "*"
		assert "Access-Control-Allow-Credentials" not in reply.headers


@pytest.mark.parametrize("path", [ADDRESS, OLDER])
def test_a_preflight_needs_no_client_and_no_partition(open_server, path):
	headers = {"Origin": "https://anywhere.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
	reply = request("OPTIONS", open_server.url + path, headers=headers)
	assert reply.status_code in (200, 204)
	assert reply.headers["Access-Control-Allow-Origin"] == "*"
	assert "POST" in reply.headers["Access-Control-Allow-Methods"] and "content-type" in reply.headers["Access-Control-Allow-Headers"].lower()


# ---- how many (A14)


def too_many(reply):
	assert reply.status_code == 429, reply.text
	assert reply.json()["error"] == "temporarily_unavailable" and reply.json()["error_uri"].endswith("/too-many-anonymous-tokens")
	assert reply.headers["Access-Control-Allow-Origin"] == "*"
	seconds = int(reply.headers["Retry-After"])
	assert 1 <= seconds <= 60
	return seconds


def test_an_address_has_sixty_tokens_a_minute_whichever_way_it_asks(store, serve):
	"""Contract §6; A14. Only what is given counts."""
	running = serve(store)
	for _ in range(20):
		refused(anonymous(running, {**GRANT, "scope": d.MANAGE}), "invalid_scope")
	for number in range(60):
		granted(anonymous(running, path=(ADDRESS, OLDER)[number % 2]))
	reply = anonymous(running)
	too_many(reply)
	too_many(anonymous(running, {**GRANT, "client_id": "somebody-else"}, path=OLDER))
	too_many(anonymous(running, headers={"X-Forwarded-For": "192.0.2.1"}))  # what it says of itself is not believed
	refused(anonymous(running, {**GRANT, "scope": d.MANAGE}), "invalid_scope")
	granted(client_credentials(running, d.WEB, d.APP_READ))
	event, = running.audit_of(reply.headers["X-Request-Id"])
	assert (event["action"], event["result"], event["address"]) == ("token.refused", "too-many-anonymous-tokens", "127.0.0.1")


def test_the_number_is_configured_and_reloaded_and_counts_each_address_apart(store, serve):
	"""Contract §6: all configurable; the address is what trusted proxies say."""
	running = serve(store, config={"anonymous_tokens": 2, "trusted_proxies": ["127.0.0.1"]})

	def ask_from(address):
		return anonymous(running, headers={"X-Forwarded-For": address})

	for address in ("192.0.2.1", "192.0.2.2", "2001:db8:1:2::1"):
		granted(ask_from(address))
		granted(ask_from(address))
		too_many(ask_from(address))
	too_many(ask_from("2001:db8:1:2::ffff"))  # the same /64
	granted(ask_from("2001:db8:1:3::1"))
	running.config_path.write_text("anonymous_tokens: 3\ntrusted_proxies: 127.0.0.1\n")
	running.signal(signal.SIGHUP)
	running.wait_for_line(lambda line: "reloaded" in line.get("message", ""))
	granted(ask_from("192.0.2.1"))
	too_many(ask_from("192.0.2.1"))


# ---- what becomes of it


def test_introspection_says_whom_it_speaks_for(open_server):
	"""RFC 7662; contract §3: any web application may introspect its partition's access tokens."""
	token = token_of(open_server)
	answer, claims = introspect(open_server, d.WEB, token, realm="C"), unverified(token)
	assert answer["active"] is True and answer["actor"] == "anonymous_customer"
	assert {name: answer[name] for name in ("sub", "client_id", "scope", "iss", "aud", "gid")} == {name: claims[name] for name in ("sub", "client_id", "scope", "iss", "aud", "gid")}
	assert introspect(open_server, d.WEB, token)["active"] is True
	assert introspect(open_server, d.OTHER_WEB, token, partition="OTHER") == {"active": False}


def test_it_names_no_person_and_is_nobodys_to_revoke(open_server):
	"""A4: userinfo needs a person's token; RFC 7009 §2.1: only its own client may revoke a token."""
	token = token_of(open_server)
	assert userinfo(open_server, token, "C").status_code == 401
	refused(revoke(open_server, d.WEB, token, realm="C"), "invalid_request")
	assert introspect(open_server, d.WEB, token)["active"] is True


def test_tokens_are_dead_at_once_when_the_partition_turns_it_off(store, serve):
	"""Contract §3, Live state; docs/decisions/anonymous-tokens-live-with-the-partition.md."""
	running = serve(store)
	token = token_of(running)
	store.apply(turned_on(enabled=False))
	assert introspect(running, d.WEB, token) == {"active": False}
	refused(anonymous(running), "unauthorized_client")
	store.apply(turned_on())
	assert introspect(running, d.WEB, token)["active"] is True


def test_a_token_is_dead_as_soon_as_one_of_its_permissions_is_no_longer_listed(store, serve):
	running = serve(store)
	both, one = token_of(running, " ".join(LISTED)), token_of(running, LISTED[1])
	store.apply(turned_on([LISTED[1]]))
	assert introspect(running, d.WEB, both) == {"active": False}
	assert introspect(running, d.WEB, one)["active"] is True
	refused(anonymous(running), "invalid_scope", 400, d.READ)
	store.apply(turned_on([]))
	assert introspect(running, d.WEB, one) == {"active": False}


def test_a_permission_that_changed_its_kind_is_not_given_any_more(store, serve):
	"""Contract §3: only delegated ones, whatever is listed."""
	running = serve(store)
	token = token_of(running)
	store.apply(d.partial(permissions=[{"name": d.READ, "kind": "application"}]))
	assert introspect(running, d.WEB, token) == {"active": False}
	refused(anonymous(running), "invalid_scope", 400, "client credentials")


def test_no_client_application_can_be_called_anonymous(store):
	"""Its tokens would look as if nobody had asked for them."""
	done = store.apply(d.partial(client_applications=[d.application(d.Client("anonymous", d.secret_of("a")), "Anonymous")]), check=False)
	assert done.returncode == 1 and "anonymous" in done.stderr


def test_tokens_given_and_refused_are_counted(store, serve):
	running = serve(store)

	def count(name):
		return int(re.search(rf"^{re.escape(name)} (\d+)$", get(running.management_url + "/metrics").text, re.M).group(1))

	granted(anonymous(running))
	granted(anonymous(running, path=OLDER))
	refused(anonymous(running, GRANT, "?domain_hint=OTHER"), "unauthorized_client")
	assert count('writ_tokens_issued_total{flow="anonymous"}') == 2
	assert count('writ_requests_refused_total{slug="anonymous-off"}') == 1


def test_what_says_that_it_is_anonymous_and_names_an_application_is_no_token(store, serve):
	"""A4; A10: signed by the right key, and yet nothing that this server gives."""
	running = serve(store)
	good = unverified(token_of(running))
	assert introspect(running, d.WEB, mint(store, good, "at+jwt", algorithm="ES256"))["active"] is True
	for changes in ({"client_id": d.WEB.id}, {"act": {"sub": d.WEB.id}}, {"iss": f"{d.AUTH_URL}/system/auth/ACME-U"}, {"actor": "nobody"}, {"scope": ""}, {"scope": d.MANAGE},
	                {"scope": f"{d.READ} writ.admin.read"}, {"aud": f"{d.AUTH_URL}/admin/v1", "scope": "writ.admin.read"}):
		assert introspect(running, d.WEB, mint(store, {**good, **changes}, "at+jwt", algorithm="ES256")) == {"active": False}, changes


# ---- the command line


@pytest.fixture(scope="module")
def plain_server(prepared_store, tmp_path_factory):
	"""With its own address as issuer, so that --decode finds the key set."""
	with Server(prepared_store.copy_to(tmp_path_factory.mktemp("plain"))) as running:
		yield running


def test_writ_token_anonymous_prints_the_token_alone_where_no_person_reads(plain_server):
	"""Contract §9."""
	for where in (["--server", plain_server.url + "/", "--partition", "ACME"], ["--token-url", plain_server.url + OLDER + ACME]):
		done = run("token", "anonymous", *where, "--scope", d.READ)
		assert verified(plain_server, done.stdout.strip(), "ACME", "C")["actor"] == "anonymous_customer"


def test_writ_token_anonymous_explains_the_token(plain_server):
	done = run("token", "anonymous", "--server", plain_server.url, "--partition", "ACME", "--scope", d.READ, "--decode")
	assert "signature: good" in done.stdout and "it speaks for a customer who is not signed in" in done.stdout


def test_writ_token_anonymous_says_why_there_is_none(plain_server):
	done = run("token", "anonymous", "--server", plain_server.url, "--partition", "OTHER", "--scope", d.READ, check=False)
	assert done.returncode == 1 and "unauthorized_client" in done.stderr and "/errors/anonymous-off" in done.stderr


@pytest.mark.parametrize("arguments", [["--scope", "x"], ["--server", "http://127.0.0.1:1"], ["--partition", "ACME"], ["--server", "http://127.0.0.1:1", "--partition", "A-B"],
                                       ["--token-url", "http://127.0.0.1:1/x", "--partition", "ACME"], ["--client-id", "x"]])
def test_wrong_usage_of_writ_token_anonymous_is_said(arguments):
	done = run("token", "anonymous", *arguments, check=False)
	assert done.returncode == 2 and done.stderr.startswith("writ token anonymous: ")
