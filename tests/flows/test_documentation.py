"""The documents say what the program does: errors, configuration, metrics, addresses, fields, limits and commands, compared with the
running binary and its sources."""

import json
import re
import subprocess
import sys
import textwrap
from html import unescape
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import yaml

from support import people as p
from support.assertions import KeyServer
from support.browser import Browser
from support.oauth import unverified
from support.program import ROOT, Server, Store, environment, find_binary, get, run
from support.providers import Provider

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README_URL = "http://127.0.0.1:8080"
CONSOLE_ID = "c73a73a4-7ef7-492a-93b1-0dcaf07798db"  # src/directory/console_application.h

PEOPLE = {"U": ("pa", "demo-pa-password"), "C": ("jane@example.com", "demo-jane-password")}  # of the demo, by realm

# What $BROWSER names while a command of a document runs: a browser without a window, and a person of the demo in front of it.
BROWSER_PROGRAM = """#!{python}
import sys
from urllib.parse import urljoin
sys.path[:0] = [{tests!r}, {flows!r}]
from support.program import get
from test_documentation import arrive
back = arrive(sys.argv[1]).location
get(urljoin(back, get(back).headers["Location"]))
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
	folder = tmp_path_factory.mktemp("documentation")
	with Server(Store(folder / "store"), "--demo", cwd=folder) as running:
		running.wait_for(lambda: "Stop with" in "".join(running.output), what="the demo's commands on standard output")
		yield running


@pytest.fixture(scope="module")
def terminal(tmp_path_factory):
	"""What the environment of a reader's terminal has: a browser, and a place for saved sign-ins."""
	folder = tmp_path_factory.mktemp("terminal")
	program = folder / "browser"
	program.write_text(BROWSER_PROGRAM.format(python=sys.executable, tests=str(ROOT / "tests"), flows=str(ROOT / "tests" / "flows")))
	program.chmod(0o700)
	return {"BROWSER": str(program), "XDG_STATE_HOME": str(folder / "state")}


def arrive(url):
	"""Opens an authorization URL, signs in as the demo's person of that realm, and allows: gives the page that leads back."""
	parts = urlsplit(url)
	browser = Browser(SimpleNamespace(url=f"{parts.scheme}://{parts.netloc}"))
	page = browser.get(url)
	if page.shows("sign-in"):
		page = browser.sign_in(page, *PEOPLE[re.search(r"/system/auth/\w+-([UC])/", url).group(1)])
	if page.shows("consent"):
		page = browser.decide(page)
	return page


def text_of(path):
	return (ROOT / path).read_text()


def prose_of(path):
	"""The text of a document with its line breaks undone."""
	return re.sub(r"\s+", " ", text_of(path))


def table_rows(text):
	"""The cells of all table rows but the heads and the rules under them."""
	lines = text.splitlines()
	return [[cell.strip() for cell in line.strip("|").split("|")] for i, line in enumerate(lines)
	        if line.startswith("|") and not line.startswith("| ---") and not (i + 1 < len(lines) and lines[i + 1].startswith("| ---"))]


def documented_errors():
	rows = [row for row in table_rows(text_of("docs/protocol/errors.md")) if re.fullmatch(r"`[a-z-]+`", row[0])]
	return sorted((row[0].strip("`"), row[1].strip("`"), row[2]) for row in rows)


def served_errors(server):
	page = get(server.url + "/errors").text
	rows = re.findall(r'<a href="/errors/([^"]+)">.*?<code>([^<]*)</code></td><td>(\d+)</td>', page)
	return sorted((unescape(slug), unescape(error), status) for slug, error, status in rows)


def test_errors_md_lists_every_error_of_the_server_and_no_other(demo):
	assert served_errors(demo), "the page /errors lists nothing"
	assert documented_errors() == served_errors(demo)


def test_every_error_that_http_refuses_by_itself_has_a_slug_in_errors_md():
	slugs = {slug for path in (ROOT / "src" / "http").glob("*.c")
	         for slug in re.findall(r'= \{ [45]\d\d, (?:true|false), "([a-z-]+)"', path.read_text())}
	assert slugs, "no refusals were found in src/http: did their table move?"
	assert slugs <= {slug for slug, _, _ in documented_errors()}


def test_every_error_uri_leads_to_a_page(demo):
	for slug, _, _ in documented_errors():
		page = get(f"{demo.url}/errors/{slug}")
		assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8"), slug


