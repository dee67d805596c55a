"""Older addresses: other names of the same endpoints, and the two documents that a browser kit of the same system begins with (issue 5, deliver 6)."""

from urllib.parse import urlsplit

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.oauth import ask, client_credentials, granted, introspect, post_form, refused, unverified, verified
from support.people import dead_end, id_claims, issuer_of, judge_page, new_tokens, redeem, refresh, request_of, sent_back, succeeded, tokens_of
from support.program import Store, get, request

USER_POLICY, CUSTOMER_POLICY = "B2C_1A_User_V3_SignIn", "B2C_1A_Customer_V3_SignIn"
POLICY = {"U": USER_POLICY, "C": CUSTOMER_POLICY}
POLICIES = {"user": USER_POLICY, "customer": CUSTOMER_POLICY}
ON_BEHALF_OF = "/core/authmgr/v4/oauth2/v2.0/onbehalfof/token"
METADATA = "/core/authmgr/v3/metadata"
NAMES_OF_ADDRESSES = ["account", "admin", "assets", "console", "core", "errors", "global", "internal", "system"]


@pytest.fixture(scope="module")
def policy_store(people_store, tmp_path_factory):
	"""People who sign in at ACME, whose realms have names in older addresses; OTHER has but one, of its users."""
	store = people_store.copy_to(tmp_path_factory.mktemp("policies"))
	store.apply(d.partial(policies=POLICIES, anonymous_customers={"enabled": True, "permissions": [d.READ]}))
	store.apply(d.partial("OTHER", policies={"user": "their_users"}))
	return store


@pytest.fixture(scope="module")
def old_site(policy_store, tmp_path_factory):
	with p.Site(policy_store.copy_to(tmp_path_factory.mktemp("site"))) as running:
		yield running


@pytest.fixture
def old_browser(old_site):
	return Browser(old_site)


def older(realm="U", endpoint="authorize", partition="ACME", policy=None):
	return f"/{partition}/{policy or POLICY[realm]}/oauth2/v2.0/{endpoint}"


def sign_in(browser, application, person, path=None, decision="allow", **changes):
	"""A whole sign-in that begins at an older address."""
	page = browser.get(path or older(person.realm), request_of(application, **changes))
	if page.shows("sign-in"):
		page = browser.sign_in(page, person.name, person.password)
	if page.shows("consent"):
		page = browser.decide(page, decision)
	return page


def redeem_at(site, path, application, code, **changes):
	fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": application.redirect, "client_id": application.id,
	          "client_secret": application.secret, "code_verifier": p.VERIFIER if application.is_spa else None, **changes}
	return post_form(site.url + path, fields)


# ---- signing in: {partition}/{policy}


@pytest.mark.parametrize("application", [p.WEB, p.SPA, p.ASKING], ids=lambda application: application.id)
@pytest.mark.parametrize("realm", ["U", "C"])
def test_a_sign_in_at_an_older_address_works_to_the_end_and_is_the_realms_own(old_site, old_browser, application, realm):
	"""Issuer, code, tokens: nothing of them says by which address they were asked for."""
	person = old_site.stranger(realm)
	page = sign_in(old_browser, application, person, scope="openid offline_access " + d.READ, nonce="n-1")
	code = succeeded(page, application, issuer=issuer_of(old_site, realm))
	body = tokens_of(redeem_at(old_site, older(realm, "token"), application, code), "id_token", "refresh_token")
	claims = verified(old_site, body["access_token"], "ACME", realm, issuer=issuer_of(old_site, realm))
	assert (claims["sub"], claims["client_id"], claims["actor"]) == (person.id, application.id, "user" if realm == "U" else "customer")
	assert id_claims(old_site, body["id_token"], application, realm)["nonce"] == "n-1"
	again = post_form(old_site.url + older(realm, "token"), {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], "client_id": application.id,
	                                                       "client_secret": application.secret})
	newer = tokens_of(again, "id_token", "refresh_token")["refresh_token"]
	tokens_of(refresh(old_site, application, newer, realm), "id_token", "refresh_token")


def test_codes_go_both_ways_between_older_and_present_addresses(old_site, old_browser):
	person = old_site.stranger()
	code = succeeded(sign_in(old_browser, p.WEB, person))
	tokens_of(redeem(old_site, p.WEB, code), "id_token")
	code = succeeded(p.authorize(old_browser, p.WEB))
	tokens_of(redeem_at(old_site, older("U", "token"), p.WEB, code), "id_token")


