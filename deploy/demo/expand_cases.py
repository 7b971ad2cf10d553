#!/usr/bin/env python3
"""Expands a state's published counts into individual, synthetic cases.

Reads the two CSV files beside this one (detected trafficking victims as
published by UNODC) and writes one CSV row in HTCDS 2.0 columns for each counted
person of one state and year. Sex, age, citizenship and form of exploitation
agree with every published figure that the others leave possible; a figure that
they contradict is named on stderr. "<5" is any number under five. Everything
else is drawn with a seed, so that two runs agree. Names come from a short list
of common names and belong to nobody; every row is marked
x_provenance=synthetic.
"""

import argparse
import collections
import csv
import itertools
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
COUNTS = HERE / "unodc_detected_victims.csv"
BREAKDOWNS = HERE / "unodc_breakdowns.csv"
SEXES = ("female", "male")
AGE_GROUPS = ("0-17", "18+")
AGES = {"0-17": range(8, 18), "18+": range(18, 46)}
HIDDEN = range(5)  # what "<5" may be
WEST_AFRICA = {
    "female": ["Amina", "Blessing", "Fatima", "Grace", "Hadiza", "Mariama"],
    "male": ["Abdou", "Chidi", "Emeka", "Ibrahim", "Moussa", "Yusuf"],
    "family": ["Abubakar", "Adamu", "Bello", "Diallo", "Eze", "Okafor", "Sani"],
    "languages": ["hau", "eng", "fra"],
}
SOUTH_EAST_EUROPE = {
    "female": ["Ana", "Elena", "Ivana", "Marija", "Mirela", "Sofia"],
    "male": ["Andrei", "Ivan", "Luka", "Marko", "Nikola", "Stefan"],
    "family": ["Dimitrov", "Ionescu", "Kovac", "Marku", "Novak", "Popescu"],
}
LANGUAGES = {"AL": "sqi", "BA": "bos", "BG": "bul", "HR": "hrv", "MD": "ron",
             "ME": "cnr", "MK": "mkd", "RO": "ron", "RS": "srp", "SI": "slv"}
NEIGHBOUR = {"NG": "NE", "NE": "NG"}  # of whom no citizenship is published
FORMS = ["ForcedLabour", "SexualExploitation", "ForcedBegging"]
COLUMNS = [
    "x_local_reference", "x_danger", "x_provenance", "x_registered_on", "x_sex",
    "x_age_at_registration", "prs_FirstName", "prs_SecondName", "prs_Birthdate",
    "prs_Gender", "prs_Citizenship", "prs_MobilePhone", "prs_PrimaryLanguage",
    "vic_TraffickingStatus", "vic_TypeOfExploitation",
    "vic_TraffickingStatusDecisionMakingOrg", "cas_Status", "x_mechanism_stage",
    "x_services_needed", "x_needs_urgency", "hte_Type", "hte_Country",
]


def options_of(text):
    """What a published figure may stand for."""
    return list(HIDDEN) if text == "<5" else [int(text)]


def rows_of(path, state, year):
    with path.open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file)
                if row["country"] == state and row["year"] == str(year)]


def margin(cells, sex, age):
    return sum(count for (of_sex, of_age), count in cells.items()
               if sex in ("total", of_sex) and age in ("total", of_age))


def unsatisfied(published, cells):
    return [key for key, options in published.items()
            if margin(cells, *key) not in options]


def missing_cell(published, sex, age):
    """What a cell that is not published may be: few, or what its line lacks."""
    options = set(HIDDEN)
    other = {**dict(zip(SEXES, SEXES[::-1])), **dict(zip(AGE_GROUPS, AGE_GROUPS[::-1]))}
    for line, rest in (((sex, "total"), (sex, other[age])), (("total", age), (other[sex], age))):
        for total, part in itertools.product(published.get(line, []), published.get(rest, [0])):
            options.add(max(0, total - part))
    return sorted(options)


def person_cells(published, chance):
    """Counts by sex and age that contradict the fewest published figures."""
    keys = list(itertools.product(SEXES, AGE_GROUPS))
    if not any(key in published for key in keys):
        if any(("total", age) in published for age in AGE_GROUPS):
            keys = [("unknown", age) for age in AGE_GROUPS]
            choices = [published.get(("total", age), [0]) for _, age in keys]
        else:
            keys = [(sex, "unknown") for sex in SEXES]
            choices = [published.get((sex, "total"), [0]) for sex, _ in keys]
    else:
        choices = [published[key] if key in published else missing_cell(published, *key)
                   for key in keys]
    best, fewest = [], None
    for counts in itertools.product(*choices):
        cells = dict(zip(keys, counts))
        # Persons of whom neither is told complete the total.
        rest = min(published.get(("total", "total"), [0])) - sum(counts)
        cells[("unknown", "unknown")] = max(0, rest)
        wrong = (len(unsatisfied(published, cells)), cells[("unknown", "unknown")])
        if fewest is None or wrong < fewest:
            best, fewest = [], wrong
        if wrong == fewest:
            best.append(cells)
    return chance.choice(best)


def completed(exact, hidden, total):
    """Gives what is hidden the persons that are left, four each at most."""
    counts = dict(exact)
    left = total - sum(exact.values())
    for category in hidden:
        counts[category] = 0
    for category in [c for _ in range(4) for c in hidden]:
        if left > 0:
            counts[category] += 1
            left -= 1
    return counts