def test_every_error_page_says_what_errors_md_says(demo):
	for row in table_rows(text_of("docs/protocol/errors.md")):
		if re.fullmatch(r"`[a-z-]+`", row[0]):
			page = unescape(get(f"{demo.url}/errors/{row[0].strip('`')}").text)
			assert row[3] in page and row[4] in page, row[0]


def fenced_blocks(path):
	"""(language, text) of every fence of a document, in order."""
	return re.findall(r"^```(\w*)\n(.*?)^```", text_of(path), re.M | re.S)


def shell_blocks(path):
	return [block for language, block in fenced_blocks(path) if language == "sh"]


def pasted(block, server, terminal, variables=None):
	"""Runs a block as a reader would, with the address of this server and the writ under test."""
	assert block.startswith(("curl ", "writ ")), f"the block starts with neither curl nor writ, so nothing tries it:\n{block}"
	command = re.sub(r"^writ ", find_binary() + " ", block.replace(README_URL, server.url), flags=re.M)
	if command.startswith("curl"):
		command = command.rstrip() + " --silent --show-error --fail-with-body"
	done = subprocess.run(["bash", "-uc", command], capture_output=True, text=True, timeout=60,
	                      env=environment({"no_proxy": "*", **terminal, **(variables or {})}))
	assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
	return done.stdout


BLOCKS = [(path, i) for path in ("README.md", "docs/guide/client-credentials.md", "docs/guide/on-behalf-of.md", "docs/guide/anonymous.md")
          for i in range(len(shell_blocks(path)))]


@pytest.mark.parametrize("path,index", BLOCKS, ids=[f"{path}-{i}" for path, i in BLOCKS])
def test_a_pasted_block_works_against_the_demo(demo, terminal, path, index):
	block = shell_blocks(path)[index]
	output = pasted(block, demo, terminal)
	if "/oauth2/token'" in block or "/anonymous/token?" in block:
		reply = json.loads(output)
		assert reply["token_type"] == "Bearer" and reply["access_token"].count(".") == 2
	elif block.startswith(("writ token", "writ login")):
		assert "signature: good" in output


def test_every_guide_is_tried():
	tried = {"client-credentials.md", "on-behalf-of.md", "sign-in.md", "command-line.md", "token-exchange.md", "anonymous.md", "admin-api.md"}
	walked = {"console.md"}  # in a browser: tests/console/test_first_chapter.py
	assert {path.name for path in (ROOT / "docs" / "guide").iterdir()} == tried | walked


def is_shown(shown, reply):
	"""Does a reply have the members that a document shows, and their values where they are not left out (…)?"""
	return set(shown) == set(reply) and all("…" in str(value) or reply[name] == value for name, value in shown.items())


def test_the_guide_to_signing_in_can_be_followed_from_top_to_bottom(demo, terminal):
	"""Each address is opened and leads to a code, each command works with what the former ones gave, each reply is as shown."""
	variables, reply, opened, shown = {}, {}, 0, 0
	for language, block in fenced_blocks("docs/guide/sign-in.md"):
		if language == "text":
			url = block.strip().replace(README_URL, demo.url)
			answer = arrive(url).answer
			assert answer["state"] == "a1b2c3d4e5f67890" and answer["iss"] == url.split("/oauth2/")[0]
			variables, opened = {"CODE": answer["code"]}, opened + 1
		elif language == "sh":
			output = pasted(block, demo, terminal, variables)
			reply = json.loads(output) if output else {}
			variables.update({name.upper(): reply[name] for name in ("access_token", "refresh_token") if name in reply})
		elif language == "json":
			assert is_shown(json.loads(block), reply), f"{block}\nis shown, and this came:\n{reply}"
			shown += 1
	assert (opened, shown) == (2, 2)


@pytest.fixture
def key_server():
	server = KeyServer()
	yield server
	server.stop()