def test_who_signed_in_at_one_address_is_signed_in_at_the_other(old_site, old_browser):
	person = old_site.stranger()
	succeeded(sign_in(old_browser, p.WEB, person))
	succeeded(p.authorize(old_browser, p.SECOND, prompt="none"))
	other = Browser(old_site)
	succeeded(p.arrive(other, p.WEB, person))
	succeeded(other.get(older(), request_of(p.SECOND, prompt="none")))


def test_pages_post_to_the_realms_own_address_and_look_like_its_own(old_site, old_browser):
	page = judge_page(old_browser.get(older(), request_of(p.ASKING)))
	assert urlsplit(page.form("sign-in").action).path == "/system/auth/ACME-U/sign-in"
	assert "/system/auth/ACME-U/brand.css" in page.html
	person = old_site.stranger()
	wrong = old_browser.submit(page, "sign-in", username=person.name, password="wrong password")
	assert wrong.status == 400 and wrong.shows("sign-in")
	consent = old_browser.sign_in(wrong, person.name, person.password)
	assert urlsplit(consent.form("consent").action).path == "/system/auth/ACME-U/consent"
	succeeded(old_browser.decide(consent), p.ASKING)


def test_an_authorization_request_may_be_posted_to_an_older_address(old_site, old_browser):
	"""OpenID Connect Core §3.1.2.1."""
	person = old_site.stranger()
	page = old_browser.post(older(), request_of(p.WEB))
	succeeded(old_browser.sign_in(page, person.name, person.password), p.WEB)


def test_errors_go_back_with_the_realms_own_issuer(old_site, old_browser):
	sent_back(old_browser.get(older("C"), request_of(p.WEB, prompt="none")), "login_required", application=p.WEB, issuer=issuer_of(old_site, "C"))
	sent_back(old_browser.get(older("C"), request_of(p.WEB, scope="openid no.such.scope")), "invalid_scope", issuer=issuer_of(old_site, "C"))
	dead_end(old_browser.get(older(), request_of(p.WEB, redirect_uri="https://evil.example/")))


@pytest.mark.parametrize("policy", [USER_POLICY.lower(), USER_POLICY.upper()])
def test_the_case_of_a_policys_name_does_not_count(old_site, old_browser, policy):
	"""Kits write addresses in lower case."""
	assert old_browser.get(older(policy=policy), request_of(p.WEB)).shows("sign-in")
	refused(post_form(old_site.url + older(policy=policy, endpoint="token"), {"grant_type": "authorization_code"}), "invalid_client", 401)


def test_a_code_is_good_at_the_realm_that_gave_it_alone(old_site, old_browser):
	"""A11; contract §3, Codes: redemption by another realm changes nothing."""
	code = succeeded(sign_in(old_browser, p.WEB, old_site.stranger()))
	refused(redeem_at(old_site, older("C", "token"), p.WEB, code), "invalid_grant")
	refused(redeem_at(old_site, older("U", "token"), p.SECOND, code), "invalid_grant")
	tokens_of(redeem_at(old_site, older("U", "token"), p.WEB, code), "id_token")


UNKNOWN = [older(policy="no_such_policy"), older(partition="NOWHERE"), older(partition="acme"), older(partition="ACME-U"), older(partition="OTHER"),
           older(partition="OTHER", policy="user_signin"), older(partition="RSA_1", policy="user"), older(partition="SYSTEM"), older(policy=USER_POLICY + "%2F"),
           older(policy=USER_POLICY + "."), older(policy="U")]


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_policy_or_partition_is_not_found(old_site, old_browser, path):
	"""The policies of one partition are nothing to another (A7), and an empty name is none."""
	page = old_browser.get(path, request_of(p.WEB))
	assert page.status == 404 and page.location is None
	judge_page(page)
	event, = old_site.audit_of(page.headers["X-Request-Id"])
	assert (event["action"], event["result"]) == ("authorization.refused", "no-such-realm")
	reply = post_form(old_site.url + path.replace("authorize", "token"), {"grant_type": "client_credentials", "client_id": d.WEB.id, "client_secret": d.WEB.secret, "scope": d.APP_READ})
	refused(reply, "invalid_request", 404)
	assert reply.json()["error_uri"].endswith("/errors/no-such-realm")


