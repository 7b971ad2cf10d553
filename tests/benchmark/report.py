"""Joins what the benchmark programs wrote and prints the table of ratios.

  report.py DIRECTORY RESULT.json [--quick]

Exit 1 if a program left nothing, or DIRECTORY says that it failed.
"""
import json
import os
import pathlib
import statistics
import sys

PROGRAMS = ("query", "partners", "append", "delivery", "import", "fanout", "connect",
            "overload", "footprint", "policy", "table", "log", "postgres")
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
    time = {f"{name}/{rules}": median(measured, f"{name}/{rules}")
            for name in ("Decision", "EmptyCall", "LinearReading")
            for rules in (10, 100, 1000, 10000)}
    for rules in (10, 100, 1000, 10000):
        yield row(f"decision at {rules:,} rules, p50",
                  median(measured, f"Decision/{rules}", "p50_ns"),
                  "ns", "less", 1000 if rules == 1000 else None, False)
        yield row(f"decision / empty call, at {rules:,} rules",
                  time[f"Decision/{rules}"] / time[f"EmptyCall/{rules}"], "x", "less", None, True)
        yield row(f"linear reading / decision, at {rules:,} rules",
                  time[f"LinearReading/{rules}"] / time[f"Decision/{rules}"],
                  "x", "more", None, True)
    # Slower than linear: ten times the rules take less than ten times as long.
    for rules in (100, 1000, 10000):
        yield row(f"decision at {rules:,} rules / at {rules // 10:,}",
                  time[f"Decision/{rules}"] / time[f"Decision/{rules // 10}"],
                  "x", "less", 10, True)


def table_rows(measured):
    for dimensions in (1, 2, 3):
        name = f"CountInColumns/{dimensions}/1000000"
        # Both of one thread.
        beside = median(measured, f"GroupBy/{dimensions}") / median(measured, name)
        yield row(f"table over 1,000,000 cases, dimensions: {dimensions}",
                  median(measured, name, "real_time"), "ms", "less", 10, False)
        yield row(f"SQLite's GROUP BY / table, dimensions: {dimensions}", beside,
                  "x", "more", 50 if dimensions == 3 else None, True)
    few, many = (median(measured, f"CountInColumns/3/{cases}") for cases in (10_000, 1_000_000))
    yield row("table, time for a case: of 1,000,000 / of 10,000", many / few / 100,
              "x", "less", None, True)
    yield row("table, memory for a case",
              median(measured, "CountInColumns/3/1000000", "bytes_per_case"),
              "bytes", "less", None, False)


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
        rows = list(OF_GOOGLE[program](measured)) if program in OF_GOOGLE else measured["rows"]
    except (OSError, ValueError, KeyError, ZeroDivisionError, statistics.StatisticsError):
        return []
    return [{"program": program, **each} for each in rows]


# What two programs measured of the same, one after the other: name, dividend,
# divisor, which is better, target.
QUERY = ("query", "query, 64 at once, calls a second")
BESIDE_POSTGRES = [
    ("query / PostgreSQL in one statement, 64 at once, calls a second", QUERY,
     ("postgres", "case in one statement, 64 at once, calls a second"), "more", 1),
    ("query / PostgreSQL in four statements, 64 at once, calls a second", QUERY,
     ("postgres", "case in four statements, 64 at once, calls a second"), "more", None),
    ("query / PostgreSQL in one statement, one at a time, p50",
     ("query", "query, one at a time, p50"),
     ("postgres", "case in one statement, one at a time, p50"), "less", None),
    *((f"PostgreSQL's GROUP BY / table, dimensions: {dimensions}",
       ("postgres", f"GROUP BY, dimensions: {dimensions}"),
       ("table", f"table over 1,000,000 cases, dimensions: {dimensions}"), "more", 50)
      for dimensions in (1, 2, 3))]
# The same beside fewer partners.
BESIDE_ONE_PARTNER = [
    ("query of 20 partners / of one, 64 at once, calls a second",
     ("partners", "query of 20 partners, 64 at once, calls a second"), QUERY, "more", None),
    ("query of 20 partners / of one, 64 at once, CPU of a call",
     ("partners", "query of 20 partners, 64 at once, CPU of a call at both ends"),
     ("query", "query, 64 at once, CPU of a call at both ends"), "less", None)]


def joined_rows(rows):
    """Ratios across programs; where both were measured."""
    values = {(each["program"], each["name"]): each["value"] for each in rows}
    for program, ratios in (("postgres", BESIDE_POSTGRES), ("partners", BESIDE_ONE_PARTNER)):
        for name, dividend, divisor, better, target in ratios:
            if dividend in values and values.get(divisor):
                yield {"program": program,
                       **row(name, values[dividend] / values[divisor], "x", better, target, True)}


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
    rows += list(joined_rows(rows))
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
