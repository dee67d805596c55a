"""Running it: bad configuration, health, drain, reload, backup, doctor, demo."""

import hashlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time

import pytest

from support import documents as d
from support.oauth import ask, client_credentials, granted, introspect, refused, revoke
from support.program import Server, Store, environment, find_binary, get, run, write_document
from support.wire import Wire, token_request

GRANT = {"grant_type": "client_credentials", "scope": d.APP_READ}
GOOD = {**GRANT, "client_id": d.WEB.id, "client_secret": d.WEB.secret}


def fingerprint(folder):
	"""Names and contents of all files below."""
	return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "" for path in sorted(folder.rglob("*"))}


def fails_to_serve(*options, env=None, cwd=None, timeout=20):
	"""`writ serve` must end by itself: exit 1 and one line that says what to do."""
	done = subprocess.run([find_binary(), "serve", *map(str, options)], capture_output=True, text=True, env=environment(env), cwd=cwd, timeout=timeout)
	assert done.returncode == 1, f"exit {done.returncode}: {done.stdout}{done.stderr}"
	lines = [line for line in done.stderr.splitlines() if line.strip()]
	assert len(lines) == 1, done.stderr
	return lines[0]


LISTEN = ("--listen", "127.0.0.1:0", "--management-listen", "127.0.0.1:0")


@pytest.mark.parametrize("text,words", [
	("lisen: 127.0.0.1:8080\n", "lisen.*listen"),
	("management_listen: 127.0.0.1:9080\nno_such_key: 1\n", r":2.*no_such_key"),
	("log_level: loud\n", "log.level.*(info|debug)"),
	("workers: many\n", "workers"),
	("workers: 0\n", "workers"),
	("trusted_proxies: 300.1.2.3\n", "300"),
	("auth_url: ftp://x\n", "auth.url"),
	("listen: nonsense\n", "listen"),
	("listen: 127.0.0.1:99999\n", "listen"),
	("- a\n", ""),
	("listen: [\n", ""),
	("workers: 2\nworkers: 2\n", "workers"),
])
def test_a_bad_configuration_file_is_one_line_and_changes_nothing(store, text, words):
	"""Issue 2, Must show: bad configuration, an unknown key."""
	config = write_document(store.folder / "config.yaml", text)
	before = fingerprint(store.folder)
	options = ("--config", config, "--store", store.url)
	if "listen" not in text.replace("management_listen", ""):
		options += LISTEN
	line = fails_to_serve(*options)
	assert re.search(words, line), line
	assert fingerprint(store.folder) == before


@pytest.mark.parametrize("options,env,words", [
	(("--store", "mysql://x"), None, "sqlite"),
	(("--store", "postgresql://x/y"), None, "sqlite|postgresql"),
	(("--config", "/no/such/file.yaml"), None, "/no/such/file.yaml"),
	(("--auth-url", "not a url"), None, "auth-url"),
	(("--log-level", "loud"), None, "log-level"),
	((), {"WRIT_WORKERS": "0"}, "workers"),
	((), {"WRIT_TRUSTED_PROXIES": "example.com"}, "example.com"),
])
def test_a_bad_option_is_one_line_and_makes_no_file(tmp_path, options, env, words):
	"""Issue 2, Must show; contract §9: flags over WRIT_* environment."""
	line = fails_to_serve(*LISTEN, *options, env=env, cwd=tmp_path)
	assert re.search(words, line), line
	assert fingerprint(tmp_path) == {}


def test_an_unknown_option_is_wrong_usage(tmp_path):
	"""Contract §9: 2 wrong usage."""
	done = run("serve", "--no-such-option", check=False, cwd=tmp_path)
	assert done.returncode == 2 and "--help" in done.stderr
	assert fingerprint(tmp_path) == {}


@pytest.mark.parametrize("which", ["--listen", "--management-listen"])
def test_a_port_in_use_is_told_and_nothing_is_changed(store, which):
	"""Issue 2, Must show: a port in use."""
	other = "--management-listen" if which == "--listen" else "--listen"
	with socket.socket() as taken:
		taken.bind(("127.0.0.1", 0))
		taken.listen()
		address = f"127.0.0.1:{taken.getsockname()[1]}"
		before = fingerprint(store.folder)
		line = fails_to_serve(which, address, other, "127.0.0.1:0", "--store", store.url)
	assert address in line and re.search("in use", line)
	assert fingerprint(store.folder) == before


