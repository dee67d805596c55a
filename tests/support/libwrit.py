"""libwrit as another program sees it: installed from the build under test, found by pkg-config, compiled against."""

import dataclasses
import pathlib
import shutil
import subprocess
import threading

import pytest

from .program import ROOT, SANITIZER_MARKS, environment, find_binary, run

VERDICTS = ("allowed", "bad_address", "no_token", "bad_token", "no_operation", "closed", "wrong_actor", "scope_missing", "undecided")
FIELDS = ("verdict", "status", "error", "actor", "subject", "client_id", "scope", "acting_client", "operation", "required_scope", "www_authenticate", "description")


def command(*arguments, check=True, env=None, input=None):
	done = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True, env=environment(env), input=input, timeout=300)
	for mark in SANITIZER_MARKS:
		assert mark not in done.stderr, done.stderr
	assert not check or done.returncode == 0, f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
	return done


class Installed:
	"""The build's libwrit below a folder of its own."""

	def __init__(self, folder):
		build = pathlib.Path(find_binary()).resolve().parent
		for tool in ("meson", "pkg-config", "cc", "nm"):
			if shutil.which(tool) is None:
				pytest.skip(f"{tool} is needed to install and compile against libwrit")
		if not (build / "build.ninja").is_file():
			pytest.skip("the binary does not lie in its build folder, so nothing can be installed from it")
		self.folder = folder
		command("meson", "install", "-C", build, "--no-rebuild", "--destdir", folder / "root")
		(self.package,) = (folder / "root").rglob("pkgconfig/writ.pc")
		self.libraries = self.package.parent.parent
		self.header = next((folder / "root").rglob("include/writ.h"))
		# a library with sanitizers wants a program with them
		sanitized = "__asan_init" in command("nm", "-D", self.libraries / "libwrit.so").stdout
		self.flags = ["-fsanitize=address,undefined"] if sanitized else []
		self.environment = {"LD_LIBRARY_PATH": str(self.libraries)}

	def flags_of(self, *options):
		env = {"PKG_CONFIG_PATH": str(self.package.parent), "PKG_CONFIG_SYSROOT_DIR": str(self.folder / "root")}
		return command("pkg-config", *options, "writ", env=env).stdout.split()

	def compile(self, source, name, static=False):
		program = self.folder / name
		options = ["-std=c17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", *self.flags, *self.flags_of("--cflags")]
		if static:
			libraries = [flag for flag in self.flags_of("--libs", "--static") if flag != "-lwrit"]
			command("cc", *options, source, self.libraries / "libwrit.a", *libraries, "-o", program)
		else:
			command("cc", *options, source, *self.flags_of("--libs"), "-o", program)
		return program


@dataclasses.dataclass
class Decision:
	verdict: str
	status: int
	error: str
	actor: str
	subject: str
	client_id: str
	scope: str
	acting_client: str
	operation: str
	required_scope: str
	www_authenticate: str
	description: str


class Guard:
	"""A running driver: one guard, asked line by line."""

	def __init__(self, program, installed, catalogue, jwks):
		self.process = subprocess.Popen([str(program), str(catalogue), str(jwks)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
		                                env=environment(installed.environment))
		self.lock = threading.Lock()

	def ask(self, *fields):
		with self.lock:
			self.process.stdin.write("\t".join(map(str, fields)) + "\n")
			self.process.stdin.flush()
			line = self.process.stdout.readline()
		assert line.endswith("\n"), (fields, self.process.poll(), self.process.stderr.read())
		return line[:-1].split("\t")

	def decide(self, method, target, token=None, header=None):
		header = f"Bearer {token}" if token is not None else header
		answer = dict(zip(FIELDS, self.ask("decide", method, target, *([header] if header is not None else [])), strict=True))
		return Decision(**{**answer, "verdict": VERDICTS[int(answer["verdict"])], "status": int(answer["status"])})

	def __enter__(self):
		return self

	def __exit__(self, kind, *_):
		self.process.stdin.close()
		try:
			code = self.process.wait(30)
		except subprocess.TimeoutExpired:
			self.process.kill()
			raise
		errors = self.process.stderr.read()
		assert kind is not None or (code == 0 and errors == ""), (code, errors)


def catalogue_of(store, *options, partition="ACME", auth_url, api_url, check=True):
	return run("api", "catalogue", "--store", store.url, "--partition", partition, "--auth-url", auth_url, "--api-url", api_url, *options, check=check)


DRIVER = ROOT / "tests" / "support" / "libwrit_driver.c"
EXAMPLE = ROOT / "examples" / "libwrit" / "decide.c"
