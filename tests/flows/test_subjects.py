"""Whom an on-behalf-of token may name: A5, A6, A7 of the attacks."""

import pytest

from support import documents as d
from support.oauth import FORM, ask, granted, on_behalf_of, post_form, refused, verified
from urllib.parse import urlencode


def obo(server, subject, realm="U", client=d.WEB, scope=d.OBO_READ, partition="ACME"):
	pairs = [("grant_type", "password"), ("scope", scope), *(subject.items() if isinstance(subject, dict) else subject)]
	return ask(server, client, pairs, partition=partition, realm=realm)


@pytest.mark.parametrize("subject,realm,person", [
	({"subject_username": "pa"}, "U", "1001"),
	({"subject_username": "PA"}, "U", "1001"),
	({"subject_userid": "1001"}, "U", "1001"),
	({"subject_username": "agent.smith"}, "U", "1002"),
	({"subject_username": "o'brien+zoë@example.com"}, "U", "1004"),
	({"subject_email": "jane@example.com"}, "C", "c-1"),
	({"subject_email": "Jane@Example.COM"}, "C", "c-1"),
	({"subject_username": "pa", "subject_email": "", "subject_userid": ""}, "U", "1001"),
])
def test_a_subject_is_found_by_its_username_id_or_email(server, subject, realm, person):
	"""Contract §3, on behalf of; §1: usernames and e-mails without regard to ASCII case; §3: empty counts as absent."""
	claims = verified(server, granted(obo(server, subject, realm))["access_token"], realm=realm)
	assert claims["sub"] == person
	assert claims["act"] == {"sub": d.WEB.id}


def test_a_persons_id_compares_exactly(server, store, serve):
	"""Contract §1: ids compare exactly."""
	store.apply(d.partial(users=[{"id": "AbC", "username": "mixed"}]))
	running = serve(store)
	granted(obo(running, {"subject_userid": "AbC"}))
	refused(obo(running, {"subject_userid": "abc"}), "invalid_grant")


@pytest.mark.parametrize("realm,subject", [
	("U", {}),
	("C", {}),
	("U", {"subject_username": ""}),
	("U", {"subject_userid": "", "subject_username": ""}),
	("C", {"subject_email": ""}),
], ids=str)
def test_no_subject_is_an_invalid_request_and_never_a_token_for_the_caller(server, realm, subject):
	"""A6: the subject dropped, the caller's own identity used instead."""
	refused(obo(server, subject, realm), "invalid_request", 400, "subject_(username|userid|email)")


@pytest.mark.parametrize("realm,subject", [
	("U", {"subject_username": "pa", "subject_userid": "1001"}),
	("U", {"subject_username": "pa", "subject_email": "pa@example.com"}),
	("U", {"subject_userid": "1001", "subject_email": "pa@example.com"}),
	("U", [("subject_username", "pa"), ("subject_username", "pa")]),
	("U", [("subject_username", "pa"), ("subject_username", "agent.smith")]),
	("U", [("subject_userid", "1001"), ("subject_userid", "1001")]),
	("C", [("subject_email", "jane@example.com"), ("subject_email", "jane@example.com")]),
	("C", {"subject_email": "jane@example.com", "subject_userid": "c-1"}),
	("C", {"subject_email": "jane@example.com", "subject_username": "pa"}),
], ids=str)
def test_two_subjects_are_an_invalid_request(server, realm, subject):
	"""Contract §3: exactly one subject; A6: given twice, two kinds at once."""
	refused(obo(server, subject, realm), "invalid_request")


@pytest.mark.parametrize("realm,subject", [
	("U", {"subject_email": "pa@example.com"}),
	("U", {"subject_email": "jane@example.com"}),
	("C", {"subject_username": "jane@example.com"}),
	("C", {"subject_userid": "c-1"}),
	("C", {"subject_username": "pa"}),
], ids=str)
def test_the_other_realms_kind_of_subject_is_an_invalid_request(server, realm, subject):
	"""Contract §3: of the other realm's kind: invalid_request; A5."""
	refused(obo(server, subject, realm), "invalid_request", 400, "subject_")