def test_the_guide_to_token_exchange_can_be_followed_from_top_to_bottom(tmp_path, terminal, key_server):
	"""The document is applied with a provider of this machine; each command works, the reply is as shown."""
	path = "docs/guide/token-exchange.md"
	((document,), commands, (shown,)) = ([block for one, block in fenced_blocks(path) if one == language] for language in ("yaml", "sh", "json"))
	registered = yaml.safe_load(document)
	(provider,) = registered["partitions"][0]["identity_providers"]
	outside = Provider(key_server, "company", provider["claim"], provider["matches"], issuer=provider["issuer"], audience=provider["audience"])
	provider["jwks_url"] = outside.registered["jwks_url"]
	token = outside.token("pa@example.com", iss=provider["issuer"], aud=provider["audience"])
	with Server(Store(tmp_path / "store"), "--demo", cwd=tmp_path) as running:
		running.wait_for(lambda: "Stop with" in "".join(running.output), what="the demo's commands on standard output")
		running.store.apply(registered)
		replies = [pasted(command, running, terminal, {"SUBJECT_TOKEN": token}) for command in commands]
	assert is_shown(json.loads(shown), json.loads(replies[0]))
	assert "signature: good" in replies[1]
	assert unverified(json.loads(replies[2])["access_token"])["act"]["sub"] in commands[2]


def test_the_guide_to_the_admin_api_can_be_followed_from_top_to_bottom(tmp_path, terminal):
	"""The document is applied; each command works with what the former ones gave, each reply is as shown."""
	variables, replies, shown = {}, [], 0
	with Server(Store(tmp_path / "store"), "--demo", cwd=tmp_path) as running:
		running.wait_for(lambda: "Stop with" in "".join(running.output), what="the demo's commands on standard output")
		for language, block in fenced_blocks("docs/guide/admin-api.md"):
			if language == "yaml":
				running.store.apply(yaml.safe_load(block))
			elif language == "sh":
				replies.append(json.loads(pasted(block, running, terminal, variables)))
				variables.update({name.upper(): replies[-1][name] for name in ("access_token",) if name in replies[-1]})
			elif language == "json":
				assert json.loads(block) == replies[-1], f"{block}\nis shown, and this came:\n{replies[-1]}"
				shown += 1
	assert shown == 2 and replies[0]["openapi"].startswith("3.1")
	changed, secret, event, decisions = replies[4:]
	assert (changed["email"], changed["version"]) == ("ann@example.com", 2)
	assert secret["label"] == "second" and secret["value"].startswith("writ_")
	assert (event["action"], event["object"]) == ("user.changed", "1002") and event["detail"]["after"]["email"] == "ann@example.com"
	assert decisions["token"]["live"] is True and decisions["items"][0]["verdict"] == "bad_token"


def test_the_document_of_the_guide_to_the_console_makes_administrators(tmp_path):
	((_, document),) = fenced_blocks("docs/guide/console.md")
	registered = yaml.safe_load(document)
	with Server(Store(tmp_path / "store"), cwd=tmp_path) as running:
		running.store.apply(registered)
		for partition in registered["partitions"]:
			(user,) = partition["users"]
			person = p.Person("", user["username"], password=user["password"])
			console = p.Application(CONSOLE_ID, None, running.url + "/console/callback")
			assert p.succeeded(p.arrive(Browser(running), console, person, partition["id"], scope="writ.admin.manage"), console)


def test_the_guide_to_the_command_line_can_be_followed_from_top_to_bottom(demo, terminal):
	login, call, forget = shell_blocks("docs/guide/command-line.md")
	assert re.search(r"^signed in \S.*^saved +/", pasted(login, demo, terminal), re.M | re.S)
	assert json.loads(pasted(call, demo, terminal))["sub"] == "1001"
	pasted(forget, demo, terminal)
	with pytest.raises(AssertionError, match="demo"):
		pasted(call, demo, terminal)


def test_the_sign_in_that_the_demo_prints_works(demo, terminal):
	commands = [line for line in "".join(demo.output).splitlines() if line.startswith("writ ")]
	assert commands
	for command in commands:
		assert "signature: good" in pasted(command, demo, terminal)


def test_the_readme_shows_the_commands_that_the_demo_prints(demo):
	printed = "".join(demo.output).replace(demo.url, README_URL)
	for block in shell_blocks("README.md"):
		if block.startswith(("curl", "writ login")):
			assert block in printed


def test_every_configuration_key_stands_in_operator_md_and_no_other():
	helped = re.findall(r"^  (--[a-z-]+).*?\(or (WRIT_\w+) in the environment\)$", run("serve", "--help").stdout, re.M)
	rows = [tuple(cell.strip("`") for cell in row[:2]) for row in table_rows(text_of("docs/operator.md")) if row[0].startswith("`--")]
	assert helped, "writ serve --help lists no keys"
	assert sorted(rows) == sorted(helped)


