"""A store in which something has happened: people signed in, applications asked for tokens, requests were refused."""

import sqlite3
import time

from support import admin, gateway
from support import documents as d
from support import people as p
from support.browser import Browser
from support.oauth import ask, client_credentials, on_behalf_of
from support.people import Site, authorize, new_tokens

HOUR, DAY = 3600, 86400
ISSUED, REFUSED, SIGN_INS, SIGN_INS_FAILED = 1, 2, 3, 4
NEARLY = p.WEB.redirect + "/"  # refused: one character too many
LONG_NAME = "Wissensdatenbankzugriffsverwaltung für Außendienstmitarbeiterinnen und Außendienstmitarbeiter der Niederlassung Ost"


def directory():
	"""ACME with things of every kind, EMPTY with nothing but its administrator, names that are hard to fit."""
	document = gateway.with_apis(admin.admin_directory(), gateway.api(gateway.OPERATIONS))
	acme = d.partition_of(document)
	acme["client_applications"].append(d.application(d.Client("long-0001"), LONG_NAME, [d.READ], redirect_urls=["https://" + "a" * 180 + ".example.com/callback"]))
	document["partitions"].append({"id": "EMPTY", "users": [{"id": "9001", "username": "alone", "password_hash": p.QUICK_HASH, "roles": ["partition_administrator"]}]})
	return document


def make(store):
	store.apply(directory())
	with Site(store) as site:
		for application in (p.WEB, p.WEB, p.SECOND):
			client_credentials(site, application, d.APP_READ)
		on_behalf_of(site, p.WEB, d.OBO_READ, d.USER)
		new_tokens(site, p.WEB, p.SMITH)
		new_tokens(site, p.ASKING, p.SMITH)
		new_tokens(site, p.WEB, p.JANE)
		client_credentials(site, p.WEB, d.UNASSIGNED["application"])
		ask(site, d.Client(p.WEB.id, d.secret_of("wrong")), {"grant_type": "client_credentials", "scope": d.APP_READ})
		authorize(Browser(site), p.WEB, redirect_uri=NEARLY)
		browser = Browser(site)
		browser.sign_in(authorize(browser, p.WEB), p.SMITH.name, "not the password")
		admin.Administrator(site).patch({"name": "Portal of Acme"}, "client-applications", p.WEB.id, match="*")
	fill_charts(store)


def fill_charts(store):
	"""A day and a week of counts, which nobody can wait for."""
	now = int(time.time())
	rows = []
	for step, count in ((HOUR, 24), (DAY, 30)):
		for back in range(1, count):
			at = now // step * step - back * step
			rows += [("ACME", step, at, ISSUED, flow, client, "", (back * 7 + size) % 23 * size) for flow, client, size in
			         (("authorization_code", p.WEB.id, 5), ("client_credentials", p.SECOND.id, 9), ("refresh_token", p.WEB.id, 3), ("on_behalf_of", p.WEB.id, 1))]
			rows += [("ACME", step, at, REFUSED, "client_credentials", p.WEB.id, reason, back * 5 % 7) for reason in ("scope-not-assigned", "client-authentication-failed")]
			rows += [("ACME", step, at, SIGN_INS, "", p.WEB.id, "", back * 3 % 11), ("ACME", step, at, SIGN_INS_FAILED, "", p.WEB.id, "", back % 3)]
	connection = sqlite3.connect(store.path)
	with connection:
		connection.executemany("INSERT OR REPLACE INTO statistic VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [row for row in rows if row[-1] > 0])
	connection.close()
