#!/usr/bin/env python3
"""Prints a regional table beside what UNODC published of the same states.

Reads the JSON of `comity --json table ask --by sex` or `--by age_group`. Where
a published figure is "<5", its sum is a range. Ends with 1 if a federated sum
cannot be the protected form of the published figures: more than 8 a state above
them all, or, where every state shows a figure, below.

With --home, the folder of what each state counts exactly at home
(home-STATE-YEAR.json, of `comity --json table count --by sex`), the grand total
is held to the person: the states hold as many persons as were published, each
figure lies within the error that the answer states, and so does the sum."""

import argparse
import csv
import json
import pathlib
import re
import sys

COUNTS = pathlib.Path(__file__).with_name("unodc_detected_victims.csv")
ERROR = 8  # of one state's figure, at most


def published_range(states, year, column, code):
    """Least and most persons of a code, and how many states published it."""
    least, most, reporting = 0, 0, 0
    other = "age" if column == "sex" else "sex"
    with COUNTS.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["country"] in states and row["year"] == year and row[other] == "total" and \
                    row["sex" if column == "sex" else "age"] == code:
                reporting += 1
                least += 0 if row["count"] == "<5" else int(row["count"])
                most += 4 if row["count"] == "<5" else int(row["count"])
    return least, most, reporting


def total_of(cells, figure):
    """The figure of the cell of all persons; None: it is hidden, or nobody's."""
    for cell in cells:
        shown = cell.get("status", "CELL_STATUS_VALUE") == "CELL_STATUS_VALUE"
        if all(code == "total" for code in cell["codes"]) and shown and figure in cell:
            return int(cell[figure])
    return None


def check_grand_total(answer, states, year, home):
    """Prints the interval that the answer states for all persons; returns what
    does not hold."""
    held = {}
    for state in states:
        count = json.loads((home / f"home-{state}-{year}.json").read_text(encoding="utf-8"))
        held[state] = total_of(count["cells"], "value") or 0
    persons = sum(held.values())
    least, most, _ = published_range(states, year, "sex", "total")
    wrong = []
    if not least <= persons <= most:
        wrong.append(f"the states hold {persons:,} persons, and published were {least:,} to {most:,}")
    stated = re.search(r"lies at most (\d+) from the count", " ".join(answer["notes"]))
    if stated is None:
        return [*wrong, "the answer states no error"]
    error, low, high, hidden = int(stated.group(1)), 0, 0, 0
    for member in answer["members"]:
        state, table = member["participant"], member["table"]
        figure = total_of(table["cells"], "value")
        if figure is None:
            hidden += held[state]
            high += int(table["threshold"]) - 1 + error
            continue
        low, high = low + figure - error, high + figure + error
        if abs(figure - held[state]) > error:
            wrong.append(f"{state} shows {figure} and holds {held[state]}")
    print(f"  {persons:,} persons; by the answer {low:,} to {high:,}, {hidden} of them in states that show no total")
    if not low <= persons <= high:
        wrong.append(f"{persons:,} persons are not {low:,} to {high:,}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--states", required=True, help="codes, separated by commas")
    parser.add_argument("--year", required=True)
    parser.add_argument("--home", type=pathlib.Path, help="folder of home-STATE-YEAR.json")
    parser.add_argument("answer", help="the JSON file")
    options = parser.parse_args()
    states = options.states.split(",")
    with open(options.answer, encoding="utf-8") as file:
        answer = json.load(file)
    column = answer["dimensions"][0]
    if int(answer["answered"]) != len(states):
        sys.exit(f"{answer['answered']} of {len(states)} states answered")
    title = f"{options.year} by {column}"
    print(f"{title:<20}{'published':>16}{'federated':>12}{'states':>8}")
    wrong = []
    for cell in answer["cells"]:
        code, total, members = cell["codes"][0], int(cell["sum"]), int(cell["members"])
        least, most, reporting = published_range(states, options.year, column, code)
        if reporting == 0 or members == 0:
            continue
        figure = f"{least:,}" if least == most else f"{least:,} to {most:,}"
        print(f"  {code:<18}{figure:>16}{total:>12,}{members:>8}")
        error = ERROR * members
        if total > most + error or (members == len(states) == reporting and total < least - error):
            wrong.append(code)
    if options.home is not None:
        faults = check_grand_total(answer, states, options.year, options.home)
        if faults:
            sys.exit(f"{options.year}: {'; '.join(faults)}")
    if wrong:
        sys.exit(f"{options.year}: {', '.join(wrong)} cannot be a protected form of what was published")


if __name__ == "__main__":
    main()