@pytest.mark.parametrize("path", ["/ACME//oauth2/v2.0/token", "//" + USER_POLICY + "/oauth2/v2.0/token", older(endpoint="token") + "/", older(endpoint="introspect"), older(endpoint="revoke"),
                                  "/ACME/" + USER_POLICY + "/oauth2/token", "/global/oauth2/v2.0/token", "/global//oauth2/v2.0/token", "/oauth2/v2.0/token"])
def test_no_other_address_is_an_older_one(old_site, path):
	reply = post_form(old_site.url + path, {})
	assert reply.status_code == 404 and reply.json()["error_uri"].endswith("/errors/not-found")


def test_an_older_token_address_is_the_token_endpoint(old_site):
	"""Every grant, errors in its words, and nothing read from the query."""
	path = old_site.url + older(endpoint="token")
	client = {"client_id": d.WEB.id, "client_secret": d.WEB.secret}
	assert unverified(granted(post_form(path, {**client, "grant_type": "client_credentials", "scope": d.APP_READ}))["access_token"])["sub"] == d.WEB.id
	assert "act" in unverified(granted(post_form(path, {**client, "grant_type": "password", "scope": d.OBO_READ, "subject_username": "pa"}))["access_token"])
	refused(post_form(path + "?grant_type=client_credentials&scope=" + d.APP_READ, client), "invalid_request", 400, "grant_type")
	refused(post_form(path, {**client, "client_secret": d.secret_of("no"), "grant_type": "client_credentials"}), "invalid_client", 401)
	reply = get(path)
	assert reply.status_code == 405 and reply.headers["Allow"].replace(" ", "") in ("POST,OPTIONS", "POST")


def test_pages_of_the_partitions_applications_may_read_an_older_token_address_and_no_others(old_site):
	"""Contract §3, CORS."""
	path, origin = old_site.url + older(endpoint="token"), "https://spa.example.com"
	for wanted, given in ((origin, origin), ("https://web.example.com", None), ("https://spa.other.example", None), ("null", None)):
		headers = {"Origin": wanted}
		assert post_form(path, {}, headers=headers).headers.get("Access-Control-Allow-Origin") == given
		reply = request("OPTIONS", path, headers={**headers, "Access-Control-Request-Method": "POST"})
		assert reply.status_code == 204 and reply.headers.get("Access-Control-Allow-Origin") == given
	assert post_form(old_site.url + older(partition="OTHER", policy="their_users", endpoint="token"), {}, headers={"Origin": "https://spa.other.example"}).headers[
		"Access-Control-Allow-Origin"] == "https://spa.other.example"


def test_policies_come_and_go_with_apply(policy_store, tmp_path, open_site):
	"""Contract §9: at once."""
	site = open_site(policy_store.copy_to(tmp_path / "store"))
	assert Browser(site).get(older(policy="fresh"), request_of(p.WEB)).status == 404
	site.store.apply(d.partial(policies={"user": "fresh"}))
	assert Browser(site).get(older(policy="fresh"), request_of(p.WEB)).shows("sign-in")
	assert Browser(site).get(older(), request_of(p.WEB)).status == 404
	assert Browser(site).get(older("C"), request_of(p.WEB)).shows("sign-in")
	site.store.apply(d.partial(policies={"user": None}))
	assert Browser(site).get(older(policy="fresh"), request_of(p.WEB)).status == 404


@pytest.mark.parametrize("policies", [{"user": "same", "customer": "same"}, {"user": "Same", "customer": "sAME"}])
def test_one_name_cannot_be_two_policies(store, policies):
	done = store.apply(d.partial(policies=policies), check=False)
	assert done.returncode == 1 and "policies" in done.stderr
	store.apply(d.partial(policies={"user": "one", "customer": "two"}))
	assert store.apply(d.partial(policies={"customer": "ONE"}), check=False).returncode == 1


# ---- client credentials: global/{partition}


def globally(site, fields, partition="ACME", client=d.WEB, **keywords):
	return post_form(f"{site.url}/global/{partition}/oauth2/v2.0/token", {"client_id": client.id, "client_secret": client.secret, **fields}, **keywords)


@pytest.mark.parametrize("scope", [".default", d.PREFIX + ".default", d.APP_READ])
def test_a_client_application_gets_its_token_at_the_global_address(old_site, scope):
	claims = unverified(granted(globally(old_site, {"grant_type": "client_credentials", "scope": scope}))["access_token"])
	assert (claims["actor"], claims["sub"], claims["iss"]) == ("client", d.WEB.id, issuer_of(old_site))
	assert claims["scope"].split() == ([d.APP_READ] if scope == d.APP_READ else [d.APP_READ, d.APP_MANAGE])