NOBODY = [
	("U", {"subject_username": "nobody"}),
	("U", {"subject_userid": "9999"}),
	("U", {"subject_userid": "pa"}),
	("U", {"subject_username": "1001"}),
	("U", {"subject_userid": "c-1"}),
	("U", {"subject_username": "jane@example.com"}),
	("U", {"subject_username": "pa@example.com"}),
	("U", {"subject_userid": d.WEB.id}),
	("U", {"subject_username": d.WEB.id}),
	("U", {"subject_username": "theirs"}),
	("U", {"subject_userid": "2001"}),
	("U", {"subject_username": "left"}),
	("U", {"subject_userid": "1003"}),
	("U", {"subject_username": " pa"}),
	("U", {"subject_username": "pa "}),
	("U", {"subject_username": "p%"}),
	("U", {"subject_username": "p_"}),
	("U", {"subject_username": "' or 1=1 --"}),
	("U", {"subject_username": "anon:1"}),
	("C", {"subject_email": "nobody@example.com"}),
	("C", {"subject_email": "pa@example.com"}),
	("C", {"subject_email": "theirs@example.com"}),
	("C", {"subject_email": "gone@example.com"}),
	("C", {"subject_email": "c-1"}),
	("C", {"subject_email": "%@example.com"}),
]


@pytest.mark.parametrize("realm,subject", NOBODY, ids=str)
def test_a_person_who_is_unknown_disabled_or_anothers_is_an_invalid_grant(server, realm, subject):
	"""A5, A7: subject of another partition, of the other realm, disabled; contract §3: invalid_grant."""
	refused(obo(server, subject, realm), "invalid_grant", 400)


@pytest.mark.parametrize("realm,known,unknown", [
	("U", {"subject_username": "left"}, {"subject_username": "nobody"}),
	("U", {"subject_userid": "1003"}, {"subject_userid": "9999"}),
	("U", {"subject_username": "theirs"}, {"subject_username": "nobody"}),
	("C", {"subject_email": "gone@example.com"}, {"subject_email": "nobody@example.com"}),
	("C", {"subject_email": "theirs@example.com"}, {"subject_email": "nobody@example.com"}),
], ids=str)
def test_disabled_unknown_and_anothers_are_refused_in_the_same_words(server, realm, known, unknown):
	"""Contract §3: unknown or disabled: invalid_grant, in the same words; A7: as if it did not exist."""
	assert obo(server, known, realm).content == obo(server, unknown, realm).content


@pytest.mark.parametrize("realm,name,value", [
	("U", "subject_username", "pa\0"),
	("U", "subject_username", "\0"),
	("U", "subject_username", "pa\0evil"),
	("U", "subject_userid", "1001\0"),
	("U", "subject_username", "p\na"),
	("U", "subject_username", "pa\r\n"),
	("U", "subject_userid", "1001\t"),
	("C", "subject_email", "jane@example.com\0"),
	("U", "subject_username", b"pa\xff"),
	("U", "subject_username", b"p\xc1\xa1"),  # an overlong 'a'
	("U", "subject_username", b"pa\xed\xa0\x80"),  # a surrogate
	("C", "subject_email", b"\xfe@example.com"),
	("U", "subject_username", "x" * 5000),
	("U", "subject_userid", "1" * 5000),
	("C", "subject_email", "x" * 5000 + "@example.com"),
], ids=lambda value: repr(value)[:24])
def test_a_broken_or_over_long_subject_is_an_invalid_request(server, realm, name, value):
	"""A6: over-long, NUL, invalid UTF-8: 400; contract §6."""
	refused(obo(server, {name: value}, realm), "invalid_request")


@pytest.mark.parametrize("realm,subject", [("U", d.USER), ("U", d.USER_BY_ID), ("C", d.CUSTOMER), ("U", d.CUSTOMER)], ids=str)
def test_a_subject_that_client_credentials_would_drop_is_refused(server, realm, subject):
	"""A6: subject dropped, caller's own identity used instead: never a token without that subject."""
	refused(ask(server, d.WEB, {"grant_type": "client_credentials", "scope": d.APP_READ, **subject}, realm=realm), "invalid_request")


def test_a_subject_in_the_address_is_no_subject(server):
	"""Contract §2: a query string on the token endpoint carries no parameters; A6."""
	fields = {"client_id": d.WEB.id, "client_secret": d.WEB.secret, "grant_type": "password", "scope": d.OBO_READ}
	refused(post_form(server.realm("ACME") + "/oauth2/token?subject_username=pa", fields), "invalid_request")


def test_a_raw_nul_in_the_body_gives_no_token(server):
	"""A6, A9: a NUL byte that nothing escaped."""
	body = urlencode({"client_id": d.WEB.id, "client_secret": d.WEB.secret, "grant_type": "password", "scope": d.OBO_READ}).encode() + b"&subject_username=pa\0evil"
	refused(post_form(server.realm("ACME") + "/oauth2/token", None, body=body), "invalid_request")


