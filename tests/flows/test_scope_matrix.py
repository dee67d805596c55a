"""The matrix of contract §3: permission kind x flow x realm x platform, and the rules of scope."""

import pytest

from support import documents as d
from support.oauth import ask, client_credentials, granted, on_behalf_of, refused, verified

ASSIGNED = {"delegated": d.READ, "on_behalf_of": d.OBO_READ, "application": d.APP_READ}
SUBJECT = {"U": d.USER, "C": d.CUSTOMER}
FLOWS = ("client_credentials", "password")

# Who would carry it: words that the sentence of a refusal must have.
CARRIER = {
	"delegated": "authorization.code|sign.?in",
	"on_behalf_of": "on.behalf.of|grant_type=password",
	"application": "client.credentials",
	"openid": "authorization.code|sign.?in",
}
CARRIES = {
	("delegated", "client_credentials"): True,
	("on_behalf_of", "client_credentials"): False,
	("application", "client_credentials"): True,
	("delegated", "password"): False,
	("on_behalf_of", "password"): True,
	("application", "password"): False,
}


def get_token(server, client, flow, realm, scope, **keywords):
	if flow == "client_credentials":
		return client_credentials(server, client, scope, realm=realm, **keywords)
	return on_behalf_of(server, client, scope, SUBJECT[realm], realm=realm, **keywords)


@pytest.mark.parametrize("realm", ["U", "C"])
@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("kind", ASSIGNED)
def test_a_flow_carries_an_assigned_permission_only_of_its_kinds(server, kind, flow, realm):
	"""Contract §3, table of permission kinds; refusals name the scope and the flow that would carry it."""
	scope = ASSIGNED[kind]
	reply = get_token(server, d.WEB, flow, realm, scope)
	if CARRIES[kind, flow]:
		body = granted(reply)
		claims = verified(server, body["access_token"], realm=realm, issuer=f"{d.AUTH_URL}/system/auth/ACME-{realm}", audience=d.API_URL)
		assert body["scope"] == claims["scope"] == scope
	else:
		refused(reply, "invalid_scope", 400, "scope", scope.replace(".", r"\."), CARRIER[kind])


@pytest.mark.parametrize("realm", ["U", "C"])
@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("kind", ASSIGNED)
def test_a_permission_that_is_not_assigned_is_refused_in_every_flow(server, kind, flow, realm):
	"""Contract §3, Scope: a permission counts only if it is assigned; A5."""
	scope = d.UNASSIGNED[kind]
	refused(get_token(server, d.WEB, flow, realm, scope), "invalid_scope", 400, "scope", scope.replace(".", r"\."))


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("scope", ["openid", "profile", "email", "offline_access"])
def test_openid_scopes_are_refused_where_nobody_signs_in(server, scope, flow):
	"""Contract §3, table: openid profile email offline_access only with the code flows."""
	refused(get_token(server, d.WEB, flow, "U", scope), "invalid_scope", 400, "scope", scope, CARRIER["openid"])


@pytest.mark.parametrize("realm", ["U", "C"])
@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("kind", ASSIGNED)
def test_a_single_page_application_gets_no_token_without_a_person(server, kind, flow, realm):
	"""Contract §3: who = web for both flows; closed to the platform: unauthorized_client; A5."""
	refused(get_token(server, d.SPA, flow, realm, ASSIGNED[kind]), "unauthorized_client")


@pytest.mark.parametrize("realm", ["U", "C"])
@pytest.mark.parametrize("flow", FLOWS)
def test_a_single_page_application_that_sends_a_secret_is_refused_as_a_client(server, flow, realm):
	"""Contract §3: an SPA that sends a secret: invalid_client."""
	pretender = d.Client(d.SPA.id, d.secret_of("none"))
	refused(get_token(server, pretender, flow, realm, d.READ), "invalid_client", 401)