def test_a_client_application_may_use_basic_at_the_global_address(old_site):
	granted(post_form(f"{old_site.url}/global/ACME/oauth2/v2.0/token", {"grant_type": "client_credentials", "scope": ".default"}, basic=(d.WEB.id, d.WEB.secret)))


@pytest.mark.parametrize("grant_type", ["authorization_code", "refresh_token", "password"])
def test_the_global_address_is_for_client_credentials_alone(old_site, old_browser, grant_type):
	fields = {"authorization_code": {"code": "x" * 43, "redirect_uri": p.WEB.redirect}, "refresh_token": {"refresh_token": "x"},
	          "password": {"subject_username": "pa", "scope": d.OBO_READ}}[grant_type]
	refused(globally(old_site, {"grant_type": grant_type, **fields}), "unsupported_grant_type", 400, "client_credentials")


def test_a_grant_that_is_refused_at_the_global_address_uses_nothing_up(old_site, old_browser):
	code = succeeded(sign_in(old_browser, p.WEB, old_site.stranger()))
	refused(globally(old_site, {"grant_type": "authorization_code", "code": code, "redirect_uri": p.WEB.redirect}), "unsupported_grant_type")
	tokens_of(redeem(old_site, p.WEB, code), "id_token")


def test_the_global_address_judges_as_the_token_endpoint_does(old_site):
	grant = {"grant_type": "client_credentials", "scope": ".default"}
	refused(globally(old_site, grant, client=d.Client(d.WEB.id, d.secret_of("no"))), "invalid_client", 401)
	refused(globally(old_site, grant, client=p.SPA), "unauthorized_client")
	refused(globally(old_site, grant, client=d.OTHER_WEB), "invalid_client", 401)
	refused(globally(old_site, grant, client=d.BARE), "invalid_scope")
	granted(globally(old_site, grant, partition="OTHER", client=d.OTHER_WEB))
	for partition in ("NOWHERE", "ACME-U", "acme"):
		refused(globally(old_site, grant, partition=partition), "invalid_request", 404, "partition")


# ---- on behalf of: user_type, and tenantId or domain_hint


def acting(site, query, subject, client=d.WEB, **more):
	return post_form(site.url + ON_BEHALF_OF + query, {"grant_type": "password", "client_id": client.id, "client_secret": client.secret, "scope": d.OBO_READ, **subject, **more})


@pytest.mark.parametrize("query,subject,more,actor,sub", [
	("?tenantId=ACME&user_type=user", {"subject_username": "pa"}, {}, "user", "1001"),
	("?user_type=user&domain_hint=ACME", {"subject_userid": "1002"}, {}, "user", "1002"),
	("?user_type=customer&domain_hint=ACME", {"subject_email": "jane@example.com"}, {}, "customer", "c-1"),
	("?user_type=customer&tenantId=ACME&domain_hint=ACME", {"subject_email": "JANE@example.com"}, {}, "customer", "c-1"),
	("?user_type=user", {"subject_username": "pa"}, {"domain_hint": "ACME"}, "user", "1001"),
	("", {"subject_username": "pa"}, {"tenantId": "ACME", "user_type": "user"}, "user", "1001"),
	("?tenantId=ACME&user_type=user", {"subject_username": "pa"}, {"scope": d.PREFIX + d.OBO_READ}, "user", "1001"),
])
def test_an_application_acts_for_a_person_at_the_older_address(old_site, query, subject, more, actor, sub):
	claims = unverified(granted(acting(old_site, query, subject, **more))["access_token"])
	assert (claims["actor"], claims["sub"], claims["act"], claims["scope"]) == (actor, sub, {"sub": d.WEB.id}, d.OBO_READ)
	assert claims["iss"] == issuer_of(old_site, "U" if actor == "user" else "C")