@pytest.mark.parametrize("subject", [{"username": "pa"}, {"username": "pa", "password": "x"}, {"subject": "pa"}, {"sub": "1001"}, {"Subject_Username": "pa"}])
def test_other_names_for_a_subject_are_unknown_parameters(server, subject):
	"""Contract §3: exactly one of subject_username, subject_userid, subject_email; this is no resource owner password grant."""
	refused(obo(server, subject), "invalid_request")


# --- A7: another tenant's things -----------------------------------------------------------------------------

def test_another_tenants_credentials_are_unknown_here(server):
	"""A7: the other partition's client id and secret, here: as if it did not exist."""
	ours = ask(server, d.WEB, {"grant_type": "client_credentials", "scope": d.APP_READ}, partition="OTHER")
	theirs = ask(server, d.OTHER_WEB, {"grant_type": "client_credentials", "scope": d.APP_READ}, partition="ACME")
	nobody = ask(server, d.Client("nobody-01", d.secret_of("x")), {"grant_type": "client_credentials", "scope": d.APP_READ})
	for reply in (ours, theirs, nobody):
		refused(reply, "invalid_client", 401)
	assert theirs.content == nobody.content
	granted(ask(server, d.OTHER_WEB, {"grant_type": "client_credentials", "scope": d.APP_READ}, partition="OTHER"))


def test_our_client_id_with_anothers_secret_is_refused(server):
	"""A7: secrets belong to their client application."""
	for secret in (d.OTHER_WEB.secret, d.SECOND.secret):
		refused(ask(server, d.Client(d.WEB.id, secret), {"grant_type": "client_credentials", "scope": d.APP_READ}), "invalid_client", 401)


def test_the_same_client_id_may_exist_in_two_partitions_and_stays_apart(store, serve):
	"""A7, contract §1: nothing of one partition is visible from another."""
	twin = d.Client(d.WEB.id, d.secret_of("twin"))
	done = store.apply(d.partial("OTHER", client_applications=[d.application(twin, "Twin", [d.APP_READ])]), check=False)
	if done.returncode != 0:
		return  # refusing the second one keeps them apart as well
	running = serve(store)
	granted(ask(running, twin, {"grant_type": "client_credentials", "scope": d.APP_READ}, partition="OTHER"))
	refused(ask(running, twin, {"grant_type": "client_credentials", "scope": d.APP_READ}, partition="ACME"), "invalid_client", 401)
	refused(ask(running, d.WEB, {"grant_type": "client_credentials", "scope": d.APP_READ}, partition="OTHER"), "invalid_client", 401)


@pytest.mark.parametrize("realm", ["NOSUCH-U", "ACME-X", "ACME-u", "acme-U", "ACME", "ACME-U-U", "-U", "ACME%00-U", "..-U"])
def test_a_realm_that_does_not_exist_is_not_found(server, realm):
	"""Contract §1: partition ids compare exactly; realms are {partition}-U and {partition}-C."""
	fields = {"client_id": d.WEB.id, "client_secret": d.WEB.secret, "grant_type": "client_credentials", "scope": d.APP_READ}
	reply = post_form(f"{server.url}/system/auth/{realm}/oauth2/token", fields, headers={"Content-Type": FORM})
	assert reply.status_code in (400, 404), reply.text
	assert "access_token" not in reply.text


@pytest.mark.parametrize("scope", [d.READ, d.APP_READ, "openid", d.UNASSIGNED["on_behalf_of"], d.UNASSIGNED["delegated"]])
def test_acting_for_somebody_beyond_the_applications_right_is_refused(server, scope):
	"""A5: scope beyond the client's; application or interactive scope on behalf of."""
	refused(on_behalf_of(server, d.WEB, scope, d.USER), "invalid_scope")


def test_an_application_without_on_behalf_of_permissions_acts_for_nobody(server):
	"""A5."""
	refused(on_behalf_of(server, d.NARROW, d.OBO_READ, d.USER), "invalid_scope")


def test_a_persons_id_that_equals_a_client_id_or_starts_with_anon_is_refused(store):
	"""Contract §1: a person's id that equals a client id, or starts with anon:, is refused."""
	before = store.export_text("--hashes")
	for users, applications in (
		([{"id": d.WEB.id, "username": "twin"}], []),
		([{"id": "anon:1", "username": "twin"}], []),
		([{"id": "fresh-id", "username": "twin"}], [d.application(d.Client("fresh-id", d.secret_of("f")), "Fresh")]),
	):
		done = store.apply(d.partial(users=users, client_applications=applications), check=False)
		assert done.returncode == 1, done.stdout
	done = store.apply(d.partial(client_applications=[d.application(d.Client("1001", d.secret_of("f")), "Fresh")]), check=False)
	assert done.returncode == 1, done.stdout
	assert store.export_text("--hashes") == before
