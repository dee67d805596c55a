"""The Administration Console in Chromium, before a server of its own address."""

import itertools

import history
import pytest
from desk import Desk
from support import admin, gateway
from support import chromium as system_chromium
from support import documents as d
from support.people import PA, Site
from support.program import Store, get
from support.shared_site import open_to_many, starting


@pytest.fixture(scope="session")
def many_store(chromium, tmp_path_factory):
	"""Administrators in ACME, OTHER and SYSTEM, with things of every kind; nobody serves from it, everybody copies it."""
	store = Store(tmp_path_factory.mktemp("many"))
	store.apply(admin.administered_directory())
	return store


@pytest.fixture(scope="session")
def sole_store(chromium, tmp_path_factory):
	"""A server with one partition, as most have it, and no client application in it."""
	store = Store(tmp_path_factory.mktemp("sole"))
	acme = d.partition_of(gateway.with_apis(admin.admin_directory(), gateway.api(gateway.OPERATIONS)))
	store.apply({"partitions": [{**acme, "client_applications": []}]})
	return store


@pytest.fixture(scope="session")
def has_console(sole_store, tmp_path_factory):
	"""The binary was built with a console in it; else its tests are skipped."""
	with Site(sole_store.copy_to(tmp_path_factory.mktemp("look"))) as site:
		reply = get(site.url + "/console/")
	if reply.status_code != 200:
		pytest.skip("this binary was built without the Administration Console: make console says what it takes (Node.js)")


@pytest.fixture
def open_site(has_console, tmp_path):
	"""open_site(store): a server over a copy of the store, for one test alone; stopped and judged at its end."""
	copies = itertools.count()
	with starting(lambda store: open_to_many(store.copy_to(tmp_path / f"site-{next(copies)}"))) as start:
		yield start


@pytest.fixture
def site(open_site, many_store):
	return open_site(many_store)


@pytest.fixture
def visit(chromium):
	with system_chromium.visiting(chromium) as begin:
		yield begin


@pytest.fixture
def desk(visit):
	"""desk(site, …): somebody who is signed in to the console, in a browser of their own."""
	def sit_down(site, person=PA, partition="ACME", at="overview", **options):
		one = Desk(visit(**options).tab(), site, partition)
		one.sign_in(person, at)
		return one

	return sit_down


@pytest.fixture(scope="session")
def screenshots():
	return system_chromium.screenshots_at("console")


@pytest.fixture(scope="session")
def lived_store(chromium, tmp_path_factory):
	store = Store(tmp_path_factory.mktemp("lived"))
	history.make(store)
	return store
