"""A14 for client secrets: guessing is slowed, and never locks the owner out for good (contract §6)."""

import time
import uuid

import pytest

from support import documents as d
from support.oauth import ask, granted, refused

GRANT = {"grant_type": "client_credentials", "scope": d.APP_READ}


def wrong(client, label="wrong"):
	return d.Client(client.id, d.secret_of(label))


def limited(reply):
	"""429, at once, in the same JSON; gives the seconds to wait."""
	assert reply.status_code == 429, f"{reply.status_code}: {reply.text}"
	assert reply.elapsed.total_seconds() < 2
	body = reply.json()
	assert set(body) == {"error", "error_description", "error_uri"}
	seconds = int(reply.headers["Retry-After"])
	assert seconds >= 1
	return seconds


def wait_out(seconds):
	"""The server's own clock decides; there is nothing to poll that would not count."""
	time.sleep(seconds + 0.1)


def test_five_failures_in_a_row_are_answered_and_from_the_sixth_on_it_takes_longer_each_time(store, serve):
	"""Contract §6: from the 6th in a row 429 with Retry-After, for 1, 2, 4 … 60 s; never a lasting lock."""
	running = serve(store)
	for number in range(5):
		refused(ask(running, wrong(d.WEB, f"guess{number}"), GRANT), "invalid_client", 401)
	waits = []
	for _ in range(3):
		reply = ask(running, wrong(d.WEB), GRANT)
		if reply.status_code == 401:  # the one that is judged once the wait is over
			reply = ask(running, wrong(d.WEB), GRANT)
		waits.append(limited(reply))
		wait_out(waits[-1])
	assert waits == [1, 2, 4]
	granted(ask(running, d.WEB, GRANT))
	for number in range(5):
		refused(ask(running, wrong(d.WEB, f"again{number}"), GRANT), "invalid_client", 401)
	assert limited(ask(running, wrong(d.WEB), GRANT)) == 1


def test_a_success_starts_the_row_anew(server):
	"""Contract §6: in a row."""
	for _ in range(4):
		for _ in range(4):
			refused(ask(server, wrong(d.SECOND), GRANT), "invalid_client", 401)
		granted(ask(server, d.SECOND, GRANT))


def test_guessing_at_one_application_hurts_no_other(server):
	"""A14; contract §6: account."""
	for _ in range(5):
		refused(ask(server, wrong(d.NARROW), GRANT), "invalid_client", 401)
	limited(ask(server, wrong(d.NARROW), GRANT))
	granted(ask(server, d.WEB, GRANT))
	refused(ask(server, wrong(d.BARE), GRANT), "invalid_client", 401)


def test_an_unknown_client_id_is_limited_like_a_known_one(server):
	"""Contract §6: unknown names alike; §3: no reply reveals which was wrong."""
	stranger = d.Client(str(uuid.uuid4()), d.secret_of("x"))
	for _ in range(5):
		refused(ask(server, stranger, GRANT), "invalid_client", 401)
	assert limited(ask(server, stranger, GRANT)) == 1
	granted(ask(server, d.WEB, GRANT))


def test_the_same_client_id_in_another_partition_is_another_account(store, serve):
	"""A7; contract §1."""
	running = serve(store)
	for _ in range(5):
		refused(ask(running, wrong(d.OTHER_WEB), GRANT, partition="ACME"), "invalid_client", 401)
	limited(ask(running, wrong(d.OTHER_WEB), GRANT, partition="ACME"))
	granted(ask(running, d.OTHER_WEB, GRANT, partition="OTHER"))


def test_only_wrong_secrets_are_failures(server):
	"""Contract §6: a wrong password or client secret (unknown names alike), nothing else."""
	for _ in range(8):
		refused(ask(server, d.ADMIN, {"grant_type": "client_credentials", "scope": "nonsense"}), "invalid_scope")
		refused(ask(server, d.ADMIN, {"grant_type": "nonsense"}), "unsupported_grant_type")
		refused(ask(server, d.ADMIN, {"grant_type": "password", "scope": d.OBO_READ, "subject_username": "nobody"}), "invalid_grant")
		refused(ask(server, d.SPA, GRANT), "unauthorized_client")
	granted(ask(server, d.ADMIN, GRANT))


def guess_at_many(running, count, forwarded=None):
	"""One wrong secret for each of many client ids: the last reply."""
	for number in range(count):
		headers = {"X-Forwarded-For": forwarded(number)} if forwarded else {}
		reply = ask(running, d.Client(str(uuid.uuid4()), d.secret_of("x")), GRANT, headers=headers)
		if reply.status_code == 429:
			return number, reply
		refused(reply, "invalid_client", 401)
	return count, reply


def test_an_address_has_a_hundred_failures_a_minute_whatever_it_says_of_itself(store, serve):
	"""Contract §6: address: 429 beyond 100 failures a minute; X-Forwarded-For counts only from trusted_proxies; A14."""
	running = serve(store)
	count, reply = guess_at_many(running, 130, forwarded=lambda number: f"203.0.113.{number}")
	limited(reply)
	assert 100 <= count <= 101


def test_behind_a_trusted_proxy_each_address_counts_for_itself(store, serve):
	"""Contract §6: the last entry of X-Forwarded-For that is not one of the configured trusted_proxies."""
	running = serve(store, config={"trusted_proxies": "127.0.0.1, 10.0.0.0/8"})
	count, reply = guess_at_many(running, 130, forwarded=lambda number: f"203.0.113.{number}, 198.51.100.7, 10.1.2.3")
	limited(reply)
	assert 100 <= count <= 101
	refused(ask(running, d.Client(str(uuid.uuid4()), d.secret_of("x")), GRANT, headers={"X-Forwarded-For": "198.51.100.7, 198.51.100.8"}), "invalid_client", 401)
	granted(ask(running, d.WEB, GRANT, headers={"X-Forwarded-For": "198.51.100.9"}))
	line = running.audit_of(reply.headers["X-Request-Id"])[0]
	assert line["address"] == "198.51.100.7"


def test_the_limits_are_configurable(store, serve):
	"""Contract §6: all configurable."""
	running = serve(store, config={"account_failures": 2, "address_failures": 5})
	for _ in range(2):
		refused(ask(running, wrong(d.WEB), GRANT), "invalid_client", 401)
	limited(ask(running, wrong(d.WEB), GRANT))
	count, reply = guess_at_many(running, 10)
	limited(reply)
	assert count == 2  # with the three from above: five in the minute