def category_counts(published, total):
    """One count for each category, and the categories that fit no other figure.

    A category with several figures is settled by the one that completes the
    total, where there is one."""
    settled, open_ones = {}, {}
    for category, texts in published.items():
        (settled if len(set(texts)) == 1 else open_ones)[category] = list(dict.fromkeys(texts))
    contradicted = list(open_ones)
    for choice in itertools.product(*open_ones.values()):
        tried = {**{c: texts[0] for c, texts in settled.items()},
                 **dict(zip(open_ones, choice))}
        exact = {c: int(text) for c, text in tried.items() if text != "<5"}
        hidden = [c for c, text in tried.items() if text == "<5"]
        if sum(exact.values()) <= total <= sum(exact.values()) + 4 * len(hidden):
            return completed(exact, hidden, total), []
    exact = {c: int(texts[0]) for c, texts in settled.items() if texts[0] != "<5"}
    hidden = [c for c, texts in settled.items() if texts[0] == "<5"]
    for category in [c for c, count in exact.items() if count > total]:
        contradicted.append(category)
        del exact[category]
    return completed(exact, hidden, total), contradicted


def dealt(counts, total, chance):
    """For each person the categories that she has; each as often as counted.

    Categories follow one another around the persons, so that nobody has one
    twice, and somebody has two where there are more than persons."""
    hands = [[] for _ in range(total)]
    cards = [category for category, count in sorted(counts.items()) for _ in range(count)]
    for place, category in enumerate(cards):
        hands[place % total].append(category)
    chance.shuffle(hands)
    return hands


def citizenships(breakdowns, state, total, chance):
    published = collections.defaultdict(list)
    for row in breakdowns:
        if row["dimension"] == "citizenship":
            code = state if row["category"] == "own" else row["category"]
            published[code].append(row["count"])
    if not published:
        return [[state if chance.random() < 0.8 else NEIGHBOUR.get(state, state)]
                for _ in range(total)], []
    counts, contradicted = category_counts(published, total)
    if sum(counts.values()) > total:  # a person has one citizenship here
        return [[] for _ in range(total)], sorted(published)
    counts.pop("unknown", None)
    return dealt(counts, total, chance), contradicted


def forms_of(breakdowns, total, chance):
    published = collections.defaultdict(list)
    for row in breakdowns:
        if row["dimension"] == "form":
            published[row["category"]].append(row["count"])
    if not published:
        return [[chance.choice(FORMS)] for _ in range(total)], []
    counts, contradicted = category_counts(published, total)
    return dealt(counts, total, chance), contradicted


def case_row(chance, state, year, number, person):
    sex, age_group, citizenship, forms = person
    age = chance.choice(AGES[age_group]) if age_group in AGES else ""
    day = f"{year}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
    words = SOUTH_EAST_EUROPE if state in LANGUAGES else WEST_AFRICA
    return {
        "x_local_reference": f"{state}-{year}-{number:06d}",
        "x_danger": "none",
        "x_provenance": "synthetic",
        "x_registered_on": day,
        "x_sex": sex.capitalize(),
        "x_age_at_registration": age,
        "prs_FirstName": chance.choice(words.get(sex) or words["female"] + words["male"]),
        "prs_SecondName": chance.choice(words["family"]),
        "prs_Birthdate": f"{year - age}-01-01" if age != "" else "",
        "prs_Gender": {"female": "Feminine", "male": "Masculine"}.get(sex, ""),
        "prs_Citizenship": ";".join(citizenship),
        "prs_MobilePhone": f"+000{chance.randint(10**7, 10**8 - 1)}",
        "prs_PrimaryLanguage": LANGUAGES.get(state) or chance.choice(words["languages"]),
        "vic_TraffickingStatus": "ActualVictimOfTrafficking",
        "vic_TypeOfExploitation": ";".join(forms),
        "vic_TraffickingStatusDecisionMakingOrg": chance.choice(
            ["Police", "NGO", "NonPoliceGovernmentalOrganization"]),
        "cas_Status": "Active",
        "x_mechanism_stage": "FirstAssistance",
        "x_services_needed": chance.choice(["Health", "Legal;Health", "Livelihood"]),
        "x_needs_urgency": chance.choice(["Low", "Medium", "High"]),
        "hte_Type": "Exploitation",
        "hte_Country": state,
    }


def expand(state, year, seed):
    """The rows, and the published figures that the others contradict."""
    published = {}
    for row in rows_of(COUNTS, state, year):
        published[(row["sex"], row["age"])] = options_of(row["count"])
    if not published:
        sys.exit(f"{state} {year}: no counts are published")
    chance = random.Random(f"{seed}/{state}/{year}")
    cells = person_cells(published, chance)
    contradicted = [" ".join(key) for key in unsatisfied(published, cells)]
    people = [cell for cell, count in sorted(cells.items()) for _ in range(count)]
    chance.shuffle(people)
    breakdowns = rows_of(BREAKDOWNS, state, year)
    theirs, wrong = citizenships(breakdowns, state, len(people), chance)
    contradicted += [f"citizenship {category}" for category in wrong]
    forms, wrong = forms_of(breakdowns, len(people), chance)
    contradicted += [f"form {category}" for category in wrong]
    rows = [case_row(chance, state, year, number, (*person, theirs[number - 1], forms[number - 1]))
            for number, person in enumerate(people, start=1)]
    return rows, contradicted


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--state", required=True, help="ISO alpha-2, such as NG")
    parser.add_argument("--year", required=True, type=int)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--output", required=True, help="the CSV file to write")
    options = parser.parse_args()
    rows, contradicted = expand(options.state, options.year, options.seed)
    for figure in contradicted:
        print(f"{options.state} {options.year}: other published figures contradict that of {figure}",
              file=sys.stderr)
    with open(options.output, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
