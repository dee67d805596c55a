"""msal (PyPI), as its documentation uses it with an authority that is no Microsoft's. It insists on https."""

from urllib.parse import parse_qsl, urlsplit

import msal
from adapter import serve

RESERVED = {"openid", "profile", "offline_access"}  # the library asks for these by itself, and refuses to be asked


class Refused(Exception):
	def __init__(self, reply):
		super().__init__(f"{reply['error']}: {reply.get('error_description')}")
		self.error = reply["error"]


def granted(reply):
	if "error" in reply:
		raise Refused(reply)
	return reply


class Application:
	def discover(self, issuer, client_id, client_secret, redirect_uri, scope, ca_file, **_):
		self.redirect_uri, self.scopes = redirect_uri, [name for name in scope.split() if name not in RESERVED]
		# docs/clients.md: from here
		# verify: the file of your own authority, if the certificate is of one
		if client_secret:
			application = msal.ConfidentialClientApplication(client_id, client_credential=client_secret, oidc_authority=issuer, verify=ca_file)
		else:
			application = msal.PublicClientApplication(client_id, oidc_authority=issuer, verify=ca_file)
		# docs/clients.md: to here
		self.application = application
		return {"token_endpoint": application.authority.token_endpoint, "authorization_endpoint": application.authority.authorization_endpoint}

	def begin(self):
		application, scopes, redirect_uri = self.application, self.scopes, self.redirect_uri
		# docs/clients.md: from here
		# scopes: without openid, profile and offline_access, which it asks for by itself
		flow = application.initiate_auth_code_flow(scopes, redirect_uri=redirect_uri)
		# docs/clients.md: to here
		self.flow = flow
		return {"url": flow["auth_uri"]}

	def finish(self, callback):
		application, flow, answer = self.application, self.flow, dict(parse_qsl(urlsplit(callback).query))
		# docs/clients.md: from here
		reply = application.acquire_token_by_auth_code_flow(flow, answer)
		# docs/clients.md: to here
		self.tokens = granted(reply)
		return {"tokens": self.tokens, "claims": reply["id_token_claims"]}

	def refresh(self):
		self.tokens = granted(self.application.acquire_token_by_refresh_token(self.tokens["refresh_token"], self.scopes))
		return {"tokens": self.tokens}


application = Application()
serve({verb: getattr(application, verb) for verb in ("discover", "begin", "finish", "refresh")})