def test_a_port_in_use_makes_no_store_either(tmp_path):
	"""Issue 2, Must show: nothing changed."""
	with socket.socket() as taken:
		taken.bind(("127.0.0.1", 0))
		taken.listen()
		fails_to_serve("--listen", f"127.0.0.1:{taken.getsockname()[1]}", "--management-listen", "127.0.0.1:0", "--store", f"sqlite:{tmp_path}/fresh.db")
	assert fingerprint(tmp_path) == {}


def test_a_directory_that_cannot_be_written_is_told(tmp_path):
	"""Issue 2, Must show: an unwritable directory (for root: one that is a file, and one that nobody may write)."""
	(tmp_path / "file").write_text("x")
	before = fingerprint(tmp_path)
	line = fails_to_serve(*LISTEN, "--store", f"sqlite:{tmp_path}/file/writ.db")
	assert "file" in line
	line = fails_to_serve(*LISTEN, "--store", "sqlite:/proc/writ.db")
	assert "/proc" in line
	assert fingerprint(tmp_path) == before
	if os.geteuid() != 0:
		closed = tmp_path / "closed"
		closed.mkdir(mode=0o500)
		fails_to_serve(*LISTEN, "--store", f"sqlite:{closed}/writ.db")
		assert not list(closed.iterdir())


def test_a_store_of_a_newer_version_is_told_and_left_alone(store):
	"""Issue 2, Must show: a store of a newer version."""
	connection = sqlite3.connect(store.path)
	version = connection.execute("PRAGMA user_version").fetchone()[0]
	connection.execute(f"PRAGMA user_version = {version + 1000}")
	connection.commit()
	connection.close()
	before = fingerprint(store.folder)
	for arguments in (("serve", *LISTEN), ("apply", "-f", write_document(store.folder.parent / "x.yaml", "partitions: []\n")), ("export",), ("keys", "list")):
		done = run(*arguments, "--store", store.url, check=False)
		assert done.returncode == 1
		assert len(done.stderr.strip().splitlines()) == 1 and re.search("newer|version", done.stderr), done.stderr
		after = fingerprint(store.folder)
		if arguments[0] in ("export", "keys"):  # SQLite's reader of a WAL file leaves an empty one and its index behind
			for name in ("writ.db-wal", "writ.db-shm"):
				after.pop(name, None)
				(store.folder / name).unlink(missing_ok=True)
		assert after == before


def test_a_file_that_is_no_store_is_told_and_left_alone(tmp_path):
	"""Issue 2, Must show."""
	connection = sqlite3.connect(tmp_path / "other.db")
	connection.execute("CREATE TABLE mine (x)")
	connection.commit()
	connection.close()
	(tmp_path / "text.db").write_text("this is not a database, " * 100)
	before = fingerprint(tmp_path)
	for name in ("other.db", "text.db"):
		fails_to_serve(*LISTEN, "--store", f"sqlite:{tmp_path}/{name}")
		assert run("export", "--store", f"sqlite:{tmp_path}/{name}", check=False).returncode == 1
	assert fingerprint(tmp_path) == before


def test_a_wrong_master_key_is_told_and_nothing_is_changed(store, tmp_path):
	"""Issue 2, Must show: a wrong master key."""
	stranger = Store(tmp_path / "stranger")
	stranger.apply("partitions: []\n")
	wrong = stranger.path.with_name(stranger.path.name + ".key")
	before = fingerprint(store.folder)
	line = fails_to_serve(*LISTEN, "--store", store.url, "--master-key", wrong)
	assert re.search("master.key|key", line), line
	line = fails_to_serve(*LISTEN, "--store", store.url, env={"WRIT_MASTER_KEY_FILE": str(wrong)})
	done = run("keys", "rotate", "--store", store.url, "--master-key", wrong, check=False)
	assert done.returncode == 1
	assert fingerprint(store.folder) == before


@pytest.mark.parametrize("contents,mode", [(None, 0), ("", 0o600), ("short", 0o600), ("x" * 43, 0o644), ("!" * 43, 0o600)])
def test_a_missing_broken_or_open_master_key_is_told_and_never_replaced(store, contents, mode):
	"""master_key.h: readable by others; a missing file must not be made anew for a store that has keys."""
	key = store.path.with_name(store.path.name + ".key")
	key.unlink()
	if contents is not None:
		key.write_text(contents)
		key.chmod(mode)
	before = fingerprint(store.folder)
	line = fails_to_serve(*LISTEN, "--store", store.url)
	assert "key" in line
	assert fingerprint(store.folder) == before


