#!/usr/bin/env python3
"""Expands a state's published counts into individual, synthetic cases.

Reads unodc_detected_victims.csv beside this file (detected trafficking victims
as published by UNODC) and writes one CSV row in HTCDS 2.0 columns for each
counted person of one state and year. Sex and age follow the published
sex-by-age cells; everything else is drawn with a seed, so that two runs agree.
Names come from a short list of common names and belong to nobody; every row is
marked x_provenance=synthetic.
"""

import argparse
import csv
import pathlib
import random
import sys

COUNTS = pathlib.Path(__file__).with_name("unodc_detected_victims.csv")
FORENAMES = {
    "female": ["Amina", "Blessing", "Fatima", "Grace", "Hadiza", "Mariama"],
    "male": ["Abdou", "Chidi", "Emeka", "Ibrahim", "Moussa", "Yusuf"],
}
SURNAMES = ["Abubakar", "Adamu", "Bello", "Diallo", "Eze", "Okafor", "Sani"]
COLUMNS = [
    "x_local_reference", "x_danger", "x_provenance", "x_registered_on", "x_sex",
    "x_age_at_registration", "prs_FirstName", "prs_SecondName", "prs_Birthdate",
    "prs_Gender", "prs_Citizenship", "prs_MobilePhone", "prs_PrimaryLanguage",
    "vic_TraffickingStatus", "vic_TypeOfExploitation",
    "vic_TraffickingStatusDecisionMakingOrg", "cas_Status", "x_mechanism_stage",
    "x_services_needed", "x_needs_urgency", "hte_Type", "hte_Country",
]
AGES = {"0-17": range(8, 18), "18+": range(18, 46)}
NEIGHBOUR = {"NG": "NE", "NE": "NG"}


def published_cells(state, year):
    """The sex-by-age cells as published; a suppressed one ends the program."""
    cells = {}
    with COUNTS.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["country"] != state or row["year"] != str(year):
                continue
            if row["sex"] == "total" or row["age"] == "total":
                continue
            if not row["count"].isdigit():
                sys.exit(f"{state} {year}: the cell {row['sex']} {row['age']} is "
                         f"published as {row['count']}; choose another year")
            cells[(row["sex"], row["age"])] = int(row["count"])
    if not cells:
        sys.exit(f"{state} {year}: no sex-by-age cells are published")
    return cells


def case_row(chance, state, year, number, sex, age_group):
    age = chance.choice(AGES[age_group])
    day = f"{year}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
    own = chance.random() < 0.8
    return {
        "x_local_reference": f"{state}-{year}-{number:06d}",
        "x_danger": "none",
        "x_provenance": "synthetic",
        "x_registered_on": day,
        "x_sex": sex.capitalize(),
        "x_age_at_registration": age,
        "prs_FirstName": chance.choice(FORENAMES[sex]),
        "prs_SecondName": chance.choice(SURNAMES),
        "prs_Birthdate": f"{year - age}-01-01",
        "prs_Gender": "Feminine" if sex == "female" else "Masculine",
        "prs_Citizenship": state if own else NEIGHBOUR.get(state, state),
        "prs_MobilePhone": f"+000{chance.randint(10**7, 10**8 - 1)}",
        "prs_PrimaryLanguage": chance.choice(["hau", "eng", "fra"]),
        "vic_TraffickingStatus": "ActualVictimOfTrafficking",
        "vic_TypeOfExploitation": chance.choice(
            ["ForcedLabour", "SexualExploitation", "ForcedBegging"]),
        "vic_TraffickingStatusDecisionMakingOrg": chance.choice(
            ["Police", "NGO", "NonPoliceGovernmentalOrganization"]),
        "cas_Status": "Active",
        "x_mechanism_stage": "FirstAssistance",
        "x_services_needed": chance.choice(["Health", "Legal;Health", "Livelihood"]),
        "x_needs_urgency": chance.choice(["Low", "Medium", "High"]),
        "hte_Type": "Exploitation",
        "hte_Country": state,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--state", required=True, help="ISO alpha-2, such as NG")
    parser.add_argument("--year", required=True, type=int)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--output", required=True, help="the CSV file to write")
    options = parser.parse_args()
    people = [cell for cell, count in sorted(
        published_cells(options.state, options.year).items())
              for _ in range(count)]
    chance = random.Random(f"{options.seed}/{options.state}/{options.year}")
    chance.shuffle(people)
    with open(options.output, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for number, (sex, age_group) in enumerate(people, start=1):
            writer.writerow(case_row(chance, options.state, options.year, number,
                                     sex, age_group))


if __name__ == "__main__":
    main()