def test_every_number_that_help_gives_as_a_default_stands_in_operator_md():
	helped = re.findall(r"^  (--[a-z-]+).*? \((\d+)\)[:;]? .*in the environment\)$", run("serve", "--help").stdout, re.M)
	documented = {row[0].strip("`"): row[2] for row in rows_under("docs/operator.md", "flag")}
	assert len(helped) > 6, "writ serve --help gives no defaults"
	assert {name: documented[name] for name, _ in helped} == dict(helped)


def test_every_metric_stands_in_operator_md_and_no_other(demo):
	served = set(re.findall(r"^# TYPE (\w+)", get(demo.management_url + "/metrics").text, re.M))
	section = text_of("docs/operator.md").split("## Metrics", 1)[1].split("\n## ", 1)[0]
	named = {name for row in table_rows(section) for name in re.findall(r"`(writ_\w+)", row[0])}
	assert served, "/metrics lists nothing"
	assert named == served


def rows_under(path, head):
	"""The rows of the one table of a document whose head begins like this."""
	parts = re.split(r"^\| (?=.*\n\| ---)", text_of(path), flags=re.M)
	tables = [part for part in parts if part.startswith(head + " |")]
	assert len(tables) == 1, f"{len(tables)} tables in {path} begin with {head}"
	return [[cell.strip() for cell in line.strip("|").split("|")] for line in tables[0].split("\n\n")[0].splitlines()[2:]]


def text_keys():
	"""The keys of the pages' texts."""
	return set(re.findall(r"^([a-z_.-]+) = ", text_of("pages/texts/en.txt"), re.M))


def test_every_audit_action_stands_in_operator_md_and_no_other():
	"""Whatever in the sources looks like an action is one, or a page's text."""
	sources = "".join(path.read_text() for path in (ROOT / "src").rglob("*.c"))
	written = set(re.findall(r'"([a-z_]{2,}\.[a-z_]+)"', sources)) - text_keys() - {"demo.yaml", "writ.db", "index.html", "configuration.json", "openapi.json"}
	documented = {action for row in rows_under("docs/operator.md", "action") for action in re.findall(r"`([a-z_]+\.[a-z_]+)`", row[0])}
	assert len(written) > 12, "no audit actions were found in src: did they move?"
	assert documented == written


def limit(name):
	"""The number of a line of limits.h."""
	expression = re.search(rf"^#define {name} (\(?[\d *+()]+)", text_of("src/base/limits.h"), re.M).group(1)
	return eval(expression, {"__builtins__": {}})


