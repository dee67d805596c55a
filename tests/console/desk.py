"""The Administration Console as somebody at a screen uses it: by what is written there, and by the data-testid of console/CONVENTIONS.md."""

import re
from urllib.parse import quote, urlencode

from support.people import PA

OVERVIEW = "Overview"


def expect(what):
	"""Playwright's, which waits; named late, so that a machine without Playwright can skip these tests."""
	from playwright.sync_api import expect as waiting
	return waiting(what)


def give_password(tab, person):
	"""On the server's own sign-in page."""
	tab.fill("#username", person.name)
	tab.fill("#password", person.password)
	tab.click("#submit")


class Desk:
	"""One tab with the console in it."""

	def __init__(self, tab, site, partition="ACME"):
		self.tab, self.site, self.partition = tab, site, partition

	# ---- where one is

	def url(self, *parts, **search):
		"""The address of a screen of the partition; search: what stands behind the question mark."""
		path = "/".join(quote(part, safe="") for part in (self.partition, *parts) if part is not None)
		return f"{self.site.url}/console/{path}" + (f"?{urlencode(search)}" if search else "")

	def sign_in(self, person=PA, at="overview"):
		"""The way in by a deep link, as a bookmark leads there. at: parts of the address, parted by a slash."""
		self.tab.goto(self.url(*at.split("/")))
		give_password(self.tab, person)
		self.shows_title()

	def open(self, *parts, **search):
		"""A whole new page at that address: tokens come anew from the server's session."""
		self.tab.goto(self.url(*parts, **search))
		self.shows_title()

	def shows_title(self, title=None):
		found = self.at("page-title")
		expect(found).to_have_text(title) if title is not None else expect(found).to_be_visible()

	def follow(self, *rooms):
		"""By the navigation: follow("integration", "client-applications")."""
		for room in rooms:
			if self.at("burger").is_visible() and not self.at(f"nav-{room}").is_visible():
				self.at("burger").click()
			self.at(f"nav-{room}").click()

	def tab_of(self, key):
		self.at(f"tab-{key}").click()
		expect(self.at(f"tab-{key}")).to_have_attribute("aria-selected", "true")

	# ---- what is there

	def at(self, test_id):
		return self.tab.get_by_test_id(test_id)

	def text(self, test_id):
		expect(self.at(test_id)).to_be_visible()
		return self.at(test_id).inner_text()

	def row(self, key):
		return self.at(f"row-{key}")

	def button(self, name):
		return self.tab.get_by_role("button", name=name, exact=True)

	# ---- what one does

	def fill(self, test_id, value):
		self.at(test_id).fill(value)

	def tick(self, test_id, wanted=True):
		"""A checkbox, switch or radio, by the keyboard: some are drawn by their label alone."""
		box = self.at(test_id)
		expect(box).to_be_attached()
		if box.is_checked() != wanted:
			box.focus()
			box.press("Space")
		expect(box).to_be_checked(checked=wanted)

	def choose(self, test_id, option):
		"""Of a drop-down list, whichever kind it is."""
		field = self.at(test_id)
		if field.evaluate("one => one.tagName") == "SELECT":
			field.select_option(label=option)
			return
		field.click()
		self.tab.get_by_role("option", name=option, exact=True).click()

	def save(self):
		"""Saves the form, and waits until the server has it."""
		expect(self.at("unsaved")).to_be_visible()
		self.at("save").click()
		expect(self.at("unsaved")).to_have_count(0)

	def create(self):
		self.at("create").first.click()

	def delete(self, name=None, at="delete"):
		"""Presses the button and, where a name is asked for, types it."""
		self.at(at).click()
		if name is not None:
			expect(self.at("confirm")).to_be_disabled()
			self.fill("confirm-name", name)
		self.at("confirm").click()
		expect(self.at("confirm")).to_have_count(0)

	# ---- client applications

	def go_to_application(self, client_id, tab=None):
		self.open("integration", "client-applications", client_id, tab)

	def new_secret(self, label="first"):
		"""Makes a secret as the guide says, copies it from the screen, and says that it is stored."""
		self.at("new-secret").click()
		self.fill("secret-label", label)
		self.at("make-secret").click()
		value = self.text("secret-value")
		assert re.fullmatch(r"[A-Za-z0-9_-]{43,}", value), value
		self.tab.get_by_label("I have stored it").check()
		self.at("one-time-secret").get_by_role("button", name="Close").click()
		expect(self.at("secret-value")).to_have_count(0)
		expect(self.row(label)).to_be_visible()
		return value
