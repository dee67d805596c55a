"""What client programs need beside Python, and whether it is here. tests/interop/run prepares it."""

import functools
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

from support.nginx import find_nginx  # noqa: E402

NODE_MIN = 20


def node():
	if shutil.which("node") is None or not (HERE / "node_modules" / ".complete").exists():
		return False
	found = re.match(r"v(\d+)", subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=30).stdout)
	return bool(found) and int(found.group(1)) >= NODE_MIN


def go():
	return (HERE / ".go").is_dir()


def chromium():
	return shutil.which("chromium") is not None


def mod_auth_openidc():
	return pathlib.Path("/usr/sbin/apache2").exists() and pathlib.Path("/usr/lib/apache2/modules/mod_auth_openidc.so").exists()


def oidc_agent():
	return all(shutil.which(program) for program in ("oidc-agent", "oidc-gen", "oidc-token"))


def curl():
	return shutil.which("curl") is not None


def nginx():
	return find_nginx() is not None


def htmlunit():
	return shutil.which("java") is not None and (HERE / ".htmlunit" / "Headless.class").exists()


# name: (is it here?, the words for it when it is not)
REQUIREMENTS = {
	"node": (node, f"Node {NODE_MIN} or newer with what package-lock.json names"),
	"go": (go, "Go, as new as clients/go-oidc/go.mod says, with what go.sum names"),
	"chromium": (chromium, "Chromium"),
	"mod_auth_openidc": (mod_auth_openidc, "Apache with libapache2-mod-auth-openidc"),
	"oidc_agent": (oidc_agent, "oidc-agent"),
	"curl": (curl, "curl"),
	"nginx": (nginx, "nginx"),
	"htmlunit": (htmlunit, "a JDK and Maven, with what clients/htmlunit/pom.xml names"),
}
RUNS = {".mjs": ("node",), ".go": ("go",), ".py": ()}


@functools.cache
def is_here(name):
	return REQUIREMENTS[name][0]()


def missing(client):
	"""The words for what is missing here before the client can run; None when nothing is."""
	lacking = [REQUIREMENTS[name][1] for name in (*RUNS[pathlib.Path(client.program).suffix], *client.needs) if not is_here(name)]
	return " and ".join(lacking) or None
