"""`writ apply` and `writ export`: contract §9."""

import json
import re

import pytest
import yaml

from support import documents as d
from support.oauth import ask, client_credentials, granted, introspect, on_behalf_of, refused
from support.program import Store, get, run, write_document

GENERATED = re.compile(r"writ_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")
GRANT = {"grant_type": "client_credentials", "scope": d.APP_READ}


def changes(done):
	"""The lines of the diff: + ~ - in front."""
	return [line.strip() for line in done.stdout.splitlines() if re.match(r"\s*[+~-]\s", line)]


def application(done_export, client_id, partition="ACME"):
	return next(one for one in d.partition_of(done_export, partition)["client_applications"] if one["client_id"] == client_id)


def user(exported, person_id, kind="users"):
	return next(one for one in d.partition_of(exported)[kind] if one["id"] == person_id)


def test_applying_twice_changes_nothing_the_second_time(empty_store):
	"""Contract §9: idempotent; prints a diff."""
	first = empty_store.apply(d.directory())
	before = empty_store.export_text("--hashes")
	second = empty_store.apply(d.directory())
	assert len(changes(first)) > 20
	assert changes(second) == []
	assert empty_store.export_text("--hashes") == before


def test_the_diff_names_what_is_added_changed_and_deleted(store):
	"""Contract §9: prints a diff."""
	added = changes(store.apply(d.partial(users=[{"id": "5001", "username": "newcomer"}])))
	assert len(added) == 1 and added[0].startswith("+") and "newcomer" in added[0]
	changed = changes(store.apply(d.partial(users=[{"id": "5001", "username": "newcomer", "enabled": False}])))
	assert len(changed) == 1 and changed[0].startswith("~") and "enabled" in changed[0] and "newcomer" in changed[0]
	deleted = changes(store.apply(d.directory(), "--prune"))
	assert len(deleted) == 1 and deleted[0].startswith("-") and "newcomer" in deleted[0]


def test_a_dry_run_says_the_same_and_changes_nothing(store):
	"""Contract §9: --dry-run."""
	before = store.export_text("--hashes")
	document = d.partial(users=[{"id": "5001", "username": "newcomer"}], permissions=[{"name": "brand.new"}])
	dry = store.apply(document, "--dry-run")
	assert store.export_text("--hashes") == before
	assert changes(dry) == changes(store.apply(document))
	assert changes(dry)


def test_a_dry_run_makes_and_shows_no_secret(store):
	"""Contract §9: secrets that it generates are printed once."""
	document = d.partial(client_applications=[d.application(d.Client("generated"), "Generated", secrets=[{"label": "a", "generate": True}])])
	assert not GENERATED.findall(store.apply(document, "--dry-run").stdout)
	assert len(GENERATED.findall(store.apply(document).stdout)) == 1


def test_what_is_left_out_stays_unless_pruned(store):
	"""Contract §9: objects left out stay unless --prune."""
	store.apply(d.partial(users=[{"id": "1001", "username": "pa"}]))
	assert len(d.partition_of(store.export())["users"]) == 4
	store.apply({"partitions": [{"id": "ACME", "name": "Acme", "users": [{"id": "1001", "username": "pa"}]}]}, "--prune")
	after = store.export()
	acme = d.partition_of(after)
	assert [one["id"] for one in acme["users"]] == ["1001"]
	assert not acme.get("client_applications") and not acme.get("customers") and not acme.get("departments")
	assert "SYSTEM" in [partition["id"] for partition in after["partitions"]] or len(after["partitions"]) == 1


def test_pruning_never_deletes_the_system_partition(store, serve):
	"""Contract §1: SYSTEM exists from the start."""
	store.apply(d.directory(), "--prune")
	running = serve(store)
	assert get(f"{running.url}/system/auth/SYSTEM/metadata").status_code == 200


def test_fields_left_out_of_an_object_stay_as_they_are(store):
	"""Contract §9; apply.h: lists that are given are replaced."""
	store.apply(d.partial(client_applications=[{"client_id": d.WEB.id, "name": "Portal", "permissions": [d.APP_READ]}]))
	portal = application(store.export(), d.WEB.id)
	assert portal["permissions"] == [d.APP_READ]
	assert portal["redirect_urls"] == ["https://web.example.com/callback"]
	assert [secret["label"] for secret in portal["secrets"]] == ["first"]


