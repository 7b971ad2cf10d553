#!/usr/bin/env python3
"""Gives the benchmarks' compare runs that lost, gained and lack ratios."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

COMPARE = pathlib.Path(sys.argv.pop(1)).resolve()


def run(quick=False, **ratios):
    """A result: name=value, better the larger it is; x_name: the smaller."""
    rows = [{"program": "query", "name": name, "value": value, "ratio": True,
             "better": "less" if name.startswith("x_") else "more"}
            for name, value in ratios.items()]
    rows.append({"program": "query", "name": "us", "value": 1e9, "ratio": False, "better": "less"})
    return {"quick": quick, "rows": rows}


class CompareTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.stored = self.directory / "stored.json"

    def call(self, runs, *options):
        files = []
        for number, each in enumerate(runs):
            files.append(self.directory / f"{number}.json")
            files[-1].write_text(json.dumps(each), encoding="utf-8")
        return subprocess.run([COMPARE, "--stored", self.stored, *options, *files],
                              capture_output=True, text=True, check=False)

    def keep(self, *runs):
        self.assertEqual(self.call(runs, "--store").returncode, 0)

    def test_what_lost_less_than_15_percent_passes(self):
        self.keep(run(calls=10, x_p99=2))
        self.assertEqual(self.call([run(calls=8.6, x_p99=2.29)]).returncode, 0)

    def test_what_lost_more_is_named_and_nothing_else(self):
        self.keep(run(calls=10, x_p99=2, other=1))
        told = self.call([run(calls=8.4, x_p99=2.4, other=1)])
        self.assertEqual(told.returncode, 1)
        lost = [line for line in told.stdout.splitlines() if line.startswith("LOST")]
        self.assertEqual(len(lost), 2)
        self.assertIn("query: calls", lost[0])
        self.assertIn("query: x_p99", lost[1])

    def test_one_bad_run_of_three_is_not_the_median(self):
        self.keep(run(calls=10))
        self.assertEqual(self.call([run(calls=1), run(calls=10), run(calls=9)]).returncode, 0)
        self.assertEqual(self.call([run(calls=1), run(calls=10), run(calls=2)]).returncode, 1)

    def test_the_median_is_stored(self):
        self.keep(run(calls=1), run(calls=10), run(calls=12))
        self.assertEqual(self.call([run(calls=8)]).returncode, 1)
        self.assertEqual(self.call([run(calls=9)]).returncode, 0)

    def test_a_ratio_that_is_gone_is_named(self):
        self.keep(run(calls=10, gone=1))
        told = self.call([run(calls=10)])
        self.assertEqual(told.returncode, 1)
        self.assertIn("NOT MEASURED  query: gone", told.stdout)

    def test_a_new_ratio_and_what_is_no_ratio_do_not_count(self):
        self.keep(run(calls=10))
        told = self.call([run(calls=10, new=1)])
        self.assertEqual(told.returncode, 0)
        self.assertIn("new           query: new", told.stdout)
        self.assertNotIn("us", told.stdout.replace("query", ""))

    def test_quick_runs_are_not_held_against_whole_ones(self):
        self.keep(run(calls=10))
        self.assertEqual(self.call([run(quick=True, calls=10)]).returncode, 2)

    def test_without_a_stored_run_it_says_so(self):
        told = self.call([run(calls=10)])
        self.assertEqual(told.returncode, 2)
        self.assertIn("stored.json", told.stderr)


if __name__ == "__main__":
    unittest.main()
