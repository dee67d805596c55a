"""Pages over HTTP: every list of the Admin API with each of its filters, as an administrator's program asks for them, and what single changes cost at this size."""
import base64
import contextlib
import http.client
import itertools
import json
import os
import pathlib
import random
import statistics
import subprocess
import time
import urllib.parse

from servers import ATTEMPTS, ROOT, WORK, WRIT, BenchError, judge, start_writ, tell

TARGET_MS = 100
ROUNDS = 30
PARTITION = "BENCH"
CLIENT, SECRET = "bench-administrator", "bench-administrator-secret-of-43-characters"
DOCUMENT = "partitions:\n" + "".join(
    f"  - id: {partition}\n    client_applications: [{{name: Bench administrator, client_id: {CLIENT}, platform: web,\n"
    f"      secrets: [{{label: bench, value: {SECRET}}}], permissions: [app.writ.admin.manage]}}]\n"
    for partition in ("SYSTEM", PARTITION)) + "    users: [{id: somebody, username: somebody}]\n    customers: [{id: somebody, email: somebody@example.com}]\n"

DAY_S = 86400
NOTHING = "!"  # in front of what nothing fits
HOSTILE = ["!%", "!_", "!'", '!"', "!' OR 1=1 --", "!\\", "!a%", "!_____", "!" + "x" * 100, "!Grüße, 日本", "!" + "\U0001f512" * 60, "!*"]


class Any:
    """Something else each time: {hex:4} four hexadecimal digits, {number:3} three decimal ones."""

    def __init__(self, digits):
        self.digits = digits

    def __format__(self, length):
        return "".join(random.choices(self.digits, k=int(length)))


ANY = {"hex": Any("0123456789abcdef"), "number": Any("0123456789")}


def moment(before_s):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - before_s))


# Operation: what is always asked with it, and what each parameter may be. A cursor is what a page ends with, before it is encoded.
ACTIVITY = {"action": ["user.changed", "partition.changed", "token.", "partition.", "!nothing.", "!nothing.done"], "result": ["ok", "invalid-scope", "!nothing"],
            "actor": ["actor-77", "!nobody", "!%"], "object": ["object-7", "!nothing", "!%"], "request_id": ["request-777", "!nothing"],
            "from": [moment(9 * DAY_S)], "to": [moment(8 * DAY_S), moment(9 * DAY_S - 3600)], "cursor": ["{number:6}"]}
PEOPLE = {"search": ["{hex:4}", "{hex:1}", "AGENT00{number:3}", "agent", "!nobody", *HOSTILE], "enabled": ["true", "false"], "cursor": ["{hex:8}"]}
OPERATIONS = {"search": ["/bench/v1/folders/{{folder}}/items{number:4}", "/", "!/nowhere", *HOSTILE],
              "scope": ["bench.item7.read", "app.knowledge.portalmgr.read", "!nothing.read"],
              "cursor": ["/bench/v1/folders/{{folder}}/items{number:4}/{{item}} GET"]}
