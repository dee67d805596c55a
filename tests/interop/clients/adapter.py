"""Between make interop and a client library in Python: a line of JSON in, a line of JSON out. README.md lists the verbs."""

import json
import sys


def serve(verbs):
	"""verbs: one function for each verb; it gets the fields of the command and gives the fields of the answer."""
	for line in sys.stdin:
		fields = json.loads(line)
		try:
			answer = verbs[fields.pop("verb")](**fields)
		except Exception as error:  # whatever a library refuses with
			response = getattr(error, "response", None)
			answer = {"refused": f"{type(error).__name__}: {error}", "error": getattr(error, "error", None),
			          "status": None if response is None else response.status_code}
		print(json.dumps(answer), flush=True)
