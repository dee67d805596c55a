"""Fixtures of the tests in which people sign in."""

import pytest

from support import admin, gateway
from support.browser import Browser
from support.people import Site, people_directory
from support.program import Store
from support.shared_site import lent_by, shared_over, starting


@pytest.fixture(scope="session")
def people_store(tmp_path_factory):
	"""A store with people who have passwords, made once; nobody serves from it, everybody copies it."""
	store = Store(tmp_path_factory.mktemp("people"))
	store.apply(people_directory())
	return store


@pytest.fixture(scope="session")
def guarded_store(tmp_path_factory):
	"""The people's store with APIs in two partitions, whose paths are the same; nobody serves from it, everybody copies it."""
	store = Store(tmp_path_factory.mktemp("guarded"))
	document = gateway.with_apis(people_directory(), gateway.api(gateway.OPERATIONS))
	store.apply(gateway.with_apis(document, gateway.api(gateway.OPERATIONS), partition="OTHER", anonymous=None))
	return store


@pytest.fixture(scope="session")
def admin_store(tmp_path_factory):
	"""A store with administrators in ACME, OTHER and SYSTEM, and APIs in the first two; nobody serves from it, everybody copies it."""
	store = Store(tmp_path_factory.mktemp("admin"))
	store.apply(admin.administered_directory())
	return store


# Running servers over copies of these stores, each the module's own: people's, guarded APIs', administrators'.
shared_site = shared_over("people_store")
site = lent_by("shared_site")
shared_guarded = shared_over("guarded_store")
guarded = lent_by("shared_guarded")
shared_administered = shared_over("admin_store")
administered = lent_by("shared_administered")


@pytest.fixture
def own_guarded(guarded_store, tmp_path, open_site):
	"""One of one test alone, over a store that it may change."""
	return open_site(guarded_store.copy_to(tmp_path / "guarded"))


@pytest.fixture
def own_store(people_store, tmp_path):
	"""A copy of the people's store for one test that changes it."""
	return people_store.copy_to(tmp_path / "people")


@pytest.fixture
def open_site():
	"""Starts further sites: open_site(store, *options, config=…); each is stopped and judged at the end of the test."""
	with starting(Site) as start:
		yield start


@pytest.fixture
def own_site(own_store, open_site):
	"""A site of one test alone, over a store that it may change."""
	return open_site(own_store)


@pytest.fixture
def browser(site):
	return Browser(site)


@pytest.fixture
def person(site):
	"""A user that no other test has used."""
	return site.stranger()


@pytest.fixture
def customer(site):
	return site.stranger("C")


@pytest.fixture
def own_administered(admin_store, tmp_path, open_site):
	"""One of one test alone, over a store that it may change."""
	return open_site(admin_store.copy_to(tmp_path / "administered"))