def test_an_object_is_found_by_its_unique_name(store):
	"""Contract §9: objects are found by id or unique name."""
	store.apply(d.partial(client_applications=[{"name": "Portal", "permissions": [d.APP_READ]}], users=[{"username": "PA", "department": "Service"}]))
	exported = store.export()
	assert application(exported, d.WEB.id)["permissions"] == [d.APP_READ]
	assert user(exported, "1001")["department"] == "Service"
	assert len(d.partition_of(exported)["client_applications"]) == len(d.partition_of(d.directory())["client_applications"])


def test_a_renamed_object_keeps_its_id(store):
	"""Contract §9: found by id."""
	store.apply(d.partial(client_applications=[{"client_id": d.WEB.id, "name": "Portal, renamed"}]))
	assert application(store.export(), d.WEB.id)["name"] == "Portal, renamed"


def test_a_generated_secret_is_shown_once_and_works(store, serve):
	"""Contract §9: {generate: true} acts once per label; contract §4: writ_ + 43 base64url characters."""
	document = d.partial(client_applications=[d.application(d.Client("generated"), "Generated", [d.APP_READ], secrets=[{"label": "a", "generate": True}])])
	secrets = GENERATED.findall(store.apply(document).stdout)
	assert len(secrets) == 1
	running = serve(store)
	client = d.Client("generated", secrets[0])
	granted(ask(running, client, GRANT))
	assert not GENERATED.findall(store.apply(document).stdout)
	granted(ask(running, client, GRANT))
	d.partition_of(document)["client_applications"][0]["secrets"].append({"label": "b", "generate": True})
	second = GENERATED.findall(store.apply(document).stdout)
	assert len(second) == 1 and second != secrets
	granted(ask(running, client, GRANT))
	granted(ask(running, d.Client("generated", second[0]), GRANT))


def test_a_client_id_left_out_is_generated_and_shown(store):
	"""Contract §9: generated if left out; §4: random UUIDs."""
	store.apply(d.partial(client_applications=[{"name": "Nameless", "platform": "spa"}]))
	found = [one for one in d.partition_of(store.export())["client_applications"] if one["name"] == "Nameless"]
	assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", found[0]["client_id"])


def test_secrets_are_kept_and_deleted_by_label(store, serve):
	"""Contract §9: absent: untouched; {label} alone: kept; one left out of a given list: deleted."""
	running = serve(store)

	def give(**fields):
		store.apply(d.partial(client_applications=[{"client_id": d.SEVERAL.id, "name": "Several", **fields}]))

	give(access_token_seconds=600)
	granted(ask(running, d.SEVERAL, GRANT)), granted(ask(running, d.SEVERAL_NEW, GRANT))
	give(secrets=[{"label": "old"}, {"label": "new"}])
	granted(ask(running, d.SEVERAL, GRANT)), granted(ask(running, d.SEVERAL_NEW, GRANT))
	give(secrets=[{"label": "new"}])
	refused(ask(running, d.SEVERAL, GRANT), "invalid_client", 401)
	granted(ask(running, d.SEVERAL_NEW, GRANT))
	third = d.Client(d.SEVERAL.id, d.secret_of("third"))
	give(secrets=[{"label": "new", "value": third.secret}])
	granted(ask(running, third, GRANT))
	refused(ask(running, d.SEVERAL_NEW, GRANT), "invalid_client", 401)
	give(secrets=[])
	refused(ask(running, third, GRANT), "invalid_client", 401)


def test_a_label_alone_that_does_not_exist_is_an_error(store):
	"""Contract §9: {label} alone: kept; there is nothing to keep."""
	done = store.apply(d.partial(client_applications=[{"client_id": d.WEB.id, "name": "Portal", "secrets": [{"label": "unheard-of"}]}]), check=False)
	assert done.returncode == 1 and "unheard-of" in done.stderr


