"""The audit log of all partitions, as a system administrator goes through it."""

import json
import re

from desk import expect
from support import documents as d
from support import people as p
from support.admin import OTHER_ADMIN, ROOT_PERSON
from support.oauth import client_credentials

MANY = 55  # more than a page


def test_events_of_all_partitions_are_narrowed_paged_opened_and_exported(desk, site):
	for _ in range(MANY):
		client_credentials(site, p.WEB, d.UNASSIGNED["application"])
	client_credentials(site, OTHER_ADMIN, "nobody.has.this", partition="OTHER")
	one = desk(site, ROOT_PERSON, "SYSTEM", at="security/audit")
	one.choose("filter-action", "Token refused")
	expect(one.at("empty")).to_be_visible()  # SYSTEM refused nothing
	one.tick("filter-all")
	rows = one.at("audit").locator("tbody tr")
	expect(rows.first).to_contain_text("OTHER")  # the newest; the filter stays
	expect(rows.nth(1)).to_contain_text("ACME")

	one.at("page-next").click()
	expect(one.at("page-previous")).to_be_enabled()
	expect(one.at("audit")).not_to_contain_text("OTHER")
	place = one.tab.url
	rows.last.get_by_role("link", name="Token refused").click()
	one.shows_title("Token refused")
	expect(one.at("facts")).to_contain_text("ACME")
	expect(one.at("refused")).to_contain_text(d.UNASSIGNED["application"])
	one.at("back-to-all").click()
	expect(one.at("audit")).to_be_visible()
	assert one.tab.url == place
	expect(one.at("filter-all")).to_be_checked()

	one.at("filter-clear").click()
	expect(one.at("audit")).to_contain_text("SYSTEM")  # the sign-in of the administrator
	expect(one.at("filter-all")).to_be_checked()
	with one.tab.expect_download() as download:
		one.at("export").click()
	assert re.fullmatch(r"audit-all-\d{4}-\d\d-\d\d\.jsonl", download.value.suggested_filename)
	lines = [json.loads(line) for line in download.value.path().read_text().splitlines()]
	assert {"ACME", "OTHER", "SYSTEM"} <= {line["partition"] for line in lines}
	assert sum(line["action"] == "token.refused" for line in lines) == MANY + 1
