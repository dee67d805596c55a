"""Decisions of libwrit, in the API's own process: with remembered tokens, with new ones, and what one costs as the catalogue grows."""
import statistics

from servers import judge, pinned, program, run_json, tell

PROGRAMS = ["guard"]
OPERATIONS = (10, 1000, 100_000)
FEW = 100  # operations, where their number is not the question
SECONDS = 0.5
TARGET_RATE, TARGET_NEW, TARGET_COST = 1_000_000, 0.6, 1.2
ROWS = {("any", FEW): "remembered tokens, any of 100 operations", ("new", FEW): "new tokens, any of 100 operations",
        **{("one", count): f"remembered tokens, one of {count:,}" for count in OPERATIONS}, ("any", OPERATIONS[-1]): f"remembered tokens, any of {OPERATIONS[-1]:,}"}


def guard(bench, kind, operations):
    found = run_json(pinned(bench.core, [program("guard"), kind, str(operations), str(SECONDS)]), 60)
    found["a_core"] = 1e9 / found["ns"]
    return found


def measure(bench):
    """Each row in turn, so that a change of the machine's speed is every row's."""
    samples = {row: [] for row in ROWS}
    costs = []
    for number in range(bench.options.rounds):
        tell(f"decisions in process, round {number + 1} of {bench.options.rounds} …")
        for kind, operations in ROWS:
            before = bench.bare("ES256-verify") if kind == "new" else None
            found = guard(bench, kind, operations)
            if before is not None:
                after = bench.bare("ES256-verify")
                bare = statistics.mean(one["rate"] / max(one["busy"], 0.01) for one in (before, after))
                found["ratio"] = found["a_core"] / bare
            samples[kind, operations].append(found)
        each = [samples["one", count][-1]["ns"] for count in OPERATIONS]
        costs.append(max(each) / min(each))
    rows = [{"title": title, "kind": kind, "operations": operations, **{member: statistics.median(one[member] for one in samples[kind, operations])
                                                                        for member in ("rate", "busy", "ns", "a_core")},
             "ratio": statistics.median(one["ratio"] for one in samples[kind, operations]) if kind == "new" else None}
            for (kind, operations), title in ROWS.items()]
    return {"rows": rows, "costs": costs}


def judge_all(result):
    rows = {(row["kind"], row["operations"]): row for row in result["rows"]}
    return [judge("libwrit, remembered tokens: a second a core", rows["any", FEW]["a_core"], TARGET_RATE, True),
            judge("libwrit, new tokens: of the bare verification rate", rows["new", FEW]["ratio"], TARGET_NEW, True),
            judge("libwrit, one decision among 10 to 100,000 operations: cost", statistics.median(result["costs"]), TARGET_COST, False)]


def print_rows(result):
    print(f"\n{'decisions in process (libwrit)':<42}{'a second':>12}{'a core':>12}{'ns':>9}{'of bare':>9}")
    for row in result["rows"]:
        ratio = f"{row['ratio']:>9.3f}" if row["ratio"] is not None else ""
        print(f"{row['title']:<42}{row['rate']:>12,.0f}{row['a_core']:>12,.0f}{row['ns']:>9,.0f}{ratio}")
