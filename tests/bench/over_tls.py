"""Client credentials over TLS, as ratios of the plain rate: over connections that are kept, and over a new one for each request."""
import contextlib
import statistics
import subprocess

from servers import ATTEMPTS, DRIFT_MAX, WORK, BenchError, start_writ, tell

# title, over TLS?, a new connection for each request?
ROWS = {
    "kept": ("over kept TLS connections", True, False),
    "new": ("over new TLS connections", True, True),
    "new-plain": ("over new plain connections", False, True),
}
MEMBERS = ("rate", "ratio", "p50_us", "p99_us", "server_busy", "load_busy")


def make_certificate():
    """One for 127.0.0.1 that is its own authority (ECDSA P-256): gives its file and its key's."""
    certificate, key = WORK / "tls.pem", WORK / "tls.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(key), "-out", str(certificate),
               "-days", "200", "-subj", "/CN=localhost", "-addext", "subjectAltName = IP:127.0.0.1"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"openssl made no certificate: {done.stderr}")
    key.chmod(0o600)
    return certificate, key


def sample(bench, plain, secure, certificate, over_tls, fresh):
    """Between two moments of the plain rate, so that a change of the machine's speed does not count."""
    flow = ("--flow", "client-credentials", "--count", "10")
    more = [*(["--ca-file", str(certificate)] if over_tls else []), *(["--fresh"] if fresh else [])]
    before = bench.load(plain, *flow, seconds=0.7, warm=0.1)["rate"]
    found = bench.load(secure if over_tls else plain, *flow, *more, seconds=0.7, warm=0.2)
    after = bench.load(plain, *flow, seconds=0.7, warm=0.1)["rate"]
    found["drift"] = 2 * abs(before - after) / (before + after)
    found["ratio"] = 2 * found["rate"] / (before + after)
    return found


def steadiest(bench, *arguments):
    tries = []
    while len(tries) < ATTEMPTS and not (tries and tries[-1]["drift"] <= DRIFT_MAX):
        tries.append(sample(bench, *arguments))
    return min(tries, key=lambda one: one["drift"])


def measure(bench, store):
    certificate, key = make_certificate()
    samples = {name: [] for name in ROWS}
    with contextlib.ExitStack() as stack:
        plain = start_writ("tls-plain", store, bench.core)
        stack.callback(plain.stop)
        secure = start_writ("tls", store, bench.core, "--tls-certificate", str(certificate), "--tls-key", str(key))
        stack.callback(secure.stop)
        for number in range(bench.options.rounds):
            tell(f"TLS, round {number + 1} of {bench.options.rounds} …")
            for name, (_, over_tls, fresh) in ROWS.items():
                samples[name].append(steadiest(bench, plain, secure, certificate, over_tls, fresh))
        memory = secure.memory()
    rows = {name: {"title": ROWS[name][0], "ratios": [one["ratio"] for one in found],
                   **{member: statistics.median(one[member] for one in found) for member in MEMBERS}} for name, found in samples.items()}
    return {"rows": rows, "resident_mib": memory["rss"]}


def print_rows(result):
    print(f"\n{'client credentials, 10':<42}{'a second':>10}{'of plain':>9}{'p50 ms':>9}{'p99 ms':>9}{'core':>7}{'load':>7}")
    for row in result["rows"].values():
        print(f"{row['title']:<42}{row['rate']:>10,.0f}{row['ratio']:>9.3f}{row['p50_us'] / 1000:>9.2f}{row['p99_us'] / 1000:>9.2f}"
              f"{row['server_busy']:>7.0%}{row['load_busy']:>7.0%}")