def test_a_password_sets_the_first_one_only_unless_told_otherwise(store):
	"""Contract §9: a password sets the first one only, unless --reset-passwords."""
	def hash_of():
		return user(store.export("--hashes"), "1001").get("password_hash")

	assert hash_of() is None
	store.apply(d.partial(users=[{"id": "1001", "username": "pa", "password": "correct horse battery"}]))
	first = hash_of()
	assert first.startswith("$argon2id$v=19$m=19456,t=2,")
	store.apply(d.partial(users=[{"id": "1001", "username": "pa", "password": "another one entirely"}]))
	assert hash_of() == first
	store.apply(d.partial(users=[{"id": "1001", "username": "pa", "password": "another one entirely"}]), "--reset-passwords")
	assert hash_of() != first


def test_a_hash_that_asks_for_too_much_is_refused(store):
	"""Contract §4: an imported hash that asks for more than 64 MiB or t > 5 is refused."""
	tail = "p=1$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43
	store.apply(d.partial(users=[{"id": "1001", "username": "pa", "password_hash": "$argon2id$v=19$m=65536,t=5," + tail}]))
	for bad in ("$argon2id$v=19$m=65537,t=2," + tail, "$argon2id$v=19$m=19456,t=6," + tail, "$2b$12$abcdefghijklmnopqrstuv", "plain"):
		assert store.apply(d.partial(users=[{"id": "1001", "username": "pa", "password_hash": bad}]), check=False).returncode == 1


def test_an_export_with_hashes_fills_an_empty_store_with_the_same_and_every_credential_still_works(store, tmp_path, serve):
	"""Issue 2, Must show: export --hashes | apply on an empty store gives the same export."""
	store.apply(d.partial(users=[{"id": "1001", "username": "pa", "password": "correct horse battery"}]))
	text = store.export_text("--hashes")
	copy = Store(tmp_path / "second")
	run("apply", "-f", write_document(tmp_path / "export.yaml", text), "--store", copy.url)
	assert copy.export_text("--hashes") == text
	running = serve(copy)
	for client in (d.WEB, d.SECOND, d.NARROW, d.ADMIN, d.SEVERAL, d.SEVERAL_NEW):
		granted(ask(running, client, GRANT))
	granted(ask(running, d.OTHER_WEB, GRANT, partition="OTHER"))
	granted(ask(running, d.RSA_WEB, GRANT, partition="RSA_1"))
	granted(on_behalf_of(running, d.WEB, d.OBO_READ, d.USER))
	granted(on_behalf_of(running, d.WEB, d.OBO_READ, d.CUSTOMER, realm="C"))
	refused(ask(running, d.OFF, GRANT), "invalid_client", 401)


def test_apply_reads_standard_input(store, tmp_path):
	"""Issue 2: export --hashes | apply."""
	copy = Store(tmp_path / "second")
	run("apply", "-f", "-", "--store", copy.url, input=store.export_text("--hashes"))
	assert copy.export_text("--hashes") == store.export_text("--hashes")


def test_an_export_without_hashes_has_no_credential_and_changes_nothing_when_applied(store):
	"""Contract §9: without secrets."""
	store.apply(d.partial(users=[{"id": "1001", "username": "pa", "password": "correct horse battery"}]))
	text = store.export_text()
	assert "argon2id" not in text and "hash" not in text
	for client in (d.WEB, d.SECOND, d.SEVERAL):
		assert client.secret not in text
	before = store.export_text("--hashes")
	assert d.WEB.secret not in before
	assert changes(store.apply(text)) == []
	assert store.export_text("--hashes") == before


def test_an_export_may_be_of_one_partition(store):
	"""Contract §9: --partition ID; A7: exports."""
	text = store.export_text("--partition", "OTHER")
	assert [partition["id"] for partition in yaml.safe_load(text)["partitions"]] == ["OTHER"]
	assert "jane@example.com" not in text and "1001" not in text
	done = run("export", "--store", store.url, "--partition", "NOSUCH", check=False)
	assert done.returncode == 1 and "NOSUCH" in done.stderr


def test_export_gives_json_for_programs(store):
	"""Contract §9: --json for programs."""
	assert json.loads(store.export_text("--json"))["partitions"] == store.export()["partitions"]


