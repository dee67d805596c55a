"""The form of token requests and of their refusals: contract §3, Requests and Errors; §6."""

import json
import re

import pytest

from support import documents as d
from support.oauth import FORM, PLAIN_SENTENCE, ask, basic_header, granted, post_form, refused
from support.program import get, request
from urllib.parse import urlencode

GOOD = [("grant_type", "client_credentials"), ("scope", d.APP_READ), ("client_id", d.WEB.id), ("client_secret", d.WEB.secret)]


def address(server):
	return server.realm("ACME") + "/oauth2/token"


@pytest.mark.parametrize("content_type", [FORM, FORM + ";charset=UTF-8", FORM + "; charset=utf-8", FORM + " ; charset=utf-8", FORM.upper(), FORM + ";"])
def test_a_form_with_or_without_a_charset_is_taken(server, content_type):
	"""Contract §3: application/x-www-form-urlencoded (with or without a charset)."""
	granted(post_form(address(server), GOOD, headers={"Content-Type": content_type}))


@pytest.mark.parametrize("content_type", [None, "application/json", "text/plain", "multipart/form-data; boundary=x", FORM + "x", "x" + FORM, "application/x-www-form", ""])
def test_any_other_content_type_is_an_invalid_request(server, content_type):
	"""Contract §6: wrong content type: invalid_request."""
	reply = request("POST", address(server), data=urlencode(GOOD).encode(), headers={"Content-Type": content_type} if content_type is not None else {})
	refused(reply, "invalid_request", 400, "application/x-www-form-urlencoded")


def test_a_json_body_is_refused(server):
	"""Contract §6."""
	refused(request("POST", address(server), json=dict(GOOD)), "invalid_request")


@pytest.mark.parametrize("name,value", [("scope", d.APP_READ), ("grant_type", "client_credentials"), ("client_id", d.WEB.id),
                                        ("client_secret", d.WEB.secret), ("subject_username", "pa"), ("never_heard_of", "x"), ("domain_hint", "x")])
def test_a_parameter_given_twice_is_an_invalid_request(server, name, value):
	"""Contract §3, Requests: known or not, equal or not."""
	fields = [pair for pair in GOOD if pair[0] != name]
	refused(post_form(address(server), [*fields, (name, value), (name, value)]), "invalid_request")
	refused(post_form(address(server), [*fields, (name, value), (name, value + "x")]), "invalid_request")


@pytest.mark.parametrize("name", ["resource", "audience"])
def test_resource_and_audience_may_repeat_and_are_ignored(server, name):
	"""Contract §3, Requests."""
	granted(post_form(address(server), [*GOOD, (name, "https://a.example"), (name, "https://b.example")]))


def test_a_parameter_without_a_value_counts_as_absent(server):
	"""Contract §3, Requests; RFC 6749 §3.1."""
	granted(post_form(address(server), [*GOOD, ("subject_username", ""), ("code", ""), ("anything", "")]))
	refused(post_form(address(server), [("grant_type", ""), *GOOD[1:]]), "invalid_request", 400, "grant_type")


@pytest.mark.parametrize("name", ["domain_hint", "forceLogin", "client_info", "x-client-SKU", "x-client-VER", "state", "redirect_uri", "é", "a b"])
def test_an_unknown_parameter_is_ignored(server, name):
	"""Contract §3: seen in use."""
	granted(post_form(address(server), [*GOOD, (name, "1")]))


def test_a_query_string_is_allowed_and_carries_no_parameters(server):
	"""Contract §2: a query string on the token endpoint is allowed and carries no parameters."""
	granted(post_form(address(server) + "?p=policy&scope=evil&client_id=x&client_secret=y&grant_type=z&grant_type=z", GOOD))
	refused(post_form(address(server) + "?grant_type=client_credentials", GOOD[1:]), "invalid_request", 400, "grant_type")
	refused(post_form(address(server) + "?" + urlencode(GOOD), []), "invalid_client", 401)


@pytest.mark.parametrize("query", ["?%zz", "?a=%00", "?" + "&".join(f"p{number}=1" for number in range(400)), "??", "?a=1#"])
def test_a_query_string_that_carries_nothing_cannot_hurt(server, query):
	"""Contract §2, §6."""
	reply = post_form(address(server) + query, GOOD)
	assert reply.status_code in (200, 400, 414, 431), reply.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_any_other_method_is_405_and_says_what_is_allowed(server, method):
	"""Contract §6: wrong method: 405 with Allow."""
	reply = request(method, address(server))
	assert reply.status_code == 405
	assert "POST" in [word.strip() for word in reply.headers["Allow"].split(",")]
	assert method not in reply.headers["Allow"]


def test_credentials_in_the_address_of_a_get_give_nothing(server):
	"""RFC 6749 §3.2: the client MUST use POST."""
	assert get(address(server) + "?" + urlencode(GOOD)).status_code == 405


def test_replies_with_tokens_and_refusals_are_never_stored(server):
	"""Contract §3, CORS: replies with tokens carry Cache-Control: no-store; RFC 6749 §5.1, §5.2."""
	for reply in (post_form(address(server), GOOD), post_form(address(server), GOOD[:1])):
		assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("body", ["grant_type=%zz", "grant_type=%", "grant_type=%4", "scope=%00", "scope=a%0Ab", "scope=a%0d%0ab", "scope=%1b", "scope=%ff", "scope=%c3",
                                  "scope=%c0%80", "a%00b=1", "%ff=1", "x=\x01", "scope=a%7fb"])
def test_bytes_that_are_no_text_are_an_invalid_request(server, body):
	"""Contract §6: NUL, invalid UTF-8, control characters in a parameter: invalid_request."""
	fields = urlencode([pair for pair in GOOD if not body.startswith(pair[0])])
	refused(post_form(address(server), None, body=(fields + "&" + body).encode()), "invalid_request")


