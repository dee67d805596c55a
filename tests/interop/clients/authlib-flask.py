"""Authlib (PyPI) in a Flask application, as its documentation uses it; refresh and revoke by its OAuth2Session."""

import secrets

from adapter import serve
from authlib.integrations.flask_client import OAuth
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask


class Application:
	"""A web application with two pages: /login sends the browser away, /callback takes it back."""

	def discover(self, issuer, client_id, client_secret, redirect_uri, scope, post_logout_redirect_uri, **_):
		self.client_id, self.client_secret, self.scope = client_id, client_secret, scope
		flask = Flask(__name__)
		flask.secret_key = secrets.token_hex()
		# docs/clients.md: from here
		arguments = {"scope": scope, "code_challenge_method": "S256"}
		if client_secret is None:
			arguments["token_endpoint_auth_method"] = "none"
		remote = OAuth(flask).register("writ", client_id=client_id, client_secret=client_secret, client_kwargs=arguments,
		                               server_metadata_url=f"{issuer}/.well-known/openid-configuration")

		@flask.get("/login")
		def login():
			return remote.authorize_redirect(redirect_uri)

		@flask.get("/callback")
		def callback():
			self.token = remote.authorize_access_token()
			return "signed in as " + self.token["userinfo"]["sub"]
		# docs/clients.md: to here

		@flask.get("/logout")
		def logout():
			return remote.logout_redirect(post_logout_redirect_uri, id_token_hint=self.token["id_token"])

		self.remote = remote

		flask.testing = True  # errors come out of the test client as they are
		self.browser = flask.test_client()
		metadata = self.metadata = self.remote.load_server_metadata()
		return {"issuer": metadata["issuer"], "token_endpoint": metadata["token_endpoint"]}

	def begin(self):
		return {"url": self.browser.get("/login").headers["Location"]}

	def finish(self, callback):
		self.browser.get("/callback?" + callback.partition("?")[2])
		return {"tokens": {name: value for name, value in self.token.items() if name != "userinfo"}, "claims": self.token["userinfo"]}

	def session(self):
		method = "none" if self.client_secret is None else "client_secret_basic"
		return OAuth2Session(self.client_id, self.client_secret, token=self.token, token_endpoint_auth_method=method,
		                     revocation_endpoint_auth_method=method)

	def refresh(self):
		with self.session() as session:
			self.token = session.refresh_token(self.metadata["token_endpoint"])
		return {"tokens": self.token}

	def userinfo(self):
		return {"claims": self.remote.userinfo(token=self.token)}

	def logout(self):
		return {"url": self.browser.get("/logout").headers["Location"]}

	def revoke(self):
		with self.session() as session:
			session.revoke_token(self.metadata["revocation_endpoint"], self.token["refresh_token"], "refresh_token").raise_for_status()
		return {}


application = Application()
serve({verb: getattr(application, verb) for verb in ("discover", "begin", "finish", "refresh", "userinfo", "logout", "revoke")})
