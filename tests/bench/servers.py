"""What every part of make bench needs: its programs, and servers on a core of their own."""
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("WRIT_BUILD", ROOT / "build")).resolve()
WORK = BUILD / "bench"
WRIT = BUILD / "writ"
EXIT_STALLED = 3  # of the loads
ATTEMPTS = 2      # at a steady sample
DRIFT_MAX = 0.08  # between the bare rates before and after


class BenchError(Exception):
    """Says why nothing can be measured."""


class StalledError(BenchError):
    """The machine stood still for a whole sample."""


def program(name):
    return str(BUILD / "tests" / "bench" / f"bench-{name}")


def pinned(core, command):
    return ["taskset", "-c", str(core), *command]


def run_json(command, timeout):
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    if done.returncode != 0:
        raise (StalledError if done.returncode == EXIT_STALLED else BenchError)(f"{' '.join(command[:8])} …: exit {done.returncode}\n{done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tell(text):
    print(text, file=sys.stderr, flush=True)


def remove_store(path):
    for suffix in ("", "-wal", "-shm", ".key", ".stamp"):
        pathlib.Path(f"{path}{suffix}").unlink(missing_ok=True)


def read_once(path):
    """So that what is measured is not this machine's disk."""
    with path.open("rb") as store:
        while store.read(1 << 22):
            pass


class Server:
    """A server process, pinned unless core is None; ready when its listener takes connections."""

    def __init__(self, name, command, address, core, ready_url=None):
        self.address = address
        self.management_url = ready_url and ready_url.removesuffix("/readyz")
        self.name = name
        self.log = (WORK / f"{name}.log").open("wb")
        self.process = subprocess.Popen(command if core is None else pinned(core, command), stdout=self.log, stderr=self.log)
        try:
            self.await_ready(ready_url)
        except BaseException:
            self.stop()
            raise

    def await_ready(self, ready_url):
        host, port = self.address.split(":")
        for _ in range(500):
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                if ready_url is None:
                    socket.create_connection((host, int(port)), 1).close()
                else:
                    urllib.request.urlopen(ready_url, timeout=1).close()
                return
            time.sleep(0.02)
        raise BenchError(f"{self.name} does not serve: see {WORK / (self.name + '.log')}")

    def memory(self):
        """Resident and anonymous MiB."""
        rollup = pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return {name.lower(): int(re.search(rf"^{name}:\s+(\d+) kB", rollup, re.M).group(1)) / 1024 for name in ("Rss", "Anonymous")}

    def metric(self, name):
        with urllib.request.urlopen(f"{self.management_url}/metrics", timeout=5) as reply:
            return float(re.search(rf"^writ_{name} (\S+)$", reply.read().decode(), re.M).group(1))

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


def serve_command(store, address, management, *more):
    return [str(WRIT), "serve", "--store", f"sqlite:{store}", "--listen", address, "--management-listen", management, *more]


def start_writ(name, store, core, *more):
    address, management = (f"127.0.0.1:{free_port()}" for _ in range(2))
    return Server(name, serve_command(store, address, management, *more), address, core, f"http://{management}/readyz")


def judge(name, value, target, at_least, unit=""):
    good = value >= target if at_least else value <= target
    return {"name": name, "value": value, "target": target, "at_least": at_least, "unit": unit, "ok": good}
