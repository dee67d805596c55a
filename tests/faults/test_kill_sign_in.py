"""kill -9 while people sign in: what was acknowledged is there, and nothing is good twice (issue 3, Must show; attack A3).

WRIT_ROUNDS says how many kills; a hundred are
    WRIT_ROUNDS=100 tests/.venv/bin/python -m pytest -s tests/faults/test_kill_sign_in.py"""

import dataclasses
import http.client
import json
import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from support import documents as d
from support.browser import Browser
from support.oauth import FORM
from support.people import STRANGERS, WEB, Site, authorize, path_of, people_directory, request_of, stranger
from support.program import SANITIZER_MARKS, Store

ROUNDS = int(os.environ.get("WRIT_ROUNDS", "25"))
AT_WORK = 6
AUTH_URL = "http://127.0.0.1:5998"  # what the server calls itself, whatever port it gets
SCOPE = "openid offline_access " + d.READ
GRACE_S = 10  # contract §3
EACH_MAX = 12  # of each kind that are looked at after a kill
NO_REPLY = (OSError, http.client.HTTPException)


class Line:
	"""A kept-alive connection of one application and one person's browser. Raises NO_REPLY where no whole reply came."""

	def __init__(self, site, cookies):
		self.connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
		self.cookies = cookies

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.connection.close()

	def _ask(self, *arguments, **keywords):
		self.connection.request(*arguments, **keywords)
		reply = self.connection.getresponse()
		return reply, reply.read()

	def new_code(self):
		"""An authorization request of a person who is signed in: the code; None where the session is over."""
		query = urlencode(request_of(WEB, scope=SCOPE, prompt="none"))
		reply, body = self._ask("GET", f"{path_of()}?{query}", headers={"Cookie": self.cookies})
		assert reply.status == 303, f"{reply.status} {body[:300]}"
		return parse_qs(urlsplit(reply.headers["Location"]).query).get("code", [None])[0]

	def _token(self, **fields):
		"""The reply's body; None: refused with invalid_grant."""
		form = urlencode({"client_id": WEB.id, "client_secret": WEB.secret, **fields})
		reply, body = self._ask("POST", path_of(endpoint="/oauth2/token"), form, {"Content-Type": FORM})
		body = json.loads(body)
		assert reply.status == 200 or (reply.status, body["error"]) == (400, "invalid_grant"), f"{reply.status} {body}"
		return body if reply.status == 200 else None

	def redeem(self, code):
		return self._token(grant_type="authorization_code", code=code, redirect_uri=WEB.redirect)

	def refresh(self, token):
		return self._token(grant_type="refresh_token", refresh_token=token)


@dataclasses.dataclass
class Family:
	code: str
	tokens: list  # acknowledged ones, the newest last; each but the newest was used
	asked_at: float | None = None  # a use of the newest was sent at that time and never answered


@dataclasses.dataclass
class Facts:
	"""What the people and applications of one round know."""

	codes: list = dataclasses.field(default_factory=list)      # acknowledged and not sent anywhere
	unanswered: list = dataclasses.field(default_factory=list)  # redeemed, and no reply came
	families: list = dataclasses.field(default_factory=list)
	sessions: list = dataclasses.field(default_factory=list)   # cookies of acknowledged sign-ins


def cookies_of(browser):
	return "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.jar.values())


def sign_in(site, person):
	"""By password; the cookies of the browser afterwards, None when no page or redirect was the answer."""
	browser = Browser(site, AUTH_URL)
	page = browser.sign_in(authorize(browser, WEB, scope="openid"), person.name, person.password)
	assert page.status == 303, f"{page.status} {page.text[:300]}"
	return cookies_of(browser)


class Work:
	"""AT_WORK people whose applications ask for codes and tokens, and newcomers who sign in, until the server is gone."""

	def __init__(self, site, cookies, chance, newcomers):
		self.site, self.facts, self.chance, self.newcomers = site, Facts(), chance, newcomers
		self.wrong, self.acknowledged = [], threading.Semaphore(0)
		self.threads = [threading.Thread(target=self._until_dead, args=(self._flows, one)) for one in cookies]
		self.threads.append(threading.Thread(target=self._until_dead, args=(self._sign_ins, None)))
		for thread in self.threads:
			thread.start()

	def _until_dead(self, work, cookies):
		try:
			work(cookies)
		except NO_REPLY:
			pass
		except Exception as error:  # judged by the test, in its own thread
			self.wrong.append(f"{type(error).__name__}: {error}")

	def _flows(self, cookies):
		with Line(self.site, cookies) as line:
			while True:
				code = line.new_code()
				assert code, "the session is lost"
				if self.chance.random() < 0.25:
					self.facts.codes.append(code)
				else:
					self._redeem(line, code)
				self.acknowledged.release()

	def _redeem(self, line, code):
		try:
			body = line.redeem(code)
		except NO_REPLY:
			self.facts.unanswered.append(code)
			raise
		assert body, "a fresh code was refused"
		family = Family(code, [body["refresh_token"]])
		self.facts.families.append(family)
		while self.chance.random() < 0.6:
			family.asked_at = time.monotonic()
			body = line.refresh(family.tokens[-1])
			assert body, "a fresh refresh token was refused"
			family.tokens.append(body["refresh_token"])
			family.asked_at = None

	def _sign_ins(self, _):
		for person in self.newcomers:
			self.facts.sessions.append(sign_in(self.site, person))

	def kill_at(self, seconds):
		"""Some moments after everything has begun."""
		for _ in range(AT_WORK):
			assert self.acknowledged.acquire(timeout=30), self.wrong
		time.sleep(seconds)
		self.site.kill()
		for thread in self.threads:
			thread.join(60)
		assert not self.wrong, self.wrong
		said = "".join(self.site.broken_lines)
		assert not any(mark in said for mark in SANITIZER_MARKS), said
		return self.facts


