"""requests-oauthlib (PyPI), as its documentation uses it. It knows OAuth 2.0 alone: no ID tokens."""

import os

from adapter import serve
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # its own switch for http


class Application:
	def discover(self, issuer, client_id, client_secret, redirect_uri, scope, **_):
		self.issuer, self.client_id, self.client_secret = issuer, client_id, client_secret
		# docs/clients.md: from here
		# OAUTHLIB_INSECURE_TRANSPORT=1 in the environment, for http on loopback
		session = OAuth2Session(client_id, redirect_uri=redirect_uri, scope=scope.split(), pkce="S256")
		# docs/clients.md: to here
		self.session = session
		return {}

	def begin(self):
		session, issuer = self.session, self.issuer
		# docs/clients.md: from here
		url, state = session.authorization_url(f"{issuer}/oauth2/authorize")
		# docs/clients.md: to here
		return {"url": url}

	def reply(self):
		return {**self.session.token, "scope": " ".join(self.session.token["scope"])}

	def finish(self, callback):
		session, issuer, client_secret = self.session, self.issuer, self.client_secret
		# docs/clients.md: from here
		session.fetch_token(f"{issuer}/oauth2/token", authorization_response=callback, client_secret=client_secret)
		# docs/clients.md: to here
		return {"tokens": self.reply(), "claims": None}

	def refresh(self):
		session, issuer, client_id, client_secret = self.session, self.issuer, self.client_id, self.client_secret
		# docs/clients.md: from here
		session.refresh_token(f"{issuer}/oauth2/token", auth=HTTPBasicAuth(client_id, client_secret or ""))
		# docs/clients.md: to here
		return {"tokens": self.reply()}

	def userinfo(self):
		session, issuer = self.session, self.issuer
		# docs/clients.md: from here
		reply = session.get(f"{issuer}/oauth2/userinfo")
		# docs/clients.md: to here
		reply.raise_for_status()
		return {"claims": reply.json()}


application = Application()
serve({verb: getattr(application, verb) for verb in ("discover", "begin", "finish", "refresh", "userinfo")})
