"""The console's files at /console/, as they came out of its build; and what a server says that was built without it."""

import gzip
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
from urllib.parse import urljoin, urlsplit

import pytest

from support.program import ROOT, get, request

EMBED = ROOT / "scripts" / "embed_console.py"
SCRIPT = ROOT / "scripts" / "console"


@pytest.fixture(scope="module")
def has_console(people_store, tmp_path_factory):
	from support.people import Site
	with Site(people_store.copy_to(tmp_path_factory.mktemp("look"))) as site:
		return get(site.url + "/console/").status_code == 200


@pytest.fixture
def console(site, has_console):
	"""The address of the console of a binary that has one."""
	if not has_console:
		pytest.skip("this binary was built without the console: make console says what it takes")
	return site.url + "/console/"


@pytest.fixture
def no_console(site, has_console):
	if has_console:
		pytest.skip("this binary was built with the console")
	return site.url + "/console/"


def raw(url, **headers):
	"""A reply whose body is as it was sent."""
	reply = request("GET", url, headers={"Accept-Encoding": "identity", **headers}, stream=True)
	reply.sent = reply.raw.read(decode_content=False)
	return reply


def policy_of(reply):
	return dict(part.strip().partition(" ")[::2] for part in reply.headers["Content-Security-Policy"].split(";"))


def scripts_of(console):
	sources = re.findall(r'<script[^>]* src="([^"]+)"', get(console).text)
	assert sources, "index.html names no script"
	return [urljoin(console, source) for source in sources]


def test_the_first_page_is_asked_for_each_time(console):
	reply = get(console)
	assert reply.headers["Content-Type"] == "text/html; charset=utf-8" and reply.headers["Cache-Control"] == "no-cache"
	assert request("GET", console, headers={"If-None-Match": reply.headers["ETag"]}).status_code == 304


def test_what_the_first_page_names_is_there_and_kept_for_good(console):
	for url in scripts_of(console):
		reply = get(url)
		assert reply.status_code == 200 and reply.headers["Content-Type"] == "text/javascript; charset=utf-8", url
		assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_everything_is_sent_packed_to_who_can_unpack_it(console):
	for url in [console, *scripts_of(console)]:
		plain, packed = raw(url), raw(url, **{"Accept-Encoding": "gzip"})
		assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
		assert gzip.decompress(packed.sent) == plain.sent and len(packed.sent) < len(plain.sent)
		assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
		assert plain.headers["ETag"] != packed.headers["ETag"]


@pytest.mark.parametrize("path", ["ACME", "ACME/client-applications/0000-1111", "ACME/permissions/app.knowledge.portalmgr.read", "callback?code=x&state=y", "?partition=ACME"])
def test_an_address_inside_of_the_console_is_the_console(console, path):
	assert get(console + path).text == get(console).text


@pytest.mark.parametrize("path", ["assets/gone-00000000.js", "robots.txt", "index.html.map", "assets/../index.html", "..%2e"])
def test_a_file_that_is_not_there_is_not_found(console, path):
	reply = asked_as_it_stands(console, path)
	assert reply.startswith(b"HTTP/1.1 404 "), reply[:300]