# (document, limit, what one of it is in the document's unit, the words)
NUMBERS = [
	("docs/operator.md", "LIMIT_CONNECTION_POOL", 1024, "{} KiB of memory for each connection"),
	("docs/operator.md", "LIMIT_SESSIONS_PER_PERSON", 1, "at most {} at a realm"),
	("docs/operator.md", "LIMIT_SIGN_INS_WAITING", 1, "{} more sign-ins wait"),
	("docs/operator.md", "LIMIT_SIGN_INS_WAITING", 1, "and {} sign-ins for one of theirs"),
	("docs/operator.md", "LIMIT_SESSION_MAX_S", 1, "{} is the most"),
	("docs/operator.md", "LIMIT_ARGON2_MEMORY_KIB", 1024, "may ask for up to {} MiB"),
	("docs/operator.md", "LIMIT_TLS_EXPIRY_S", 86400, "From {} days before it on"),
	("docs/operator.md", "LIMIT_QUEUED_JOBS", 1, "{} requests may wait for a worker"),
	("docs/operator.md", "LIMIT_GATEWAY_CONNECTIONS", 1, "takes up to {} connections of proxies"),
	("docs/operator.md", "LIMIT_REMEMBERED_TOKENS_SIZE", 1024 * 1024, "{} MiB of verified tokens"),
	("docs/operator.md", "LIMIT_CACHED_CATALOGUES", 1, "catalogues of up to {} partitions"),
	("docs/operator.md", "LIMIT_CACHED_OPERATIONS", 1, "{} operations in all"),
	("docs/operator.md", "LIMIT_FORM_SIZE", 1024, "A body of {} KiB is enough"),
	("docs/operator.md", "LIMIT_STATISTICS_MINUTES_S", 86400, "Rows of minutes are kept for {} days"),
	("docs/operator.md", "LIMIT_STATISTICS_HOURS_S", 86400, "of hours for {} days"),
	("docs/operator.md", "LIMIT_STATISTICS_DAYS_S", 86400, "of days for {} days"),
	("docs/operator.md", "LIMIT_STATISTICS_KEYS", 1, "at most {} different rows"),
	("docs/guide/admin-api.md", "LIMIT_PAGE", 1, "`limit` is 1 to {}."),
	("docs/guide/admin-api.md", "LIMIT_ADMIN_BODY_SIZE", 1024 * 1024, "Every other body has at most {} MiB"),
	("docs/guide/admin-api.md", "LIMIT_LARGE_BODIES", 1, "At most {} bodies above 1 MiB"),
	("docs/guide/admin-api.md", "LIMIT_LARGE_BODIES_EACH", 1, "{} of them from one address"),
	("docs/gateway.md", "LIMIT_FORM_SIZE", 1024, "read past ({} KiB at most)"),
	("docs/administrator.md", "LIMIT_PASSWORD_MIN", 1, "A new one needs {} characters"),
	("docs/guide/sign-in.md", "LIMIT_CODE_S", 1, "a code is good for {} seconds"),
	("docs/guide/sign-in.md", "LIMIT_REFRESH_GRACE_MS", 1000, "for {} s from its first use"),
	("docs/guide/sign-in.md", "LIMIT_REFRESH_SIBLINGS", 1, "{} at most"),
	("docs/guide/sign-in.md", "LIMIT_SESSION_IDLE_S", 3600, "{} hours without use"),
	("docs/guide/sign-in.md", "LIMIT_SESSION_MAX_S", 3600, "{} hours in all"),
	("docs/guide/sign-in.md", "LIMIT_ATTEMPT_S", 60, "open for more than {} minutes"),
	("docs/protocol/catalogue.md", "LIMIT_CATALOGUE_TEXT", 1024 * 1024, "no member twice), at most {} MiB"),
	("docs/protocol/catalogue.md", "LIMIT_CATALOGUE_SEGMENTS", 1, "at most {} segments"),
	("docs/protocol/endpoints.md", "LIMIT_CODE_S", 1, "good once, for {} s"),
	("docs/protocol/endpoints.md", "LIMIT_JTI_SIZE", 1, "1 to {} bytes, new each time"),
	("docs/protocol/endpoints.md", "LIMIT_CLOCK_AHEAD_S", 1, "if there, at most {} s ahead"),
	("docs/administrator.md", "LIMIT_KEY_SET_FRESH_S", 60, "keeps the answer in memory for {} minutes"),
	("docs/administrator.md", "LIMIT_KEY_SET_TOTAL_MS", 1000, "come within {} s"),
	("docs/administrator.md", "LIMIT_JWKS_SIZE", 1024, "have at most {} KiB and"),
	("docs/administrator.md", "LIMIT_JWKS_KEYS", 1, "and {} keys, and be a key set"),
	("docs/protocol/endpoints.md", "LIMIT_REFRESH_GRACE_MS", 1000, "Within {} s of its first use"),
	("docs/protocol/endpoints.md", "LIMIT_REFRESH_SIBLINGS", 1, "gives another, at most {}"),
	("docs/protocol/endpoints.md", "LIMIT_LOGOUT_MS", 1000, "200 or 204 within {} s"),
	("docs/protocol/tokens.md", "LIMIT_LOGOUT_TOKEN_S", 1, "made; {} s later"),
	("docs/protocol/endpoints.md", "LIMIT_AUTHORIZATION_SIZE", 1024, "{} KiB at most"),
	("docs/protocol/tokens.md", "LIMIT_CODE_S", 1, "| {} s, one use"),
	("docs/protocol/tokens.md", "LIMIT_REFRESH_GRACE_MS", 1000, "with a grace of {} s"),
	("docs/protocol/endpoints.md", "LIMIT_ANONYMOUS_TOKEN_S", 1, "good for {} s. An address"),
	("docs/decisions/client-id-of-anonymous-customers.md", "LIMIT_ANONYMOUS_TOKEN_S", 1, "lives {} s"),
	("docs/decisions/session-lifetimes.md", "LIMIT_SESSION_IDLE_S", 3600, "{} hours without use"),
	("docs/decisions/session-lifetimes.md", "LIMIT_SESSION_MAX_S", 3600, "{} hours in all"),
	("docs/decisions/attempts-in-the-form.md", "LIMIT_ATTEMPT_S", 60, "more than {} minutes"),
	("docs/decisions/ninth-use-of-a-refresh-token.md", "LIMIT_REFRESH_SIBLINGS", 1, "at most {} in all"),
]