def judge_code(line, code):
	assert line.redeem(code), "an acknowledged code is lost"
	assert line.redeem(code) is None, "a code was good twice"


def judge_unanswered(line, code):
	wins = sum(line.redeem(code) is not None for _ in range(3))
	assert wins <= 1, "a code whose first use was not answered was good twice"


def judge_living_family(line, family):
	if family.asked_at is not None and time.monotonic() - family.asked_at > GRACE_S - 2:
		return  # the use may have counted, and its grace may be over
	body = line.refresh(family.tokens[-1])
	assert body, "an acknowledged refresh token is lost"
	assert line.refresh(body["refresh_token"]), "the successor of an acknowledged refresh token is lost"


def judge_spent_code(line, family):
	assert line.redeem(family.code) is None, "an acknowledged code was good twice"
	assert line.refresh(family.tokens[-1]) is None, "a code's second use left its refresh tokens alive"


def judge_spent_token(line, family):
	"""Of tokens a, b, c the use of b ended the grace of a."""
	assert line.refresh(family.tokens[-3]) is None, "a spent refresh token was good again after a successor was used"
	assert line.refresh(family.tokens[-1]) is None, "a stolen refresh token left its family alive"


def judge_session(line, _):
	assert line.new_code(), "an acknowledged sign-in is lost"


def judgements(facts, chance):
	"""(judge, what, cookies) for a sample of what is known; each fact is used once, for judging changes it."""
	def some(facts_of_a_kind):
		return chance.sample(facts_of_a_kind, min(EACH_MAX, len(facts_of_a_kind)))

	long = [family for family in facts.families if len(family.tokens) >= 3 and family.asked_at is None]
	stolen = some(long)[:EACH_MAX // 2]
	others = [family for family in some(facts.families) if family not in stolen]
	living, doubled = others[::2], others[1::2]
	work = [(judge_code, code, "") for code in some(facts.codes)] + [(judge_unanswered, code, "") for code in facts.unanswered]
	work += [(judge_spent_token, family, "") for family in stolen] + [(judge_living_family, family, "") for family in living]
	work += [(judge_spent_code, family, "") for family in doubled] + [(judge_session, None, cookies) for cookies in some(facts.sessions)]
	untouched = [family for family in facts.families if family.asked_at is None and not any(family is one for one in stolen + others)]
	return work, untouched[-1:]


def judge_all(site, work):
	def judge(one):
		judge_it, what, cookies = one
		with Line(site, cookies) as line:
			judge_it(line, what)

	with ThreadPoolExecutor(4) as pool:
		for done in [pool.submit(judge, one) for one in work]:
			done.result()


@pytest.mark.timeout(900)
def test_what_a_sign_in_was_told_survives_kill_9_and_nothing_is_good_twice(tmp_path):
	store = Store(tmp_path / "killed")
	store.apply(people_directory())
	chance, counts, kept_families, kept_sessions = random.Random(20261122), {}, [], []

	def open_site():
		return Site(store, "--auth-url", AUTH_URL)

	site = open_site()
	try:
		cookies = [sign_in(site, stranger(number)) for number in range(AT_WORK)]
		for number in range(ROUNDS):
			newcomers = (stranger(AT_WORK + (number * 37 + index) % (STRANGERS - AT_WORK)) for index in range(1000))
			facts = Work(site, cookies, chance, newcomers).kill_at(chance.uniform(0, 0.15))
			site = open_site()
			work, untouched = judgements(facts, chance)
			judge_all(site, work)
			for judge, *_ in work:
				counts[judge.__name__] = counts.get(judge.__name__, 0) + 1
			kept_families += untouched
			kept_sessions += facts.sessions[-1:]
		judge_all(site, [(judge_session, None, one) for one in cookies + kept_sessions] + [(judge_living_family, one, "") for one in kept_families])
		for judge in (judge_code, judge_spent_code, judge_spent_token, judge_living_family, judge_session):
			assert counts.get(judge.__name__, 0) >= ROUNDS // 2, counts
		site.stop()
	finally:
		if site.process.poll() is None:
			site.kill()
	print(f"{ROUNDS} kills: {counts}, and {len(kept_families)} families and {len(kept_sessions)} sessions to the end")
