"""Ten thousand requests from 256 connections while apply and key rotation go on (issue 2, Must show)."""

import asyncio
import json
import os
import threading
import time

import jwt
import pytest

from support import documents as d
from support.oauth import ask, granted, key_set, refused
from support.program import run
from support.wire import token_request

REQUESTS = int(os.environ.get("WRIT_LOAD_REQUESTS", "10000"))
ROTATIONS = 2
CONNECTIONS = int(os.environ.get("WRIT_LOAD_CONNECTIONS", "256"))
GRANT = {"grant_type": "client_credentials", "scope": d.APP_READ}
CREDENTIALS = {"client_id": d.WEB.id, "client_secret": d.WEB.secret}

# What is asked, and what the token must say: (realm, form, sub, actor).
QUESTIONS = [
	("U", {**GRANT, **CREDENTIALS}, d.WEB.id, "client"),
	("U", {"grant_type": "password", "scope": d.OBO_READ, "subject_username": "pa", **CREDENTIALS}, "1001", "user"),
	("U", {"grant_type": "password", "scope": d.OBO_READ, "subject_userid": "1002", **CREDENTIALS}, "1002", "user"),
	("C", {"grant_type": "password", "scope": d.OBO_READ, "subject_email": "jane@example.com", **CREDENTIALS}, "c-1", "customer"),
	("C", {"grant_type": "client_credentials", "scope": d.APP_MANAGE, "client_id": d.SECOND.id, "client_secret": d.SECOND.secret}, d.SECOND.id, "client"),
]


class Load:
	"""CONNECTIONS keep-alive connections that ask until enough was asked and the changes are done."""

	def __init__(self, port):
		self.port = port
		self.asked = 0
		self.answers, self.errors = [], []
		self.changing = True
		self.messages = [token_request(form, path=f"/system/auth/ACME-{realm}/oauth2/token") for realm, form, _, _ in QUESTIONS]

	async def connection(self, number):
		reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
		try:
			while not self.errors and (self.asked < REQUESTS or self.changing):
				which = (self.asked + number) % len(QUESTIONS)
				self.asked += 1
				writer.write(self.messages[which])
				head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
				lower = head.lower()
				length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
				body = await asyncio.wait_for(reader.readexactly(length), 30)
				if not head.startswith(b"HTTP/1.1 200 "):
					self.errors.append((QUESTIONS[which], head, body))
				else:
					self.answers.append((which, body))
				if self.asked >= REQUESTS:  # enough was asked: only keep asking until the changes are done
					await asyncio.sleep(0.5)
		except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
			self.errors.append((number, repr(error)))
		finally:
			writer.close()

	def wait_for_more(self):
		"""Until at least one request was sent and answered from now on, whatever was under way."""
		enough, deadline = len(self.answers) + CONNECTIONS + 1, time.monotonic() + 60
		while len(self.answers) < enough and not self.errors and time.monotonic() < deadline:
			time.sleep(0.01)

	async def all(self):
		await asyncio.gather(*(self.connection(number) for number in range(CONNECTIONS)))

	def run(self):
		asyncio.run(self.all())


def change_others(store, server, load):
	"""Adds, changes and removes other client applications, and rotates keys; a removed secret is dead at the very next request."""
	base = d.directory()
	for number in range(ROTATIONS):
		client = d.Client(f"load-{number}", d.secret_of(f"load{number}"))
		store.apply(d.partial(client_applications=[
			d.application(client, f"Load {number}", [d.APP_READ]),
			*(d.application(d.Client(f"bulk-{number}-{index}"), f"Bulk {number} {index}", [d.APP_READ]) for index in range(50))]))
		granted(ask(server, client, GRANT))
		load.wait_for_more()  # tokens of the key that goes
		run("keys", "rotate", "--store", store.url, "--partition", "ACME", "--algorithm", "ES256")
		store.apply(d.partial(client_applications=[{"client_id": client.id, "name": f"Load {number}", "secrets": []}]))
		refused(ask(server, client, GRANT), "invalid_client", 401)
		store.apply(base, "--prune")
		refused(ask(server, client, GRANT), "invalid_client", 401)
		store.apply(d.partial(users=[{"username": f"extra{number}", "id": f"x{number}"}], permissions=[{"name": f"app.load.{number}"}]))


@pytest.mark.timeout(600)
def test_no_request_fails_and_every_token_verifies_while_apply_and_rotation_go_on(store, serve):
	"""Issue 2, Must show: no error, no torn read; a removed secret stops working at once."""
	running = serve(store)
	load = Load(running.port)
	asking = threading.Thread(target=load.run)
	keys = {key["kid"]: key for key in key_set(running)["keys"]}
	started = time.monotonic()
	asking.start()
	try:
		change_others(store, running, load)
		load.wait_for_more()  # and of the last one that came
	finally:
		load.changing = False
		asking.join()
	seconds = time.monotonic() - started
	assert not load.errors, load.errors[:3]
	assert len(load.answers) >= REQUESTS
	keys.update((key["kid"], key) for key in key_set(running)["keys"])
	public = {kid: jwt.PyJWK(key).key for kid, key in keys.items()}
	seen, used = set(), set()
	for which, body in load.answers:
		realm, form, sub, actor = QUESTIONS[which]
		reply = json.loads(body)
		kid = jwt.get_unverified_header(reply["access_token"])["kid"]
		claims = jwt.decode(reply["access_token"], public[kid], algorithms=["ES256"], audience=d.API_URL, issuer=f"{d.AUTH_URL}/system/auth/ACME-{realm}")
		assert (claims["sub"], claims["actor"], claims["client_id"], claims["scope"]) == (sub, actor, form["client_id"], form["scope"])
		assert claims.get("act") == ({"sub": form["client_id"]} if actor != "client" else None)
		assert claims["jti"] not in seen
		seen.add(claims["jti"])
		used.add(kid)
	assert len(used) == ROTATIONS + 1, f"tokens of {len(used)} keys: each rotation should have shown"
	print(f"{len(load.answers)} tokens from {CONNECTIONS} connections in {seconds:.1f} s, of {len(used)} keys")
