"""A real OpenAPI document of 73 operations, which is not ours to pass on: where it lies beside this project it is used."""

import os
import pathlib

import pytest

from .program import ROOT

ACTORS = {"oAuthUser": "user", "oAuthOnBehalfOfUser": "user_on_behalf_of", "oAuthCustomer": "customer", "oAuthOnBehalfOfCustomer": "customer_on_behalf_of",
          "oAuthAnonymousCustomer": "anonymous_customer", "oAuthClient": "client"}
VALUES = {"API_DOMAIN": "api.example.test", "SCOPE_PREFIX": ""}
NAME = "portalmgr.openapi.yaml"


def find():
	"""WRIT_REAL_DOCUMENT, else a folder data/ beside the project; None where there is none."""
	named = os.environ.get("WRIT_REAL_DOCUMENT")
	found = [pathlib.Path(named)] if named else sorted(ROOT.parent.glob("*/data/" + NAME))
	return found[0] if found and found[0].is_file() else None


def path():
	found = find()
	if found is None:
		pytest.skip(f"{NAME} is not beside this project: WRIT_REAL_DOCUMENT may name it")
	return found


def api(name="portalmgr"):
	"""An entry of apis: in an apply document."""
	return {"name": name, "openapi": str(path()), "values": VALUES, "actors": ACTORS}
