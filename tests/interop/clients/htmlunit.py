"""HtmlUnit (Maven), the browser of the certification suites: an old one without a screen, here with scripts and without. Headless.java is the browser;
what it does on a page is browser.json, in the suites' own format."""

import json
import pathlib
import re
import secrets
import subprocess
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from adapter import serve

HERE = pathlib.Path(__file__).resolve().parent
BUILT = HERE.parent / ".htmlunit"
TASKS = re.sub(r"^//.*$", "", (HERE / "htmlunit" / "browser.json").read_text(), flags=re.M)
BRIEFLY = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")  # it runs for seconds
PATIENCE_S = 20


class Refused(Exception):
	pass


def insist(condition, sentence, seen):
	if not condition:
		raise Refused(f"{sentence}: {seen}")


def matches(pattern, address):
	return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), address, re.S)


class Headless:
	"""One browser of one person; script or plain."""

	def __init__(self, origin, mode, fill):
		self.mode = mode
		self.sites = json.loads(re.sub(r"\$([A-Z_]+)", lambda found: json.dumps(fill[found.group(1)])[1:-1], TASKS))
		self.process = subprocess.Popen(["java", *BRIEFLY, "-cp", f"{BUILT}/*:{BUILT}", "Headless", origin, mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
		                                stderr=subprocess.DEVNULL, text=True)

	def do(self, *parts):
		self.process.stdin.write("\t".join(parts) + "\n")
		self.process.stdin.flush()
		word, *answer = self.process.stdout.readline().rstrip("\n").split("\t")
		insist(word == "ok", f"{self.mode}: {parts[0]} {parts[1]}", answer)
		self.address, self.status, self.ids = answer[0], int(answer[1]), answer[2].split()

	def command(self, verb, by, target, *more):
		insist(by == "id", "elements are found by their id", by)
		if target not in self.ids and more[-1:] == ("optional",):
			return
		self.do(verb, target, *more[:1] if verb == "text" else ())

	def visit(self, url, form=None):
		"""Goes there, by a posted form where there is one, and does what browser.json says of the pages that come; gives the address in the end."""
		self.do("post", url, form) if form else self.do("open", url)
		for task in next(site["tasks"] for site in self.sites if matches(site["match"], url)):
			if matches(task["match"], self.address):
				for command in task.get("commands", []):
					self.command(*command)
			else:
				insist(task.get("optional") or "form-post" in self.ids, f"{self.mode}: {task['task']}", self.address)
		if "form-post" in self.ids:
			insist(self.mode == "plain", "a form that is to post itself should do so", self.address)
			self.do("click", "continue")
		return self.address

	def close(self):
		self.process.stdin.close()
		self.process.wait(PATIENCE_S)


class Visitor:
	def discover(self, **settings):
		self.settings = settings
		return {}

	def parameters(self, **changes):
		asked = {name: self.settings[name] for name in ("client_id", "redirect_uri", "scope")}
		return urlencode({**asked, "response_type": "code", "state": self.state, **changes})

	def at(self, endpoint, **parameters):
		return f"{self.settings['issuer']}/oauth2/{endpoint}" + (f"?{urlencode(parameters)}" if parameters else "")

	def answer(self, browser, form=False, **changes):
		"""What comes back to the redirect address."""
		self.state, address = secrets.token_urlsafe(), self.at("authorize")
		back = browser.visit(address, self.parameters(**changes)) if form else browser.visit(f"{address}?{self.parameters(**changes)}")
		insist(back.startswith(self.settings["redirect_uri"] + "?"), f"{browser.mode}, {changes}: they should be back", (back, browser.ids))
		answer = {name: value for name, (value,) in parse_qs(urlsplit(back).query).items()}
		insist((answer["state"], answer["iss"]) == (self.state, self.settings["issuer"]), "state and iss should be right", answer)
		return answer

	def shown(self, browser, **changes):
		"""The ids of the page that is shown before anybody does anything."""
		browser.do("open", f"{self.at('authorize')}?{self.parameters(**changes)}")
		return browser.ids

	def redeem(self, code):
		fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.settings["redirect_uri"]}
		with requests.Session() as session:
			session.trust_env = False
			reply = session.post(self.at("token"), data=fields, auth=(self.settings["client_id"], self.settings["client_secret"]), timeout=PATIENCE_S)
		insist(reply.status_code == 200, "the code should be good", reply.text)
		return reply.json()

	def walk(self, browser):
		"""Everything that suites do with a sign-in; the tokens of the last one."""
		insist(self.answer(browser, prompt="none")["error"] == "login_required", "nobody is signed in yet", browser.address)
		self.answer(browser)
		insist("code" in self.answer(browser, prompt="none", scope="openid"), "without a page", browser.address)
		for prompt, mode in (("login", "query"), ("select_account", "form_post"), ("consent", "form_post")):
			ids = {"allow", "deny"} if prompt == "consent" else {"username", "password", "submit"}
			insist(ids <= set(self.shown(browser, prompt=prompt)), f"{browser.mode}: prompt={prompt} should show its page", browser.ids)
			self.answer(browser, prompt=prompt, response_mode=mode)
		self.shown(browser, redirect_uri="https://elsewhere.example/")
		insist(browser.status == 400 and browser.address.startswith(self.at("authorize")), "an address that is not registered is a page", browser.address)
		self.answer(browser, form=True, prompt="login")
		return self.redeem(self.answer(browser, prompt="login consent", response_mode="form_post")["code"])

	def sign_in(self, name, password):
		parts = urlsplit(self.settings["issuer"])
		fill = {"ISSUER": self.settings["issuer"], "REDIRECT_URI": self.settings["redirect_uri"], "USERNAME": name, "PASSWORD": password}
		for mode in ("plain", "script"):
			self.browser = Headless(f"{parts.scheme}://{parts.netloc}", mode, fill)
			self.tokens = self.walk(self.browser)
			if mode == "plain":
				self.leave(self.browser)
				self.browser.close()
		return {"tokens": self.tokens, "claims": None}

	def leave(self, browser):
		"""Without a hint the person is asked, may stay, and is signed out by the button of the page."""
		browser.do("open", self.at("logout"))
		browser.do("click", "stay")
		insist("error" not in self.answer(browser, prompt="none", scope="openid"), "who stays is still signed in", browser.address)
		browser.visit(self.at("logout"))
		insist("again" in browser.ids, "the page that says done", browser.ids)
		insist(self.answer(browser, prompt="none")["error"] == "login_required", "they should be signed out", browser.address)

	def sign_out(self):
		back = self.browser.visit(self.at("logout", id_token_hint=self.tokens["id_token"], post_logout_redirect_uri=self.settings["post_logout_redirect_uri"], state="s"))
		asked = "password" in self.shown(self.browser)
		self.browser.close()
		return {"back": back, "asked": asked}


visitor = Visitor()
serve({verb: getattr(visitor, verb) for verb in ("discover", "sign_in", "sign_out")})