def test_a_json_document_is_applied_like_a_yaml_one(store):
	"""Contract §9: YAML or JSON."""
	store.apply(json.dumps(d.partial(users=[{"id": "5001", "username": "from-json", "claims": {"name": "J. Son", "email_verified": True}}])))
	assert user(store.export(), "5001")["claims"] == {"name": "J. Son", "email_verified": True}


def test_every_field_of_the_contract_survives_the_way_through_the_store(store):
	"""Contract §9, the apply document."""
	document = d.partial(
		"FULL", name="Full: \"quoted\" # not a comment", permission_prefix="https://p.example/", access_token_algorithm="RS256",
		branding={"name": "Example", "color": "#0b5fff", "logo_url": "https://cdn.example/logo.png"},
		policies={"user": "user_signin", "customer": "customer_signin"},
		departments=[{"name": "Service"}, {"name": "yes"}, {"name": "Größe"}],
		permissions=[{"name": "a.read", "description": "Read: a\nand more"}, {"name": "app.a.read"}],
		users=[{"id": "0010", "username": "null", "email": "n@example.com", "roles": ["partition_administrator"], "department": "yes", "enabled": False,
		        "claims": {"name": "Ann \u2028 Agent", "address": {"country": "DE"}}}],
		customers=[{"id": "1e3", "email": "jane@example.com"}],
		client_applications=[{
			"name": "- Portal", "client_id": "b4b2c1d9-4c19-4e8a-8e7a-9a0b1c2d3e4f", "platform": "web", "resource_type": "global",
			"redirect_urls": ["https://oauth.pstmn.io/v1/callback"], "post_logout_redirect_urls": ["https://oauth.pstmn.io/bye"],
			"backchannel_logout_url": "https://oauth.pstmn.io/logout", "secrets": [{"label": "first", "value": d.WEB.secret}],
			"permissions": ["a.read", "app.a.read"], "grants": ["token_exchange"], "access_token_seconds": 900, "refresh_tokens": True,
			"refresh_idle_seconds": 2592000, "refresh_max_seconds": 15552000, "consent": "implied"}],
		anonymous_customers={"enabled": True, "permissions": ["a.read"]},
	)
	store.apply(document)
	exported = d.partition_of(yaml.safe_load(store.export_text("--partition", "FULL")), "FULL")
	expected = document["partitions"][0]
	for name in ("id", "name", "permission_prefix", "access_token_algorithm", "branding", "policies", "anonymous_customers"):
		assert exported[name] == expected[name], name
	assert sorted(one["name"] for one in exported["departments"]) == sorted(one["name"] for one in expected["departments"])
	assert {one["name"]: one.get("description", "") for one in exported["permissions"]} == {"a.read": "Read: a\nand more", "app.a.read": ""}
	for lists in ("users", "customers", "client_applications"):
		for name, value in expected[lists][0].items():
			if name != "secrets":
				assert exported[lists][0][name] == value, name


# --- what is refused, and how it is told -----------------------------------------------------------------------

BASE = """partitions:
  - id: ACME
    users:
      - {id: "5001", username: fine}
"""

