#!/usr/bin/env python3
"""Checks the countable part of the style bar: layout, sizes, names, marks, leaks."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FORBIDDEN_NAMES = re.compile(r"(^|_)(util|utils|common|helper|helpers|manager|impl)(_|$)")
MARKS = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
KEYS = re.compile(r"BEGIN [A-Z ]*PRIVATE " + r"KEY")
PATHS = re.compile(r"/wor" + r"k/|/hom" + r"e/")
TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "README.md", "CHANGELOG.md", "CONTRIBUTING.md",
             "node", "proto", "policy", "certs", "deploy", "tests"}
SWITCHED_OFF = re.compile(r"\bDIS" + r"ABLED_|GTEST_" + r"SKIP")


def tracked(pattern):
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", pattern],
                            check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split() if (ROOT / name).exists()]


def function_lengths(text):
    """Lines of each function body that begins at column 0; tables do not count."""
    start = None
    for number, line in enumerate(text.splitlines(), start=1):
        if start is None and line.endswith("{") and re.match(r"^[A-Za-z~]", line) \
                and not re.match(r"^(namespace|class|struct|enum|union|extern|const|constexpr)\b", line):
            start = number
        elif start is not None and line.startswith("}"):
            yield start, number - start
            start = None


def main():
    findings = []

    def check(condition, place, text):
        if not condition:
            findings.append(f"{place}: {text}")

    for path in tracked("."):
        top = path.relative_to(ROOT).parts[0]
        check(top in TOP_LEVEL or top.startswith("."), path, "nothing of this name stands at the top")
    for path in tracked("node/*.h") + tracked("node/*.cc"):
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        limit = 250 if path.suffix == ".h" else 400
        check(lines <= limit, path, f"{lines} lines, at most {limit}")
        check(not FORBIDDEN_NAMES.search(path.stem), path, "a name that says nothing")
        for start, length in function_lengths(text):
            check(length <= 60, f"{path}:{start}", f"a function of {length} lines")
    for path in tracked("tests/*.cc"):
        lines = path.read_text(encoding="utf-8").count("\n")
        check(lines <= 600, path, f"{lines} lines, at most 600")
    for folder in ("node", "proto", "tests", "deploy", "policy", "certs"):
        for path in tracked(folder):
            text = path.read_text(encoding="utf-8", errors="replace")
            check(not MARKS.search(text), path, "an unfinished mark; file an issue")
            check(not KEYS.search(text), path, "key material")
            check(not PATHS.search(text), path, "a path of one machine")
    for path in tracked("tests/*.cc"):
        check(not SWITCHED_OFF.search(path.read_text(encoding="utf-8")), path,
              "a test that is switched off")
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
