"""`apply` streams: its memory does not grow with the document (issue 2, Deliver 7)."""

import os
import subprocess
import time

import pytest

from support.program import environment, find_binary, run

FEW, MANY = 1000, int(os.environ.get("WRIT_APPLY_PEOPLE", "20000"))
GROWTH_MAX_KIB = (16 if MANY <= 20000 else 56) * 1024  # the caches of the staging area and of the store fill up, to 48 MiB together


def document(path, people):
	"""A document of that many users, written as it goes."""
	with open(path, "w") as out:
		out.write("partitions:\n  - id: ACME\n    users:\n")
		for number in range(people):
			out.write(f'      - {{id: "p{number}", username: "person{number}", email: "person{number}@example.com", claims: {{name: "Person {number}"}}}}\n')
	return path


def resident_peak_kib(store, path):
	"""Applies it and gives the most memory of its own that was seen; pages of the mapped store belong to the system."""
	process = subprocess.Popen([find_binary(), "apply", "-f", str(path), "--store", store.url], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
	                           env=environment({"ASAN_OPTIONS": "quarantine_size_mb=1:malloc_context_size=0"}))
	peak = 0
	while process.poll() is None:
		try:
			with open(f"/proc/{process.pid}/status") as status:
				peak = max([peak, *(int(line.split()[1]) for line in status if line.startswith("RssAnon"))])
		except OSError:
			pass  # it ended between the two
		time.sleep(0.002)
	said = process.stderr.read()
	assert process.returncode == 0, said
	assert peak > 0
	return peak


@pytest.mark.timeout(300)
def test_an_apply_of_many_people_needs_hardly_more_memory_than_one_of_few(store):
	"""Issue 2, Deliver 7: a document of a million users imports in bounded memory."""
	few = resident_peak_kib(store, document(store.folder / "few.yaml", FEW))
	many = resident_peak_kib(store, document(store.folder / "many.yaml", MANY))
	print(f"{FEW} people: {few} KiB, {MANY} people: {many} KiB")
	assert many - few < GROWTH_MAX_KIB
	exported = run("export", "--store", store.url, "--partition", "ACME").stdout
	assert exported.count('"p') >= MANY and f"person{MANY - 1}" in exported
