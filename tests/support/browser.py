"""A person's browser without script: keeps cookies by the rules, follows redirects within the server, submits the forms it sees.

It never goes to a client application's address: a redirect there is the end of a journey, and is given back as it came."""

import re
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from .oauth import FORM
from .program import request

REDIRECTS_MAX = 5
DEAD = ("Thu, 01 Jan 1970", "Thu, 01-Jan-1970")


class Cookie:
	"""One Set-Cookie line (RFC 6265 §5.2)."""

	def __init__(self, line):
		pair, *attributes = line.split(";")
		self.name, _, self.value = pair.strip().partition("=")
		self.attributes = {}
		for attribute in attributes:
			name, _, value = attribute.strip().partition("=")
			assert name.lower() not in self.attributes, f"given twice: {line}"
			self.attributes[name.lower()] = value

	def __getitem__(self, name):
		return self.attributes.get(name.lower())

	def __contains__(self, name):
		return name.lower() in self.attributes

	@property
	def path(self):
		return self["path"] or "/"

	@property
	def is_deletion(self):
		return self["max-age"] == "0" or (self["expires"] or "").startswith(DEAD)

	def goes_to(self, path):
		"""RFC 6265 §5.1.4."""
		return path == self.path or (path.startswith(self.path) and (self.path.endswith("/") or path[len(self.path)] == "/"))


def set_cookies(reply):
	"""The cookies that one reply sets or deletes, by name."""
	cookies = [Cookie(line) for line in reply.raw.headers.getlist("Set-Cookie")]
	assert len({cookie.name for cookie in cookies}) == len(cookies), "a reply sets the same cookie twice"
	return {cookie.name: cookie for cookie in cookies}


class Form:
	def __init__(self, attributes):
		self.id = attributes.get("id")
		self.method = (attributes.get("method") or "get").upper()
		self.action = attributes.get("action") or ""
		self.fields = []  # [name, value, id], in the order of the page
		self.buttons = {}  # id: (name, value)

	def __getitem__(self, name):
		"""The value of the field of that name."""
		values = [value for field, value, _ in self.fields if field == name]
		assert len(values) == 1, f"{len(values)} fields {name} in form {self.id}"
		return values[0]

	def names(self):
		return {name for name, _, _ in self.fields}


class Parser(HTMLParser):
	VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

	def __init__(self):
		super().__init__(convert_charrefs=True)
		self.forms, self.orphans, self.ids, self.scripts, self.links = [], [], [], [], []
		self.html, self.title, self.text, self.alerts = {}, "", [], []
		self._form, self._silent, self._title, self._alert_depth = None, None, False, 0

	def handle_starttag(self, tag, pairs):
		attributes = dict(pairs)
		assert len(attributes) == len(pairs), f"an attribute given twice in <{tag}>"
		if "id" in attributes:
			self.ids.append(attributes["id"])
		if self._alert_depth and tag not in self.VOID:
			self._alert_depth += 1
		elif attributes.get("role") == "alert":
			self._alert_depth = 1
			self.alerts.append("")
		if tag == "html":
			self.html = attributes
		elif tag == "title":
			self._title = True
		elif tag in ("script", "style"):
			self._silent = tag
			if tag == "script":
				self.scripts.append(attributes)
		elif tag == "a" and "href" in attributes:
			self.links.append(attributes["href"])
		elif tag == "form":
			self._form = Form(attributes)
			self.forms.append(self._form)
		elif tag in ("input", "button", "select", "textarea") and "disabled" not in attributes:
			owner = attributes.get("form", self._form)
			if owner is None:
				self.orphans.append(attributes)
			else:
				self._control(owner, tag, attributes)

	def _control(self, owner, tag, attributes):
		kind = (attributes.get("type") or ("submit" if tag == "button" else "text")).lower()
		if isinstance(owner, str):
			owner = next((form for form in self.forms if form.id == owner), None)
			assert owner is not None, f"a control of a form that comes later or never: {attributes}"
		if kind in ("submit", "image"):
			owner.buttons[attributes.get("id")] = (attributes.get("name"), attributes.get("value") or "")
		elif kind not in ("button", "reset") and attributes.get("name") and (kind not in ("checkbox", "radio") or "checked" in attributes):
			owner.fields.append([attributes["name"], attributes.get("value") or "", attributes.get("id")])

	def handle_endtag(self, tag):
		if self._alert_depth:
			self._alert_depth -= 1
		if tag == "form":
			self._form = None
		elif tag == "title":
			self._title = False
		elif tag == self._silent:
			self._silent = None

	def handle_data(self, data):
		if self._title:
			self.title += data
		elif self._silent is None:
			self.text.append(data)
			if self._alert_depth:
				self.alerts[-1] += data