@pytest.mark.parametrize("query,subject,more,error,status", [
	("?user_type=customer&tenantId=ACME", {"subject_username": "pa"}, {}, "invalid_request", 400),  # the other realm's kind
	("?user_type=user&tenantId=ACME", {"subject_email": "jane@example.com"}, {}, "invalid_request", 400),
	("?user_type=user&tenantId=ACME", {}, {}, "invalid_request", 400),  # A6
	("?user_type=user&tenantId=ACME", {"subject_username": "nobody"}, {}, "invalid_grant", 400),
	("?user_type=user&tenantId=ACME", {"subject_username": "left"}, {}, "invalid_grant", 400),
	("?user_type=user&tenantId=ACME", {"subject_username": "theirs"}, {}, "invalid_grant", 400),  # A7
	("?user_type=user&tenantId=ACME", {"subject_username": "pa"}, {"scope": d.APP_READ}, "invalid_scope", 400),
	("?user_type=user&tenantId=ACME", {"subject_username": "pa"}, {"client_secret": d.secret_of("no")}, "invalid_client", 401),
	("?tenantId=ACME", {"subject_username": "pa"}, {}, "invalid_request", 400),
	("?user_type=agent&tenantId=ACME", {"subject_username": "pa"}, {}, "invalid_request", 400),
	("?user_type=user", {"subject_username": "pa"}, {}, "invalid_request", 400),
	("?user_type=user&tenantId=ACME&domain_hint=OTHER", {"subject_username": "pa"}, {}, "invalid_request", 400),
	("?user_type=user&user_type=user&tenantId=ACME", {"subject_username": "pa"}, {}, "invalid_request", 400),
	("?user_type=user&tenantId=ACME", {"subject_username": "pa"}, {"user_type": "customer"}, "invalid_request", 400),
	("?user_type=user&tenantId=NOWHERE", {"subject_username": "pa"}, {}, "invalid_request", 404),
	("?user_type=user&tenantId=OTHER", {"subject_username": "pa"}, {}, "invalid_client", 401),  # its applications are others
	("?user_type=user&tenantId=ACME", {"subject_username": "pa"}, {"grant_type": "client_credentials", "scope": d.APP_READ}, "unsupported_grant_type", 400),
	("?user_type=user&tenantId=ACME&subject_username=pa", {}, {}, "invalid_request", 400),  # only whom it is about stands in the address
	("?user_type=user&tenantId=%00", {"subject_username": "pa"}, {}, "invalid_request", 400),
])
def test_what_the_token_endpoint_refuses_the_older_address_refuses(old_site, query, subject, more, error, status):
	"""A5, A6."""
	refused(acting(old_site, query, subject, **more), error, status)


def test_no_page_in_a_browser_reads_addresses_that_are_for_servers(old_site):
	for path in (ON_BEHALF_OF + "?user_type=user&tenantId=ACME", "/global/ACME/oauth2/v2.0/token"):
		assert "Access-Control-Allow-Origin" not in post_form(old_site.url + path, {}, headers={"Origin": "https://spa.example.com"}).headers


# ---- what the browser kit reads


def document(reply):
	assert reply.status_code == 200, reply.text
	assert reply.headers["Content-Type"].split(";")[0] == "application/json"
	assert reply.headers["Access-Control-Allow-Origin"] == "*"
	assert reply.headers["Cache-Control"] == "public, max-age=300"
	return reply.json()


def metadata_of(site, partition="ACME", user=None, customer=None, prefix=""):
	return {
		"tenantId": partition,
		"idpPolicies": {"userSigninPolicy": POLICY["U"] if user is None else user, "customerSigninPolicy": POLICY["C"] if customer is None else customer},
		"authenticationDetails": {
			"oAuthUser": [{"authURL": site.url + older("U"), "accessTokenURL": site.url + older("U", "token")}],
			"oAuthCustomer": [{"authURL": site.url + older("C"), "accessTokenURL": site.url + older("C", "token")}],
			"oAuthAnonymousCustomer": [{"authURL": "", "accessTokenURL": f"{d.API_URL}/core/authmgr/v3/oauth2/v2.0/anonymous/token?user_type=customer&domain_hint={partition}"}],
			"apiPermissionPrefix": prefix,
		},
	}


def test_the_metadata_of_a_partition_tells_its_older_addresses(old_site):
	"""Issue 5, deliver 6."""
	assert document(get(old_site.url + METADATA + "/tenant/ACME")) == metadata_of(old_site, prefix=d.PREFIX)


def test_where_there_is_no_policy_the_present_addresses_are_told_and_no_prefix_is_an_empty_text(old_site):
	found = document(get(old_site.url + METADATA + "/tenant/OTHER"))
	assert found["idpPolicies"] == {"userSigninPolicy": "their_users", "customerSigninPolicy": ""}
	details = found["authenticationDetails"]
	assert details["apiPermissionPrefix"] == ""
	assert details["oAuthUser"] == [{"authURL": old_site.url + "/OTHER/their_users/oauth2/v2.0/authorize", "accessTokenURL": old_site.url + "/OTHER/their_users/oauth2/v2.0/token"}]
	assert details["oAuthCustomer"] == [{"authURL": issuer_of(old_site, "C", "OTHER") + "/oauth2/authorize", "accessTokenURL": issuer_of(old_site, "C", "OTHER") + "/oauth2/token"}]


