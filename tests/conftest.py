"""Fixtures of the black-box tests (tests/flows, tests/faults). They need the binary: WRIT_BINARY, build-test/writ or build/writ."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from support import chromium as system_chromium  # noqa: E402
from support import documents  # noqa: E402
from support.program import Server, Store, find_binary  # noqa: E402
from support.shared_site import lent_by, shared_over, starting  # noqa: E402

FIXED_URLS = ("--auth-url", documents.AUTH_URL, "--api-url", documents.API_URL)


def pytest_configure(config):
	config.addinivalue_line("markers", "slow: waits for a time limit of the server")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
	"""With workers, a module stays on one of them: it has one server."""
	if getattr(config.option, "numprocesses", None) and getattr(config.option, "dist", None) == "no":
		config.option.dist = "loadfile"


def pytest_sessionstart(session):
	if find_binary() is None:
		pytest.exit("no writ binary: build it with `make test` or name it in WRIT_BINARY", returncode=2)


@pytest.fixture(scope="session")
def chromium():
	"""One for each worker, whichever folder's tests it runs: Playwright cannot be started twice in a thread."""
	with system_chromium.running() as browser:
		yield browser


@pytest.fixture(scope="session")
def prepared_store(tmp_path_factory):
	"""A store with the shared directory, made once; nobody serves from it, everybody copies it."""
	store = Store(tmp_path_factory.mktemp("prepared"))
	store.apply(documents.directory())
	return store


# A running server over a copy of the shared directory, with fixed public URLs; the module's own.
shared_server = shared_over("prepared_store", lambda store: Server(store, *FIXED_URLS))
server = lent_by("shared_server")


@pytest.fixture
def store(prepared_store, tmp_path):
	"""A copy of the shared directory for one test."""
	return prepared_store.copy_to(tmp_path / "store")


@pytest.fixture
def empty_store(tmp_path):
	return Store(tmp_path / "empty")


@pytest.fixture
def serve():
	"""Starts further servers: serve(store, *options, config=…); each is stopped and judged at the end of the test."""
	def begin(store, *options, **keywords):
		if "--auth-url" not in options:
			options = (*FIXED_URLS, *options)
		return Server(store, *options, **keywords)

	with starting(begin) as start:
		yield start
