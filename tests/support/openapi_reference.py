"""Whom an OpenAPI document lets in: read and decided here a second time, in plain Python, from the document alone.

What the server, the proxies and libwrit decide is compared with this. It shares nothing with them but the words of the contract, and
goes through a list where they compile a tree."""

import dataclasses
import itertools
import re
from urllib.parse import urlsplit

import yaml

ACTORS = ("user", "customer", "user_on_behalf_of", "customer_on_behalf_of", "anonymous_customer", "client")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

ALLOWED, NO_OPERATION, CLOSED, WRONG_ACTOR, SCOPE_MISSING = "allowed", "no_operation", "closed", "wrong_actor", "scope_missing"


@dataclasses.dataclass(frozen=True)
class Alternative:
	actor: str
	scopes: tuple


@dataclasses.dataclass(frozen=True)
class Operation:
	method: str
	path: str  # base path included
	operation_id: str
	alternatives: tuple

	def call(self, text="7"):
		"""A path that is this operation, with the text for everything that varies."""
		return re.sub(r"\{[^}]*\}", text, self.path)


class Reference:
	def __init__(self, text, actors, values=None, prefix=""):
		"""text: the document, YAML or JSON. actors: security scheme -> actor. values: what ${NAME} stands for. prefix: taken off scopes."""
		self.actors, self.prefix = actors, prefix
		document = yaml.safe_load(self._filled(text, values or {}))
		self.operations = sorted(self._operations(document), key=lambda each: (each.path.split("/"), each.method))
		self._rules = [(each, self._pattern(each.path)) for each in self.operations]

	@staticmethod
	def _filled(text, values):
		for name, value in values.items():
			text = text.replace("${" + name + "}", value)
		return text

	def _operations(self, document):
		everywhere = document.get("security")
		for path, item in document["paths"].items():
			for method in METHODS:
				if method not in item:
					continue
				operation = item[method]
				servers = operation.get("servers") or item.get("servers") or document.get("servers") or [{"url": "/"}]
				security = operation.get("security", everywhere)
				for base in sorted({self._base(server) for server in servers}):
					yield Operation(method.upper(), base + path, operation.get("operationId", ""), tuple(self._alternatives(security)))

	@staticmethod
	def _base(server):
		url = server["url"]
		for name, variable in server.get("variables", {}).items():
			url = url.replace("{" + name + "}", str(variable["default"]))
		return urlsplit(url).path.rstrip("/")

	def _alternatives(self, security):
		for requirement in security or []:
			if len(requirement) != 1:
				continue  # {} lets nobody in, and nobody comes by two schemes at once
			(scheme, scopes), = requirement.items()
			if scheme in self.actors:
				yield Alternative(self.actors[scheme], tuple(scope.removeprefix(self.prefix) for scope in scopes or []))

	@staticmethod
	def _pattern(path):
		parts = re.split(r"(\{[^}]*\})", path)
		return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts))

	@staticmethod
	def _concreteness(operation):
		"""Segment by segment: a literal one before one with literal parts (the longer first) before one that may be anything."""
		ranks = []
		for segment in operation.path.split("/"):
			literal = len(re.sub(r"\{[^}]*\}", "", segment))
			ranks.append((0, 0) if "{" not in segment else (1, -literal) if literal else (2, 0))
		return ranks

	@property
	def scopes(self):
		"""Every scope that the document names, ".default" aside."""
		named = {scope for each in self.operations for alternative in each.alternatives for scope in alternative.scopes}
		return sorted(named - {".default"})

	def find(self, method, path):
		"""The operation that a normalised path is; None when what is listed there, if anything, does not list the method."""
		there = [each for each, pattern in self._rules if pattern.fullmatch(path)]
		if not there:
			return None
		first = min(map(self._concreteness, there))
		listed = {each.method: each for each in there if self._concreteness(each) == first}
		return listed.get(method) or (listed.get("GET") if method == "HEAD" else None)

	def decide(self, method, path, actor, scopes=(), application_permission=False):
		"""What becomes of a call with a good token of this actor (one of ACTORS) and these scopes."""
		operation = self.find(method, path)
		if operation is None:
			return NO_OPERATION
		if not operation.alternatives:
			return CLOSED
		of_actor = [each for each in operation.alternatives if each.actor == actor]
		if not of_actor:
			return WRONG_ACTOR

		def met(scope):
			return application_permission if scope == ".default" and actor == "client" else scope in scopes

		return ALLOWED if any(all(map(met, each.scopes)) for each in of_actor) else SCOPE_MISSING

	def every_case(self):
		"""(operation, actor, scopes): every operation, every actor, with no scope, with each, and with all of them."""
		choices = [(), *((scope,) for scope in self.scopes), tuple(self.scopes)]
		return itertools.product(self.operations, ACTORS, choices)