def test_the_metadata_of_an_unknown_partition_is_not_found(old_site):
	for partition in ("NOWHERE", "ACME-U", "acme", "ACME%2F"):
		reply = get(f"{old_site.url}{METADATA}/tenant/{partition}", headers={"Origin": "https://anywhere.example"})
		refused(reply, "invalid_request", 404, "partition")
		assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_of_several_partitions_the_address_must_name_one(old_site):
	"""No tenant is shown to whoever asks for another one's."""
	for path in ("/system/deploymentInfo", METADATA + "/deployment"):
		reply = get(old_site.url + path)
		refused(reply, "invalid_request", 404, "several partitions")
		assert reply.headers["Access-Control-Allow-Origin"] == "*"
		refused(get(old_site.url + path + "?tenantId=NOWHERE"), "invalid_request", 404)
		refused(get(old_site.url + path + "?tenantId=A-B"), "invalid_request", 404)
		refused(get(old_site.url + path + "?tenantId=ACME&tenantId=OTHER"), "invalid_request")
	assert document(get(old_site.url + "/system/deploymentInfo?tenantId=OTHER")) == {
		"apiDomain": "api.example.test", "tenantId": "OTHER", "clientId": "other-spa", "domainHint": urlsplit(old_site.url).netloc}
	several = document(get(old_site.url + "/system/deploymentInfo?domain_hint=ACME"))  # ACME has several single page applications
	assert (several["tenantId"], several["clientId"]) == ("ACME", None)
	assert document(get(old_site.url + METADATA + "/deployment?tenantId=ACME"))["tenantId"] == "ACME"


def test_the_operator_says_which_partition_and_application_a_deployment_is(policy_store, tmp_path, open_site):
	site = open_site(policy_store.copy_to(tmp_path / "store"), config={"deployment_partition": "ACME", "deployment_client": p.SPA.id, "deployment_domain": "www.example.test"})
	assert document(get(site.url + "/system/deploymentInfo")) == {
		"apiDomain": "api.example.test", "tenantId": "ACME", "clientId": p.SPA.id, "domainHint": "www.example.test"}
	assert document(get(site.url + METADATA + "/deployment")) == metadata_of(site, prefix=d.PREFIX)
	assert document(get(site.url + "/system/deploymentInfo?tenantId=OTHER"))["clientId"] == "other-spa"
	# the domain means its partition wherever a hint may stand
	reply = post_form(site.url + "/core/authmgr/v3/oauth2/v2.0/anonymous/token?user_type=customer&domain_hint=WWW.example.test", {"grant_type": "client_credentials", "scope": d.READ})
	assert unverified(granted(reply)["access_token"])["partition"] == "ACME"
	refused(post_form(site.url + "/core/authmgr/v3/oauth2/v2.0/anonymous/token?domain_hint=example.test", {}), "invalid_request", 404)


def test_the_only_partition_and_its_only_application_need_no_configuration(empty_store, open_site):
	site = open_site(empty_store)
	assert get(site.url + "/system/deploymentInfo").status_code == 404
	empty_store.apply({"partitions": [{"id": "ONE"}]})
	assert document(get(site.url + "/system/deploymentInfo"))["clientId"] is None
	spa = d.application(d.Client("the-spa"), "Browser", platform="spa", redirect_urls=["https://spa.example.com/callback", "https://spa.example.com/other", "https://two.example.com/"])
	empty_store.apply(d.partial("ONE", client_applications=[spa, d.application(d.WEB, "Portal", redirect_urls=["https://web.example.com/callback"])]))
	assert document(get(site.url + "/system/deploymentInfo")) == {
		"apiDomain": "api.example.test", "tenantId": "ONE", "clientId": "the-spa", "domainHint": urlsplit(site.url).netloc}
	empty_store.apply({"partitions": [{"id": "TWO"}]})
	assert get(site.url + "/system/deploymentInfo").status_code == 404


@pytest.mark.parametrize("options", [["--deployment-partition", "A-B"], ["--deployment-client", "x"], ["--deployment-partition", "ACME", "--deployment-client", "a b"],
                                     ["--deployment-domain", "https://www.example.com"], ["--deployment-domain", "a/b"]])
