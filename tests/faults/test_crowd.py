"""Ten thousand idle connections and a hundred slow senders: people still sign in, and memory stays bounded (issue 3, Must show)."""

import re
import resource
import time

import pytest

from support.browser import Browser
from support.crowd import Gathered, files_allowed
from support.people import SPA, WEB, Site, new_tokens, people_directory, userinfo
from support.program import Store, get

IDLE, SLOW = 10_000, 100
# What a connection may cost: its pool (LIMIT_CONNECTION_POOL, 24 KiB), and what the library, the allocator and the sanitizer put beside it.
CONNECTION_KIB_MAX = 40
# Freed memory that the address sanitizer holds back is not the server's.
SANITIZER = {"ASAN_OPTIONS": "quarantine_size_mb=16"}
SIGN_IN_S_MAX = 10


def metric(site, name):
	return float(re.search(rf"^writ_{name} (\S+)$", get(site.management_url + "/metrics").text, re.M).group(1))


def resident_kib(site):
	with open(f"/proc/{site.process.pid}/status") as status:
		return int(re.search(r"^VmRSS:\s+(\d+) kB", status.read(), re.M).group(1))


def wait_for_crowd(site):
	"""The last ones may still wait to be accepted."""
	deadline = time.monotonic() + 20
	while metric(site, "connections") < IDLE:
		assert time.monotonic() < deadline, f"{metric(site, 'connections'):.0f} connections"
		time.sleep(0.05)


def sign_in_once(site, application, realm="U"):
	"""A stranger's whole way: authorize, password, code, tokens, userinfo. Seconds."""
	started, person = time.monotonic(), site.stranger(realm)
	tokens = new_tokens(site, application, person, browser=Browser(site))
	assert userinfo(site, tokens["access_token"], realm).json()["sub"] == person.id
	return time.monotonic() - started


@pytest.mark.timeout(300)
def test_people_sign_in_through_a_crowd_of_idle_connections_and_slow_senders(tmp_path):
	if files_allowed() != resource.RLIM_INFINITY and files_allowed() < IDLE + SLOW + 500:
		pytest.skip(f"a process here may have {files_allowed()} open files")
	store = Store(tmp_path / "crowd")
	store.apply(people_directory())
	with Site(store, env=SANITIZER) as site:
		alone = sign_in_once(site, WEB)
		before, peaks, times = resident_kib(site), [], []
		for _ in range(2):
			with Gathered(site, IDLE, SLOW):
				wait_for_crowd(site)
				times += [sign_in_once(site, WEB), sign_in_once(site, SPA), sign_in_once(site, WEB, "C")]
				wait_for_crowd(site)
				peaks.append(resident_kib(site))
		print(f"a sign-in takes {alone:.2f} s alone, {max(times):.2f} s in the crowd; resident {before // 1024} MiB before, "
		      f"{' and '.join(str(peak // 1024) for peak in peaks)} MiB in it")
		assert max(times) < SIGN_IN_S_MAX
		assert max(peaks) - before < (IDLE + SLOW) * CONNECTION_KIB_MAX
		assert peaks[1] - before < (peaks[0] - before) * 1.5 + 16 * 1024, "a second crowd costs more than the first"
		assert sign_in_once(site, WEB) < SIGN_IN_S_MAX
