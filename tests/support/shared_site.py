"""Servers of fixtures: one for all tests of a module, or one after another for one test; each is stopped and judged at the end."""

import contextlib

import pytest

from .people import Site


def open_to_many(store):
	"""Many tests share one address: its own limit is tested elsewhere."""
	return Site(store, "--address-failures", "1000000")


class Shared:
	"""The server of one module; a test that kills it fails alone, the next one gets another."""

	def __init__(self, prepared, tmp_path_factory, start):
		self.prepared, self.tmp_path_factory, self.start, self.running = prepared, tmp_path_factory, start, None

	def site(self):
		if self.running is None or self.running.process.poll() is not None:
			self.running = self.start(self.prepared.copy_to(self.tmp_path_factory.mktemp("site")))
		return self.running


@contextlib.contextmanager
def sharing(prepared, tmp_path_factory, start=open_to_many):
	"""start: gives a running server over the store that it gets, a copy of the one that is prepared."""
	shared = Shared(prepared, tmp_path_factory, start)
	yield shared
	end(shared.running)


def end(server):
	if server is not None and server.process.poll() is None:
		server.stop()


def shared_over(store, start=open_to_many):
	"""A fixture: the Shared of a module. store: the name of the fixture whose store its server has a copy of."""
	@pytest.fixture(scope="module")
	def shared(request, tmp_path_factory):
		with sharing(request.getfixturevalue(store), tmp_path_factory, start) as one:
			yield one

	return shared


def lent_by(shared):
	"""A fixture: the running server of that Shared, for one test; which fails if the server ends meanwhile. shared: the name of its fixture."""
	@pytest.fixture
	def lent(request):
		running = request.getfixturevalue(shared).site()
		yield running
		if running.process.poll() is not None:
			running.stop()
			raise AssertionError("the server ended during this test")

	return lent


@contextlib.contextmanager
def starting(begin):
	"""Gives a function that begins servers as `begin` does."""
	running = []

	def start(*arguments, **keywords):
		running.append(begin(*arguments, **keywords))
		return running[-1]

	yield start
	for one in running:
		end(one)