def asked_as_it_stands(console, path):
	"""What client libraries do to dots is not done."""
	parts = urlsplit(console)
	with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
		connection.sendall(f"GET {parts.path}{path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
		received = b""
		while chunk := connection.recv(65536):
			received += chunk
	return received


def test_no_script_of_others_runs_and_nobody_frames_it(console):
	for path in ("", "ACME/users", "index.html"):
		reply = get(console + path)
		policy = policy_of(reply)
		assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'" and policy["connect-src"] == "'self'"
		assert policy["frame-ancestors"] == policy["base-uri"] == "'none'" and policy["form-action"] == policy["frame-src"] == "'self'"
		assert reply.headers["X-Frame-Options"] == "DENY"


def test_the_answer_of_a_silent_renewal_may_stand_in_a_frame_of_its_own_site(console):
	reply = get(console + "callback?error=login_required&state=x")
	assert policy_of(reply)["frame-ancestors"] == "'self'" and reply.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_a_server_without_the_console_says_so_and_how_to_get_one(no_console):
	reply = get(no_console)
	assert reply.status_code == 404 and "console-left-out" in reply.text and "Node.js 20" in reply.text
	assert get(no_console + "assets/x.js").status_code == 404


# ---- whatever was built in


def test_without_the_slash_one_is_led_in(site):
	reply = request("GET", site.url + "/console?partition=ACME", allow_redirects=False)
	assert reply.status_code == 308 and reply.headers["Location"] == "/console/?partition=ACME"


def test_only_get_is_taken(site):
	reply = request("POST", site.url + "/console/", data="x=1")
	assert reply.status_code == 405 and set(reply.headers["Allow"].replace(" ", "").split(",")) >= {"GET", "HEAD"}


def test_head_says_what_get_says(site):
	url = site.url + "/console/configuration.json"
	head, whole = request("HEAD", url), get(url)
	assert head.status_code == 200 and head.content == b"" and head.headers["Content-Length"] == whole.headers["Content-Length"]


# ---- the build


@pytest.fixture
def dist(tmp_path):
	folder = tmp_path / "dist"
	(folder / "assets").mkdir(parents=True)
	(folder / "index.html").write_text("<!doctype html>\n" + "<p>What? \"This\"??/</p>\\\n" * 20)
	(folder / "assets" / "index-AbCd_f12.js").write_bytes(bytes(range(256)) * 3)
	(folder / "assets" / "index-AbCd_f12.js.map").write_text("{}")
	(folder / "empty.txt").write_text("")
	return folder


def embed(folder, target):
	return subprocess.run([sys.executable, str(EMBED), str(folder), str(target)], capture_output=True, text=True)


PRINT = r"""
#include "server/console_files.h"
#include <stdio.h>
int main(int argc, char **argv)
{
	for (size_t i = 0; i < console_file_count; i++) {
		const struct console_file *file = &console_files[i];
		printf("%.*s|%.*s|%d|%zu|%zu\n", SLICE_ARGS(file->name), SLICE_ARGS(file->content_type), file->immutable, file->bytes.len, file->gzip.len);
		for (int gzip = 0; gzip < 2; gzip++) {
			char name[4096];
			snprintf(name, sizeof name, "%s/%zu.%d", argv[argc - 1], i, gzip);
			FILE *out = fopen(name, "wb");
			struct slice bytes = gzip ? file->gzip : file->bytes;
			fwrite(bytes.len > 0 ? bytes.ptr : "", 1, bytes.len, out);
			fclose(out);
		}
	}
	return 0;
}
"""


def built_in(source, tmp_path):
	"""Compiles what embed_console.py made, with every warning an error, and gives the rows with their bytes."""
	if shutil.which("cc") is None:
		pytest.skip("there is no C compiler")
	out = tmp_path / "out"
	out.mkdir(exist_ok=True)
	(tmp_path / "print.c").write_text(PRINT)
	subprocess.run(["cc", "-std=gnu17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{ROOT / 'src'}", str(source), str(tmp_path / "print.c"), "-o", str(tmp_path / "print")], check=True)
	rows = subprocess.run([str(tmp_path / "print"), str(out)], check=True, capture_output=True, text=True).stdout.splitlines()
	return {row.split("|")[0]: (row.split("|"), (out / f"{i}.0").read_bytes(), (out / f"{i}.1").read_bytes()) for i, row in enumerate(rows)}


def test_what_is_embedded_is_what_was_built_byte_for_byte(dist, tmp_path):
	source = tmp_path / "console_files.c"
	assert embed(dist, source).returncode == 0
	files = built_in(source, tmp_path)
	assert list(files) == ["assets/index-AbCd_f12.js", "empty.txt", "index.html"]
	for name, (row, plain, packed) in files.items():
		assert plain == (dist / name).read_bytes()
		assert packed == b"" or (gzip.decompress(packed) == plain and len(packed) < len(plain))
		assert row[2] == ("1" if name.startswith("assets/") else "0")
	assert files["index.html"][2], "a text that repeats itself is shorter packed"


def test_a_changed_console_is_embedded_anew_and_an_unchanged_one_not(dist, tmp_path):
	source = tmp_path / "console_files.c"
	embed(dist, source)
	os.utime(source, (1, 1))
	embed(dist, source)
	assert source.stat().st_mtime == 1
	(dist / "favicon.svg").write_text("<svg/>")
	embed(dist, source)
	assert source.stat().st_mtime > 1 and "favicon.svg" in source.read_text()


def test_without_a_first_page_nothing_is_embedded(tmp_path):
	source = tmp_path / "console_files.c"
	(tmp_path / "dist").mkdir()
	(tmp_path / "dist" / "x.js").write_text("x")
	assert embed(tmp_path / "dist", source).returncode == 0 and embed(tmp_path / "nowhere", tmp_path / "other.c").returncode == 0
	assert source.read_text() == (tmp_path / "other.c").read_text()
	assert built_in(source, tmp_path) == {}


def test_a_file_whose_type_is_unknown_stops_the_build(dist, tmp_path):
	(dist / "odd.exe").write_text("x")
	done = embed(dist, tmp_path / "console_files.c")
	assert done.returncode == 1 and "odd.exe" in done.stderr and not (tmp_path / "console_files.c").exists()


@pytest.fixture
def source_tree(tmp_path):
	"""A copy of scripts/console beside a console that anything called npm can build."""
	tree = tmp_path / "tree"
	for folder in ("scripts", "src/admin", "console/src", "bin"):
		(tree / folder).mkdir(parents=True)
	shutil.copy2(SCRIPT, tree / "scripts" / "console")
	(tree / "src" / "admin" / "openapi.json").write_text("{}")
	for name in ("package.json", "package-lock.json", "src/main.ts"):
		(tree / "console" / name).write_text("{}")
	program(tree, "npm", 'echo "npm $*" >>"$CALLS"; case $1 in ci) exit ${CI_FAILS:-0} ;; run) mkdir -p dist && echo built >dist/index.html; exit ${BUILD_FAILS:-0} ;; esac')
	program(tree, "node", "echo v20.19.0")
	return tree


def program(tree, name, text):
	path = tree / "bin" / name
	path.write_text(f"#!/bin/bash\n{text}\n")
	path.chmod(0o755)


def run_console(tree, *arguments, **more):
	calls = tree / "calls"
	calls.write_text("")
	# Tools that every system has stand in these two; node and npm come from bin/ alone.
	done = subprocess.run(["bash", str(tree / "scripts" / "console"), *arguments], capture_output=True, text=True,
	                      env={"PATH": f"{tree / 'bin'}:{pathlib.Path('/usr/bin')}:/bin", "CALLS": str(calls), **more})
	return done, calls.read_text().splitlines()


def later(path):
	os.utime(path, (2 ** 31, 2 ** 31))


def test_the_console_is_built_when_its_sources_are_newer(source_tree):
	done, calls = run_console(source_tree)
	assert done.returncode == 0 and [call.split()[1] for call in calls] == ["ci", "run"], done.stderr
	later(source_tree / "console" / "dist" / "index.html")
	assert run_console(source_tree)[1] == []
	os.utime(source_tree / "console" / "dist" / "index.html", (1, 1))
	assert [call.split()[1] for call in run_console(source_tree)[1]] == ["run"]


def test_the_document_of_the_admin_api_is_one_of_its_sources(source_tree):
	run_console(source_tree)
	later(source_tree / "src" / "admin" / "openapi.json")
	assert len(run_console(source_tree)[1]) == 1


@pytest.mark.parametrize("version", ["v18.19.0", "v20.9.1", "v20.18.9", "nonsense"])
def test_without_a_node_that_is_new_enough_the_server_is_built_without_it(source_tree, version):
	program(source_tree, "node", f"echo {version}")
	done, calls = run_console(source_tree)
	assert done.returncode == 0 and calls == [] and "20.19" in done.stderr and "without its Administration Console" in done.stderr
	assert run_console(source_tree, "required")[0].returncode == 1


@pytest.mark.parametrize("version", ["v20.19.0", "v21.0.0", "v22.1.3"])
def test_newer_nodes_are_taken(source_tree, version):
	program(source_tree, "node", f"echo {version}")
	assert run_console(source_tree, "required")[0].returncode == 0


def test_one_that_was_built_elsewhere_stays(source_tree):
	run_console(source_tree)
	later(source_tree / "console" / "src" / "main.ts")
	program(source_tree, "node", "exit 127")
	done, _ = run_console(source_tree)
	assert done.returncode == 0 and "used as it is" in done.stderr
	assert (source_tree / "console" / "dist" / "index.html").exists()


def test_packages_that_cannot_be_had_leave_it_out(source_tree):
	done, calls = run_console(source_tree, CI_FAILS="1")
	assert done.returncode == 0 and len(calls) == 1 and "npm ci failed" in done.stderr
	assert run_console(source_tree, "required", CI_FAILS="1")[0].returncode == 1


def test_sources_that_do_not_build_stop_the_build(source_tree):
	done, _ = run_console(source_tree, BUILD_FAILS="1")
	assert done.returncode == 1 and not (source_tree / "console" / "dist").exists()
