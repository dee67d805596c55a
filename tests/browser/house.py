"""The people, client applications and addresses of the browser tests."""

import threading
from urllib.parse import parse_qsl, urlencode, urlsplit

from support import documents as d
from support.people import QUICK_HASH, Application, Person, path_of, request_of
from support.small_server import Handler, SmallServer

PORTAL = Application("house-portal", d.secret_of("portal"), "http://127.0.0.1/callback")
HOSTILE = Application("house-hostile", d.secret_of("hostile"), "http://127.0.0.1/callback")
HOSTILE_NAME = "\"><script>document.title='taken'</script><b>Bank</b> \u202eكنب " + "W" * 60
PARTITION, PLAIN = "HOUSE", "PLAIN"
NAMED, UNNAMED = "knowledge.portalmgr.read", "core.aiservices.read"
ALL_SCOPES = f"openid profile email offline_access {NAMED} {UNNAMED}"

LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" width="176" height="44"><rect width="44" height="44" rx="10" fill="#7a2e8e"/>' \
       b'<path d="M10 33V11l24 22V11" fill="none" stroke="#fff" stroke-width="5"/>' \
       b'<text x="56" y="31" font-family="sans-serif" font-size="24" font-weight="700" fill="#2a1030">Northwind</text></svg>'


def people():
	return [Person(f"p-{number:03}", f"person-{number:03}") for number in range(200)]


_people = iter(people())


def somebody():
	"""A person that no other test of this process uses."""
	return next(_people)


def partition(name, logo_url, branding):
	applications = [d.application(PORTAL, "Customer Portal", [NAMED, UNNAMED], redirect_urls=[PORTAL.redirect], consent="ask"),
	                d.application(HOSTILE, HOSTILE_NAME, [NAMED], redirect_urls=[HOSTILE.redirect], consent="ask")]
	for application in applications:
		application["client_id"] += "-" + name.lower()
	return {
		"id": name, "name": "Northwind", "branding": {**branding, **({"logo_url": logo_url} if logo_url else {})},
		"permissions": [{"name": NAMED, "description": "Read articles of the knowledge base"}, {"name": UNNAMED}],
		"users": [{"id": one.id, "username": one.name, "email": one.name + "@example.com", "password_hash": QUICK_HASH,
		           "claims": {"name": one.name.replace("-", " ").title()}} for one in people()],
		"customers": [{"id": "c-1", "email": "jane@example.com", "password_hash": QUICK_HASH}],
		"client_applications": applications,
	}


def directory(logo_url):
	"""HOUSE has a colour and a logo, PLAIN has neither."""
	return {"partitions": [partition(PARTITION, logo_url, {"name": "Northwind Service", "color": "#7a2e8e"}), partition(PLAIN, None, {"name": "Plain & Co"})]}


def authorize_url(site, callback, application=PORTAL, where=PARTITION, realm="U", **changes):
	changes = {"redirect_uri": callback.url + "/callback", "client_id": f"{application.id}-{where.lower()}", "scope": ALL_SCOPES, **changes}
	return f"{site.url}{path_of(realm, where)}?{urlencode(request_of(application, **changes))}"


def account_url(site, where=PARTITION, realm="U"):
	return site.url + path_of(realm, where, "/account")


class CallbackServer:
	"""A small server on a loopback port of its own: remembers what it was sent, and serves the logo. tls: a pair of support.certificates; then
	it speaks https."""

	def __init__(self, tls=None):
		outer = self
		self.arrived, self._changed, self.leads_on_to = [], threading.Condition(), None

		class AnswerHandler(Handler):
			def do_GET(self):
				parts = urlsplit(self.path)
				if parts.path == "/logo.svg":
					return self.reply(200, "image/svg+xml", LOGO)
				if parts.path == "/favicon.ico":
					return self.reply(404, "text/plain", b"")
				self.note(dict(parse_qsl(parts.query)))

			def do_POST(self):
				body = self.rfile.read(int(self.headers["Content-Length"]))
				self.note(dict(parse_qsl(body.decode())))

			def note(self, answer):
				with outer._changed:
					outer.arrived.append((self.command, answer))
					outer._changed.notify_all()
				if outer.leads_on_to and self.command == "POST":
					self.send_response(303)
					self.send_header("Location", outer.leads_on_to)
					self.send_header("Content-Length", "0")
					self.end_headers()
				else:
					self.reply(200, "text/html; charset=utf-8", b"<!doctype html><html lang=en><title>Arrived</title><p id=arrived>Arrived")

		self._server = SmallServer(AnswerHandler, certificate=tls and tls.certificate_file, key=tls and tls.key_file)
		self.port, self.url = self._server.server_port, self._server.url
		self._server.start()

	def wait(self, count=1, timeout=20):
		"""The answers, once there are so many: (method, parameters)."""
		with self._changed:
			assert self._changed.wait_for(lambda: len(self.arrived) >= count, timeout), f"{len(self.arrived)} of {count} answers came"
			return list(self.arrived)

	def stop(self):
		self._server.stop()
