#!/usr/bin/env python3
"""Prints a regional table beside what UNODC published of the same states.

Reads the JSON of `comity --json table ask --by sex` or `--by age_group`. Where
a published figure is "<5", its sum is a range. Ends with 1 if a federated sum
cannot be the protected form of the published figures: more than 8 a state above
them all, or, where every state shows a figure, below."""

import argparse
import csv
import json
import pathlib
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--states", required=True, help="codes, separated by commas")
    parser.add_argument("--year", required=True)
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
    if wrong:
        sys.exit(f"{options.year}: {', '.join(wrong)} cannot be a protected form of what was published")


if __name__ == "__main__":
    main()
