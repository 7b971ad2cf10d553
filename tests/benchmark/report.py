"""Joins what the benchmark programs wrote and prints the table of ratios.

  report.py DIRECTORY RESULT.json [--quick]

Exit 1 if a program left nothing, or DIRECTORY says that it failed.
"""
import json
import os
import pathlib
import statistics
import sys

PROGRAMS = ("query", "append", "delivery", "import", "fanout", "connect",
            "overload", "footprint", "policy", "table", "log")
# Whose preparation alone takes longer than a quick run may.
NOT_QUICK = ("log",)


def row(name, value, unit, better, target, ratio):
    return {"name": name, "value": value, "unit": unit, "better": better,
            "target": target, "ratio": ratio}


def median(measured, name, field="cpu_time"):
    """Of Google Benchmark's repetitions of the benchmark of that name."""
    return statistics.median(
        run[field] for run in measured["benchmarks"]
        if run["run_type"] == "iteration"
        and (run["run_name"] == name or run["run_name"].startswith(name + "/iter")))


def policy_rows(measured):
    time = {name: median(measured, name) for name in (
        "Decision/100", "Decision/1000", "EmptyCall/1000", "LinearReading/1000")}
    return [
        row("decision at 1,000 rules, p50", median(measured, "Decision/1000", "p50_ns"),
            "ns", "less", 1000, False),
        row("decision / empty call, at 1,000 rules",
            time["Decision/1000"] / time["EmptyCall/1000"], "x", "less", None, True),
        row("linear reading / decision, at 1,000 rules",
            time["LinearReading/1000"] / time["Decision/1000"], "x", "more", None, True),
        row("decision at 1,000 rules / at 100",
            time["Decision/1000"] / time["Decision/100"], "x", "less", 10, True)]


def table_rows(measured):
    counted = median(measured, "CountInColumns")
    return [
        row("table over 1,000,000 cases", counted, "ms", "less", 10, False),
        row("SQLite's GROUP BY / table", median(measured, "GroupBy") / counted,
            "x", "more", 50, True)]


def log_rows(measured):
    verified = median(measured, "VerifyInStore", "real_time")
    return [
        row("verifying 1,000,000 entries in the store", verified / 1000, "s", "less", 60, False),
        row("verifying in the store / hashing alone",
            verified / median(measured, "HashAlone", "real_time"), "x", "less", None, True),
        row("verifying a file / hashing alone",
            median(measured, "VerifyAsFile", "real_time")
            / median(measured, "HashAlone", "real_time"), "x", "less", None, True)]


OF_GOOGLE = {"policy": policy_rows, "table": table_rows, "log": log_rows}


def rows_of(program, file):
    """The rows of one program; none if it left no whole file."""
    try:
        measured = json.loads(file.read_text(encoding="utf-8"))
        rows = OF_GOOGLE[program](measured) if program in OF_GOOGLE else measured["rows"]
    except (OSError, ValueError, KeyError, statistics.StatisticsError):
        return []
    return [{"program": program, **each} for each in rows]


def is_met(each):
    if each["target"] is None:
        return None
    if each["better"] == "more":
        return each["value"] >= each["target"]
    return each["value"] <= each["target"]


def number(value):
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.3f}"


def table_lines(rows):
    yield "| program | what | measured | target | met |"
    yield "| --- | --- | ---: | ---: | --- |"
    for each in rows:
        target = ""
        if each["target"] is not None:
            sign = "at least" if each["better"] == "more" else "at most"
            target = f"{sign} {number(each['target'])} {each['unit']}"
        met = {None: "", True: "yes", False: "NO"}[each["met"]]
        yield (f"| {each['program']} | {each['name']} "
               f"| {number(each['value'])} {each['unit']} | {target} | {met} |")


def main():
    arguments = [each for each in sys.argv[1:] if each != "--quick"]
    quick = "--quick" in sys.argv
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    directory, result = pathlib.Path(arguments[0]), pathlib.Path(arguments[1])
    rows, missing = [], []
    for program in PROGRAMS:
        if quick and program in NOT_QUICK:
            continue
        found = rows_of(program, directory / f"{program}.json")
        rows += found
        if not found or (directory / f"{program}.failed").exists():
            missing.append(program)
    for each in rows:
        each["met"] = is_met(each)
    result.write_text(json.dumps(
        {"quick": quick, "cpus": os.cpu_count(), "missing": missing, "rows": rows},
        indent=1) + "\n", encoding="utf-8")
    print("\n".join(table_lines(
        [each for each in rows if each["ratio"] or each["target"] is not None])))
    print("\nWhat these are made of:\n")
    print("\n".join(table_lines(
        [each for each in rows if not each["ratio"] and each["target"] is None])))
    for program in missing:
        print(f"\n{program}: did not build, or failed; above is what it measured before")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
