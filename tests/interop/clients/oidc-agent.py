"""oidc-agent (Debian), by the commands of oidc-agent.sh, with an agent and a home of its own."""

import atexit
import base64
import json
import os
import pathlib
import re
import secrets
import shutil
import subprocess
import tempfile

from adapter import serve

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE_S = 25


class Refused(Exception):
	pass


def payload(token):
	"""What a token says; the agent tells no scope."""
	part = token.split(".")[1]
	return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class Agent:
	def __init__(self):
		self.home = pathlib.Path(tempfile.mkdtemp(prefix="writ-interop-agent-"))
		(self.home / ".config" / "oidc-agent").mkdir(parents=True)
		password = self.home / "password"
		password.write_text(secrets.token_urlsafe() + "\n")
		kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "OIDC"))}
		self.variables = {**kept, "HOME": str(self.home), "TMPDIR": str(self.home), "PASSWORD_FILE": str(password), "NAME": "demo"}
		said = self.ask("oidc-agent --no-webserver --no-scheme --always-allow-idtoken")
		self.variables.update(re.findall(r"(OIDC\w+)=([^;]+);", said))
		atexit.register(self.stop)

	def ask(self, command):
		done = subprocess.run(["bash", "-euc", f". {HERE / 'oidc-agent.sh'}; {command}"], capture_output=True, text=True, timeout=PATIENCE_S,
		                      stdin=subprocess.DEVNULL, env=self.variables)
		if done.returncode != 0:
			raise Refused((done.stderr + done.stdout).strip())
		return done.stdout

	def stop(self):
		self.ask("oidc-agent --kill")
		shutil.rmtree(self.home, ignore_errors=True)

	def discover(self, issuer, client_id, client_secret, redirect_uri, scope, **_):
		self.variables.update(ISSUER=issuer, CLIENT_ID=client_id, CLIENT_SECRET=client_secret, REDIRECT_URI=redirect_uri, SCOPE=scope)
		return {"authorization_endpoint": self.begin()["url"].partition("?")[0]}

	def begin(self):
		return {"url": re.search(r"^http\S+$", self.ask("generate 2>&1"), re.M).group(0)}

	def tokens(self, access_token):
		return {"access_token": access_token, "refresh_token": json.loads(self.ask("stored"))["refresh_token"], "scope": payload(access_token)["scope"]}

	def finish(self, callback):
		self.variables["CALLBACK"] = callback
		self.ask("exchange")
		tokens = {**self.tokens(self.ask("token").strip()), "id_token": self.ask("id_token").strip()}
		return {"tokens": tokens, "claims": payload(tokens["id_token"])}

	def refresh(self):
		return {"tokens": self.tokens(self.ask("fresh").strip())}

	def revoke(self):
		"""The agent revokes the refresh token of an account that it forgets."""
		self.ask("delete")
		return {}


agent = Agent()
serve({verb: getattr(agent, verb) for verb in ("discover", "begin", "finish", "refresh", "revoke")})
