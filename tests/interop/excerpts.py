#!/usr/bin/env python3
"""The lines of the client programs that docs/clients.md shows: those between "docs/clients.md: from here" and "docs/clients.md: to here".

Run as a program it writes them into docs/clients.md, each under the heading that is its client's name; tests/flows/test_documentation.py
sees that they are the same."""

import pathlib
import re
import textwrap

from clients import CLIENTS

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = HERE.parents[1] / "docs" / "clients.md"
MARKED = re.compile(r"^[^\n]*docs/clients\.md: from here[^\n]*\n(.*?)^[^\n]*docs/clients\.md: to here", re.M | re.S)


def excerpt(client):
	"""The marked lines of a client's program, with an empty line between one place and the next."""
	path = HERE / "clients" / (client.shown or client.program)
	places = [textwrap.dedent(place).strip("\n") for place in MARKED.findall(path.read_text())]
	return "\n\n".join(places) + "\n"


def fence(client):
	"""Where the document has the lines: a pattern of three groups, the lines in the middle."""
	return re.compile(rf"(^## {re.escape(client.name)}\n(?:(?!^## ).)*?^```\w+\n)(.*?)(^```)", re.M | re.S)


def main():
	text = DOCUMENT.read_text()
	for client in CLIENTS:
		text, written = fence(client).subn(lambda found: found.group(1) + excerpt(client) + found.group(3), text, count=1)
		if not written:
			raise SystemExit(f"docs/clients.md has no heading and fence for {client.name}")
	DOCUMENT.write_text(text)


if __name__ == "__main__":
	main()