@pytest.mark.parametrize("client", [d.WEB, d.SPA], ids=["web", "spa"])
@pytest.mark.parametrize("realm", ["U", "C"])
@pytest.mark.parametrize("grant", ["urn:ietf:params:oauth:grant-type:jwt-bearer", "implicit", "PASSWORD", "Authorization_Code"])
def test_a_grant_that_this_version_does_not_offer_is_unsupported(server, grant, realm, client):
	"""RFC 6749 §5.2: unsupported_grant_type; nothing is advertised that does not work."""
	fields = {"grant_type": grant, "code": "x", "refresh_token": "x", "subject_token": "x", "scope": d.READ}
	refused(ask(server, client, fields, realm=realm), "unsupported_grant_type")


@pytest.mark.parametrize("realm", ["U", "C"])
def test_any_combination_that_the_flow_carries_is_good(server, realm):
	"""Contract §3, Scope."""
	body = granted(client_credentials(server, d.WEB, f"{d.READ} {d.APP_READ} {d.APP_MANAGE} {d.MANAGE}", realm=realm))
	claims = verified(server, body["access_token"], realm=realm)
	assert set(claims["scope"].split(" ")) == set(body["scope"].split(" ")) == {d.READ, d.APP_READ, d.APP_MANAGE, d.MANAGE}
	body = granted(on_behalf_of(server, d.WEB, f"{d.OBO_MANAGE} {d.OBO_READ}", SUBJECT[realm], realm=realm))
	assert set(body["scope"].split(" ")) == {d.OBO_READ, d.OBO_MANAGE}


@pytest.mark.parametrize("flow,good,first,second", [
	("client_credentials", d.APP_READ, d.OBO_READ, d.OBO_MANAGE),
	("client_credentials", d.READ, d.UNASSIGNED["application"], d.OBO_READ),
	("client_credentials", d.READ, "openid", d.OBO_READ),
	("password", d.OBO_READ, d.APP_READ, d.READ),
	("password", d.OBO_READ, d.READ, d.APP_READ),
	("password", d.OBO_READ, d.UNASSIGNED["on_behalf_of"], "openid"),
])
def test_one_wrong_scope_refuses_all_and_the_first_offending_one_is_named(server, flow, good, first, second):
	"""Contract §3, Scope: invalid_scope, naming the first offending scope."""
	body = refused(get_token(server, d.WEB, flow, "U", f"{good} {first} {second}"), "invalid_scope", 400, first.replace(".", r"\."))
	assert second not in body["error_description"].split()
	body = refused(get_token(server, d.WEB, flow, "U", f"{second} {good} {first}"), "invalid_scope", 400, second.replace(".", r"\."))


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("scope", [None, "", " ", "   "])
def test_a_missing_or_empty_scope_is_an_invalid_scope(server, scope, flow):
	"""Contract §3, Scope: scope is required (missing or empty: invalid_scope)."""
	refused(get_token(server, d.WEB, flow, "U", scope), "invalid_scope", 400, "scope")


@pytest.mark.parametrize("scope", ["Knowledge.portalmgr.read", d.READ.upper(), d.READ + ".", d.READ[:-1], d.READ + "*", "knowledge.*", "*", "all"])
def test_scopes_compare_exactly(server, scope):
	"""Contract §1: ids and scopes compare exactly."""
	refused(client_credentials(server, d.WEB, scope), "invalid_scope", 400, "scope")


@pytest.mark.parametrize("scope", ['a"b', "a\\b", "knowledge.portalmgr.read,app.knowledge.portalmgr.read", "ünicode", "<b>x</b>", "%41", "x" * 300])
def test_a_scope_with_odd_characters_is_refused_in_a_plain_sentence(server, scope):
	"""Contract §3, Errors: printable ASCII without quote and backslash; A15. RFC 6749 §3.3."""
	body = refused(client_credentials(server, d.WEB, scope), "invalid_scope", 400, "scope")
	assert len(body["error_description"]) < 1000


def test_a_name_decides_the_kind_and_app_in_front_comes_first(server):
	"""Contract §1: `app.` in front -> application; `.onbehalfof.` inside -> on_behalf_of; else delegated."""
	granted(client_credentials(server, d.WEB, d.APP_ODD))
	refused(on_behalf_of(server, d.WEB, d.APP_ODD, d.USER), "invalid_scope", 400, "client.credentials")


