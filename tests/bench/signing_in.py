"""The part of make bench in which people sign in: whole code flows, refreshes, and passwords beside other work."""
import json
import os
import statistics
import subprocess
import time

from servers import ATTEMPTS, DRIFT_MAX, EXIT_STALLED, WORK, WRIT, BenchError, StalledError
from servers import judge, pinned, program, remove_store, run_json, start_writ, tell

PROGRAMS = ["visitors", "bare-password"]
PEOPLE = 256
AT_ONCE = (1, 16, 256)
SIGNING_IN_AT_ONCE = 8  # browsers: enough that a hash is always waiting
SIGN_IN_SECONDS = 5     # a sample of sign-ins takes at least so long: there are some forty a second
PACED_RATE = 200        # client-credentials requests a second beside them

TARGET_HASHES = 0.85
TARGET_PACED_MS = 10

# "correct horse battery staple", as the least that Argon2id can cost, for people whose password is not what is measured,
# and as writ makes them: 19 MiB, t = 2.
PASSWORD = "correct horse battery staple"
QUICK_HASH = "$argon2id$v=19$m=8,t=1,p=1$tBvh8eTd5Kujzm7zDWIu8Q$0oflY5pRokWTKi2Yfmztldd+dZHzHkswGvlLjiygqLo"
USUAL_HASH = "$argon2id$v=19$m=19456,t=2,p=1$dZE4TTRvjHhCTbCoDkx1yw$/ZCA9DKQI6GE2QW9iH8DO9NXq9+BUaZpFKuKXwLz5ck"

CLIENT_ID, CLIENT_SECRET = "7d3f6b5e-5b1c-4f0e-9c59-2f1a6a0c1d10", "bench_secret_of_the_portal_0123456789abcdef"
REDIRECT_URI = "http://127.0.0.1/callback"
DOCUMENT = f"""partitions:
  - id: SIGNIN
    name: Sign-in
    permissions: [{{name: knowledge.portalmgr.read}}]
    client_applications:
      - name: Portal
        client_id: {CLIENT_ID}
        platform: web
        consent: implied
        redirect_urls: ["{REDIRECT_URI}"]
        secrets: [{{label: bench, value: {CLIENT_SECRET}}}]
        permissions: [knowledge.portalmgr.read]
    users:
"""
READ, OFFLINE = "knowledge.portalmgr.read", "knowledge.portalmgr.read+offline_access"
# key, title, flow, scope, people, at once
ROWS = [
    *((f"code-{count}", f"code flow, {count} at once", "code", "openid+" + READ, "quick-", count) for count in AT_ONCE),
    ("code-plain", f"the same without openid, {AT_ONCE[-1]}", "code", READ, "quick-", AT_ONCE[-1]),
    *((f"refresh-{count}", f"refresh, {count} at once", "refresh", OFFLINE, "quick-", count) for count in AT_ONCE),
]
SIGN_IN = ("sign-in", "password sign-in", "sign-in", "openid+" + READ, "usual-", SIGNING_IN_AT_ONCE)


def prepare_store(path):
    """A fresh store: ten client applications for the load beside, and people with passwords."""
    remove_store(path)
    lines = [f'      - {{username: {kind}-{number:05}, password_hash: "{text}"}}\n' for kind, text in (("quick", QUICK_HASH), ("usual", USUAL_HASH))
             for number in range(PEOPLE)]
    generated = subprocess.run([program("generate"), "10"], capture_output=True, check=True, timeout=60).stdout
    for document in (generated, (DOCUMENT + "".join(lines)).encode()):
        path.with_suffix(".yaml").write_bytes(document)
        with (WORK / "apply.log").open("wb") as log:
            command = [str(WRIT), "apply", "-f", str(path.with_suffix(".yaml")), "--store", f"sqlite:{path}"]
            done = subprocess.run(command, stdout=log, stderr=log, timeout=120)
        if done.returncode != 0:
            raise BenchError(f"writ apply failed: see {WORK / 'apply.log'}")
    path.with_suffix(".yaml").unlink()


class Visitors:
    """Visitors that are prepared and wait for their start."""

    def __init__(self, bench, server, flow, scope, people, at_once, seconds):
        self.server, self.seconds = server, seconds
        self.command = pinned(bench.load_core, [
            program("visitors"), "--address", server.address, "--pid", str(server.process.pid), "--realm", "SIGNIN-U", "--client-id", CLIENT_ID,
            "--client-secret", CLIENT_SECRET, "--redirect-uri", "http%3A%2F%2F127.0.0.1%2Fcallback", "--scope", scope, "--person", people,
            "--people", str(PEOPLE), "--password", PASSWORD.replace(" ", "+"), "--flow", flow, "--connections", str(at_once), "--warm", "0.5",
            "--seconds", str(seconds)])
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            self.fail()

    def fail(self):
        self.process.kill()
        said = self.process.communicate()[1]
        kind = StalledError if self.process.returncode == EXIT_STALLED else BenchError
        raise kind(f"{' '.join(self.command[:8])} …: exit {self.process.returncode}\n{said.strip()[-2000:]}")

    def go(self):
        """The sample, with the store's commits and writes meanwhile."""
        before = [self.server.metric(name) for name in ("store_commits_total", "store_writes_total")]
        try:
            said, _ = self.process.communicate("\n", timeout=self.seconds + 60)
        except subprocess.TimeoutExpired:
            self.fail()
        if self.process.returncode != 0:
            self.fail()
        sample = json.loads(said)
        commits, writes = (self.server.metric(name) - old for name, old in zip(("store_commits_total", "store_writes_total"), before))
        sample.update(fsyncs=commits / sample["took_s"], writes_each=writes / max(commits, 1))
        return sample


