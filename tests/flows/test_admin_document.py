"""The document of the Admin API says what the server does: schemathesis asks every operation, by the document alone, and finds nothing.

It sends what the document allows and what it does not, and judges each reply: the status is one that the document lists, body, headers and content
type are those that it says, what it does not allow is refused, methods that it does not list are 405 with the right Allow, nothing is a 5xx."""

import pathlib
import subprocess
import sys

import pytest

from support import documents as d
from support.admin import DOCUMENT, ROOT_PERSON, SYSTEM_ADMIN, automation_token, operations, sign_in_token
from support.program import environment

PROGRAM = pathlib.Path(sys.executable).parent / "schemathesis"
EXAMPLES = 4  # of each operation, in each direction, beside the borders of everything that the document says, which are all tried

# The document cannot say everything: that an address is https, that a name is taken, that a cursor is one that a page gave. RFC 6585 wants 428
# where If-Match is missing, and a precondition is judged before the body (RFC 9110 §13.2.2), so that what is wrong there may be 412.
CONFIGURATION = """
headers = {{ Authorization = "Bearer {token}" }}
[parameters]
"path.partition" = "ACME"
{parameters}
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "400", "401", "403", "404", "409", "412", "414", "422", "428"]
negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "412", "414", "415", "422", "428"]
missing_required_header.expected-statuses = ["404", "428"]
"""
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance", "response_schema_conformance",
          "negative_data_rejection", "positive_data_acceptance", "unsupported_method", "missing_required_header", "allow_header_conformance")


def test_each_operation_says_who_may_and_how_it_can_fail():
	assert DOCUMENT["openapi"].startswith("3.1")
	ids = [operation["operationId"] for _, _, operation in operations()]
	assert len(ids) == len(set(ids))
	for method, path, operation in operations():
		assert {"400", "401", "403", "404", "503"} <= set(operation["responses"]), path
		schemes = [name for alternative in operation["security"] for name in alternative]
		reading = method == "GET" or operation["operationId"] == "decide"
		assert schemes == ["administrator"] * (2 if reading else 1) + ["automation"], path
		assert ("412" in operation["responses"]) == ("428" in operation["responses"]), path


def test_every_reference_of_the_document_leads_somewhere():
	def walk(node):
		if isinstance(node, dict):
			if "$ref" in node:
				target = DOCUMENT
				for part in node["$ref"].removeprefix("#/").split("/"):
					target = target[part]
			for value in node.values():
				walk(value)
		elif isinstance(node, list):
			for value in node:
				walk(value)

	walk(DOCUMENT)


def explore(site, folder, token, parameters, *options):
	"""schemathesis, as anybody runs it, against the served document; fails with what it found."""
	if not PROGRAM.exists():
		pytest.skip("schemathesis is not installed: see tests/requirements.txt")
	folder.mkdir()
	(folder / "schemathesis.toml").write_text(CONFIGURATION.format(token=token, parameters=parameters))
	done = subprocess.run([PROGRAM, "--config-file", folder / "schemathesis.toml", "run", site.url + "/admin/v1/openapi.json", "--checks", ",".join(CHECKS),
	                       "--seed", "1", "--workers", "1", "--generation-database", "none", "--no-color", *options],
	                      cwd=folder, env=environment({"NO_COLOR": "1"}), capture_output=True, text=True, timeout=600)
	assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
	return done.stdout


@pytest.mark.timeout(900)
def test_schemathesis_finds_nothing(own_administered, tmp_path):
	"""The borders of everything that the document says."""
	site = own_administered
	said = explore(site, tmp_path / "all", automation_token(site, SYSTEM_ADMIN, "SYSTEM"), "", "--phases", "coverage")
	assert f"Tested: {len(operations())}" in said, said[-3000:]


@pytest.mark.timeout(900)
def test_schemathesis_finds_nothing_where_objects_are_there(own_administered, tmp_path):
	"""What comes by chance, with the names of objects that exist, as a person who signed in. None is deleted, for others come after it."""
	site = own_administered
	known = "\n".join(f'"path.{name}" = "{value}"' for name, value in (
		("id", "1002"), ("client_id", d.SECOND.id), ("registration_id", "okta"), ("label", "first"), ("name", "Service")))
	token = sign_in_token(site, ROOT_PERSON, SYSTEM_ADMIN, partition="SYSTEM")
	explore(site, tmp_path / "known", token, known, "--phases", "fuzzing", "--max-examples", str(EXAMPLES), "--exclude-method", "DELETE")
