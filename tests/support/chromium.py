"""Chromium of the system, driven by Playwright, for the tests that look at pages as people do. scripts/setup browser installs what is needed."""

import contextlib
import dataclasses
import os
import pathlib
import re
import shutil

import pytest

from .program import find_binary

SCREENSHOTS = pathlib.Path(find_binary() or "build-test/writ").parent / "screenshots"
GRAVE = ("serious", "critical")
PATIENCE_MS = 60_000  # several browsers and servers share a machine; nothing is waited for longer than it takes


@contextlib.contextmanager
def running():
	program = shutil.which("chromium")
	if program is None:
		pytest.skip("Chromium is missing: scripts/setup browser installs it")
	playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is missing: tests/requirements.txt names it")
	playwright.expect.set_options(timeout=PATIENCE_MS)
	with playwright.sync_playwright() as driver:
		# Chromium's own sandbox does not start for root.
		browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"] if os.geteuid() == 0 else [])
		yield browser
		browser.close()


@dataclasses.dataclass
class Visit:
	"""One browser of one person: its cookies, its tabs, and what the pages complained about."""

	context: object
	complaints: list

	def tab(self):
		page = self.context.new_page()
		page.on("console", lambda message: self._note(message.text))
		page.on("pageerror", lambda error: self.complaints.append(str(error)))
		return page

	def _note(self, text):
		if re.search("Content.Security.Policy|Refused to|Mixed Content", text):
			self.complaints.append(text)


@contextlib.contextmanager
def visiting(browser):
	"""Gives visit(language=…, script=…): a browser that nobody has used; its pages may break no policy of ours."""
	visits = []

	def begin(language="en-GB", script=True, **options):
		context = browser.new_context(locale=language, java_script_enabled=script, **options)
		context.set_default_timeout(PATIENCE_MS)
		visits.append(Visit(context, []))
		return visits[-1]

	yield begin
	for one in visits:
		one.context.close()
		assert one.complaints == []


def screenshots_at(*folders):
	place = SCREENSHOTS.joinpath(*folders)
	place.mkdir(parents=True, exist_ok=True)
	return place


def grave_violations(tab):
	"""What axe-core finds that keeps people out."""
	from axe_playwright_python.sync_playwright import Axe

	found = Axe().run(tab).response["violations"]
	return [f"{one['id']} ({one['impact']}): {one['help']}: {[node['html'] for node in one['nodes']][:3]}" for one in found if one["impact"] in GRAVE]


def is_wider_than_its_window(tab):
	return tab.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
