"""The client libraries, one row each. To add one: a program in clients/ that speaks the verbs of README.md, and its row here."""

import dataclasses

# What a library refuses when the issuer is not the one it was configured with.
ID_TOKEN = "ID token"    # an ID token of another (OpenID Connect Core §3.1.3.7)
DISCOVERY = "discovery"  # a discovery document that names another issuer (OpenID Connect Discovery §4.3)
RESPONSE = "response"    # an authorization response whose iss is another's (RFC 9207 §2.4)


@dataclasses.dataclass(frozen=True)
class Client:
	name: str
	program: str                              # in clients/
	platforms: tuple[str, ...] = ("web", "spa")
	lacks: frozenset[str] = frozenset()       # columns that the library has nothing for
	refuses: frozenset[str] = frozenset({ID_TOKEN})
	says: str = r"\biss(uer|ued by)?\b"       # in its refusal, when the issuer is why
	over_https: bool = False                  # for it plain http is not enough, even on this machine
	proxied: bool = False                     # it reaches writ through nginx, over https too
	browses: bool = False                     # it runs in a browser of its own, which the person signs in with
	needs: tuple[str, ...] = ()               # names in requirements.py, beside what runs the program
	redirect_uri: str = ""                    # a registered one that it insists on, when any will not do
	shown: str = ""                           # the file that docs/clients.md shows, when it is not the program


ALL = frozenset({ID_TOKEN, DISCOVERY, RESPONSE})


def without(*columns):
	return frozenset(columns)


CLIENTS = [
	Client("openid-client (npm)", "openid-client.mjs", refuses=ALL),
	Client("oauth4webapi (npm)", "oauth4webapi.mjs", lacks=without("logout"), refuses=ALL),
	Client("simple-oauth2 (npm)", "simple-oauth2.mjs", ("web",), lacks=without("discovery", "userinfo", "logout", "wrong issuer")),
	Client("passport-oauth2 (npm)", "passport-oauth2.mjs", lacks=without("discovery", "refresh", "revoke", "logout", "wrong issuer")),
	Client("oidc-client-ts (npm)", "oidc-client-ts.py", ("spa",), lacks=without("wrong issuer"), over_https=True,
	       browses=True, needs=("node", "chromium"), shown="oidc-client-ts.page.js"),
	Client("@azure/msal-browser (npm)", "msal-browser.py", ("spa",), lacks=without("revoke"), refuses=frozenset({DISCOVERY}), over_https=True,
	       says="endpoints_resolution_error",  # it keeps the reason to itself; the same document with its own issuer is taken
	       browses=True, needs=("node", "chromium"), shown="msal-browser.page.js"),
	Client("Authlib (PyPI)", "authlib-flask.py"),
	Client("requests-oauthlib (PyPI)", "requests-oauthlib.py", lacks=without("discovery", "revoke", "logout", "wrong issuer")),
	Client("msal (PyPI)", "msal-python.py", lacks=without("userinfo", "revoke", "logout"), refuses=frozenset({DISCOVERY}), over_https=True),
	Client("x/oauth2, go-oidc (Go)", "go-oidc/main.go", lacks=without("revoke", "logout"), refuses=frozenset({ID_TOKEN, DISCOVERY})),
	Client("mod_auth_openidc (Debian)", "mod_auth_openidc.py", ("web",), needs=("mod_auth_openidc",), shown="mod_auth_openidc.conf"),
	Client("oidc-agent (Debian)", "oidc-agent.py", ("web",), lacks=without("userinfo", "logout", "wrong issuer"),
	       redirect_uri="http://localhost:8080/callback", needs=("oidc_agent",), shown="oidc-agent.sh"),
	Client("curl, nginx (Debian)", "curl.py", ("web",), lacks=without("discovery", "logout", "wrong issuer"), over_https=True, proxied=True,
	       needs=("curl", "nginx"), shown="curl.sh"),
	Client("HtmlUnit (Maven)", "htmlunit.py", ("web",), lacks=without("discovery", "refresh", "userinfo", "revoke", "wrong issuer"), browses=True,
	       needs=("htmlunit",), shown="htmlunit/browser.json"),
]