def test_environment_lies_over_the_file_and_flags_over_both(store):
	"""Contract §9: flags over WRIT_* environment over the YAML file."""
	config = {"api_url": "https://file.example", "auth_url": "https://file.example", "listen": "127.0.0.1:1"}
	with Server(store, "--auth-url", "https://flag.example", config=config, env={"WRIT_AUTH_URL": "https://env.example", "WRIT_API_URL": "https://env.example"}) as running:
		body = get(f"{running.url}/system/auth/ACME/metadata").json()
		assert body["metadata_url"].startswith("https://flag.example/")
		assert body["domain_url"] == "https://env.example"


def test_health_readiness_and_metrics_stand_on_the_management_listener(server):
	"""Contract §2."""
	assert get(server.management_url + "/healthz").status_code == 200
	assert get(server.management_url + "/readyz").status_code == 200
	granted(client_credentials(server, d.WEB, d.APP_READ))
	refused(client_credentials(server, d.WEB, "nonsense"), "invalid_scope")
	reply = get(server.management_url + "/metrics")
	assert reply.status_code == 200 and reply.headers["Content-Type"].startswith("text/plain")
	for line in reply.text.splitlines():
		assert re.fullmatch(r'#.*|[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-z_]+="[^"\\]*",?)*\})? [0-9.eE+-]+|', line), line
	assert "writ_" in reply.text
	assert d.WEB.id not in reply.text


def test_protocol_addresses_are_not_on_the_management_listener(server):
	"""Contract §2: two listeners, two tables."""
	assert get(server.management_url + "/system/auth/ACME/metadata").status_code == 404


def test_sigterm_finishes_what_is_under_way(store):
	"""Issue 2, Deliver 5: graceful drain on SIGTERM."""
	running = Server(store)
	whole = token_request(GOOD)
	with Wire(running) as half, Wire(running) as idle:
		half.send(whole[:-5])
		idle.send(whole)
		assert idle.reply()[0] == 200
		running.signal(signal.SIGTERM)
		running.wait_for_line(lambda line: line["message"].startswith("stopping"))
		half.send(whole[-5:])
		reply = half.reply()
		assert reply is not None and reply[0] == 200
		started = time.monotonic()
		running.stop(timeout=15)
		assert time.monotonic() - started < 8


def test_new_connections_are_refused_while_it_drains(store):
	"""Issue 2, Deliver 5: a proxy in front learns at once that it must ask elsewhere; nobody hangs until the end."""
	running = Server(store)
	whole = token_request(GOOD)
	with Wire(running) as half:
		half.send(whole[:-5])
		with Wire(running) as other:
			other.send(whole)
			assert other.reply()[0] == 200
		running.signal(signal.SIGTERM)
		try:
			wait_until_it_stops_accepting(running)
		finally:
			half.send(whole[-5:])
			half.reply()
			running.stop()


def wait_until_it_stops_accepting(running):
	deadline = time.monotonic() + 5
	while time.monotonic() < deadline:
		try:
			socket.create_connection(("127.0.0.1", running.port), timeout=1).close()
		except OSError:
			return
		time.sleep(0.01)
	raise AssertionError("it still accepts connections after SIGTERM")


def test_requests_that_were_sent_before_sigterm_are_all_answered(store):
	"""Issue 2, Deliver 5."""
	running = Server(store)
	wires = [Wire(running) for _ in range(50)]
	for wire in wires:
		wire.send(token_request(GOOD))
	for wire in wires[:1]:
		assert wire.reply()[0] == 200
	running.signal(signal.SIGTERM)
	replies = [wire.reply() for wire in wires[1:]]
	running.stop()
	for wire in wires:
		wire.socket.close()
	assert all(reply is not None and reply[0] == 200 for reply in replies)


def test_sigint_stops_it_as_well(store):
	"""A person at a terminal."""
	running = Server(store)
	running.signal(signal.SIGINT)
	assert running.process.wait(15) == 0
	running.stop()