def disk_rate(seconds=0.5):
    """Syncs a second of this disk, one at a time: an appended page each."""
    path, count = WORK / "sync.tmp", 0
    with path.open("wb", buffering=0) as file:
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            count += 1
        took = time.monotonic() - start
    path.unlink()
    return count / took


def bare_rate(bench):
    """As many threads as the server has for passwords: one a processor, and it has one."""
    return run_json(pinned(bench.core, [program("bare-password"), USUAL_HASH, PASSWORD, "1", str(max(bench.options.bare_seconds, 1.0))]), 60)


def sign_in_sample(bench, server, beside):
    """Sign-ins between two samples of the bare rate; beside: with the paced requests meanwhile."""
    seconds = max(bench.options.seconds, SIGN_IN_SECONDS)
    before = bare_rate(bench)
    visitors = Visitors(bench, server, *SIGN_IN[2:], seconds)
    load = None
    if beside:
        load = subprocess.Popen(pinned(bench.load_core, [
            program("load"), "--address", server.address, "--flow", "client-credentials", "--count", "10", "--connections", "8",
            "--rate", str(PACED_RATE), "--warm", "0.5", "--seconds", str(seconds)]), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    sample = visitors.go()
    if load is not None:
        said, wrong = load.communicate(timeout=60)
        if load.returncode != 0:
            raise BenchError(f"the paced load: exit {load.returncode}\n{wrong.strip()[-2000:]}")
        sample["paced"] = json.loads(said)
    after = bare_rate(bench)
    bare, bare_busy = ((before[member] + after[member]) / 2 for member in ("rate", "busy"))
    sample.update(bare=bare, drift=abs(before["rate"] - after["rate"]) / bare, ratio=sample["rate"] / bare)
    # What it would be had each had its core for itself.
    sample["ratio_busy"] = sample["ratio"] * bare_busy / max(sample["server_busy"], 0.01)
    return sample


def steadiest(measure):
    samples = []
    while len(samples) < ATTEMPTS and not (samples and samples[-1]["drift"] <= DRIFT_MAX):
        samples.append(measure())
    return min(samples, key=lambda sample: sample["drift"])


def measure(bench):
    """Everything of this part: rows by key, each a list of samples."""
    path = WORK / "sign-in.db"
    prepare_store(path)
    rows, disk = {}, []
    server = start_writ("sign-in", path, bench.core)
    try:
        for number in range(bench.options.rounds):
            tell(f"signing in, round {number + 1} of {bench.options.rounds} …")
            disk.append(disk_rate())
            for key, _, *visit in ROWS:
                rows.setdefault(key, []).append(Visitors(bench, server, *visit, bench.options.seconds).go())
            for key, beside in (("sign-in", False), ("sign-in-beside", True)):
                rows.setdefault(key, []).append(steadiest(lambda: sign_in_sample(bench, server, beside)))
    finally:
        server.stop()
    return {"rows": rows, "disk": disk}


# ---- the table ------------------------------------------------------------------------------------------------------


MEMBERS = ("rate", "p50_us", "p99_us", "fsyncs", "writes_each", "server_busy", "load_busy")


def median_of(samples, member):
    return statistics.median(sample[member] for sample in samples)


def paced_ms(result, member):
    return statistics.median(sample["paced"][member] for sample in result["rows"]["sign-in-beside"]) / 1000


def judge_all(result):
    rows = result["rows"]
    return [
        judge("sign-ins: of the bare password rate", median_of(rows["sign-in"], "ratio"), TARGET_HASHES, True),
        judge(f"client credentials beside them, {PACED_RATE} a second: p99", paced_ms(result, "p99_us"), TARGET_PACED_MS, False, " ms"),
    ]


def print_rows(result):
    rows = result["rows"]
    print(f"\none fsync after the other on this disk: {statistics.median(result['disk']):,.0f} a second; "
          f"bare Argon2id: {median_of(rows['sign-in'], 'bare'):,.1f} a second with one thread on this core")
    print(f"\n{'':<42}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}{'fsyncs/s':>10}{'writes each':>13}{'core':>7}{'load':>7}{'of bare':>9}{'by CPU':>8}")
    titles = {**{key: title for key, title, *_ in ROWS}, "sign-in": f"{SIGN_IN[1]}, {SIGNING_IN_AT_ONCE} browsers",
              "sign-in-beside": f"  beside {PACED_RATE} client credentials a second"}
    for key, title in titles.items():
        samples = rows[key]
        rate, p50, p99, fsyncs, each, core, load = (median_of(samples, member) for member in MEMBERS)
        ratio = f"{median_of(samples, 'ratio'):>9.3f}{median_of(samples, 'ratio_busy'):>8.3f}" if "ratio" in samples[0] else ""
        print(f"{title:<42}{rate:>10,.1f}{p50 / 1000:>9.2f}{p99 / 1000:>9.2f}{fsyncs:>10,.0f}{each:>13.1f}{core:>7.0%}{load:>7.0%}{ratio}")
    rate = median_of([sample["paced"] for sample in rows["sign-in-beside"]], "rate")
    print(f"{'  those client credentials':<42}{rate:>10,.1f}{paced_ms(result, 'p50_us'):>9.2f}{paced_ms(result, 'p99_us'):>9.2f}")
