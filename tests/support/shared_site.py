"""A site that the tests of a module share."""

from support.people import Site


class SharedSite:
	"""The site of one module; a test that kills it fails alone, the next one gets another."""

	def __init__(self, prepared, tmp_path_factory):
		self.prepared, self.tmp_path_factory, self.running = prepared, tmp_path_factory, None

	def site(self):
		if self.running is None or self.running.process.poll() is not None:
			# many tests share one address: its own limit is tested elsewhere
			self.running = Site(self.prepared.copy_to(self.tmp_path_factory.mktemp("site")), "--address-failures", "1000000")
		return self.running
