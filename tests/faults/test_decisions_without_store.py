"""Failure closes (design section 3): store or keys gone while deciding is 503 within the time limit, never a 2xx; back: decisions again without a restart."""

import contextlib
import sqlite3
import threading
import time

import pytest

from support import documents as d
from support import gateway as g
from support.gateway import ARTICLE, Proxy, acting_token, allowed, application_token, refused_call
from support.oauth import revoke
from support.program import Store

LIMIT_S = 5  # a proxy gives up at some time; 503 comes long before


@contextlib.contextmanager
def opened(store):
	with contextlib.closing(sqlite3.connect(store.path, timeout=30, isolation_level=None)) as database:
		yield database


@contextlib.contextmanager
def without_table(store, name, change=None):
	"""As a store of which a part cannot be read any more. change: (kind, id), of which the feed tells."""
	with opened(store) as database:
		database.execute("BEGIN IMMEDIATE")
		tell(database, change)
		database.execute(f"ALTER TABLE {name} RENAME TO {name}_gone")
		database.execute("COMMIT")
	try:
		yield
	finally:
		with opened(store) as database:
			database.execute("BEGIN IMMEDIATE")
			database.execute(f"ALTER TABLE {name}_gone RENAME TO {name}")
			tell(database, change)
			database.execute("COMMIT")


def tell(database, change):
	if change is not None:
		database.execute("INSERT INTO change (partition, kind, id, at) VALUES ('ACME', ?, ?, ?)", [*change, int(time.time())])


@contextlib.contextmanager
def without_keys(store):
	with opened(store) as database:
		database.execute("BEGIN IMMEDIATE")
		kept = database.execute("SELECT kid, wrapped FROM signing_key WHERE partition = 'ACME'").fetchall()
		database.execute("UPDATE signing_key SET wrapped = zeroblob(length(wrapped)) WHERE partition = 'ACME'")
		tell(database, (5, ""))
		database.execute("COMMIT")
	try:
		yield
	finally:
		with opened(store) as database:
			database.execute("BEGIN IMMEDIATE")
			for kid, wrapped in kept:
				database.execute("UPDATE signing_key SET wrapped = ? WHERE partition = 'ACME' AND kid = ?", [wrapped, kid])
			tell(database, (5, ""))
			database.execute("COMMIT")


@pytest.fixture(scope="session")
def guarded_store(tmp_path_factory):
	store = Store(tmp_path_factory.mktemp("guarded"))
	store.apply(g.with_apis(d.directory(), g.api(g.OPERATIONS)))
	return store


@pytest.fixture
def guarded(guarded_store, tmp_path, serve):
	return serve(guarded_store.copy_to(tmp_path / "guarded"))


def until(proxy, status, token, at="check"):
	"""Asks until it is so; each answer within the limit, and nothing but yes and 503 on the way. What was asked later than
	20 ms after the beginning is answered by what is."""
	begun = time.monotonic()
	while True:
		sent = time.monotonic()
		answer = proxy.ask("GET", ARTICLE, token, at=at)
		assert time.monotonic() - sent < LIMIT_S and answer.status in (204, 503), answer
		if answer.status == status:
			return answer
		assert sent - begun <= (0.02 if status == 503 else LIMIT_S), (answer.status, sent - begun)


def decides_never_2xx(proxy, *tokens):
	for token in tokens:
		for at in ("check", "refusal"):
			for path in (ARTICLE, "/nowhere"):
				answer = proxy.ask("GET", path, token, at=at)
				refused_call(answer, 503, "unavailable")
				assert int(answer.header("Retry-After")) >= 1


FAULTS = {
	"what was changed cannot be read": lambda store: without_table(store, "change"),
	"the keys do not open": without_keys,
	"there are no keys": lambda store: without_table(store, "signing_key", (5, "")),
	"the partition cannot be read": lambda store: without_table(store, "partition", (1, "ACME")),
	"the applications cannot be read": lambda store: without_table(store, "application", (4, "")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_without_store_or_keys_nothing_is_allowed_and_with_them_it_is_again(guarded, fault):
	"""For a remembered token and a new one."""
	remembered, new = application_token(guarded), application_token(guarded)
	with Proxy(guarded) as proxy:
		allowed(proxy.ask("GET", ARTICLE, remembered))
		with FAULTS[fault](guarded.store):
			until(proxy, 503, remembered)
			decides_never_2xx(proxy, remembered, new)
		until(proxy, 204, remembered)
		allowed(proxy.ask("GET", ARTICLE, new))


def test_a_catalogue_that_cannot_be_read_closes_its_partition(guarded):
	token = application_token(guarded)
	with Proxy(guarded) as proxy:
		allowed(proxy.ask("GET", ARTICLE, token))
		with without_table(guarded.store, "api_operation", (7, "k")):
			until(proxy, 503, token)
			decides_never_2xx(proxy, token)
		until(proxy, 204, token)


def test_people_who_cannot_be_read_have_no_access(guarded):
	token, of_client = acting_token(guarded), application_token(guarded)
	with Proxy(guarded) as proxy:
		allowed(proxy.ask("GET", ARTICLE, token))
		with without_table(guarded.store, "person", (3, "")):
			until(proxy, 503, token)
			decides_never_2xx(proxy, token)
			allowed(proxy.ask("GET", ARTICLE, of_client))
		until(proxy, 204, token)


def test_what_was_revoked_while_nothing_could_be_read_stays_refused(guarded):
	token, other = application_token(guarded), application_token(guarded)
	with Proxy(guarded) as proxy:
		allowed(proxy.ask("GET", ARTICLE, token))
		assert revoke(guarded, d.WEB, token).status_code == 200
		with without_table(guarded.store, "change"):
			until(proxy, 503, other)
			assert proxy.ask("GET", ARTICLE, token).status in (401, 503)
		until(proxy, 204, other)
		refused_call(proxy.ask("GET", ARTICLE, token), 401, "call-token")


def test_many_proxies_at_once_are_told_the_same_while_the_store_comes_and_goes(guarded):
	"""Every answer of a time in which the fault was there throughout is 503."""
	tokens = [application_token(guarded) for _ in range(4)]
	stop, faults, answers = threading.Event(), [], []

	def ask_on(token):
		with Proxy(guarded) as proxy:
			while not stop.is_set():
				sent = time.monotonic()
				status = proxy.ask("GET", ARTICLE, token).status
				answers.append((sent, time.monotonic(), status))

	askers = [threading.Thread(target=ask_on, args=[token]) for token in tokens]
	for asker in askers:
		asker.start()
	try:
		for _ in range(3):
			with FAULTS["what was changed cannot be read"](guarded.store):
				begun = time.monotonic()
				while sum(sent >= begun + 0.02 for sent, _, _ in list(answers)) < 20:
					assert time.monotonic() - begun < 30, "nobody is answered"
					stop.wait(0.01)
				faults.append((begun, time.monotonic()))
			with Proxy(guarded) as proxy:
				until(proxy, 204, tokens[0])
	finally:
		stop.set()
		for asker in askers:
			asker.join()
	assert {status for _, _, status in answers} == {204, 503}
	late = [status for sent, ended, status in answers for begun, over in faults if begun + 0.02 <= sent and ended <= over]
	assert late and set(late) == {503}