@pytest.mark.parametrize("path,name,unit,words", NUMBERS, ids=[f"{path}-{name}" for path, name, _, _ in NUMBERS])
def test_a_number_of_a_document_is_the_limit_of_the_program(path, name, unit, words):
	value, rest = divmod(limit(name), unit)
	assert rest == 0 and words.format(value) in prose_of(path)


def test_operator_md_counts_connections_with_the_pool_of_limits_h():
	kib = limit("LIMIT_CONNECTION_POOL") // 1024
	assert f"10000 such connections are {10000 * kib // 1024} MiB" in prose_of("docs/operator.md")


def test_every_address_of_the_public_listener_stands_in_endpoints_md():
	source = text_of("src/server/routes.c").split("public_routes[] = {", 1)[1].split("};", 1)[0].replace('REALM "', '"/system/auth/{realm}').replace(
		'" REALM', '/system/auth/{realm}"').replace('ADMIN_PATH "', '"/admin/v1').replace('PARTITION "', '"/admin/v1/partitions/{partition}')
	patterns = re.findall(r'\{ HTTP_[\w |]+, "([^"]+)"', source)
	assert len(patterns) > 5, "no routes were found in src/server/routes.c: did their table move?"
	listed = text_of("docs/protocol/endpoints.md")
	assert [pattern for pattern in patterns if f" {pattern}`" not in listed and f"`{pattern}`" not in listed] == []


def parameters_of(source):
	"""The rows of a legality table: (parameter, its limit), apart from those that are read past."""
	rows = re.findall(r'\{ SLICE\("(\w+)"\), [A-Z_ |]+, (LIMIT_\w+), KEEP\(', text_of(source))
	assert rows, f"no parameters were found in {source}: did their table move?"
	return rows


def test_every_parameter_of_an_authorization_request_stands_in_endpoints_md_with_its_limit():
	rows = rows_under("docs/protocol/endpoints.md", "parameter | | at most, bytes")
	documented = {name: row[2] for row in rows for name in re.findall(r"`(\w+)`", row[0])}
	assert documented == {name: str(limit(size)) for name, size in parameters_of("src/oauth/authorize/authorization_request.c")}


def test_every_parameter_of_a_sign_out_stands_in_endpoints_md_with_its_limit():
	documented = {row[0].strip("`"): row[2] for row in rows_under("docs/protocol/endpoints.md", "sent to sign out")}
	assert documented == {name: str(limit(size)) for name, size in parameters_of("src/oauth/authorize/logout.c")}


def test_every_parameter_of_the_token_endpoint_stands_in_endpoints_md():
	later = {"client_assertion", "client_assertion_type", "token", "token_type_hint"}  # of client authentication; of introspection and revocation
	documented = {name for row in rows_under("docs/protocol/endpoints.md", "parameter | authorization code") for name in re.findall(r"`(\w+)`", row[0])}
	assert documented == {name for name, _ in parameters_of("src/oauth/token_request.c")} - later


def test_every_action_of_a_persons_own_page_stands_in_endpoints_md():
	forms = set(re.findall(r'action="\{\{base\}\}/([a-z-]+)"', "".join(path.read_text() for path in (ROOT / "pages").glob("account*.html"))))
	listed = prose_of("docs/protocol/endpoints.md").split("that only this session's pages have:", 1)[1].split(".", 1)[0]
	assert forms and set(re.findall(r"`([a-z-]+)`", listed)) == forms


def test_every_id_that_endpoints_md_promises_stands_on_a_page():
	pages = "".join(path.read_text() for path in (ROOT / "pages").glob("*.html"))
	promised = re.findall(r"`(\w+)`", prose_of("docs/protocol/endpoints.md").split("keep their ids:", 1)[1].split(".", 1)[0])
	assert len(promised) > 4
	assert [one for one in promised if f'id="{one}"' not in pages] == []


