"""The authentication guide's own commands, and those that --demo prints, pasted into a shell."""

import re
import subprocess
import time
import uuid

import pytest

from support.oauth import CLIENT_CLAIMS, ON_BEHALF_OF_CLAIMS, granted, verified
from support.program import Server, Store, environment, get

PARTITION = "TMPRODB88619984"
GUIDE_DOMAIN = "https://ai.egain.cloud"

CLIENT_CREDENTIALS = """curl --location --request POST 'https://ai.egain.cloud/system/auth/TMPRODB88619984-U/oauth2/token' \\
--header 'Content-Type: application/x-www-form-urlencoded' \\
--data-urlencode 'grant_type=client_credentials' \\
--data-urlencode 'scope=knowledge.portalmgr.manage' \\
--data-urlencode 'client_id=b4b2c1d9-4c19-4e8a-8e7a-9a0b1c2d3e4f' \\
--data-urlencode 'client_secret=hh2Y0UE8FmaFBBawzMUua1OB8Ks4QWHNUyhDyZj1X7c'"""

ON_BEHALF_OF = """curl --location --request POST 'https://ai.egain.cloud/system/auth/TMPRODB88619984-U/oauth2/token' \\
--header 'Content-Type: application/x-www-form-urlencoded' \\
--data-urlencode 'grant_type=password' \\
--data-urlencode 'client_id=7121f585-e403-4531-9a38-1826ebc7e7d8' \\
--data-urlencode 'client_secret=*****************' \\
--data-urlencode 'scope=knowledge.portalmgr.onbehalfof.read' \\
--data-urlencode 'subject_username=pa'"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
	folder = tmp_path_factory.mktemp("demo")
	with Server(Store(folder / "store"), "--demo", cwd=folder) as running:
		running.wait_for(lambda: "7121f585" in "".join(running.output), what="the demo's commands on standard output")
		yield running


def paste(command):
	"""Runs it as a person would, plus the status code behind the body."""
	done = subprocess.run(["bash", "-c", command + " --silent --show-error --write-out '\\n%{http_code}'"], capture_output=True, text=True,
	                      env=environment({"no_proxy": "*"}), timeout=30)
	assert done.returncode == 0, done.stderr
	body, _, status = done.stdout.rpartition("\n")
	return int(status), body


class Pasted:
	"""A curl reply in the shape that support.oauth judges."""

	def __init__(self, command):
		self.status_code, self.text = paste(command + " --include")
		head, _, self.body = self.text.replace("\r\n", "\n").partition("\n\n")
		self.headers = dict(line.split(": ", 1) for line in head.split("\n")[1:])

	def json(self):
		import json
		return json.loads(self.body)


def demo_secret(demo):
	"""The on-behalf-of secret that the guide masks, from what --demo prints."""
	text = "".join(demo.output)
	for command in re.findall(r"curl(?:[^\n]*\\\n)*[^\n]*", text):
		if "7121f585-e403-4531-9a38-1826ebc7e7d8" in command:
			return re.search(r"client_secret=([A-Za-z0-9._~-]{32,})", command).group(1)
	raise AssertionError(f"no on-behalf-of command in: {text}")


def judge(demo, body, claims_expected):
	metadata = get(f"{demo.url}/system/auth/{PARTITION}/metadata").json()
	claims = verified(demo, body["access_token"], PARTITION, "U", issuer=f"{demo.url}/system/auth/{PARTITION}-U", audience=metadata["domain_url"])
	assert set(claims) == claims_expected
	assert claims["partition"] == PARTITION
	assert claims["exp"] - claims["iat"] == body["expires_in"] == 3600
	assert abs(claims["iat"] - time.time()) < 60
	return claims


def test_the_guides_client_credentials_command_gets_a_token_that_verifies_from_the_key_set(demo):
	"""Issue 2, Must show; contract §4: exactly these claims."""
	body = granted(Pasted(CLIENT_CREDENTIALS.replace(GUIDE_DOMAIN, demo.url)))
	claims = judge(demo, body, CLIENT_CLAIMS)
	assert claims["sub"] == claims["client_id"] == "b4b2c1d9-4c19-4e8a-8e7a-9a0b1c2d3e4f"
	assert claims["actor"] == "client"
	assert claims["scope"] == body["scope"] == "knowledge.portalmgr.manage"


def test_the_guides_on_behalf_of_command_gets_a_token_that_names_the_user_and_the_acting_client(demo):
	"""Issue 2, Must show; contract §4: sub is the person's id, act the client application."""
	command = ON_BEHALF_OF.replace(GUIDE_DOMAIN, demo.url).replace("*****************", demo_secret(demo))
	body = granted(Pasted(command))
	claims = judge(demo, body, ON_BEHALF_OF_CLAIMS)
	assert claims["actor"] == "user"
	assert claims["act"] == {"sub": "7121f585-e403-4531-9a38-1826ebc7e7d8"}
	assert claims["client_id"] == "7121f585-e403-4531-9a38-1826ebc7e7d8"
	assert claims["sub"] not in ("pa", claims["client_id"], "")
	assert claims["scope"] == body["scope"] == "knowledge.portalmgr.onbehalfof.read"


def test_every_curl_command_that_demo_prints_works_when_pasted(demo):
	"""Issue 2, Deliver 8: --demo prints these commands filled in."""
	commands = [command for command in re.findall(r"curl(?:[^\n]*\\\n)*[^\n]*", "".join(demo.output)) if "grant_type=" in command]
	assert len(commands) >= 2, "".join(demo.output)
	for command in commands:
		assert demo.url in command, command
		status, body = paste(command)
		assert status == 200, f"{command}\n{body}"


def test_the_guides_commands_differ_in_nothing_but_their_answers_when_asked_twice(demo):
	"""Contract §4: jti is unique; client credentials stand in no grant that lives on."""
	command = CLIENT_CREDENTIALS.replace(GUIDE_DOMAIN, demo.url)
	first, second = (judge(demo, granted(Pasted(command)), CLIENT_CLAIMS) for _ in range(2))
	assert first["jti"] != second["jti"]
	assert first["gid"] != second["gid"]


def test_a_wrong_secret_in_the_guides_command_is_refused(demo):
	"""Contract §3: invalid_client, 401."""
	status, body = paste(CLIENT_CREDENTIALS.replace(GUIDE_DOMAIN, demo.url).replace("hh2Y0UE8", "hh2Y0UE9"))
	assert status == 401 and '"invalid_client"' in body


def test_the_demo_has_client_ids_that_look_like_the_guides(demo):
	"""Contract §4: client ids are UUIDs."""
	for command in (CLIENT_CREDENTIALS, ON_BEHALF_OF):
		uuid.UUID(re.search(r"client_id=([0-9a-f-]+)", command).group(1))