def test_a_deployment_that_cannot_be_is_refused_at_the_start(empty_store, options):
	from support.program import run
	done = run("serve", "--listen", "127.0.0.1:0", "--management-listen", "127.0.0.1:0", "--store", empty_store.url, *options, check=False)
	assert done.returncode != 0 and "deployment-" in done.stderr


def kit_reads(site, info, metadata, user_type):
	"""What the browser kit makes of the two documents: where it sends people, and where it redeems the code."""
	policy = metadata["idpPolicies"]["userSigninPolicy" if user_type == "agent" else "customerSigninPolicy"]
	details = metadata["authenticationDetails"]["oAuthUser" if user_type == "agent" else "oAuthCustomer"][0]
	address = urlsplit(details["authURL"])
	authority = f"{address.scheme}://{address.netloc}/{address.path.split('/')[1]}/{policy}"
	return authority, f"{address.scheme}://{address.netloc}{address.path}", details["accessTokenURL"]


@pytest.mark.parametrize("user_type", ["agent", "customer"])
def test_a_browser_kit_signs_a_person_in_with_what_it_reads(policy_store, tmp_path, open_site, user_type):
	"""From /system/deploymentInfo to a token, without knowing anything else; with the parameters that the kit adds."""
	site = open_site(policy_store.copy_to(tmp_path / "store"), config={"deployment_partition": "ACME", "deployment_client": p.SPA.id})
	person = site.stranger("U" if user_type == "agent" else "C")
	info = document(get(site.url + "/system/deploymentInfo"))
	metadata = document(get(f"{site.url}{METADATA}/tenant/{info['tenantId']}"))  # the kit: https://{apiDomain}…
	authority, authorization_endpoint, token_endpoint = kit_reads(site, info, metadata, user_type)
	assert authorization_endpoint == authority + "/oauth2/v2.0/authorize"
	prefix = metadata["authenticationDetails"]["apiPermissionPrefix"]
	browser = Browser(site)
	page = browser.get(authorization_endpoint, request_of(p.SPA, client_id=info["clientId"], scope=f"{prefix}{d.READ} openid profile offline_access", response_mode="fragment",
	                                                      domain_hint=info["domainHint"], client_info="1", **{"x-client-SKU": "msal.js.browser"}))
	page = browser.sign_in(page, person.name, person.password)
	code = succeeded(page)
	reply = post_form(token_endpoint, {"grant_type": "authorization_code", "client_id": info["clientId"], "code": code, "redirect_uri": p.SPA.redirect, "code_verifier": p.VERIFIER,
	                                   "client_info": "1", "x-client-SKU": "msal.js.browser", "scope": f"{prefix}{d.READ} openid profile offline_access"},
	                  headers={"Origin": "https://spa.example.com"})
	assert reply.headers["Access-Control-Allow-Origin"] == "https://spa.example.com"
	body = tokens_of(reply, "id_token", "refresh_token")
	assert unverified(body["access_token"])["sub"] == person.id and prefix + d.READ in body["scope"].split()


def test_a_browser_kit_gets_an_anonymous_token_with_what_it_reads(policy_store, tmp_path, open_site):
	site = open_site(policy_store.copy_to(tmp_path / "store"), config={"deployment_partition": "ACME"})
	info, metadata = document(get(site.url + "/system/deploymentInfo")), document(get(site.url + METADATA + "/deployment"))
	details = metadata["authenticationDetails"]
	address = details["oAuthAnonymousCustomer"][0]["accessTokenURL"].replace("<DOMAIN_NAME>", info["tenantId"]).replace(d.API_URL, site.url)
	body = granted(post_form(address, {"client_id": "clientId", "client_secret": "clientSecret", "grant_type": "client_credentials", "scope": details["apiPermissionPrefix"] + d.READ}))
	assert unverified(body["access_token"])["scope"] == d.READ


# ---- no address is taken for another


@pytest.fixture(scope="module")
def confusing(tmp_path_factory):
	"""A partition for every first segment of our own addresses, with policies that complete it as far as their rules let them; each beside ACME."""
	store = Store(tmp_path_factory.mktemp("confusing"))
	policies = {"system": {"user": "auth", "customer": "deploymentInfo"}, "global": {"user": "ACME", "customer": "global"}, "core": {"user": "authmgr", "customer": "oauth2"},
	            "internal": {"user": "oauth2", "customer": "v2.0"}}
	document = d.directory()
	for name in NAMES_OF_ADDRESSES:
		secret = d.secret_of(name)
		document["partitions"].append({
			"id": name, "policies": policies.get(name, {"user": "slug", "customer": "oauth2"}), "permissions": [{"name": d.READ}, {"name": d.APP_READ}],
			"anonymous_customers": {"enabled": True, "permissions": [d.READ]}, "client_applications": [d.application(d.Client("their-web", secret), "Theirs", [d.APP_READ])]})
	d.partition_of(document)["policies"] = POLICIES
	store.apply(document)
	with p.Site(store, "--auth-url", d.AUTH_URL) as running:
		yield running