def test_an_empty_body_is_refused(server):
	"""Contract §3: no client."""
	refused(post_form(address(server), []), "invalid_client", 401)


@pytest.mark.parametrize("separator", ["&&", "&", "&&&&&"])
def test_empty_pieces_of_a_form_are_skipped(server, separator):
	"""WHATWG URL §5.1."""
	granted(post_form(address(server), None, body="&" + separator.join(urlencode([pair]) for pair in GOOD) + "&"))


def test_a_plus_is_a_space(server):
	"""WHATWG URL §5.1, RFC 6749 appendix B."""
	body = urlencode([pair for pair in GOOD if pair[0] != "scope"]) + f"&scope={d.APP_READ}+{d.APP_MANAGE}"
	assert set(granted(post_form(address(server), None, body=body))["scope"].split()) == {d.APP_READ, d.APP_MANAGE}


def test_more_parameters_than_anyone_needs_are_refused(server):
	"""A16: 10 000 parameters."""
	reply = post_form(address(server), [*GOOD, *((f"p{number}", "") for number in range(5000))])
	assert reply.status_code in (400, 413), reply.text
	assert "access_token" not in reply.text


@pytest.mark.parametrize("name", ["grant_type", "scope", "client_id", "client_secret"])
def test_an_over_long_parameter_is_refused(server, name):
	"""Contract §6; legality tables: where, how long, at most once."""
	reply = post_form(address(server), [(key, "x" * 20000 if key == name else value) for key, value in GOOD])
	assert reply.status_code in (400, 401), reply.text
	assert reply.json()["error"] in ("invalid_request", "invalid_client", "invalid_scope", "unsupported_grant_type")


REFUSALS = {
	"invalid_request": [],
	"invalid_client": [("grant_type", "client_credentials"), ("client_id", "who-is-this"), ("client_secret", d.secret_of("x"))],
	"invalid_scope": [*GOOD[:1], ("scope", "no.such.scope"), *GOOD[2:]],
	"unsupported_grant_type": [("grant_type", "nonsense"), *GOOD[1:]],
	"unauthorized_client": [*GOOD[:2], ("client_id", d.SPA.id)],
	"invalid_grant": [("grant_type", "password"), ("scope", d.OBO_READ), ("subject_username", "nobody"), *GOOD[2:]],
}


@pytest.mark.parametrize("error", REFUSALS)
def test_every_refusal_is_json_with_a_sentence_and_a_page_that_explains_it(server, error):
	"""Contract §3, Errors: error, error_description, error_uri = {auth_url}/errors/{slug}, a page that explains it."""
	fields = REFUSALS[error] or GOOD[1:]
	reply = post_form(address(server), fields)
	assert reply.headers["Content-Type"].split(";")[0] == "application/json"
	body = refused(reply, error, 401 if error == "invalid_client" else 400)
	assert re.search(r"\s", body["error_description"]) and body["error_description"][-1] in ".)?"
	assert body["error_uri"].startswith(d.AUTH_URL + "/errors/")
	assert re.fullmatch(r"[a-z0-9_-]+", body["error_uri"].removeprefix(d.AUTH_URL + "/errors/"))
	page = get(server.url + body["error_uri"].removeprefix(d.AUTH_URL))
	assert page.status_code == 200
	assert page.headers["Content-Type"].replace(" ", "").lower() == "text/html;charset=utf-8"
	assert "<html" in page.text and error in page.text
	assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_scope_errors_have_the_word_scope(server):
	"""Contract §3, Errors: existing clients look for it."""
	for scope in ("nonsense", d.OBO_READ, "openid", "", ".default x"):
		refused(ask(server, d.WEB, {"grant_type": "client_credentials", "scope": scope}), "invalid_scope", 400, r"\bscope")


def test_an_error_page_that_does_not_exist_is_not_found(server):
	"""Contract §3, Errors."""
	for slug in ("no-such-error", "..%2f..%2fetc%2fpasswd", "%00", "<script>"):
		reply = get(f"{server.url}/errors/{slug}")
		assert reply.status_code in (400, 404)
		assert "<script>" not in reply.text


@pytest.mark.parametrize("text", ['"quoted"', "back\\slash", "<script>alert(1)</script>", "ünïcode", "a'b", "{}[]", "x" * 1000])
@pytest.mark.parametrize("name", ["scope", "grant_type", "client_id", "subject_username"])
def test_nothing_typed_breaks_the_reply(server, name, text):
	"""A15: quotes and markup are escaped wherever they come out; contract §3, Errors."""
	fields = dict(GOOD)
	if name == "subject_username":
		fields.update(grant_type="password", scope=d.OBO_READ)
	fields[name] = text
	reply = post_form(address(server), fields)
	assert reply.status_code in (400, 401, 429)
	body = json.loads(reply.text)
	assert PLAIN_SENTENCE.fullmatch(body["error_description"]), body
	assert "<script" not in reply.headers.get("Location", "")
	assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_a_refusal_never_repeats_the_secret(server):
	"""Design §3: secrets cannot be passed to the log or a reply."""
	secret = d.secret_of("never-to-be-seen")
	for reply in (post_form(address(server), [*GOOD[:3], ("client_secret", secret)]),
	              post_form(address(server), [*GOOD[:2]], headers={"Authorization": basic_header(d.WEB.id, secret)}),
	              post_form(address(server), [*GOOD[:2], ("client_secret", secret), ("client_secret", secret)])):
		assert reply.status_code in (400, 401)
		assert "never-to-be-seen" not in reply.text + str(reply.headers)
	granted(post_form(address(server), GOOD))
