"""Prints the table of policy decisions from Google Benchmark's JSON."""
import json
import statistics
import sys

SIZES = (10, 100, 1000, 10000)


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as file:
        runs = [r for r in json.load(file)["benchmarks"]
                if r["run_type"] == "iteration"]

    def median(name: str, rules: int, field: str) -> float:
        return statistics.median(
            r[field] for r in runs if r["run_name"] == f"{name}/{rules}")

    rows = [("rules", [f"{n:,}" for n in SIZES])]
    time = {(name, n): median(name, n, "cpu_time")
            for name in ("EmptyCall", "Decision", "LinearReading")
            for n in SIZES}
    for field in ("p50_ns", "p99_ns"):
        rows.append((f"decision, {field[:3]} of single calls (ns)",
                     [f"{median('Decision', n, field):,.0f}" for n in SIZES]))
        rows.append((f"empty call, {field[:3]} of single calls (ns)",
                     [f"{median('EmptyCall', n, field):,.0f}" for n in SIZES]))
    rows.append(("decision, mean in a loop (ns)",
                 [f"{time['Decision', n]:,.0f}" for n in SIZES]))
    rows.append(("decision / empty call",
                 [f"{time['Decision', n] / time['EmptyCall', n]:,.1f}"
                  for n in SIZES]))
    rows.append(("linear reading / decision",
                 [f"{time['LinearReading', n] / time['Decision', n]:,.2f}"
                  for n in SIZES]))
    growth = ["-"] + [f"{time['Decision', b] / time['Decision', a]:,.2f}"
                      for a, b in zip(SIZES, SIZES[1:])]
    rows.append(("growth with ten times the rules", growth))
    rows.append(("share of permits in the mix",
                 [f"{median('Decision', n, 'permits'):.0%}" for n in SIZES]))
    print("| " + rows[0][0] + " | " + " | ".join(rows[0][1]) + " |")
    print("| --- |" + " ---: |" * len(SIZES))
    for name, cells in rows[1:]:
        print(f"| {name} | " + " | ".join(cells) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