@pytest.mark.parametrize("flow,scope", [("client_credentials", d.APP_READ), ("password", d.OBO_READ)])
def test_a_scope_may_be_asked_with_the_prefix_and_the_reply_echoes_it_as_asked(server, flow, scope):
	"""Contract §1: the reply echoes each name as it was asked for; tokens use names without the prefix."""
	body = granted(get_token(server, d.WEB, flow, "U", d.PREFIX + scope))
	assert body["scope"] == d.PREFIX + scope
	assert verified(server, body["access_token"])["scope"] == scope


def test_names_with_and_without_the_prefix_may_stand_in_one_request(server):
	"""Contract §1."""
	body = granted(client_credentials(server, d.WEB, f"{d.PREFIX}{d.APP_READ} {d.APP_MANAGE}"))
	assert set(body["scope"].split(" ")) == {d.PREFIX + d.APP_READ, d.APP_MANAGE}
	assert set(verified(server, body["access_token"])["scope"].split(" ")) == {d.APP_READ, d.APP_MANAGE}


@pytest.mark.parametrize("scope", [d.PREFIX, d.PREFIX + d.PREFIX + d.APP_READ, d.PREFIX[:-1] + d.APP_READ, d.PREFIX.upper() + d.APP_READ,
                                   "https://elsewhere.example/auth/" + d.APP_READ])
def test_another_prefix_is_no_prefix(server, scope):
	"""Contract §1: only the partition's own prefix, once."""
	refused(client_credentials(server, d.WEB, scope), "invalid_scope", 400, "scope")


def test_the_prefix_of_one_partition_means_nothing_in_another(server):
	"""Contract §1; A7."""
	granted(client_credentials(server, d.OTHER_WEB, d.APP_READ, partition="OTHER"))
	refused(client_credentials(server, d.OTHER_WEB, d.PREFIX + d.APP_READ, partition="OTHER"), "invalid_scope")


@pytest.mark.parametrize("scope", [f"{d.APP_READ} {d.APP_READ}", f"{d.APP_READ} {d.PREFIX}{d.APP_READ}"])
def test_a_scope_named_twice_counts_once_in_the_token(server, scope):
	"""RFC 6749 §3.3: a scope is a set."""
	body = granted(client_credentials(server, d.WEB, scope))
	assert set(body["scope"].split(" ")) <= set(scope.split(" "))
	assert verified(server, body["access_token"])["scope"] == d.APP_READ


def test_default_means_every_application_permission_assigned_and_is_listed(server):
	"""Contract §3, Scope: .default (client credentials, alone); reply and token list them."""
	body = granted(client_credentials(server, d.WEB, ".default"))
	assert set(body["scope"].split(" ")) == {d.APP_READ, d.APP_MANAGE, d.APP_ODD}
	assert set(verified(server, body["access_token"])["scope"].split(" ")) == {d.APP_READ, d.APP_MANAGE, d.APP_ODD}


def test_default_leaves_the_admin_permissions_out(server):
	"""Contract §3, Scope: .default … the admin ones left out."""
	body = granted(client_credentials(server, d.ADMIN, ".default"))
	assert body["scope"] == d.APP_READ
	assert verified(server, body["access_token"], audience=d.API_URL)["scope"] == d.APP_READ


@pytest.mark.parametrize("scope", [f".default {d.APP_READ}", f"{d.APP_READ} .default"])
def test_default_stands_alone(server, scope):
	"""Contract §3, Scope: .default (client credentials, alone)."""
	refused(client_credentials(server, d.WEB, scope), "invalid_scope", 400, "scope")


def test_default_is_refused_on_behalf_of(server):
	"""Contract §3, Scope: .default (client credentials …)."""
	refused(on_behalf_of(server, d.WEB, ".default", d.USER), "invalid_scope", 400, "scope", "client.credentials")


def test_default_of_an_application_without_application_permissions_is_refused(server):
	"""A token without any scope would be no token."""
	refused(client_credentials(server, d.BARE, ".default"), "invalid_scope", 400, "scope")


def test_the_application_admin_permission_gives_a_token_for_the_admin_api_only(server):
	"""Contract §4, Admin API: aud = {auth_url}/admin/v1."""
	body = granted(client_credentials(server, d.ADMIN, "app.writ.admin.manage"))
	claims = verified(server, body["access_token"], audience=d.AUTH_URL + "/admin/v1")
	assert claims["aud"] == d.AUTH_URL + "/admin/v1"
	assert claims["scope"] == body["scope"] == "app.writ.admin.manage"


