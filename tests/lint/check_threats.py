#!/usr/bin/env python3
"""Fails if node/THREATS.md names a test that is not there, or too few threats."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXT = (ROOT / "node/THREATS.md").read_text(encoding="utf-8")
LEAST = 25


def tests_in_tree():
    names = set()
    for path in (ROOT / "tests").rglob("*_test.cc"):
        source = path.read_text(encoding="utf-8")
        names.update(f"{suite}.{test}" for suite, test in re.findall(
            r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", source, re.MULTILINE))
    cmake = (ROOT / "tests/CMakeLists.txt").read_text(encoding="utf-8")
    names.update(f"e2e.{name}" for name in re.findall(r"^comity_script\((\w+)", cmake, re.MULTILINE))
    fuzz = (ROOT / "tests/fuzz/CMakeLists.txt").read_text(encoding="utf-8")
    names.update(f"fuzz.{name}" for name in re.findall(r"^comity_fuzzer\((\w+)", fuzz, re.MULTILINE))
    return names


def main():
    known = tests_in_tree()
    rows = re.findall(r"^\| (\d+) \| .* \| (.*) \|$", TEXT, re.MULTILINE)
    findings = [f"threat {number} names no test that is there: {name}"
                for number, tests in rows for name in re.findall(r"`([^`]+)`", tests)
                if name not in known]
    findings += [f"threat {number} names no test" for number, tests in rows if "`" not in tests]
    numbers = [number for number, _ in rows]
    findings += [f"threat {number} stands twice" for number in sorted(set(numbers)) if numbers.count(number) > 1]
    if len(rows) < LEAST:
        findings.append(f"{len(rows)} threats, at least {LEAST}")
    print("\n".join(findings))
    return bool(findings)


sys.exit(main())
