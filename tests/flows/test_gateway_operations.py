"""Every operation of a document × every actor × {no scope, each scope, all}: what is decided with real tokens is what the document says, as read in Python."""

import pytest
import yaml

from support import documents as d
from support import gateway as g
from support import openapi_reference as reference
from support import real_document
from support.gateway import Proxy, allowed, refused_call, token_of
from support.oauth import unverified
from support.people import Site, people_directory
from support.program import Store

SLUGS = {reference.NO_OPERATION: "call-not-listed", reference.CLOSED: "call-closed", reference.WRONG_ACTOR: "call-actor", reference.SCOPE_MISSING: "call-scope"}

# What an actor may carry: the scopes of this kind, and one that no operation asks for, so that there is a token with none of those.
KINDS = {"user": "delegated", "customer": "delegated", "anonymous_customer": "delegated", "client": "application", "user_on_behalf_of": "on_behalf_of",
         "customer_on_behalf_of": "on_behalf_of"}
NONE_OF = {"delegated": d.UNASSIGNED["delegated"], "on_behalf_of": d.UNASSIGNED["on_behalf_of"], "application": d.UNASSIGNED["delegated"]}


def kind_of(scope):
	"""Contract section 1."""
	return "application" if scope.startswith("app.") else "on_behalf_of" if ".onbehalfof." in scope else "delegated"


def small_document():
	made = g.api(g.OPERATIONS)
	return made, yaml.safe_dump(made["openapi"]), made["actors"], {}, len(g.OPERATIONS)


def real_one():
	return real_document.api(), real_document.path().read_text(), real_document.ACTORS, real_document.VALUES, 73


@pytest.fixture(scope="module", params=[small_document, real_one], ids=["small", "73-operations"])
def case(request, tmp_path_factory):
	"""The document as the reference reads it, and a store with it."""
	entry, text, actors, values, count = request.param()
	read = reference.Reference(text, actors, values)
	assert len(read.operations) == count
	document = people_directory()
	acme = d.partition_of(document)
	named = sorted({*read.scopes, *NONE_OF.values(), d.READ, d.MANAGE, d.OBO_READ, d.OBO_MANAGE, d.APP_READ, d.APP_MANAGE})
	acme["permissions"] = [{"name": name} for name in sorted({*named, *d.PERMISSIONS})]
	for application in acme["client_applications"][:2]:
		application["permissions"] = named
	g.with_apis(document, entry, anonymous=[name for name in named if kind_of(name) == "delegated"])
	store = Store(tmp_path_factory.mktemp("operations"))
	store.apply(document)
	return read, store


@pytest.fixture(scope="module")
def site(case, tmp_path_factory):
	running = Site(case[1].copy_to(tmp_path_factory.mktemp("operations-site")), "--address-failures", "1000000")
	yield running
	running.stop()


def choices(read, actor):
	"""The scopes that a token of this actor is made with: none that counts, each, and all."""
	kinds = [KINDS[actor]] + (["delegated"] if actor == "client" else [])
	carried = [scope for scope in read.scopes if kind_of(scope) in kinds]
	if actor == "client":
		carried = sorted({*carried, d.APP_READ})
	return [[NONE_OF[KINDS[actor]]], *([scope] for scope in carried), carried]


def judge(answer, expected, case):
	if expected == reference.ALLOWED:
		allowed(answer)
		return
	assert answer.status == 403, (case, expected, answer.status, answer.body)
	refused_call(answer, 403, SLUGS[expected])


@pytest.mark.parametrize("actor", reference.ACTORS)
def test_every_operation_is_decided_as_the_document_says(case, site, actor):
	read, _ = case
	asked = 0
	with Proxy(site) as proxy:
		for scopes in choices(read, actor):
			token = token_of(site, actor, " ".join(scopes))
			assert set(unverified(token)["scope"].split()) == set(scopes)
			application_permission = any(kind_of(scope) == "application" for scope in scopes)
			for operation in read.operations:
				path = operation.call("7")
				expected = read.decide(operation.method, path, actor, scopes, application_permission)
				answer = proxy.ask(operation.method, path, token)
				asked += 1
				judge(answer, expected, (operation.method, path, scopes))
	assert asked == len(read.operations) * len(choices(read, actor)) > 0


@pytest.mark.parametrize("actor", reference.ACTORS)
def test_every_operation_is_closed_to_another_method_and_a_neighbouring_path(case, site, actor):
	read, _ = case
	token = token_of(site, actor, " ".join(choices(read, actor)[-1]))
	application_permission = actor == "client"
	with Proxy(site) as proxy:
		for operation in read.operations:
			for method, path in (("TRACE", operation.call()), ("PATCH", operation.call()), (operation.method, operation.call() + "/x"), (operation.method, "/x" + operation.call()),
			                     ("HEAD", operation.call())):
				expected = read.decide(method, path, actor, choices(read, actor)[-1], application_permission)
				answer = proxy.ask(method, path, token)
				assert (answer.status == 204) == (expected == reference.ALLOWED), (method, path, expected, answer.status, answer.body)
