"""kill -9 under administrative load: every acknowledged change has its audit event, and every event its change (issue 6, Must show)."""

import json
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from support import documents as d
from support.admin import APP, admin_application, automation_token
from support.people import Application, Site
from support.program import Store, run

ROUNDS = int(os.environ.get("WRIT_KILL_ROUNDS", "6"))
WORKERS = 6
ROBOT = Application("robot-001", d.secret_of("robot"), "https://robot.example.com/callback")


class Worker:
	"""One administrator with objects of its own: what it was told is done, and what it does not know of."""

	def __init__(self, site, token, number, round_):
		self.url = f"{site.url}/admin/v1/partitions/ACME/"
		self.number, self.round = number, round_
		self.session = requests.Session()
		self.session.trust_env = False
		self.session.headers.update({"Authorization": f"Bearer {token}", "Content-Type": "application/json", "If-Match": "*"})
		self.done = []  # (request id, action, key)
		self.open = None  # the change that was on its way

	def send(self, method, path, action, body=None, key=None):
		self.open = (action, key)
		reply = self.session.request(method, self.url + path, data=None if body is None else json.dumps(body), timeout=30)
		while reply.status_code == 503:  # others were writing: nothing was changed, says the reply, and the end of the test sees it
			reply = self.session.request(method, self.url + path, data=None if body is None else json.dumps(body), timeout=30)
		assert reply.status_code in (200, 201, 204), reply.text
		self.done.append((reply.headers["X-Request-Id"], action, key))
		self.open = None

	def work(self):
		try:
			step = 0
			while True:
				name = f"r{self.round}-w{self.number}-{step}"
				application = name + "-app"
				self.send("POST", "users", "user.added", {"id": name, "username": name}, name)
				self.send("PATCH", f"users/{name}", "user.changed", {"email": f"{name}@example.com"}, name)
				self.send("POST", "client-applications", "client_application.added", {"client_id": application, "name": name, "platform": "web"}, application)
				self.send("POST", f"client-applications/{application}/secrets", "secret.added", {"label": "a"}, application)
				self.send("POST", "departments", "department.added", {"name": name}, name)
				if step % 2:
					self.send("DELETE", f"users/{name}", "user.deleted", key=name)
					self.send("DELETE", f"client-applications/{application}/secrets/a", "secret.deleted", key=application)
					self.send("DELETE", f"departments/{name}", "department.deleted", key=name)
				step += 1
		except requests.RequestException:
			pass  # the server is gone


def expected(events):
	"""What the directory must be, by the events alone: replayed from the oldest."""
	users, applications, departments = {}, {}, set()
	for event in events:
		key, action = event["object"], event["action"]
		if action == "user.added":
			users[key] = None
		elif action == "user.changed":
			users[key] = event["detail"]["after"]["email"]
		elif action == "user.deleted":
			del users[key]
		elif action == "client_application.added":
			applications[key] = set()
		elif action == "secret.added":
			applications[key].add(event["detail"]["name"])
		elif action == "secret.deleted":
			applications[key].remove(event["detail"]["name"])
		elif action == "department.added":
			departments.add(key)
		elif action == "department.deleted":
			departments.remove(key)
	return users, applications, departments


def found(store):
	"""What the directory is."""
	acme = d.partition_of(store.export("--partition", "ACME"))
	ours = lambda key: key.startswith("r") and "-w" in key
	users = {user["id"]: user.get("email") for user in acme["users"] if ours(user["id"])}
	applications = {one["client_id"]: {secret["label"] for secret in one.get("secrets", [])} for one in acme["client_applications"] if ours(one["client_id"])}
	departments = {one["name"] for one in acme.get("departments", []) if ours(one["name"])}
	return users, applications, departments


def events_of(site, token):
	"""All events of what was done, oldest first."""
	events, cursor = [], None
	while True:
		reply = requests.get(f"{site.url}/admin/v1/partitions/ACME/audit-events", headers={"Authorization": f"Bearer {token}"}, timeout=30,
		                     params={"result": "ok", "limit": 200, **({"cursor": cursor} if cursor else {})})
		assert reply.status_code == 200, reply.text
		events += reply.json()["items"]
		cursor = reply.json()["next"]
		if cursor is None:
			return events[::-1]


@pytest.mark.timeout(600)
def test_after_a_kill_every_acknowledged_change_has_its_event_and_every_event_its_change(tmp_path):
	"""Issue 6: the audit log stays consistent with the data through kill -9 under administrative load."""
	store = Store(tmp_path)
	store.apply(d.partial("ACME", users=[{"username": "first"}], client_applications=[admin_application(ROBOT)]))
	chance = random.Random(20261122)
	acknowledged, unknown = [], 0
	for round_ in range(ROUNDS):
		site = Site(store)
		token = automation_token(site, ROBOT, scope=APP)
		workers = [Worker(site, token, number, round_) for number in range(WORKERS)]
		with ThreadPoolExecutor(WORKERS) as pool:
			ends = [pool.submit(worker.work) for worker in workers]
			enough = chance.randrange(12, 40)
			try:
				while sum(len(worker.done) for worker in workers) < enough and not any(end.done() for end in ends):
					time.sleep(0.001)
				time.sleep(chance.random() * 0.05)
			finally:
				site.kill()
			for end in ends:
				end.result()
		acknowledged += [change for worker in workers for change in worker.done]
		unknown += sum(worker.open is not None for worker in workers)
	with Site(store) as site:
		events = events_of(site, automation_token(site, ROBOT, scope=APP))
		events = [event for event in events if event["action"] != "directory.applied"]
		told = {(event["request_id"], event["action"], event["object"]) for event in events}
		assert len(told) == len(events), "a change has one event"
		assert set(acknowledged) <= told, set(acknowledged) - told
		assert len(told) <= len(acknowledged) + unknown, "only what was on its way may be done without an answer"
		assert expected(events) == found(store)
	assert run("doctor", "--store", store.url).returncode == 0
	print(f"kill -9 under administrative load: {len(acknowledged)} changes acknowledged, {unknown} on their way, {len(told)} done")
