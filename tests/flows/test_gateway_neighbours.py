"""One partition with a large catalogue beside a small one: what the large one costs, the small one does not wait for."""

import contextlib
import sqlite3
import threading
import time

from support import documents as d
from support import gateway as g
from support.gateway import ARTICLE, Proxy, allowed, application_token

MANY = 5000
CONNECTIONS = 8  # more than workers that read catalogues
ROUNDS = 3


def changed(store, partition):
	"""As if the partition's API had been applied anew: its catalogue is to be read again."""
	with contextlib.closing(sqlite3.connect(store.path, timeout=30)) as database, database:
		database.execute("INSERT INTO change (partition, kind, id, at) VALUES (?, 7, 'k', ?)", [partition, int(time.time())])


def test_who_waits_for_a_large_catalogue_keeps_no_worker_from_a_small_one(own_guarded):
	"""Each decision on the small one has its catalogue read anew, while more calls wait for the large one than there are workers."""
	store = own_guarded.store
	large = {("GET", f"/large{number}/{{id}}"): [("client", [d.APP_READ])] for number in range(MANY)}
	store.apply({"partitions": [{"id": "OTHER", "apis": [g.api({**large, ("GET", "/articles/{id}"): [("client", [d.APP_READ])]})]}]})
	of_large, of_small = application_token(own_guarded, d.APP_READ, d.OTHER_WEB, partition="OTHER"), application_token(own_guarded)
	begin, took = threading.Barrier(CONNECTIONS + 1), []

	def ask_large():
		with Proxy(own_guarded) as proxy:
			for _ in range(ROUNDS):
				begin.wait(60)
				sent = time.monotonic()
				allowed(proxy.ask("GET", ARTICLE, of_large))
				took.append((sent, time.monotonic()))

	askers = [threading.Thread(target=ask_large) for _ in range(CONNECTIONS)]
	for asker in askers:
		asker.start()
	small = []
	with Proxy(own_guarded) as proxy:
		allowed(proxy.ask("GET", ARTICLE, of_small))
		for number in range(ROUNDS):
			changed(store, "OTHER")
			changed(store, "ACME")
			begin.wait(60)
			while len(took) < CONNECTIONS * (number + 1) and any(asker.is_alive() for asker in askers):
				sent = time.monotonic()
				allowed(proxy.ask("GET", ARTICLE, of_small))
				small.append((sent, time.monotonic()))
				changed(store, "ACME")
	for asker in askers:
		asker.join()
	assert len(took) == CONNECTIONS * ROUNDS
	slowest = max(ended - sent for sent, ended in took)
	waited = sorted(ended - sent for sent, ended in small)
	# all but one: a busy machine may hold up that one, and it waited for no catalogue
	assert len(waited) > ROUNDS and waited[-2] < slowest / 4, (slowest, waited[-5:])