BAD = {
	"an unknown key": (BASE + "    custmers: []\n", 5, "custmers"),
	"an unknown key deep inside": (BASE.replace("username: fine", "username: fine, usrname: x"), 4, "usrname"),
	"an unknown key on top": ("partitons: []\n", 1, "partitons"),
	"a value of the wrong kind": (BASE.replace("username: fine", "username: [fine]"), 4, "username"),
	"a flag that is none": (BASE.replace("username: fine", "username: fine, enabled: maybe"), 4, "enabled"),
	"an unknown platform": (BASE + "    client_applications:\n      - {name: X, platform: desktop}\n", 6, "platform"),
	"an unknown resource type": (BASE + "    client_applications:\n      - {name: X, platform: web, resource_type: local}\n", 6, "resource_type"),
	"a partition id that is none": ("partitions:\n  - id: 'A-B'\n", 2, "id"),
	"a permission that is not in the catalogue": (BASE + "    client_applications:\n      - {name: X, platform: web, permissions: [not.there]}\n", 6, "not.there"),
	"a department that does not exist": (BASE.replace("username: fine", "username: fine, department: Nowhere"), 4, "Nowhere"),
	"a user without a username": (BASE.replace(", username: fine", ""), 4, "username"),
	"a username that is taken": (BASE.replace("username: fine", "username: PA"), 4, "PA"),
	"a name twice in one document": (BASE + '      - {id: "5002", username: FINE}\n', 5, "FINE"),
	"an id twice in one document": (BASE + '      - {id: "5001", username: other}\n', 5, "5001"),
	"a key twice": (BASE.replace("username: fine", "username: fine, username: fine"), 4, "username"),
	"an e-mail that is none": (BASE + "    customers:\n      - {email: nobody}\n", 6, "e-?mail"),
	"a redirect address without https": (BASE + "    client_applications:\n      - {name: X, platform: web, redirect_urls: ['http://example.com/cb']}\n", 6, "https"),
	"a redirect address with a fragment": (BASE + "    client_applications:\n      - {name: X, platform: web, redirect_urls: ['https://example.com/cb#x']}\n", 6, "fragment|#"),
	"a private scheme for a web application": (BASE + "    client_applications:\n      - {name: X, platform: web, redirect_urls: ['com.example.app:/cb']}\n", 6, "redirect"),
	"a private scheme without a period": (BASE + "    client_applications:\n      - {name: X, platform: spa, redirect_urls: ['myapp:/cb']}\n", 6, "redirect|scheme|period"),
	"a secret for a single page application": (BASE + "    client_applications:\n      - {name: X, platform: spa, secrets: [{label: a, generate: true}]}\n", 6, "secret"),
	"an anchor and an alias": ("partitions:\n  - id: ACME\n    users:\n      - &one {id: '5001', username: fine}\n      - *one\n", None, "alias|anchor"),
	"a merge key": ("x: &x {id: A}\npartitions:\n  - <<: *x\n", None, "alias|anchor|x"),
	"a permission named like an OpenID scope": (BASE + "    permissions:\n      - {name: openid}\n", 6, "openid"),
	"broken YAML": (BASE + "    customers: [\n", None, ""),
	"two documents": (BASE + "---\n" + BASE, None, ""),
	"a list on top": ("- a\n- b\n", 1, ""),
	"invalid UTF-8 escaped": (BASE.replace("fine", '"fi\\0ne"'), 4, ""),
	"control characters": (BASE.replace("fine", '"fi\\nne"'), 4, "username"),
	"a token lifetime of no seconds": (BASE + "    client_applications:\n      - {name: X, platform: web, access_token_seconds: 0}\n", 6, "access_token_seconds"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_document_that_breaks_a_rule_changes_nothing_and_the_line_is_told(store, what):
	"""Contract §9: one transaction; exit 1 failed; errors on stderr with the fix: FILE:LINE."""
	text, line, word = BAD[what]
	before = store.export_text("--hashes")
	done = store.apply(text, check=False)
	assert done.returncode == 1, done.stdout + done.stderr
	assert store.export_text("--hashes") == before
	message = done.stderr.strip()
	assert "\n" not in message, message
	if line is not None:
		assert re.search(rf"\.yaml:{line}\b", message), message
	else:
		assert re.search(r"\.yaml:\d+", message) or what == "two documents", message
	assert re.search(word, message, re.IGNORECASE), message


def test_a_bomb_of_aliases_is_refused_at_once(store):
	"""A16: YAML aliases (billion laughs)."""
	lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
	done = store.apply("\n".join(lines) + "\npartitions: *a11\n", check=False)
	assert done.returncode == 1


def test_deep_nesting_is_refused_at_once(store):
	"""A16: deep JSON."""
	for text in ('{"partitions": ' + "[" * 100000, "partitions: " + "[" * 20000 + "]" * 20000 + "\n", '{"a":' * 5000 + "1" + "}" * 5000):
		assert store.apply(text, check=False).returncode == 1


def test_binary_rubbish_is_refused(store):
	"""A9."""
	path = store.folder / "rubbish.yaml"
	for data in (b"\x00" * 100, bytes(range(256)), b"\xff\xfe\x00\x00", b"SQLite format 3\x00"):
		path.write_bytes(data)
		assert run("apply", "-f", path, "--store", store.url, check=False).returncode == 1


def test_an_empty_document_changes_nothing(store):
	"""Contract §9."""
	before = store.export_text("--hashes")
	assert store.apply("partitions: []\n").returncode == 0
	assert store.export_text("--hashes") == before


@pytest.mark.parametrize("arguments,code", [
	(["apply"], 2),
	(["apply", "-f"], 2),
	(["apply", "-f", "/no/such/file.yaml"], 1),
	(["apply", "--no-such-option"], 2),
	(["export", "surplus"], 2),
	(["export", "--no-such-option"], 2),
	(["nonsense"], 2),
	([], 2),
	(["apply", "--help"], 0),
	(["export", "--help"], 0),
	(["--help"], 0),
	(["serve", "--help"], 0),
	(["keys"], 2),
	(["keys", "nonsense"], 2),
	(["token", "nonsense"], 2),
	(["export", "--store", "sqlite:/no/such/folder/x.db"], 1),
	(["export", "--store", "mysql://x"], 1),
])
def test_exit_codes_tell_wrong_usage_from_failure(tmp_path, arguments, code):
	"""Contract §9: exit 0 done, 1 failed, 2 wrong usage; errors on stderr."""
	done = run(*arguments, check=False, cwd=tmp_path)
	assert done.returncode == code, done.stdout + done.stderr
	if code:
		assert done.stderr.strip() and not done.stdout.strip()
	else:
		assert "Usage" in done.stdout or "usage" in done.stdout


def test_what_apply_changes_is_true_at_the_very_next_request(store, serve):
	"""Contract §9: apply returns when running servers see the change."""
	running = serve(store)
	for number in range(10):
		client = d.Client(f"fresh-{number}", d.secret_of(f"fresh{number}"))
		store.apply(d.partial(client_applications=[d.application(client, f"Fresh {number}", [d.APP_READ])],
		                      users=[{"id": f"60{number}", "username": f"fresh{number}"}]))
		granted(ask(running, client, GRANT))
		granted(on_behalf_of(running, d.WEB, d.OBO_READ, {"subject_username": f"fresh{number}"}))
		store.apply(d.partial(client_applications=[{"client_id": client.id, "name": f"Fresh {number}", "permissions": []}],
		                      users=[{"id": f"60{number}", "username": f"renamed{number}"}]))
		refused(client_credentials(running, client, d.APP_READ), "invalid_scope")
		refused(on_behalf_of(running, d.WEB, d.OBO_READ, {"subject_username": f"fresh{number}"}), "invalid_grant")
		granted(on_behalf_of(running, d.WEB, d.OBO_READ, {"subject_username": f"renamed{number}"}))


def test_a_new_partition_is_served_at_once(store, serve):
	"""Contract §9; apply.h: new partitions get their first signing keys."""
	running = serve(store)
	client = d.Client("first-one", d.secret_of("first"))
	assert get(f"{running.url}/system/auth/BRANDNEW/metadata").status_code == 404
	store.apply(d.partial("BRANDNEW", name="Brand new", permissions=[{"name": d.APP_READ}], client_applications=[d.application(client, "First", [d.APP_READ])]))
	token = granted(ask(running, client, GRANT, partition="BRANDNEW"))["access_token"]
	assert introspect(running, client, token, partition="BRANDNEW")["active"] is True


def test_listing_the_reserved_permissions_changes_nothing(store):
	"""Contract §4, Admin API: listing them in a document changes nothing."""
	before = store.export_text("--hashes")
	assert changes(store.apply(d.partial(permissions=[{"name": name} for name in d.ADMIN_PERMISSIONS]))) == []
	assert store.export_text("--hashes") == before


def test_the_store_and_its_key_are_for_their_owner_only(store):
	"""Contract §9: default for sqlite:PATH: PATH.key, created 0600."""
	assert store.path.stat().st_mode & 0o777 == 0o600
	key = store.path.with_name(store.path.name + ".key")
	assert key.stat().st_mode & 0o777 == 0o600
	assert key.read_text().strip() not in store.path.read_bytes().decode("latin-1")