def test_sighup_takes_over_what_can_change_and_refuses_a_bad_file(store, serve):
	"""Issue 2, Deliver 5: reload on SIGHUP."""
	running = serve(store, config={"account_failures": 1000, "address_failures": 1000})
	wrong = d.Client(d.WEB.id, d.secret_of("wrong"))
	for _ in range(8):
		refused(ask(running, wrong, GRANT), "invalid_client", 401)
	granted(ask(running, d.WEB, GRANT))

	def reload(text):
		count = len(running.lines)
		write_document(running.config_path, text)
		running.signal(signal.SIGHUP)
		return running.wait_for(lambda: next((line for line in running.lines[count:] if "action" not in line), None), what="the reload's log line")

	line = reload("account_failures: 2\nno_such_key: 1\n")
	assert line["level"] in ("error", "warning") and "no_such_key" in json.dumps(line)
	for _ in range(4):
		refused(ask(running, wrong, GRANT), "invalid_client", 401)
	granted(ask(running, d.WEB, GRANT))
	reload("account_failures: 2\naddress_failures: 1000\n")
	for _ in range(2):
		refused(ask(running, wrong, GRANT), "invalid_client", 401)
	assert ask(running, wrong, GRANT).status_code == 429


def test_a_server_killed_and_started_again_serves_on(store):
	"""Design §2: what was acknowledged survives kill -9."""
	running = Server(store)
	granted(client_credentials(running, d.WEB, d.APP_READ))
	running.kill()
	with Server(store) as again:
		granted(client_credentials(again, d.WEB, d.APP_READ))


def test_two_servers_may_share_a_store(store, serve):
	"""Contract §9: any command may work on the store while serve runs; design §2: a second serve."""
	one, two = serve(store), serve(store)
	store.apply(d.partial(users=[{"id": "8001", "username": "shared"}]))
	for running in (one, two):
		granted(ask(running, d.WEB, {"grant_type": "password", "scope": d.OBO_READ, "subject_username": "shared"}))


def test_while_somebody_else_holds_the_write_lock_tokens_go_on_and_writes_are_refused_in_time(store, serve):
	"""Design §2: waiting writers answer 503 after 5 s; what only reads does not wait; failure closes."""
	running = serve(store)
	token = granted(client_credentials(running, d.WEB, d.APP_READ))["access_token"]
	other = sqlite3.connect(store.path, isolation_level=None)
	other.execute("BEGIN IMMEDIATE")
	try:
		started = time.monotonic()
		reply = revoke(running, d.WEB, token)
		assert reply.status_code == 503 and int(reply.headers["Retry-After"]) >= 1, reply.text
		assert set(reply.json()) == {"error", "error_description", "error_uri"}
		assert 2 < time.monotonic() - started < 20
		granted(client_credentials(running, d.WEB, d.APP_READ))
		assert introspect(running, d.WEB, token)["active"] is True
		done = store.apply(d.partial(users=[{"id": "8001", "username": "waiting"}]), check=False)
		assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1
	finally:
		other.execute("ROLLBACK")
		other.close()
	assert revoke(running, d.WEB, token).status_code == 200
	assert introspect(running, d.WEB, token) == {"active": False}


# --- backup, restore, doctor -----------------------------------------------------------------------------------

def test_a_backup_taken_while_serving_is_restored_to_the_same(store, tmp_path, serve):
	"""Contract §9: backup, restore; the master key is never inside a backup."""
	running = serve(store)
	backup = tmp_path / "backup.writ"
	run("backup", backup, "--store", store.url)
	assert backup.stat().st_mode & 0o777 == 0o600
	key = store.path.with_name(store.path.name + ".key")
	assert key.read_text().strip().encode() not in backup.read_bytes()
	before = store.export_text("--hashes")
	granted(client_credentials(running, d.WEB, d.APP_READ))
	copy = Store(tmp_path / "restored")
	copy.path.with_name(copy.path.name + ".key").write_bytes(key.read_bytes())
	copy.path.with_name(copy.path.name + ".key").chmod(0o600)
	run("restore", backup, "--store", copy.url)
	assert copy.export_text("--hashes") == before
	with Server(copy) as again:
		granted(client_credentials(again, d.WEB, d.APP_READ))


def test_a_backup_never_overwrites_and_a_restore_refuses_a_store_that_is_not_empty(store, tmp_path):
	"""Contract §9: writ restore FILE refuses a non-empty store."""
	backup = tmp_path / "backup.writ"
	run("backup", backup, "--store", store.url)
	contents = backup.read_bytes()
	done = run("backup", backup, "--store", store.url, check=False)
	assert done.returncode == 1 and backup.read_bytes() == contents
	store.apply(d.partial(users=[{"id": "8001", "username": "later"}]))
	before = store.export_text("--hashes")
	done = run("restore", backup, "--store", store.url, check=False)
	assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1
	assert store.export_text("--hashes") == before


