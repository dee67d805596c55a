"""The claims that an access token must have (contract section 4), and values that no decider takes for them, however well they are signed.

The server at its gateway and libwrit in an API read a token by one list of rules; their tests read this one."""

import json
import time

import jwt

from . import documents as d

CLAIMS = ("iss", "aud", "sub", "iat", "exp", "jti", "client_id", "scope", "actor", "partition", "gid")

# of a user's token; {auth} is auth_url, {later} a moment to come as text
WRONG = {
	"iss": ["", "https://evil.example", "{auth}/system/auth/OTHER-U", "{auth}/system/auth/ACME-C", "{auth}/system/auth/ACME-U/", "{auth}/system/auth/ACME", 7, None,
	        ["{auth}/system/auth/ACME-U"]],
	"aud": ["", "{auth}/admin/v1", "https://api.example.test/", "https://API.example.test", ["https://api.example.test"], ["https://api.example.test", "x"], d.WEB.id, 7],
	"partition": ["OTHER", "SYSTEM", "acme", "ACME ", "", "NOWHERE", 7, ["ACME"], {"partition": "ACME"}],
	"exp": ["soon", "{later}", 0, -1, True],
	"iat": ["now", True],
	"jti": ["", "x", "00000000-0000-0000-0000-000000000000", "0f8fad5b-d9cb-469f-a165-70867728950e", 7],
	"gid": ["", 7, ["x"]],
	"sub": [7, "", ["1001"]],
	"client_id": ["", 7, "anonymous"],
	"scope": [7, [d.READ]],
	"actor": ["", "admin", "User", "user_on_behalf_of", 7, ["user"], "customer", "anonymous_customer"],
	"act": [{}, "web-0001", {"sub": 7}, {"sub": ""}, {"client_id": "web-0001"}, [], None],
}

# Well formed, and of nobody who is there: only who has the store can see it.
DEAD = {
	"sub": ["nobody", "c-1", d.WEB.id],
	"client_id": ["nobody", d.OTHER_WEB.id, d.OFF.id],
}

# What each kind of token says rightly, said by another kind or left out; None takes the claim away.
MIXED = {
	"user": [{"iss": "{auth}/system/auth/ACME-C"}, {"actor": "customer"}, {"actor": "anonymous_customer", "client_id": "anonymous"}, {"client_id": "anonymous"}],
	"customer": [{"iss": "{auth}/system/auth/ACME-U"}, {"actor": "user"}, {"actor": "anonymous_customer"}, {"client_id": "anonymous"}],
	"user_on_behalf_of": [{"iss": "{auth}/system/auth/ACME-C"}, {"actor": "client"}, {"actor": "anonymous_customer"}, {"client_id": "anonymous"}],
	"customer_on_behalf_of": [{"iss": "{auth}/system/auth/ACME-U"}, {"actor": "client"}, {"actor": "anonymous_customer", "client_id": "anonymous"}],
	"anonymous_customer": [{"iss": "{auth}/system/auth/ACME-U"}, {"client_id": d.WEB.id}, {"act": {"sub": d.WEB.id}}, {"actor": "client"}, {"actor": "customer"},
	                       {"actor": "user"}, {"jti": "0f8fad5b-d9cb-469f-a165-70867728950e"}],
	"client": [{"iss": "{auth}/system/auth/OTHER-U"}, {"act": {"sub": d.WEB.id}}, {"client_id": "anonymous"}, {"actor": "anonymous_customer"}],
}


def each(table):
	return [(claim, value) for claim, values in table.items() for value in values]


def filled(value, url):
	return value.replace("{auth}", url).replace("{later}", str(int(time.time()) + 600)) if isinstance(value, str) else value


def signed(key, claims, typ="at+jwt"):
	"""ES256 by a signing_key, whatever the claims are: libraries for JWTs look at some of them."""
	return jwt.PyJWS().encode(json.dumps(claims, separators=(",", ":")).encode(), key[1], "ES256", headers={"kid": key[0], "typ": typ})
