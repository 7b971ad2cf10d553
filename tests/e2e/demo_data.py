#!/usr/bin/env python3
"""Recounts what the demonstration expands, for every state and year.

Each published figure is met by the rows, or is named by the program as one that
others contradict; and what is named is really contradicted: one of the sums in
which it stands cannot be."""

import collections
import csv
import pathlib
import subprocess
import sys
import tempfile

DEMO = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "demo"
sys.path.insert(0, str(DEMO))
sys.dont_write_bytecode = True
import expand_cases  # noqa: E402  pylint: disable=wrong-import-position


def read(name):
    with (DEMO / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def expanded(state, year):
    rows, named = expand_cases.expand(state, int(year), seed=7)
    return [{column: str(cell) for column, cell in row.items()} for row in rows], set(named)


def written(state, year, output):
    """The same by the program."""
    subprocess.run([sys.executable, DEMO / "expand_cases.py", "--state", state, "--year", year,
                    "--output", output], check=True, capture_output=True)
    with open(output, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fits(count, text):
    return count < 5 if text == "<5" else count == int(text)


def age_group(row):
    age = row["x_age_at_registration"]
    return "unknown" if age == "" else "0-17" if int(age) < 18 else "18+"


def least_and_most(text):
    return (0, 4) if text == "<5" else (int(text), int(text))


def check_persons(label, published, rows, named):
    for sex, age, text in published:
        count = sum(1 for row in rows
                    if sex in ("total", row["x_sex"].lower()) and age in ("total", age_group(row)))
        met = fits(count, text)
        assert met != (f"{sex} {age}" in named), f"{label}: {sex} {age} is {text}, made {count}"
    figures = {(sex, age): least_and_most(text) for sex, age, text in published}
    sums = [(("total", "total"), [(s, "total") for s in ("female", "male")]),
            (("total", "total"), [("total", a) for a in ("0-17", "18+")])]
    sums += [((s, "total"), [(s, a) for a in ("0-17", "18+")]) for s in ("female", "male")]
    sums += [(("total", a), [(s, a) for s in ("female", "male")]) for a in ("0-17", "18+")]
    broken = False
    for whole, parts in sums:
        if whole not in figures or any(part not in figures for part in parts):
            continue
        least = sum(figures[part][0] for part in parts)
        most = sum(figures[part][1] for part in parts)
        broken = broken or least > figures[whole][1] or most < figures[whole][0]
    persons = [name for name in named if not name.startswith(("form", "citizenship"))]
    complete = len(figures) == 9
    assert not (persons and complete and not broken), f"{label}: {persons} contradict nothing"


def check_categories(label, kind, column, published, rows, named):
    counts = collections.Counter(
        code for row in rows for code in row[column].split(";") if code)
    values = collections.defaultdict(set)
    for category, text in published:
        values[category].add(text)
    for category, texts in values.items():
        if category == "unknown":
            continue
        met = any(fits(counts[category], text) for text in texts)
        told = f"{kind} {category}" in named
        assert met or told, f"{label}: {kind} {category} is {texts}, made {counts[category]}"
        assert not told or len(texts) > 1 or max(least_and_most(t)[0] for t in texts) > len(rows) or \
            kind == "citizenship", f"{label}: {kind} {category} contradicts nothing"
    assert set(counts) <= set(values) or not values, f"{label}: {kind} {set(counts) - set(values)}"


def main():
    persons = collections.defaultdict(list)
    for row in read("unodc_detected_victims.csv"):
        persons[(row["country"], row["year"])].append((row["sex"], row["age"], row["count"]))
    categories = collections.defaultdict(list)
    for row in read("unodc_breakdowns.csv"):
        code = row["country"] if row["category"] == "own" else row["category"]
        categories[(row["country"], row["year"], row["dimension"])].append((code, row["count"]))
    contradicted = 0
    for (state, year), published in sorted(persons.items()):
        label = f"{state} {year}"
        rows, named = expanded(state, year)
        check_persons(label, published, rows, named)
        for kind, column in (("citizenship", "prs_Citizenship"), ("form", "vic_TypeOfExploitation")):
            check_categories(label, kind, column, categories[(state, year, kind)], rows, named)
        contradicted += len(named)
    with tempfile.TemporaryDirectory() as work:
        assert written("RO", "2018", f"{work}/cases.csv") == expanded("RO", "2018")[0], "two runs differ"
    print(f"{len(persons)} states and years; {contradicted} published figures contradict others")
    # domain.md 3.2: Nigeriens and Nigerians detected in Niger in 2018.
    assert ("NE", "45") in categories[("NE", "2018", "citizenship")]


if __name__ == "__main__":
    main()