@pytest.mark.parametrize("name", NAMES_OF_ADDRESSES)
def test_a_partition_that_is_called_like_an_address_has_its_own_realms_and_no_older_addresses(confusing, name):
	client = d.Client("their-web", d.secret_of(name))
	claims = unverified(granted(client_credentials(confusing, client, d.APP_READ, partition=name))["access_token"])
	assert claims["partition"] == name and claims["iss"].endswith(f"/system/auth/{name}-U")
	found = get(f"{confusing.url}{METADATA}/tenant/{name}").json()
	for policy in found["idpPolicies"].values():
		reply = post_form(f"{confusing.url}/{name}/{policy}/oauth2/v2.0/token", {"grant_type": "client_credentials", "client_id": client.id, "client_secret": client.secret, "scope": d.APP_READ})
		assert reply.status_code in (401, 404), reply.text  # 401: global/ACME is ACME's
		assert reply.status_code == 404 or (name, policy) == ("global", "ACME")
		page = get(f"{confusing.url}/{name}/{policy}/oauth2/v2.0/authorize")
		assert page.status_code == 404 or (name == "console" and "<title>Administration Console</title>" in page.text)  # it shows itself below /console/
	reply = post_form(f"{confusing.url}/global/{name}/oauth2/v2.0/token", {"grant_type": "client_credentials", "client_id": client.id, "client_secret": client.secret, "scope": ".default"})
	refused(reply, "invalid_request", 404)
	reply = post_form(f"{confusing.url}/core/authmgr/v3/oauth2/v2.0/anonymous/token?user_type=customer&domain_hint={name}", {"grant_type": "client_credentials", "scope": d.READ})
	assert unverified(granted(reply)["access_token"])["partition"] == name


def test_every_address_of_our_own_is_still_our_own_beside_such_partitions(confusing):
	for path, status in (("/system/auth/ACME-U/oauth2/jwks", 200), ("/system/auth/ACME/metadata", 200), ("/errors", 200), ("/errors/not-found", 200), ("/assets/writ.css", 200), ("/", 200),
	                     ("/system/deploymentInfo?tenantId=ACME", 200), (METADATA + "/deployment?tenantId=ACME", 200), ("/.well-known/oauth-authorization-server/system/auth/ACME-U", 200)):
		assert get(confusing.url + path).status_code == status, path
	assert get(confusing.url + "/system/auth/ACME/metadata").json()["partition"] == "ACME"
	claims = unverified(granted(ask(confusing, d.WEB, {"grant_type": "client_credentials", "scope": d.APP_READ}))["access_token"])
	assert claims["partition"] == "ACME"
	assert unverified(granted(globally(confusing, {"grant_type": "client_credentials", "scope": ".default"}))["access_token"])["partition"] == "ACME"


def test_each_older_address_has_numbers_of_its_own(old_site):
	globally(old_site, {"grant_type": "client_credentials", "scope": ".default"})
	counted = 'writ_http_replies_total{route="/global/{partition}/oauth2/v2.0/token",status="2xx"}'
	old_site.wait_for(lambda: counted in get(old_site.management_url + "/metrics").text, what="the count, made when the reply has gone out")


def test_a_token_of_an_older_address_is_known_to_introspection_and_dies_with_its_application(policy_store, tmp_path, open_site):
	site = open_site(policy_store.copy_to(tmp_path / "store"))
	token = granted(globally(site, {"grant_type": "client_credentials", "scope": ".default"}, client=d.SECOND))["access_token"]
	assert introspect(site, d.WEB, token)["active"] is True
	site.store.apply(d.partial(client_applications=[{"client_id": d.SECOND.id, "enabled": False}]))
	assert introspect(site, d.WEB, token) == {"active": False}
	refused(globally(site, {"grant_type": "client_credentials", "scope": ".default"}, client=d.SECOND), "invalid_client", 401)
	assert new_tokens(site, p.WEB, site.stranger())["access_token"]
