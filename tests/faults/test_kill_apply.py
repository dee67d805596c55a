"""kill -9 in the middle of apply: all of it or nothing, and the running server serves on (issue 2, Must show)."""

import os
import random
import signal
import subprocess
import time

import pytest

from support import documents as d
from support.oauth import ask, client_credentials, granted, on_behalf_of
from support.program import environment, find_binary, run, write_document

ROUNDS = int(os.environ.get("WRIT_KILL_ROUNDS", "20"))
PEOPLE = int(os.environ.get("WRIT_KILL_PEOPLE", "300"))


def generation(number):
	"""A document in which every object says its generation: a torn apply would show two of them."""
	return d.partial(
		departments=[{"name": f"G{number}"}],
		users=[{"id": f"g{person}", "username": f"g{person}", "claims": {"nickname": f"of {number}"}} for person in range(PEOPLE)],
		client_applications=[d.application(d.Client(f"g-{index}"), f"G {index}", [d.APP_READ], access_token_seconds=600 + number) for index in range(20)],
	)


def generations(store):
	"""The generations that a reader sees: one, or the store is torn. Also says whether its department is there."""
	acme = d.partition_of(store.export("--partition", "ACME"))
	people = {int(user["claims"]["nickname"][3:]) for user in acme["users"] if user["id"].startswith("g")}
	applications = {one["access_token_seconds"] - 600 for one in acme["client_applications"] if one["client_id"].startswith("g-")}
	departments = {int(one["name"][1:]) for one in acme["departments"] if one["name"].startswith("G")}
	assert people == applications, "people and applications are of different applies"
	assert max(departments) == max(people)
	assert sum(user["id"].startswith("g") for user in acme["users"]) == PEOPLE
	return people


@pytest.mark.timeout(600)
def test_an_apply_that_is_killed_at_any_moment_is_there_whole_or_not_at_all(store, serve):
	"""Issue 2, Must show; design §2: apply holds the write lock only for the final copy, in one transaction."""
	running = serve(store)
	store.apply(generation(0))
	started = time.monotonic()
	store.apply(generation(1))
	usual = time.monotonic() - started
	chance = random.Random(20261122)
	current, outcomes = 1, {"whole": 0, "nothing": 0}
	for number in range(2, 2 + ROUNDS):
		path = write_document(store.folder / "generation.yaml", generation(number))
		process = subprocess.Popen([find_binary(), "apply", "-f", str(path), "--store", store.url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
		# Half of the kills anywhere, half where the transaction must be.
		time.sleep(usual * (chance.random() if number % 2 else chance.uniform(0.6, 1.05)))
		process.send_signal(signal.SIGKILL)
		process.wait()
		seen = generations(store)
		assert seen in ({current}, {number}), f"round {number}: {seen} after {current}"
		outcomes["whole" if seen == {number} else "nothing"] += 1
		current = seen.pop()
		granted(client_credentials(running, d.WEB, d.APP_READ))
		granted(on_behalf_of(running, d.WEB, d.OBO_READ, {"subject_username": f"G{chance.randrange(PEOPLE)}"}))
	store.apply(generation(1000))
	assert generations(store) == {1000}
	assert run("doctor", "--store", store.url).returncode == 0
	print(f"kill -9 during apply: {outcomes}, an apply takes {usual:.2f} s")


@pytest.mark.timeout(300)
def test_a_server_that_is_killed_while_it_revokes_keeps_what_it_acknowledged(store, serve):
	"""Design §2: what was acknowledged survives kill -9."""
	from concurrent.futures import ThreadPoolExecutor

	import requests

	from support.oauth import introspect, revoke
	running = serve(store)
	tokens = [granted(client_credentials(running, d.WEB, d.APP_READ))["access_token"] for _ in range(120)]
	acknowledged = []

	def end(token):
		try:
			if revoke(running, d.WEB, token).status_code == 200:
				acknowledged.append(token)
		except requests.RequestException:
			pass

	with ThreadPoolExecutor(8) as pool:
		for token in tokens:
			pool.submit(end, token)
		while len(acknowledged) < 30:
			time.sleep(0.001)
		running.kill()
	again = serve(store)
	assert len(acknowledged) >= 30
	for token in acknowledged:
		assert introspect(again, d.WEB, token) == {"active": False}
	assert ask(again, d.WEB, {"grant_type": "client_credentials", "scope": d.APP_READ}).status_code == 200