LISTS = {
    "listPartitions": ([""], {"search": ["S", "!nowhere", *HOSTILE], "cursor": ["A"]}),
    "listDepartments": ([""], {"search": ["department 1{number:1}", "d", "!nowhere", *HOSTILE], "cursor": ["Department {number:3}"]}),
    "listPermissions": ([""], {"search": ["bench.item{number:2}", "b", "!nothing", *HOSTILE], "kind": ["delegated", "on_behalf_of", "application"],
                               "cursor": ["bench.item{number:3}"]}),
    "listUsers": ([""], PEOPLE | {"department": ["Service", "!Nowhere"], "role": ["partition_administrator", "!nobody"]}),
    "listCustomers": ([""], PEOPLE | {"search": ["{hex:4}", "{hex:1}", "Customer00{number:3}", "customer", "!nobody", *HOSTILE]}),
    "listUserSessions": ([""], {"cursor": ["{hex:4}"]}),
    "listCustomerSessions": ([""], {"cursor": ["{hex:4}"]}),
    "listUserApplications": ([""], {}),
    "listCustomerApplications": ([""], {}),
    "listClientApplications": ([""], {"search": ["application {number:3}", "{hex:4}", "a", "application", "!zzz", *HOSTILE], "enabled": ["true", "false"],
                                      "platform": ["web", "spa"], "permission": ["knowledge.portalmgr.read", "!nothing.read"],
                                      "cursor": ["application {number:3}"]}),
    "listIdentityProviders": ([""], {"search": ["provider-{number:1}", "p", "!nobody", *HOSTILE], "cursor": ["provider-{number:2}"]}),
    "listApis": ([""], {"search": ["api-{number:1}", "a", "!nothing", *HOSTILE], "cursor": ["api-{number:2}"]}),
    "listApiOperations": ([""], {**OPERATIONS, "search": ["/bench/v1/folders/", "!/nowhere", *HOSTILE], "scope": ["bench.item7.read", "!nothing.read"]}),
    "listOperations": ([""], OPERATIONS),
    "listSessions": (["realm=user", "realm=customer"], {"person_id": ["somebody", "!nobody"], "cursor": ["{hex:4}"]}),
    "listGrants": (["realm=user", "realm=customer"], {"person_id": ["somebody", "!nobody"], "client_id": ["busy", "!nothing"], "cursor": ["{hex:2}"]}),
    "listSigningKeys": ([""], {}),
    "listAuditEvents": ([""], ACTIVITY),
    "listAllAuditEvents": ([""], {name: values[:1] for name, values in ACTIVITY.items()}),
    "readStatistics": (["measure=tokens_issued", "measure=tokens_refused"],
                       {"by": ["none", "flow", "client_application", "reason"], "step": ["minute", "hour", "day"], "from": [moment(3000), moment(29 * DAY_S)],
                        "to": [moment(0)]}),
}
ALWAYS = {"realm", "measure", "limit"}  # parameters that stand with every question
NAMES = {"{partition}": PARTITION, "{id}": "somebody", "{name}": "api-7"}


# ---- asking ---------------------------------------------------------------------------------------------------------------------


class Administrator:
    """A kept connection and a token of one partition's client application."""

    def __init__(self, server, partition):
        self.connection = http.client.HTTPConnection(server.address, timeout=60)
        form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET, "scope": "app.writ.admin.manage"}
        _, status, _, reply = self.send("POST", f"/system/auth/{partition}-U/oauth2/token", urllib.parse.urlencode(form),
                                        {"Content-Type": "application/x-www-form-urlencoded"})
        if status != 200:
            raise BenchError(f"no token for an administrator: {reply}")
        self.headers = {"Authorization": f"Bearer {reply['access_token']}"}

    def send(self, method, path, body, headers):
        """Gives ms, status, headers, and the reply."""
        began = time.perf_counter()
        self.connection.request(method, path, body, headers)
        reply = self.connection.getresponse()
        text = reply.read()
        took = (time.perf_counter() - began) * 1000
        return took, reply.status, reply.headers, json.loads(text) if text else None

    def ask(self, path):
        took, status, _, reply = self.send("GET", path, None, self.headers)
        return took, status, reply

    def change(self, method, path, body=None, match=None):
        headers = self.headers | ({"If-Match": match} if match else {})
        if body is not None:
            headers["Content-Type"] = "application/merge-patch+json" if method == "PATCH" else "application/json"
        took, status, replied, reply = self.send(method, path, None if body is None else json.dumps(body), headers)
        if status >= 300:
            raise BenchError(f"{method} {path}: {status} {reply}")
        return took, replied, reply


def query_of(question):
    """The address behind the path, with a place at random where the question leaves it open."""
    fields = []
    for name, value in question:
        value = value.removeprefix(NOTHING).format(**ANY)
        fields.append((name, base64.urlsafe_b64encode(value.encode()).decode().rstrip("=") if name == "cursor" else value))
    return urllib.parse.urlencode(fields)


# ---- questions ------------------------------------------------------------------------------------------------------------------