class Page:
	"""What the browser shows in the end, or the redirect that leads away."""

	def __init__(self, reply, url, cookies):
		self.reply, self.url, self.cookies = reply, url, cookies  # cookies: set on the way here, by name
		self.status, self.headers, self.html = reply.status_code, reply.headers, reply.text
		self.location = reply.headers.get("Location")
		self.parsed = Parser()
		if reply.headers.get("Content-Type", "").startswith("text/html"):
			self.parsed.feed(reply.text)
			self.parsed.close()

	@property
	def text(self):
		return re.sub(r"\s+", " ", " ".join(self.parsed.text)).strip()

	@property
	def problem(self):
		"""What the page says loudly."""
		return re.sub(r"\s+", " ", " ".join(self.parsed.alerts)).strip()

	def form(self, form_id):
		forms = [form for form in self.parsed.forms if form.id == form_id]
		assert len(forms) == 1, f"{len(forms)} forms {form_id} at {self.url}: {self.status} {self.location or ''} {self.text[:500]}"
		return forms[0]

	def shows(self, form_id):
		return any(form.id == form_id for form in self.parsed.forms)

	@property
	def answer(self):
		"""The parameters of an authorization response, by whatever mode it came."""
		pairs = [(name, value) for name, value, _ in self.form("form-post").fields] if self.shows("form-post") else self._in_location()
		assert len({name for name, _ in pairs}) == len(pairs), f"a parameter given twice: {pairs}"
		return dict(pairs)

	def _in_location(self):
		assert self.location is not None, f"no way back at {self.url}: {self.status} {self.text[:500]}"
		parts = urlsplit(self.location)
		assert not (parts.fragment and re.search(r"(^|&)(code|error|state)=", parts.query)), self.location
		return parse_qsl(parts.fragment or parts.query, keep_blank_values=True, strict_parsing=True)

	@property
	def answer_is_by(self):
		if self.shows("form-post"):
			return "form_post"
		return "fragment" if urlsplit(self.location).fragment else "query"

	@property
	def leads_to(self):
		"""The client application's address that the response goes to, as the browser would use it, without the response."""
		return self.form("form-post").action if self.shows("form-post") else self.location


class Browser:
	"""One browser of one person. auth_url: how the server is known outside, when that is not where it listens."""

	def __init__(self, server, auth_url=None, agent="Mozilla/5.0 (X11; Linux x86_64) Test/1.0", headers=None):
		self.server, self.auth_url = server, auth_url or server.url
		self.jar, self.headers = {}, {"User-Agent": agent, **(headers or {})}

	@property
	def is_secure(self):
		return self.auth_url.startswith("https://")

	def _remember(self, cookie):
		"""RFC 6265 §5.3 and the __Host- prefix, as browsers insist on it."""
		assert "domain" not in cookie, f"{cookie.name} goes to other hosts"
		if cookie.name.startswith("__Host-"):
			assert "secure" in cookie and cookie["path"] == "/", f"browsers drop {cookie.name}: {cookie.attributes}"
		if "secure" in cookie and not self.is_secure:
			return
		if cookie.is_deletion:
			self.jar.pop(cookie.name, None)
		else:
			self.jar[cookie.name] = cookie

	def _cookie_header(self, url):
		path = urlsplit(url).path or "/"
		pairs = [f"{cookie.name}={cookie.value}" for cookie in self.jar.values() if cookie.goes_to(path)]
		return {"Cookie": "; ".join(pairs)} if pairs else {}

	def _is_ours(self, url):
		return url == self.auth_url or url.startswith(self.auth_url + "/")

	def _send(self, method, url, body=None, headers=None):
		assert self._is_ours(url), f"not the server's: {url}"
		more = {**self.headers, **self._cookie_header(url), **(headers or {})}
		if body is not None:
			more = {"Content-Type": FORM, "Origin": self.auth_url, **more}
		more = {name: value for name, value in more.items() if value is not None}
		return request(method, self.server.url + url[len(self.auth_url):], data=body, headers=more)

	def go(self, method, url, body=None, headers=None):
		cookies = {}
		for _ in range(REDIRECTS_MAX):
			reply = self._send(method, url, body, headers)
			for cookie in set_cookies(reply).values():
				self._remember(cookie)
				cookies[cookie.name] = cookie
			page = Page(reply, url, cookies)
			if page.location is None:
				assert not re.search(r"[?&#](code|error)=", url), f"a page of ours carries code= or error= in its address: {url}"
				for form in page.parsed.forms:
					assert form.id == "form-post" or not re.search(r"[?&](code|error)=", form.action), form.action
				return page
			target = urljoin(url, page.location)
			if not self._is_ours(target) or urlsplit(target).path.startswith("/console/"):  # the console is a client application
				return page
			assert reply.status_code == 303, f"{reply.status_code} to {target}"
			method, url, body = "GET", target, None
		raise AssertionError(f"more than {REDIRECTS_MAX} redirects, the last to {url}")

	def get(self, url, parameters=None, headers=None):
		"""url: a path of the server, or a whole address of it."""
		if url.startswith("/"):
			url = self.auth_url + url
		if parameters:
			url += "?" + (parameters if isinstance(parameters, str) else encode(parameters))
		return self.go("GET", url, headers=headers)

	def post(self, url, fields, headers=None):
		if url.startswith("/"):
			url = self.auth_url + url
		return self.go("POST", url, fields if isinstance(fields, (str, bytes)) else encode(fields), headers)

	def filled(self, page, form, button=None, **values):
		"""(address, pairs) that submitting the form, or the one of that id, would send; a value of None leaves the field out."""
		form = page.form(form) if isinstance(form, str) else form
		for name in values:
			assert name in form.names(), f"no field {name} in {form.id}: {form.names()}"
		pairs = [(name, values.get(name, value)) for name, value, _ in form.fields]
		if button is not None:
			assert button in form.buttons, f"no button {button} in {form.id}: {list(form.buttons)}"
			name, value = form.buttons[button]
			pairs += [(name, value)] if name else []
		assert form.method == "POST", f"{form.id} is sent by {form.method}"
		return urljoin(page.url, form.action), [(name, value) for name, value in pairs if value is not None]

	def submit(self, page, form, button=None, headers=None, **values):
		address, pairs = self.filled(page, form, button, **values)
		return self.post(address, pairs, headers)

	def sign_in(self, page, name, password):
		return self.submit(page, "sign-in", "submit", username=name, password=password)

	def decide(self, page, decision="allow"):
		return self.submit(page, "consent", decision)

	def copy_cookies_to(self, other):
		other.jar.update(self.jar)


def encode(fields):
	pairs = fields.items() if isinstance(fields, dict) else fields
	return urlencode([(name, value) for name, value in pairs if value is not None])