def test_every_page_and_error_that_the_guide_names_is_there():
	guide = text_of("docs/guide/sign-in.md").split("## When it fails", 1)[1]
	titles = set(re.findall(r"^dead_end\.title.* = (.*)$", text_of("pages/texts/en.txt"), re.M)) | set(re.findall(
		r'"[a-z-]+", "([^"]+)",\n', text_of("src/oauth/refusal.c")))
	named = re.findall(r'a page "([^"]+)"', guide)
	slugs = {slug for _, why, _ in table_rows(guide) for slug in re.findall(r"`([a-z-]+-[a-z-]+)`|\[([a-z-]+)\]\(", why) for slug in slug if slug}
	slugs |= {row[0].strip("`") for row in table_rows(guide) if re.fullmatch(r"`[a-z]+-[a-z-]+`", row[0])}
	assert len(named) > 3 and set(named) <= titles
	assert len(slugs) > 8 and slugs <= {slug for slug, _, _ in documented_errors()}


@pytest.fixture(scope="module")
def interop():
	"""What tests/interop knows of itself."""
	sys.path.append(str(ROOT / "tests" / "interop"))
	import excerpts
	import matrix
	return SimpleNamespace(excerpts=excerpts, matrix=matrix)


def test_clients_md_shows_the_lines_of_every_interop_program_and_of_no_other(interop):
	"""tests/interop/excerpts.py writes them there."""
	document = text_of("docs/clients.md")
	assert re.findall(r"^## (.*)$", document, re.M) == [client.name for client in interop.matrix.CLIENTS]
	for client in interop.matrix.CLIENTS:
		shown, lines = interop.excerpts.fence(client).search(document), interop.excerpts.excerpt(client)
		assert lines.strip(), f"no lines of {client.program} are marked"
		assert shown and shown.group(2) == lines, client.name


def test_the_readme_shows_the_table_that_interop_prints_when_all_is_well(interop):
	rows = [(*line, {}) for line in interop.matrix.lines_of(interop.matrix.CLIENTS)]
	printed = "\n".join(interop.matrix.table(rows)) + "\n\n{} passed, {} failed\n".format(*interop.matrix.count(rows))
	assert printed in [block for _, block in fenced_blocks("README.md")]


def test_the_lines_for_nginx_in_operator_md_are_those_of_the_example_that_runs():
	"""tests/support/nginx.py runs it."""
	shown = [textwrap.indent(block, "\t") for language, block in fenced_blocks("docs/operator.md") if language == "nginx"]
	assert len(shown) == 1 and shown[0] in text_of("examples/nginx.conf")


def test_the_languages_that_documents_name_are_those_of_the_pages():
	names = {"en": "English", "ar": "Arabic"}
	spoken = sorted((names[path.stem] for path in (ROOT / "pages" / "texts").glob("*.txt")), key=lambda name: name != "English")
	for path in ("README.md", "docs/administrator.md", "CHANGELOG.md"):
		assert " and ".join(spoken) in prose_of(path), path


def test_every_field_of_an_apply_document_stands_in_administrator_md():
	source = text_of("src/directory/apply_read.c") + text_of("src/directory/apply_read_application.c") + text_of("src/directory/apply_provider.c")
	fields = set(re.findall(r'\{ SLICE\("(\w+)"\), FIELD_', source))
	assert len(fields) > 30, "no fields were found in src/directory: did their tables move?"
	listed = set(re.findall(r"\w+", text_of("docs/administrator.md")))
	assert fields - listed == set()


def is_a_test(named):
	"""file::name: of tests/flows, or of the folder of tests/ that the file names."""
	file, _, name = named.partition("::")
	path = ROOT / "tests" / (file if "/" in file else "flows/" + file)
	pattern = rf"^def {name}\(" if path.suffix == ".py" else rf"^static void {name}\(void "
	return re.fullmatch(r"\w+", name) is not None and path.is_file() and re.search(pattern, path.read_text(), re.M) is not None


def test_every_requirement_of_openid_profile_md_names_tests_that_are_there():
	rows = table_rows(text_of("docs/protocol/openid-profile.md"))
	assert len(rows) > 40
	missing = [named for row in rows for named in re.findall(r"`([^`]*)`", row[-1]) if not is_a_test(named)]
	assert missing == []
	assert [row[0] for row in rows if not re.fullmatch(r"(`[^`]+::[^`]+`(, )?)+", row[-1])] == []


def anchors(text):
	"""The anchors of headings, as a forge makes them."""
	headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
	return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_every_link_between_documents_leads_somewhere(document):
	broken = []
	for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
		if re.match(r"[a-z]+:", target):
			continue
		path, _, anchor = target.partition("#")
		file = (document.parent / path).resolve() if path else document
		if not file.exists() or (anchor and anchor not in anchors(file.read_text())):
			broken.append(target)
	assert broken == []