def questions_of(bases, filters, limit_most):
    """Each filter alone, and two of different ones together; without any also on the longest page, and that page followed by the next ones."""
    alone = [[(name, value)] for name, values in filters.items() for value in values]
    few = {name: [value for value in values if value not in HOSTILE] for name, values in filters.items() if name != "cursor"}
    pairs = [[(first, one), (second, other)] for first, second in itertools.combinations(few, 2) for one in few[first] for other in few[second]]
    for base in bases:
        always = [tuple(base.split("="))] if base else []
        yield from (always + asked for asked in [[], *alone, *pairs])
        if limit_most:
            yield from (always + [("limit", str(limit_most))] + asked for asked in [[], *alone])


def title_of(question):
    shown = " ".join(f"{name}={value.removeprefix(NOTHING)}" for name, value in question)
    return (shown[:60] + "…" if len(shown) > 60 else shown) or "all"


def pages_of(path, question, follow):
    """Addresses without end; each gets the reply to the one before."""
    reply = yield None
    while True:
        query = query_of(question)
        after = reply.get("next") if follow and reply else None
        reply = yield f"{path}?{query}{'&' if query else ''}cursor={after}" if after else f"{path}?{query}"


def processor_s(server):
    """Of all its threads."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in pathlib.Path(f"/proc/{server.process.pid}/task").iterdir()) / 1e9


def shown_in(status, reply):
    if status == 200:
        return len(reply["rows"] if "rows" in reply else reply.get("items", reply.get("keys", [])))
    if status == 400 and "too many rows" in reply["detail"]:
        return 0
    raise BenchError(f"{status} {reply}")


def sample(administrator, server, path, question, follow):
    times, shown = [], []
    addresses = pages_of(path, question, follow)
    next(addresses)
    reply = None
    began = processor_s(server)
    for _ in range(ROUNDS):
        took, status, reply = administrator.ask(addresses.send(reply))
        times.append(took)
        shown.append(shown_in(status, reply))
    cpu = (processor_s(server) - began) * 1000 / ROUNDS
    if any(value.startswith(NOTHING) for _, value in question) and sum(shown) > 0:
        raise BenchError(f"{path}, {title_of(question)}: {shown} objects")
    times.sort()
    return {"p50_ms": statistics.median(times), "p99_ms": times[ROUNDS * 99 // 100], "most_ms": times[-1], "processor_ms": cpu, "shown": max(shown)}


def answer(administrator, server, path, question, follow=False):
    """Once more where it was slow: a machine that did something else meanwhile says nothing of the server."""
    tries = []
    while len(tries) < ATTEMPTS and not (tries and tries[-1]["p99_ms"] <= TARGET_MS / 2):
        tries.append(sample(administrator, server, path, question, follow))
    return min(tries, key=lambda one: one["p99_ms"])


def operations():
    """Of openapi.json, those that list: id, path, names of the parameters, greatest limit."""
    document = json.loads((ROOT / "src/admin/openapi.json").read_text())
    shared = document["components"]["parameters"]
    for path, item in document["paths"].items():
        identity = item.get("get", {}).get("operationId", "")
        if identity.startswith("list") or identity == "readStatistics":
            parameters = [shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in item["get"].get("parameters", [])]
            asked = {one["name"]: one["schema"] for one in parameters if one["in"] == "query"}
            for name, value in NAMES.items():
                path = path.replace(name, value)
            yield identity, "/admin/v1" + path, set(asked), asked.get("limit", {}).get("maximum")


def measure_pages(server):
    rows = {}
    own, system = Administrator(server, PARTITION), Administrator(server, "SYSTEM")
    for identity, path, asked, limit_most in operations():
        bases, filters = LISTS.get(identity, ([""], {}))
        if identity not in LISTS or asked - ALWAYS != set(filters):
            raise BenchError(f"over_admin.py does not ask {identity} with each of {', '.join(sorted(asked))}")
        tell(f"asking {identity} over HTTP …")
        administrator = own if path.startswith(f"/admin/v1/partitions/{PARTITION}/") else system
        administrator.connection.close()  # one for each list: the server closes what is idle for a minute
        found = [{"title": title_of(question), **answer(administrator, server, path, question)} for question in questions_of(bases, filters, limit_most)]
        if limit_most:
            always = [tuple(bases[0].split("="))] if bases[0] else []
            found.append({"title": "page after page", **answer(administrator, server, path, always + [("limit", str(limit_most))], follow=True)})
        if found[0]["shown"] == 0:
            raise BenchError(f"{identity} shows nothing")
        rows[identity] = found
    return rows


# ---- changes --------------------------------------------------------------------------------------------------------------------


def change_application(administrator, record):
    path = f"/admin/v1/partitions/{PARTITION}/client-applications"
    took, headers, reply = administrator.change("POST", path, {"name": f"Portal {time.time_ns()}", "platform": "web", "redirect_urls": ["https://portal.example.com/"]})
    record("client application created", took)
    one, tag = f"{path}/{reply['client_id']}", headers["ETag"]
    took, _, _ = administrator.change("POST", f"{one}/secrets", {"label": "first"})
    record("secret added", took)
    took, headers, _ = administrator.change("PATCH", one, {"permissions": ["knowledge.portalmgr.read"]}, "*")
    record("permission assigned", took)
    tag = headers["ETag"]
    took, headers, _ = administrator.change("PATCH", one, {"name": f"Portal {time.time_ns()}"}, tag)
    record("client application changed", took)
    took, _, _ = administrator.change("DELETE", f"{one}/secrets/first", None, "*")
    record("secret deleted", took)
    took, _, _ = administrator.change("DELETE", one, None, "*")
    record("client application deleted", took)


def change_user(administrator, record):
    path = f"/admin/v1/partitions/{PARTITION}/users"
    name = f"new-{time.time_ns()}"
    took, headers, reply = administrator.change("POST", path, {"username": name, "email": f"{name}@example.com", "department": "Department 7"})
    record("user created", took)
    one = f"{path}/{reply['id']}"
    took, _, _ = administrator.change("PATCH", one, {"enabled": False}, headers["ETag"])
    record("user disabled", took)
    took, _, _ = administrator.change("DELETE", one, None, "*")
    record("user deleted", took)


def measure_changes(server):
    administrator, times = Administrator(server, PARTITION), {}
    for _ in range(ROUNDS):
        change_application(administrator, lambda title, took: times.setdefault(title, []).append(took))
        change_user(administrator, lambda title, took: times.setdefault(title, []).append(took))
    return {title: {"p50_ms": statistics.median(took), "p99_ms": sorted(took)[ROUNDS * 99 // 100]} for title, took in times.items()}


# ---- the whole ------------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def on_core(core):
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def measure(bench, store):
    """store: one of listing.py; it gets two client applications and two people more."""
    document = WORK / "administrator.yaml"
    document.write_text(DOCUMENT)
    done = subprocess.run([str(WRIT), "apply", "-f", str(document), "--store", f"sqlite:{store}"], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise BenchError(f"writ apply failed: {done.stderr}")
    server = start_writ("admin", store, bench.core, "--audit-rows", "2000000")
    try:
        with on_core(bench.load_core):
            return {"pages": measure_pages(server), "changes": measure_changes(server)}
    finally:
        server.stop()


def slowest_of(found):
    return max(found, key=lambda row: row["p99_ms"])


def judge_all(result):
    identity, row = max(((identity, slowest_of(found)) for identity, found in result["pages"].items()), key=lambda one: one[1]["p99_ms"])
    return [judge(f"slowest page over HTTP ({identity}): p99", row["p99_ms"], TARGET_MS, False, " ms")]


def print_rows(result):
    print(f"\n{'pages over HTTP (ms)':<26}{'asked':>6}{'p50':>8}{'most':>8}   {'the slowest question':<62}{'p50':>8}{'p99':>8}{'CPU':>8}{'shown':>7}")
    for identity, found in result["pages"].items():
        slowest = slowest_of(found)
        print(f"{identity:<26}{len(found):>6}{statistics.median(row['p50_ms'] for row in found):>8.2f}{max(row['most_ms'] for row in found):>8.2f}   "
              f"{slowest['title']:<62}{slowest['p50_ms']:>8.2f}{slowest['p99_ms']:>8.2f}{slowest['processor_ms']:>8.2f}{slowest['shown']:>7}")
    print(f"\n{'changes over HTTP (ms)':<40}{'p50':>8}{'p99':>8}")
    for title, row in result["changes"].items():
        print(f"{title:<40}{row['p50_ms']:>8.2f}{row['p99_ms']:>8.2f}")
