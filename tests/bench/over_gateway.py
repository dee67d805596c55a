"""Decisions on API calls: with remembered tokens as a ratio of the no-op request rate, with new ones beside the bare rate of verifying ES256."""
import contextlib
import statistics
import subprocess

from servers import ATTEMPTS, DRIFT_MAX, WORK, WRIT, BenchError, Server, free_port, judge, pinned, program, remove_store, run_json, start_writ, tell

PROGRAMS = ["decide"]
REMEMBERED, NEW = 1000, 40000  # tokens
OPERATIONS = 100
URL = "http://127.0.0.1:8080"  # of the issuer, whatever the port: the tokens are good for each server
TARGET_REMEMBERED, TARGET_NEW = 0.75, 0.6
MEMBERS = ("rate", "ratio", "p50_us", "p99_us", "server_busy", "load_busy")
ROWS = {"remembered": "remembered tokens", "same": "the same requests, undecided (no-op)", "new": "new tokens"}


def openapi():
    """The operation that is asked about, among others."""
    paths = [f"  /folders/{{folder}}/items{'' if i == 0 else i}/{{item}}: {{get: {{security: [{{user: [bench.read]}}, {{client: [app.knowledge.portalmgr.read]}}]}}}}\n"
             for i in range(OPERATIONS)]
    return "openapi: 3.0.3\ninfo: {title: Bench, version: '1'}\nservers: [{url: 'https://api.example.com/bench/v1'}]\npaths:\n" + "".join(paths)


def apply(store, document):
    done = subprocess.run([str(WRIT), "apply", "-f", str(document), "--store", f"sqlite:{store}"], capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"writ apply failed: {done.stderr}")


def make_store():
    """Gives its path, and a form for tokens of its first client application."""
    store, people, apis = WORK / "gateway.db", WORK / "gateway-people.yaml", WORK / "gateway-apis.yaml"
    remove_store(store)
    generated = subprocess.run([program("generate"), "10"], capture_output=True, text=True, check=True).stdout
    people.write_text(generated)
    (WORK / "gateway.openapi.yaml").write_text(openapi())
    apis.write_text("partitions:\n  - id: BENCH\n    apis: [{name: bench, openapi: gateway.openapi.yaml, actors: {user: user, client: client}}]\n")
    apply(store, people)
    apply(store, apis)
    client_id = generated.split("client_id: ", 1)[1].split(",", 1)[0]
    secret = generated.split('value: "', 1)[1].split('"', 1)[0]
    return store, f"grant_type=client_credentials&client_id={client_id}&client_secret={secret}&scope=app.knowledge.portalmgr.read"


def get_tokens(server, form, count, path):
    with path.open("wb") as out:
        command = [program("decide"), "--address", server.address, "--path", "/system/auth/BENCH-U/oauth2/token", "--form", form, "--get", str(count)]
        done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, timeout=120)
    if done.returncode != 0:
        raise BenchError(f"no tokens: {done.stderr.decode()}")
    return path


def start(bench, store):
    return start_writ("gateway", store, bench.core, "--auth-url", URL, "--api-url", URL)


def decide(bench, server, address, tokens, *more, seconds=1.5):
    command = [program("decide"), "--address", address, "--tokens", str(tokens), "--seconds", str(seconds), "--pid", str(server.process.pid), *more]
    return run_json(pinned(bench.load_core, command), seconds + 30)


def between(rate_of, sample):
    """A sample between two moments of what it is compared with, so that a change of the machine's speed does not count."""
    tries = []
    while len(tries) < ATTEMPTS and not (tries and tries[-1]["drift"] <= DRIFT_MAX):
        before = rate_of()
        found = sample()
        after = rate_of()
        found["drift"] = 2 * abs(before - after) / (before + after)
        found["ratio"] = 2 * found["rate"] / (before + after)
        tries.append(found)
    return min(tries, key=lambda one: one["drift"])


def one_round(bench, store, noop, server, few, many):
    management = server.management_url.removeprefix("http://")

    def no_op():
        return bench.load(noop, "--path", "/noop", "--flow", "client-credentials", seconds=0.7, warm=0.1)["rate"]

    def new():
        with contextlib.closing(Stopping(start(bench, store))) as fresh:
            return decide(bench, fresh.server, fresh.server.management_url.removeprefix("http://"), many, "--once", "--warm", "0.1")

    return {
        "remembered": between(no_op, lambda: decide(bench, server, management, few)),
        "same": between(no_op, lambda: decide(bench, noop, noop.address, few, "--path", "/noop")),
        "new": between(lambda: bench.bare("ES256-verify")["rate"], new),
    }


class Stopping:
    def __init__(self, server):
        self.server = server

    def close(self):
        self.server.stop()


def measure(bench):
    store, form = make_store()
    samples = {name: [] for name in ROWS}
    with contextlib.ExitStack() as stack:
        address = f"127.0.0.1:{free_port()}"
        noop = Server("noop", [program("noop"), address], address, bench.core)
        stack.callback(noop.stop)
        server = start(bench, store)
        stack.callback(server.stop)
        few = get_tokens(server, form, REMEMBERED, WORK / "tokens-few")
        many = get_tokens(server, form, NEW, WORK / "tokens-new")
        for number in range(bench.options.rounds):
            tell(f"decisions, round {number + 1} of {bench.options.rounds} …")
            for name, sample in one_round(bench, store, noop, server, few, many).items():
                samples[name].append(sample)
        memory = server.memory()
        remembered = server.metric('decision_tokens_total{token="remembered"}')
        verified = server.metric('decision_tokens_total{token="verified"}')
    if verified > REMEMBERED or remembered < verified:
        raise BenchError(f"of the remembered tokens {verified:,.0f} were verified")
    rows = {name: {"title": ROWS[name], "ratios": [one["ratio"] for one in found], **{member: statistics.median(one[member] for one in found) for member in MEMBERS}}
            for name, found in samples.items()}
    return {"rows": rows, "resident_mib": memory["rss"]}


def judge_all(result):
    rows = result["rows"]
    return [judge("decisions, remembered tokens: of the no-op rate", rows["remembered"]["ratio"], TARGET_REMEMBERED, True),
            judge("decisions, new tokens: of the bare verification rate", rows["new"]["ratio"], TARGET_NEW, True)]


def print_rows(result):
    print(f"\n{'decisions on API calls':<42}{'a second':>10}{'ratio':>9}{'p50 ms':>9}{'p99 ms':>9}{'core':>7}{'load':>7}")
    for row in result["rows"].values():
        print(f"{row['title']:<42}{row['rate']:>10,.0f}{row['ratio']:>9.3f}{row['p50_us'] / 1000:>9.2f}{row['p99_us'] / 1000:>9.2f}"
              f"{row['server_busy']:>7.0%}{row['load_busy']:>7.0%}")
