"""A full disk (A16): others are still served, nothing is corrupted, and nothing is acknowledged that was not written."""

import os
import subprocess

import pytest

from support import documents as d
from support.oauth import client_credentials, granted, introspect, revoke
from support.program import run, write_document


@pytest.fixture
def small_disk(tmp_path):
	"""A file system of its own with hardly any room; only root may mount one."""
	folder = tmp_path / "disk"
	folder.mkdir()
	if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1536k", "none", str(folder)], capture_output=True).returncode != 0:
		pytest.skip("a small file system cannot be mounted here")
	yield folder
	subprocess.run(["umount", "-l", str(folder)], check=True)


def test_on_a_full_disk_tokens_go_on_and_nothing_is_acknowledged_that_was_not_written(store, small_disk, serve):
	"""A16: a full disk; design §2: a failed commit is 503 for every job in it."""
	small = store.copy_to(small_disk / "store")
	running = serve(small)
	tokens = [granted(client_credentials(running, d.WEB, d.APP_READ))["access_token"] for _ in range(40)]
	assert revoke(running, d.WEB, tokens[0]).status_code == 200
	filler = open(small_disk / "filler", "wb", buffering=0)
	try:
		while True:
			filler.write(b"x" * 4096)
	except OSError:
		pass
	statuses = {}
	for token in tokens[1:]:
		statuses[token] = revoke(running, d.WEB, token).status_code
	assert set(statuses.values()) <= {200, 503} and 503 in statuses.values(), set(statuses.values())
	granted(client_credentials(running, d.WEB, d.APP_READ))
	many = write_document(store.folder / "many.yaml", d.partial(users=[{"id": f"full{number}", "username": f"full{number}"} for number in range(500)]))
	done = run("apply", "-f", many, "--store", small.url, check=False)
	assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1, done.stderr
	filler.close()
	os.unlink(small_disk / "filler")
	assert revoke(running, d.WEB, tokens[-1]).status_code == 200
	for token, status in statuses.items():
		if status == 200:
			assert introspect(running, d.WEB, token) == {"active": False}
	running.kill()
	again = serve(small)
	assert introspect(again, d.WEB, tokens[0]) == {"active": False}
	for token, status in statuses.items():
		if status == 200:
			assert introspect(again, d.WEB, token) == {"active": False}
	run("doctor", "--store", small.url)
