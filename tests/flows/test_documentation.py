"""The documents say what the program does: errors, configuration, metrics, addresses, fields and commands, compared with the running binary."""

import json
import re
import subprocess
from html import unescape

import pytest

from support.program import ROOT, Server, Store, environment, find_binary, get, run

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README_URL = "http://127.0.0.1:8080"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
	folder = tmp_path_factory.mktemp("documentation")
	with Server(Store(folder / "store"), "--demo", cwd=folder) as running:
		running.wait_for(lambda: "Stop with" in "".join(running.output), what="the demo's commands on standard output")
		yield running


def text_of(path):
	return (ROOT / path).read_text()


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


def shell_blocks(path):
	return re.findall(r"^```sh\n(.*?)^```", text_of(path), re.M | re.S)


def pasted(block, server):
	"""Runs a block as a reader would, with the address of this server and the writ under test."""
	command = re.sub(r"^writ ", find_binary() + " ", block.replace(README_URL, server.url), flags=re.M)
	if command.startswith("curl"):
		command = command.rstrip() + " --silent --show-error --fail-with-body"
	done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment({"no_proxy": "*"}), timeout=60)
	assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
	return done.stdout


BLOCKS = [(path, i) for path in ("README.md", "docs/guide/client-credentials.md", "docs/guide/on-behalf-of.md") for i in range(len(shell_blocks(path)))]


@pytest.mark.parametrize("path,index", BLOCKS, ids=[f"{path}-{i}" for path, i in BLOCKS])
def test_a_pasted_block_works_against_the_demo(demo, path, index):
	block = shell_blocks(path)[index]
	assert block.startswith(("curl ", "writ ")), f"{path}: the block starts with neither curl nor writ, so nothing tries it:\n{block}"
	output = pasted(block, demo)
	if "/oauth2/token'" in block:
		reply = json.loads(output)
		assert reply["token_type"] == "Bearer" and reply["access_token"].count(".") == 2
	elif block.startswith("writ token"):
		assert "signature: good" in output


def test_the_readme_shows_the_commands_that_the_demo_prints(demo):
	printed = "".join(demo.output).replace(demo.url, README_URL)
	for block in shell_blocks("README.md"):
		if block.startswith("curl"):
			assert block in printed


def test_every_configuration_key_stands_in_operator_md_and_no_other():
	helped = re.findall(r"^  (--[a-z-]+).*?\(or (WRIT_\w+) in the environment\)$", run("serve", "--help").stdout, re.M)
	rows = [tuple(cell.strip("`") for cell in row[:2]) for row in table_rows(text_of("docs/operator.md")) if row[0].startswith("`--")]
	assert helped, "writ serve --help lists no keys"
	assert sorted(rows) == sorted(helped)


def test_every_metric_stands_in_operator_md_and_no_other(demo):
	served = set(re.findall(r"^# TYPE (\w+)", get(demo.management_url + "/metrics").text, re.M))
	section = text_of("docs/operator.md").split("## Metrics", 1)[1].split("\n## ", 1)[0]
	named = {name for row in table_rows(section) for name in re.findall(r"`(writ_\w+)", row[0])}
	assert served, "/metrics lists nothing"
	assert named == served


def test_every_audit_action_stands_in_operator_md_and_no_other():
	sources = "".join(path.read_text() for path in (ROOT / "src").rglob("*.c"))
	written = set(re.findall(r'oauth_call_end\(&call, refusal, "([a-z.]+)"\)', sources)) | set(re.findall(r'\.action = SLICE(?:_OF)?\("([a-z.]+)"\)', sources))
	row = next(row for row in table_rows(text_of("docs/operator.md")) if row[0] == "`action`")
	assert len(written) > 4, "no audit events were found in src: did they move?"
	assert set(re.findall(r"`([a-z.]+)`", row[1])) == written


def test_operator_md_counts_connections_with_the_pool_of_limits_h():
	kib = int(re.search(r"#define LIMIT_CONNECTION_POOL \((\d+) \* 1024\)", text_of("src/base/limits.h")).group(1))
	assert f"{kib} KiB of memory for each connection" in text_of("docs/operator.md")
	assert f"10000 such connections are {10000 * kib // 1024} MiB" in text_of("docs/operator.md")


def test_every_address_of_the_public_listener_stands_in_endpoints_md():
	source = text_of("src/server/routes.c").split("public_routes[] = {", 1)[1].split("};", 1)[0].replace('REALM "', '"/system/auth/{realm}').replace(
		'" REALM', '/system/auth/{realm}"')
	patterns = re.findall(r'\{ HTTP_\w+, "([^"]+)"', source)
	assert len(patterns) > 5, "no routes were found in src/server/routes.c: did their table move?"
	listed = text_of("docs/protocol/endpoints.md")
	assert [pattern for pattern in patterns if f" {pattern}`" not in listed] == []


def test_every_field_of_an_apply_document_stands_in_administrator_md():
	source = text_of("src/directory/apply_read.c") + text_of("src/directory/apply_read_application.c")
	fields = set(re.findall(r'\{ SLICE\("(\w+)"\), FIELD_', source))
	assert len(fields) > 30, "no fields were found in src/directory: did their tables move?"
	listed = set(re.findall(r"\w+", text_of("docs/administrator.md")))
	assert fields - listed == set()


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
