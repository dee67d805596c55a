"""HAProxy as `writ gateway` configures it has nothing but a Lua action to decide a call, and goes on where the action fails or a header finds no
room. Then nothing reaches the API. What is full where, the other proxies are asked as well."""

import http.client
import json

import pytest
from test_proxies import CALL, LARGE, Site, facts_in, only, refused, store  # noqa: F401

from support.guarded_api import FACTS, EchoApi, StandIn, headers_of
from support.program import DEADLINE_S
from support.proxies import KINDS, Proxy, program_of

ACTION = 'core.register_action("writ_check", { "http-req" }, function(txn) %s end, 1)\n'
SET_ALL = " ".join(f'txn.http:req_set_header("X-Writ-{name}", "{value}")' for name, value in FACTS.items())
FAILURES = {"raises": 'error("boom")', "raises when all is set": SET_ALL + ' error("boom")', "spins": "while true do end",
            "returns": "", "eats memory": 'return ("x"):rep(100000000)'}

# What a reader's own file may say, read after what is printed.
SHORT_OF_TIME = "global\n\ttune.lua.session-timeout 50ms\n\ttune.lua.maxmem 64\n"
SHORT_OF_ROOM = "global\n\ttune.bufsize 16384\n\ttune.maxrewrite 1024\n"

MANY_SCOPES = " ".join(f"knowledge.portalmgr.permission{number:03}.read" for number in range(30))
MOST_SCOPES = " ".join(f"knowledge.portalmgr.permission{number:03}.read" for number in range(105))  # 4 KiB is what a token may hold
ON_BEHALF_OF = {**FACTS, "Scope": MANY_SCOPES, "Acting-Client": "b4b2c1d9-4c19-4e8a-8e7a-9a0b1c2d3e4f"}


class Altered(Proxy):
	"""HAProxy with an action of its own, or with one more file."""

	def __init__(self, folder, store, *options, action, more):  # noqa: F811
		self.action, self.more = action, more
		super().__init__("haproxy", folder, store, *options)

	def _command(self):
		command = super()._command()
		if self.action is not None:
			(self.folder / "writ.lua").write_text(ACTION % self.action)
		(self.folder / "more.cfg").write_text(self.more)
		return [*command, "-f", str(self.folder / "more.cfg")]


class AlteredSite(Site):
	def __init__(self, folder, store, *options, action=None, more="\n"):  # noqa: F811
		self.api, self.check, self.tokens = EchoApi(), StandIn(), EchoApi()
		self.proxy = Altered(folder, store, "--upstream", self.api.url, "--check", self.check.address, "--tokens", self.tokens.address, *options,
		                     action=action, more=more)


def installed(kind):
	if program_of(kind) is None:
		pytest.skip(f"{kind} is not installed (scripts/setup proxies)")
	return kind


def padding(size):
	"""Headers of that many bytes in all."""
	lines, rest = divmod(size, 4000)
	return [(f"A{number}", "x" * (4000 - len(f"A{number}: \r\n"))) for number in range(lines)] + [("B", "y" * max(1, rest - len("B: \r\n")))]


def ask_padded(site, size):
	"""Whether the call got to the API, where it must have all that was decided."""
	reply = site.ask("GET", CALL, padding(size), token="good")
	seen = site.api.seen()
	wanted = {"x-writ-" + name.lower(): value for name, value in site.check.facts.items()}
	assert [facts_in(each) for each in seen] == [wanted] * len(seen), (size, reply)
	assert len(seen) == (1 if reply.status == 200 else 0), (size, reply)
	return reply


@pytest.mark.parametrize("pinned", [(), ("--partition", "ACME")], ids=["any partition", "one partition"])
@pytest.mark.parametrize("failure", FAILURES)
def test_an_action_that_does_not_decide_closes(store, tmp_path, failure, pinned):  # noqa: F811
	installed("haproxy")
	site = AlteredSite(tmp_path, store, *pinned, action=FAILURES[failure], more=SHORT_OF_TIME)
	try:
		for method, headers in (("GET", []), ("DELETE", [("X-Writ-Partition", "ACME")]), ("OPTIONS", [("Origin", "https://a.example")])):
			reply = site.ask(method, CALL, headers, token="good")
			assert refused(site, reply, 503)["error"] == "temporarily_unavailable" and reply.all("Cache-Control") == ["no-store"]
		assert site.ask("POST", "/core/authmgr/v3/oauth2/v2.0/token", [], b"").status == 200 and only(site.tokens)
		site.ask("OPTIONS", CALL, [("Origin", "https://a.example"), ("Access-Control-Request-Method", "GET")])
		assert only(site.api)["method"] == "OPTIONS"
	finally:
		site.close()


def test_a_decision_is_of_one_call_and_not_of_the_next_on_its_connection(store, tmp_path):  # noqa: F811
	installed("haproxy")
	once = SET_ALL + ' if txn.f:path() == "%s" then txn:set_var("txn.writ_decided", true) end' % CALL
	site = AlteredSite(tmp_path, store, action=once)
	try:
		connection = http.client.HTTPConnection("127.0.0.1", site.proxy.port, timeout=DEADLINE_S)
		for _ in range(2):
			assert site.ask("GET", CALL, token="good", connection=connection).status == 200 and only(site.api)
			reply = site.ask("GET", CALL + "/next", token="good", connection=connection)
			assert refused(site, reply, 503)["error"] == "temporarily_unavailable"
	finally:
		site.close()


def test_headers_that_find_no_room_beside_the_callers_close(store, tmp_path):  # noqa: F811
	installed("haproxy")
	site = AlteredSite(tmp_path, store, more=SHORT_OF_ROOM)
	site.check.facts = ON_BEHALF_OF
	try:
		statuses = {}
		for size in range(13000, 15300, 8):
			reply = ask_padded(site, size)
			statuses.setdefault(reply.status, reply)
		assert {200, 431} <= set(statuses), statuses
		assert json.loads(statuses[431].body)["error"] == "invalid_request" and statuses[431].all("Content-Type") == ["application/json"]
	finally:
		site.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_as_large_as_the_proxy_takes_has_all_that_was_decided(store, tmp_path, kind):  # noqa: F811
	site = Site(installed(kind), tmp_path, store)
	site.check.facts = {**ON_BEHALF_OF, "Scope": MOST_SCOPES}
	try:
		taken, refused_at = 1000, 2_000_000
		while refused_at - taken > 1:
			middle = (taken + refused_at) // 2
			taken, refused_at = (middle, refused_at) if ask_padded(site, middle).status == 200 else (taken, middle)
		assert taken > 10000
		for size in range(taken - 6000, taken + 200, 100):
			ask_padded(site, size)
	finally:
		site.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", [LARGE, [LARGE[:70000], b"end"]], ids=["5 MiB", "chunked"])
def test_a_decision_of_many_scopes_reaches_the_api_beside_a_large_body(store, tmp_path, kind, body):  # noqa: F811
	site = Site(installed(kind), tmp_path, store)
	site.check.facts = {**ON_BEHALF_OF, "Scope": MOST_SCOPES}
	try:
		for _ in range(3):
			assert site.ask("POST", CALL, [], body, token="good").status == 200
			assert headers_of(only(site.api), "X-Writ-Scope") == [MOST_SCOPES]
	finally:
		site.close()
