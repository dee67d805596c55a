"""curl (Debian), by the commands of curl.sh: HTTP Basic, forms, and bearer tokens; through nginx, which has the certificate."""

import json
import os
import pathlib
import secrets
import subprocess
from urllib.parse import parse_qs, urlencode, urlsplit

from adapter import serve

HERE = pathlib.Path(__file__).resolve().parent


class Refused(Exception):
	def __init__(self, body):
		super().__init__(body)
		self.error = json.loads(body).get("error") if body.startswith("{") else None


class Shell:
	def run(self, command):
		done = subprocess.run(["bash", "-euc", f". ./curl.sh; {command}"], capture_output=True, text=True, timeout=25, cwd=HERE,
		                      env={**os.environ, **self.variables})
		if done.returncode != 0:
			raise Refused(done.stdout or done.stderr)
		return done.stdout

	def discover(self, issuer, client_id, client_secret, redirect_uri, scope, ca_file, **_):
		self.variables = {"ISSUER": issuer, "CLIENT_ID": client_id, "CLIENT_SECRET": client_secret, "REDIRECT_URI": redirect_uri, "CURL_CA_BUNDLE": ca_file}
		self.scope = scope
		return {}

	def begin(self):
		self.state = secrets.token_urlsafe()
		asked = {"client_id": self.variables["CLIENT_ID"], "response_type": "code", "redirect_uri": self.variables["REDIRECT_URI"],
		         "scope": self.scope, "state": self.state}
		return {"url": f"{self.variables['ISSUER']}/oauth2/authorize?{urlencode(asked)}"}

	def keep(self, reply):
		tokens = json.loads(reply)
		self.variables.update(ACCESS_TOKEN=tokens["access_token"], REFRESH_TOKEN=tokens["refresh_token"])
		return tokens

	def finish(self, callback):
		answer = parse_qs(urlsplit(callback).query)
		if answer["state"] != [self.state]:
			raise ValueError("another state came back")
		self.variables["CODE"] = answer["code"][0]
		return {"tokens": self.keep(self.run("exchange")), "claims": None}

	def refresh(self):
		return {"tokens": self.keep(self.run("refresh"))}

	def userinfo(self):
		return {"claims": json.loads(self.run("userinfo"))}

	def revoke(self):
		self.run("revoke")
		return {}


shell = Shell()
serve({verb: getattr(shell, verb) for verb in ("discover", "begin", "finish", "refresh", "userinfo", "revoke")})
