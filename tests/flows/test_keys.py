"""Signing keys: contract §4 and `writ keys` of §9."""

import time

from support import documents as d
from support.oauth import client_credentials, granted, key_set, verified
from support.program import run

import jwt


def token(server, client=d.WEB, **keywords):
	return granted(client_credentials(server, client, d.APP_READ, **keywords))["access_token"]


def ids(keys, algorithm="ES256"):
	return [key["kid"] for key in keys["keys"] if key["alg"] == algorithm]


def test_the_key_set_shows_the_signing_key_first_and_the_next_one_beside_it(server):
	"""Contract §4: published before use; key_ring.h: active, next, retired."""
	for algorithm in ("ES256", "RS256"):
		assert len(ids(key_set(server), algorithm)) == 2
	assert jwt.get_unverified_header(token(server))["kid"] == ids(key_set(server))[0]


def test_after_a_rotation_the_next_key_signs_and_old_tokens_stay_verifiable(store, serve):
	"""Contract §4: kept published until the last token signed with them has expired."""
	running = serve(store)
	before, old_token = key_set(running), token(running)
	active, following = ids(before)
	run("keys", "rotate", "--store", store.url)
	after, new_token = key_set(running), token(running)
	assert jwt.get_unverified_header(new_token)["kid"] == following
	assert ids(after)[0] == following and ids(after)[-1] == active and len(ids(after)) == 3
	assert ids(after)[1] not in ids(before)
	for text in (old_token, new_token):
		assert verified(running, text, keys=after)["sub"] == d.WEB.id


def test_a_token_signed_by_the_next_key_was_verifiable_with_the_key_set_from_before(store, serve):
	"""Contract §4: published before use: a client application that cached the set sees no unknown key."""
	running = serve(store)
	cached = key_set(running)
	run("keys", "rotate", "--store", store.url)
	assert verified(running, token(running), keys=cached)["sub"] == d.WEB.id


def test_many_rotations_leave_every_token_verifiable(store, serve):
	"""Issue 2, Must show."""
	running = serve(store)
	tokens = [token(running)]
	for _ in range(4):
		run("keys", "rotate", "--store", store.url, "--partition", "ACME", "--algorithm", "ES256")
		tokens.append(token(running))
	keys = key_set(running)
	assert len({jwt.get_unverified_header(text)["kid"] for text in tokens}) == 5
	for text in tokens:
		verified(running, text, keys=keys)


def test_rotation_covers_rs256_partitions(store, serve):
	"""Contract §4."""
	running = serve(store)
	old = token(running, d.RSA_WEB, partition="RSA_1")
	run("keys", "rotate", "--store", store.url)
	new = token(running, d.RSA_WEB, partition="RSA_1")
	assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]
	for text in (old, new):
		verified(running, text, "RSA_1", algorithm="RS256")


def test_the_listing_names_every_key_with_its_state_and_no_private_part(store, serve):
	"""Contract §9: writ keys list."""
	run("keys", "rotate", "--store", store.url)
	running = serve(store)
	listing = run("keys", "list", "--store", store.url).stdout
	for partition in ("ACME", "OTHER", "RSA_1"):
		for key in key_set(running, partition)["keys"]:
			assert key["kid"] in listing
	for state in ("active", "next", "retired"):
		assert state in listing
	assert "PRIVATE" not in listing and '"d"' not in listing


def test_keys_are_encrypted_in_the_store(store):
	"""Contract §4: encrypted at rest under a master key."""
	data = b"".join(file.read_bytes() for file in store.folder.glob("writ.db*"))
	for mark in (b"PRIVATE KEY", b'"d":', b"BEGIN "):
		assert mark not in data


def test_an_old_key_is_published_at_least_as_long_as_its_last_token_lives(store, serve):
	"""Contract §4; the longest token of the directory lives 3600 s."""
	run("keys", "rotate", "--store", store.url)
	import sqlite3
	connection = sqlite3.connect(f"file:{store.path}?mode=ro", uri=True)
	tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%key%'")]
	limits = [row[0] for table in tables for row in connection.execute(f"SELECT published_until FROM {table} WHERE published_until > 0")]
	connection.close()
	assert limits and min(limits) >= time.time() + 3590
