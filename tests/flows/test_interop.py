"""What make interop does where something is missing, and what it counts. The clients themselves are tried by it, not here."""

import subprocess
import sys

from support.program import ROOT, environment, find_binary

MATRIX = ROOT / "tests" / "interop" / "matrix.py"


def interop(*words, path):
	return subprocess.run([sys.executable, MATRIX, *words], capture_output=True, text=True, timeout=60, env=environment({"PATH": str(path), "WRIT_BINARY": find_binary()}))


def test_a_client_that_needs_what_is_missing_is_left_out_with_a_word_and_counts_for_nothing(tmp_path):
	done = interop("passport-oauth2", "oidc-client-ts", "HtmlUnit", "curl", path=tmp_path)
	assert "skipped: passport-oauth2 (npm), which needs Node 20 or newer" in done.stdout
	assert "Chromium" in done.stdout.split("skipped: oidc-client-ts (npm)")[1]
	assert "skipped: HtmlUnit (Maven), which needs a JDK and Maven" in done.stdout and "skipped: curl, nginx (Debian), which needs curl" in done.stdout
	assert done.stdout.endswith("\n0 passed, 0 failed\n") and done.returncode == 1, done.stderr


def test_a_cell_that_failed_or_was_not_reached_counts_as_failed_and_one_that_a_library_lacks_not_at_all():
	sys.path.append(str(MATRIX.parent))
	import matrix
	client = next(client for client in matrix.CLIENTS if "discovery" in client.lacks and "refresh" not in client.lacks)
	had = len(matrix.Row.COLUMNS) - len(client.lacks)
	assert matrix.count([(client, "web", "user", {})]) == (had, 0)
	assert matrix.count([(client, "web", "user", {"sign-in": "it should work", "refresh": None})]) == (had - 2, 2)
	assert "FAILED" in (line := list(matrix.table([(client, "web", "user", {"sign-in": "it should work", "refresh": None})]))[1]) and "?" in line