def test_a_restore_of_rubbish_leaves_nothing_behind(tmp_path):
	"""Contract §9: exit 1 failed."""
	(tmp_path / "rubbish").write_bytes(b"rubbish" * 1000)
	done = run("restore", tmp_path / "rubbish", "--store", f"sqlite:{tmp_path}/new/writ.db", check=False)
	assert done.returncode == 1
	assert not (tmp_path / "new" / "writ.db").exists()


def test_the_doctor_finds_a_healthy_store_healthy(store):
	"""Contract §9."""
	assert run("doctor", "--store", store.url).returncode == 0


def test_the_doctor_finds_a_wrong_master_key_and_a_broken_store(store, tmp_path):
	"""Contract §9: exit 1 failed."""
	key = store.path.with_name(store.path.name + ".key")
	good = key.read_bytes()
	key.write_text("A" * 43 + "\n")
	assert run("doctor", "--store", store.url, check=False).returncode == 1
	key.write_bytes(good)
	data = bytearray(store.path.read_bytes())
	for page in range(8, len(data) // 4096):
		data[page * 4096:page * 4096 + 200] = b"\xa5" * 200
	store.path.write_bytes(data)
	done = run("doctor", "--store", store.url, check=False)
	assert done.returncode == 1 and done.stdout + done.stderr


# --- the demo ---------------------------------------------------------------------------------------------------

def test_demo_secrets_are_refused_on_a_listener_that_is_not_loopback(tmp_path):
	"""Issue 2, Deliver 8: refused unless --allow-demo-secrets is given: at the start, or at each request."""
	store = Store(tmp_path / "demo")
	with Server(store, "--demo"):
		pass
	demo = d.Client("b4b2c1d9-4c19-4e8a-8e7a-9a0b1c2d3e4f", "hh2Y0UE8FmaFBBawzMUua1OB8Ks4QWHNUyhDyZj1X7c")
	fields = {"grant_type": "client_credentials", "scope": "knowledge.portalmgr.manage"}
	process = subprocess.Popen([find_binary(), "serve", "--listen", "0.0.0.0:0", "--management-listen", "127.0.0.1:0", "--store", store.url],
	                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
	try:
		line = process.stderr.readline()
		while line and '"listening"' not in line:
			line = process.stderr.readline()
		if line:
			port = json.loads(line)["public"].rsplit(":", 1)[1]
			reply = ask(Address(f"http://127.0.0.1:{port}"), demo, fields, partition="TMPRODB88619984")
			refused(reply, "invalid_client", 401)
	finally:
		process.terminate()
		process.communicate(timeout=20)
	with Server(store, "--allow-demo-secrets", listen="0.0.0.0:0") as running:
		granted(ask(Address(f"http://127.0.0.1:{running.port}"), demo, fields, partition="TMPRODB88619984"))


class Address:
	"""Just enough of a server for a request."""

	def __init__(self, url):
		self.url = url

	def realm(self, partition, kind="U"):
		return f"{self.url}/system/auth/{partition}-{kind}"


def test_the_demo_fills_only_an_empty_store(store):
	"""Contract §9: --demo fills an empty store."""
	before = store.export_text("--hashes")
	process = subprocess.Popen([find_binary(), "serve", *LISTEN, "--store", store.url, "--demo"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment())
	line = process.stderr.readline()
	while line and '"listening"' not in line:
		line = process.stderr.readline()
	process.terminate()
	process.communicate(timeout=20)
	assert store.export_text("--hashes") == before


def test_the_demo_started_again_works_as_before(tmp_path):
	"""Issue 2: make run, twice."""
	store = Store(tmp_path / "demo")
	for _ in range(2):
		with Server(store, "--demo") as running:
			running.wait_for(lambda: "7121f585" in "".join(running.output), what="the demo's commands")


def test_many_threads_of_one_program_get_their_tokens(server):
	"""Nothing is shared that must not be: 8 threads, 25 tokens each, all different."""
	tokens, lock = set(), threading.Lock()

	def work():
		for _ in range(25):
			text = granted(client_credentials(server, d.WEB, d.APP_READ))["access_token"]
			with lock:
				tokens.add(text)

	threads = [threading.Thread(target=work) for _ in range(8)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert len(tokens) == 200
