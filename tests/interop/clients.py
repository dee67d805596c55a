"""The client libraries, one row each. To add one: a program in clients/ that speaks the verbs of README.md, and its row here."""

import dataclasses

# What a library refuses when the issuer is not the one it was configured with. All of them must refuse an ID token of another.
DISCOVERY = "discovery"  # a discovery document that names another issuer (OpenID Connect Discovery §4.3)
RESPONSE = "response"    # an authorization response whose iss is another's (RFC 9207 §2.4)


@dataclasses.dataclass(frozen=True)
class Client:
	name: str
	program: str                              # in clients/
	platforms: tuple[str, ...] = ("web", "spa")
	refuses: frozenset[str] = frozenset()     # beside ID tokens


CLIENTS = [
	Client("openid-client (npm)", "openid-client.mjs", refuses=frozenset({DISCOVERY, RESPONSE})),
	Client("Authlib (PyPI)", "authlib-flask.py"),
]
