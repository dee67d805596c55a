"""A real browser before a real server (support.chromium)."""

import pytest
from house import CallbackServer, directory
from support import chromium as system_chromium
from support.people import Site
from support.program import Store


@pytest.fixture(scope="module")
def site(chromium, tmp_path_factory):
	"""A server of its own address, so that cookies, redirects and the content security policy are what people meet."""
	pictures = CallbackServer()
	store = Store(tmp_path_factory.mktemp("house"))
	store.apply(directory(pictures.url + "/logo.svg"))
	running = Site(store)
	yield running
	running.stop()
	pictures.stop()


@pytest.fixture
def callback():
	"""Where a client application waits for its answer."""
	server = CallbackServer()
	yield server
	server.stop()


@pytest.fixture
def visit(chromium):
	with system_chromium.visiting(chromium) as begin:
		yield begin


@pytest.fixture(scope="session")
def screenshots():
	return system_chromium.screenshots_at()
