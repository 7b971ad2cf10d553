#!/usr/bin/env python3
"""Gives the benchmarks' report what whole, failed and missing programs leave."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

REPORT = pathlib.Path(sys.argv.pop(1)).resolve()
PROGRAMS = ("query", "partners", "append", "delivery", "import", "fanout", "connect",
            "overload", "footprint", "postgres")


def figure(name, value, target=None):
    return {"name": name, "value": value, "unit": "us", "better": "less", "target": target,
            "ratio": False}


def counted(name, milliseconds):
    return {"run_type": "iteration", "run_name": name, "cpu_time": milliseconds,
            "real_time": milliseconds, "bytes_per_case": 52, "p50_ns": milliseconds}


class ReportTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        for program in PROGRAMS:
            self.leave(program, {"rows": [figure("figure of " + program, 1)]})
        self.leave("table", {"benchmarks": [
            *(counted(f"CountInColumns/{dimensions}/1000000", 2) for dimensions in (1, 2, 3)),
            counted("CountInColumns/3/10000", 0.02),
            *(counted(f"GroupBy/{dimensions}", 200) for dimensions in (1, 2, 3))]})
        self.leave("policy", {"benchmarks": [
            counted(f"{name}/{rules}", 1) for name in ("Decision", "EmptyCall", "LinearReading")
            for rules in (10, 100, 1000, 10000)]})
        self.leave("log", {"benchmarks": [counted(f"{name}/iterations:1", 10) for name in (
            "VerifyInStore", "VerifyAsFile", "HashAlone")]})

    def leave(self, program, content):
        (self.directory / f"{program}.json").write_text(json.dumps(content), encoding="utf-8")

    def report(self, *options):
        out = self.directory / "result"
        told = subprocess.run([sys.executable, REPORT, self.directory, out, *options],
                              capture_output=True, text=True, check=False)
        return told, json.loads(out.read_text(encoding="utf-8"))

    def ratios(self):
        return {row["name"]: row["value"] for row in self.report()[1]["rows"] if row["ratio"]}

    def test_a_whole_run_passes(self):
        told, result = self.report()
        self.assertEqual(told.returncode, 0, told.stdout)
        self.assertEqual(result["missing"], [])

    def test_a_program_that_left_nothing_or_failed_is_named_and_the_rest_told(self):
        (self.directory / "append.json").unlink()
        (self.directory / "connect.failed").touch()
        (self.directory / "table.json").write_text("{", encoding="utf-8")
        told, result = self.report()
        self.assertEqual(told.returncode, 1)
        self.assertEqual(result["missing"], ["append", "connect", "table"])
        self.assertIn("append: did not build, or failed", told.stdout)
        self.assertIn("figure of connect", told.stdout)
        self.assertIn("figure of delivery", told.stdout)

    def test_a_quick_run_misses_no_log(self):
        (self.directory / "log.json").unlink()
        self.assertEqual(self.report("--quick")[0].returncode, 0)
        self.assertEqual(self.report()[0].returncode, 1)

    def test_queries_and_tables_stand_beside_postgresql(self):
        self.leave("query", {"rows": [figure("query, 64 at once, calls a second", 6000)]})
        self.leave("postgres", {"rows": [
            figure("case in one statement, 64 at once, calls a second", 4000),
            figure("GROUP BY, dimensions: 3", 300)]})
        ratios = self.ratios()
        self.assertEqual(
            ratios["query / PostgreSQL in one statement, 64 at once, calls a second"], 1.5)
        self.assertEqual(ratios["PostgreSQL's GROUP BY / table, dimensions: 3"], 150)
        self.assertNotIn("PostgreSQL's GROUP BY / table, dimensions: 2", ratios)

    def test_20_partners_stand_beside_one(self):
        self.leave("query", {"rows": [figure("query, 64 at once, calls a second", 6000)]})
        self.leave("partners", {"rows": [
            figure("query of 20 partners, 64 at once, calls a second", 3000)]})
        self.assertEqual(
            self.ratios()["query of 20 partners / of one, 64 at once, calls a second"], 0.5)

    def test_what_misses_its_target_is_said(self):
        self.leave("append", {"rows": [figure("slow", 3, target=2), figure("fast", 1, target=2)]})
        told, _ = self.report()
        self.assertIn("| slow | 3.00 us | at most 2.00 us | NO |", told.stdout)
        self.assertIn("| fast | 1.00 us | at most 2.00 us | yes |", told.stdout)


if __name__ == "__main__":
    unittest.main()