@pytest.mark.parametrize("other", [d.APP_READ, d.READ])
def test_admin_permissions_are_never_mixed_with_others(server, other):
	"""Contract §4, Admin API: never mixed (invalid_scope)."""
	refused(client_credentials(server, d.ADMIN, f"app.writ.admin.manage {other}"), "invalid_scope", 400, "scope")
	refused(client_credentials(server, d.ADMIN, f"{other} app.writ.admin.manage"), "invalid_scope", 400, "scope")


@pytest.mark.parametrize("realm", ["U", "C"])
@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("scope", ["writ.admin.read", "writ.admin.manage"])
def test_delegated_admin_permissions_are_only_for_people_who_sign_in(server, scope, flow, realm):
	"""Contract §4, Admin API: only for signed-in users with the role, never on behalf of."""
	refused(get_token(server, d.ADMIN, flow, realm, scope), "invalid_scope", 400, "scope", scope.replace(".", r"\."))


def test_the_application_admin_permission_is_refused_on_behalf_of(server):
	"""Contract §3, table: application permissions never on behalf of."""
	refused(on_behalf_of(server, d.ADMIN, "app.writ.admin.manage", d.USER), "invalid_scope", 400, "scope")


def test_admin_permissions_that_are_not_assigned_are_refused(server):
	"""Contract §4: they exist in every partition, and count only if assigned."""
	refused(client_credentials(server, d.WEB, "app.writ.admin.manage"), "invalid_scope", 400, "scope")


def test_a_scope_list_has_a_bound(server):
	"""Contract §6: nothing from outside makes the server wait or grow without a bound."""
	reply = client_credentials(server, d.WEB, " ".join(f"{d.APP_READ}{number}" for number in range(2000)))
	assert reply.status_code == 400
	assert reply.json()["error"] in ("invalid_request", "invalid_scope")


@pytest.mark.parametrize("realm", ["U", "C"])
def test_claims_of_both_flows_are_those_of_the_contract(server, realm):
	"""Contract §4, table of claims: exactly these, in both realms."""
	from support.oauth import CLIENT_CLAIMS, ON_BEHALF_OF_CLAIMS
	issuer = f"{d.AUTH_URL}/system/auth/ACME-{realm}"
	claims = verified(server, granted(client_credentials(server, d.WEB, d.APP_READ, realm=realm))["access_token"], realm=realm, issuer=issuer, audience=d.API_URL)
	assert set(claims) == CLIENT_CLAIMS
	assert (claims["sub"], claims["client_id"], claims["actor"], claims["partition"]) == (d.WEB.id, d.WEB.id, "client", "ACME")
	claims = verified(server, granted(on_behalf_of(server, d.WEB, d.OBO_READ, SUBJECT[realm], realm=realm))["access_token"], realm=realm, issuer=issuer, audience=d.API_URL)
	assert set(claims) == ON_BEHALF_OF_CLAIMS
	assert claims["sub"] == {"U": "1001", "C": "c-1"}[realm]
	assert claims["actor"] == {"U": "user", "C": "customer"}[realm]
	assert claims["act"] == {"sub": d.WEB.id}


def test_the_lifetime_is_the_client_applications(server):
	"""Contract §4: 3600 s by default (per client application)."""
	for client, seconds in ((d.NARROW, 120), (d.WEB, 3600)):
		body = granted(client_credentials(server, client, d.APP_READ))
		claims = verified(server, body["access_token"])
		assert body["expires_in"] == claims["exp"] - claims["iat"] == seconds


def test_a_partition_may_sign_with_rs256(server):
	"""Contract §4: RS256 on request of the partition."""
	body = granted(client_credentials(server, d.RSA_WEB, d.APP_READ, partition="RSA_1"))
	claims = verified(server, body["access_token"], "RSA_1", issuer=f"{d.AUTH_URL}/system/auth/RSA_1-U", audience=d.API_URL, algorithm="RS256")
	assert claims["partition"] == "RSA_1"
