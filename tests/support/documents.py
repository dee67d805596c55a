"""The apply documents that the tests start from."""

import copy
import dataclasses

AUTH_URL = "https://auth.example.test"
API_URL = "https://api.example.test"
PREFIX = "https://api.example.cloud/auth/"

READ, MANAGE = "knowledge.portalmgr.read", "knowledge.portalmgr.manage"
OBO_READ, OBO_MANAGE = "knowledge.portalmgr.onbehalfof.read", "knowledge.portalmgr.onbehalfof.manage"
APP_READ, APP_MANAGE = "app.knowledge.portalmgr.read", "app.knowledge.portalmgr.manage"
APP_ODD = "app.knowledge.onbehalfof.read"  # "app." in front decides: an application permission
UNASSIGNED = {"delegated": "core.aiservices.read", "on_behalf_of": "core.aiservices.onbehalfof.read",
              "application": "app.core.aiservices.read"}
PERMISSIONS = [READ, MANAGE, OBO_READ, OBO_MANAGE, APP_READ, APP_MANAGE, APP_ODD, *UNASSIGNED.values()]
ADMIN_PERMISSIONS = ["writ.admin.read", "writ.admin.manage", "app.writ.admin.manage"]


@dataclasses.dataclass(frozen=True)
class Client:
	id: str
	secret: str | None = None


def secret_of(label):
	"""A secret given by hand: long enough, of the allowed characters, and easy to find in what must not contain it."""
	return f"test-secret.{label}.".ljust(43, "~")


WEB = Client("web-0001", secret_of("web"))
SECOND = Client("web-0002", secret_of("second"))  # same permissions, another application
NARROW = Client("narrow-1", secret_of("narrow"))  # one application permission only
BARE = Client("bare-0001", secret_of("bare"))  # no permission at all
ADMIN = Client("admin-01", secret_of("admin"))
OFF = Client("off-00001", secret_of("off"))  # disabled
SEVERAL = Client("several-1", secret_of("old"))
SEVERAL_NEW = Client("several-1", secret_of("new"))
SPA = Client("spa-00001")
OTHER_WEB = Client("other-web", secret_of("other"))
RSA_WEB = Client("rsa-web-1", secret_of("rsa"))

USER = {"subject_username": "pa"}
USER_BY_ID = {"subject_userid": "1001"}
CUSTOMER = {"subject_email": "jane@example.com"}


def application(client, name, permissions=(), **more):
	document = {"name": name, "client_id": client.id, "platform": "web", "permissions": list(permissions), **more}
	if client.secret and "secrets" not in more:
		document["secrets"] = [{"label": "first", "value": client.secret}]
	return document


def directory():
	"""Three partitions: ACME with everything, OTHER with things of the same kind, RSA that signs with RS256."""
	assigned = [READ, MANAGE, OBO_READ, OBO_MANAGE, APP_READ, APP_MANAGE, APP_ODD]
	acme = {
		"id": "ACME",
		"name": "Acme",
		"permission_prefix": PREFIX,
		"departments": [{"name": "Service"}],
		"permissions": [{"name": name, "description": f"May use {name}"} for name in PERMISSIONS],
		"users": [
			{"id": "1001", "username": "pa", "email": "pa@example.com", "roles": ["partition_administrator"]},
			{"id": "1002", "username": "Agent.Smith", "email": "smith@example.com", "department": "Service"},
			{"id": "1003", "username": "left", "enabled": False},
			{"id": "1004", "username": "o'brien+zoë@example.com"},
		],
		"customers": [
			{"id": "c-1", "email": "jane@example.com"},
			{"id": "c-2", "email": "gone@example.com", "enabled": False},
		],
		"client_applications": [
			application(WEB, "Portal", assigned, redirect_urls=["https://web.example.com/callback"]),
			application(SECOND, "Second", assigned),
			application(NARROW, "Narrow", [APP_READ], access_token_seconds=120),
			application(BARE, "Bare"),
			application(ADMIN, "Administration", [READ, OBO_READ, APP_READ, *ADMIN_PERMISSIONS]),
			application(OFF, "Off", assigned, enabled=False),
			application(SEVERAL, "Several", [APP_READ], secrets=[{"label": "old", "value": SEVERAL.secret}, {"label": "new", "value": SEVERAL_NEW.secret}]),
			application(SPA, "Browser", [READ, OBO_READ, APP_READ], platform="spa",
			            redirect_urls=["https://spa.example.com/callback", "http://127.0.0.1:3000/cb", "com.example.app:/cb"]),
		],
	}
	other = {
		"id": "OTHER",
		"name": "Other",
		"permissions": [{"name": name} for name in (READ, OBO_READ, APP_READ)],
		"users": [{"id": "2001", "username": "theirs"}],
		"customers": [{"id": "c-9", "email": "theirs@example.com"}],
		"client_applications": [
			application(OTHER_WEB, "Portal", [READ, OBO_READ, APP_READ]),
			application(Client("other-spa"), "Browser", [READ], platform="spa", redirect_urls=["https://spa.other.example/callback"]),
		],
	}
	rsa = {
		"id": "RSA_1",
		"name": "Rsa",
		"access_token_algorithm": "RS256",
		"permissions": [{"name": APP_READ}],
		"client_applications": [application(RSA_WEB, "Portal", [APP_READ])],
	}
	return {"partitions": [copy.deepcopy(part) for part in (acme, other, rsa)]}


def partition_of(document, name="ACME"):
	return next(partition for partition in document["partitions"] if partition["id"] == name)


def partial(partition_id="ACME", /, **lists):
	"""A document that names one partition and only the given lists."""
	return {"partitions": [{"id": partition_id, **lists}]}
