"""What the OpenID Foundation's certification suites send and how they judge (docs/protocol/openid-profile.md); the server has what that document tells to apply."""

import base64
import json
import math
import re
import time
from urllib.parse import urlsplit

import jwt
import yaml

from .oauth import ask, key_set
from .people import Application, Person, issuer_of, left_half_hash
from .program import ROOT, get

PROFILE = {"name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website", "gender", "birthdate", "zoneinfo",
           "locale", "updated_at"}
EMAIL = {"email", "email_verified"}
BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
ERROR = {"error", "error_description", "error_uri", "state", "iss"}
NEEDS_A_PAGE = {"login_required", "interaction_required", "consent_required", "account_selection_required"}


def document():
	"""The apply document of openid-profile.md."""
	block = re.search(r"^```yaml\n(.*?)^```", (ROOT / "docs" / "protocol" / "openid-profile.md").read_text(), re.M | re.S).group(1)
	return yaml.safe_load(block)


def partition():
	return document()["partitions"][0]


NAME = partition()["id"]
APPLICATIONS = [Application(one["client_id"], one["secrets"][0]["value"], one["redirect_urls"][0]) for one in partition()["client_applications"]]
FIRST, SECOND = APPLICATIONS
AFTER = partition()["client_applications"][0]["post_logout_redirect_urls"][0]
PERSON = Person(partition()["users"][0]["id"], partition()["users"][0]["username"], password=partition()["users"][0]["password"])


def configuration(site):
	"""oidcc-discovery-endpoint-verification begins here, as does every other module."""
	reply = get(issuer_of(site, partition=NAME) + "/.well-known/openid-configuration")
	assert reply.status_code == 200 and reply.headers["Content-Type"].split(";")[0] == "application/json"
	return reply.json()


def bits(text):
	"""The entropy of a text by its own letters, as the suites reckon it."""
	return -len(text) * sum(text.count(letter) / len(text) * math.log2(text.count(letter) / len(text)) for letter in set(text))


def judge_keys(site):
	"""Public keys, each with a kid of its own, unpadded."""
	keys = key_set(site, NAME)["keys"]
	assert len({key["kid"] for key in keys}) == len(keys) > 1
	for key in keys:
		assert key["kty"] in ("RSA", "EC") and not {"d", "p", "q", "dp", "dq", "qi", "oth", "k"} & set(key)
		assert all(BASE64URL.fullmatch(key[name]) for name in ("n", "e", "x", "y") if name in key)
	return {key["kid"]: key for key in keys}


def judge_sentence(text):
	"""RFC 6749 §5.2: no CR, LF or TAB, which warn, and nothing beyond %x20-21, %x23-5B, %x5D-7E, which fails."""
	assert re.fullmatch(r"[\x20\x21\x23-\x5b\x5d-\x7e]+", text), text


def judge_refused(site, answer, state):
	"""An error from the authorization endpoint."""
	assert answer.get("state") == state and answer["iss"] == issuer_of(site, partition=NAME) and "code" not in answer
	assert set(answer) <= ERROR, "unexpected parameters warn"
	judge_sentence(answer["error_description"])
	assert urlsplit(answer["error_uri"]).scheme
	return answer["error"]


def judge_token_error(reply, error="invalid_grant"):
	assert reply.status_code == 400 and reply.headers["Content-Type"].split(";")[0] == "application/json"
	body = reply.json()
	assert body["error"] == error and set(body) <= {"error", "error_description", "error_uri"}
	judge_sentence(body["error_description"])


def judge_tokens(reply):
	assert reply.status_code == 200, reply.text
	assert reply.headers["Content-Type"].split(";")[0] == "application/json"
	assert "no-store" in reply.headers["Cache-Control"] and "no-cache" in reply.headers["Pragma"]
	body = reply.json()
	assert body["token_type"].lower() == "bearer" and type(body["expires_in"]) is int and body["expires_in"] > 0
	assert re.fullmatch(r"[\x20-\x7e]+", body["access_token"]) and bits(body["access_token"]) > 96
	if "refresh_token" in body:
		assert re.fullmatch(r"[\x20-\x7e]+", body["refresh_token"]) and len(body["refresh_token"]) >= 22 and bits(body["refresh_token"]) > 96
	return body


def judge_claims(claims):
	"""Standard claims have their types, wherever they stand."""
	for name in (PROFILE | EMAIL) & set(claims):
		kind = {"updated_at": int, "email_verified": bool}.get(name, str)
		assert type(claims[name]) is kind and claims[name] != "", name
	if "birthdate" in claims:
		assert re.fullmatch(r"\d{4}-\d\d-\d\d|\d{4}", claims["birthdate"])
	assert claims.get("updated_at", 0) <= time.time()


def judge_id_token(site, body, application, nonce):
	"""PerformStandardIdTokenChecks, and what the profile asks beyond them; gives the claims."""
	header = jwt.get_unverified_header(body["id_token"])
	assert header["alg"] == "RS256", header
	key = jwt.PyJWK(judge_keys(site)[header["kid"]]).key
	claims = jwt.decode(body["id_token"], key, algorithms=["RS256"], audience=application.id, issuer=issuer_of(site, partition=NAME),
	                    options={"require": ["iss", "sub", "aud", "exp", "iat"]})
	assert claims.get("nonce") == nonce and abs(claims["iat"] - time.time()) < 300
	assert claims["sub"] == PERSON.id and len(claims["sub"]) <= 255 and claims["sub"].isascii()
	assert claims["at_hash"] == left_half_hash(body["access_token"]) and claims.get("azp", application.id) == application.id
	assert type(claims["auth_time"]) is int and claims["auth_time"] <= claims["iat"] and claims["acr"] in configuration(site)["acr_values_supported"]
	judge_claims(claims)
	return claims


def judge_userinfo(reply):
	assert reply.status_code == 200 and reply.headers["Content-Type"].split(";")[0] == "application/json"
	claims = reply.json()
	assert claims["sub"] == PERSON.id
	judge_claims(claims)
	return claims


def unsigned(claims):
	"""A token with alg none."""
	encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none"}, claims)]
	return ".".join([*encoded, ""])


def redeem_by(site, application, code, method, **more):
	"""method: client_secret_basic or client_secret_post."""
	fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": application.redirect, **more}
	if method == "client_secret_post":
		return ask(site, application, fields, NAME)
	return ask(site, Application(None, None), fields, NAME, basic=(application.id, application.secret))
