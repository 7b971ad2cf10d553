#!/usr/bin/env python3
"""Runs clang-tidy over source files: tidy.py BUILD_DIRECTORY FILE...

Most of clang-tidy's time goes into the headers that a file includes, far more
than into the file itself. So files that include alike are looked at together,
as one unit that includes them all, as long as no two of them give the same name
to different things. If a unit does not compile, its files are looked at one by
one. Needs the build's compile commands and generated headers.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

MOST = 12  # files in one unit

# What stands at the margin of a file and gives a name: a function, a type, a
# constant, an alias. Members (Type::Name) belong to their type.
NAMED = re.compile(r"(?<![\w:~])([A-Za-z_]\w*)\s*(?:\(|=|\{|;|$)")
ALIAS = re.compile(r"namespace (\w+) = ([\w:]+);")


def names_of(path):
    """Names that the file defines for itself, each with what makes it one."""
    names = {}
    with open(path, encoding="utf-8") as source:
        text = source.read()
    # comity has a Message too, which those files do not see.
    names["Message"] = "using google::protobuf::Message;" in text
    for line in text.splitlines():
        alias = ALIAS.match(line)
        if alias:
            names[alias[1]] = alias[2]
            continue
        if not re.match(r"[A-Za-z]", line) or line.startswith(("namespace", "return")):
            continue
        if line.startswith("using ") and "=" not in line:
            continue  # the same thing under the same name
        for name in NAMED.findall(line):
            names[name] = path
    return names


def headers_of(path):
    with open(path, encoding="utf-8") as source:
        return set(re.findall(r'^#include [<"]([^">]+)[">]', source.read(), re.MULTILINE))


def includes_grpc(path):
    """What weighs most in what a file includes."""
    return any("grpc" in header for header in headers_of(path))


def fits(names, group_names):
    return all(group_names.get(name, value) == value for name, value in names.items())


def groups_of(paths):
    groups = {}
    for path in sorted(paths):
        names = names_of(path)
        kind = groups.setdefault(includes_grpc(path), [])
        for members, known in kind:
            if len(members) < MOST and fits(names, known):
                members.append(path)
                known.update(names)
                break
        else:
            kind.append(([path], dict(names)))
    return [members for kind in groups.values() for members, _ in kind]


def flags_of(build):
    """The flags of each file that the build compiles, by its path from here."""
    flags = {}
    here = pathlib.Path.cwd()
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if path.is_relative_to(here):
            flags[str(path.relative_to(here))] = re.findall(
                r"-(?:isystem \S+|(?:I|D|std=)\S+)", entry["command"])
    return flags


def run(source, flags):
    words = [word for each in flags for word in shlex.split(each)]
    done = subprocess.run(["clang-tidy", "--quiet", "--checks=-bugprone-suspicious-include",
                           r"--header-filter=/node/.*\.(h|cc)$", source, "--", *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def look_at(build, number, members, flags):
    if len(members) > 1:
        unit = build / "tidy" / f"unit_{number}.cc"
        unit.write_text("".join(f'#include "{member}"\n' for member in members), encoding="utf-8")
        joint = dict.fromkeys(flag for member in members for flag in flags[member])
        code, text = run(str(unit), list(joint))
        if "clang-diagnostic-error" not in text:
            return code, text
    results = [run(member, flags[member]) for member in members]
    return max(code for code, _ in results), "".join(text for _, text in results)


def main():
    build = pathlib.Path(sys.argv[1])
    (build / "tidy").mkdir(exist_ok=True)
    flags = flags_of(build)
    groups = groups_of(sys.argv[2:])
    failed = False
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(look_at, build, number, members, flags) for number, members in enumerate(groups)]
        for members, job in zip(groups, jobs):
            code, text = job.result()
            failed = failed or code != 0
            if text.strip():
                print(text, flush=True)
    return failed


sys.exit(main())
