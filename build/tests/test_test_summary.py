"""Tests of build/test-summary, run as a program over reports in a directory of their own."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROGRAM = pathlib.Path(__file__).resolve().parent.parent / "test-summary"


class TestSummaryTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        (self.root / "build").mkdir()
        shutil.copy(PROGRAM, self.root / "build" / "test-summary")

    def report(self, module, name, cases, tests=1, seconds="1.5"):
        reports = self.root / module / "target" / "failsafe-reports"
        reports.mkdir(parents=True, exist_ok=True)
        path = reports / f"TEST-{name}.xml"
        path.write_text(f'<testsuite name="{name}" tests="{tests}" time="{seconds}">{cases}</testsuite>')
        return path

    def run_program(self, *arguments):
        return subprocess.run(
            [self.root / "build" / "test-summary", *arguments], capture_output=True, text=True, check=True, timeout=60
        ).stdout.splitlines()

    def test_the_slowest_class_is_first(self):
        self.report("agent", "org.example.QuickTest", "", seconds="0.1")
        self.report("ipam", "org.example.SlowIT", "", seconds="1,100.5")
        lines = self.run_program()
        self.assertIn("SlowIT", lines[1])
        self.assertIn("1100.5 s", lines[1])

    def test_failed_tests_are_the_last_lines(self):
        failure = '<testcase classname="org.example.PodIT" name="starts"><failure message="no answer&#10;second line"/></testcase>'
        error = '<testcase classname="org.example.PodIT" name="ends"><error type="java.io.IOException"/></testcase>'
        passed = '<testcase classname="org.example.PodIT" name="pings"/>'
        self.report("agent", "org.example.PodIT", failure + error + passed, tests=3)
        self.assertEqual(
            ["FAILED TEST agent PodIT.starts: no answer", "FAILED TEST agent PodIT.ends: java.io.IOException"],
            self.run_program()[-2:],
        )

    def test_reports_of_earlier_runs_do_not_count(self):
        old = self.report("agent", "org.example.OldIT", "")
        stamp = self.root / "stamp"
        stamp.touch()
        os.utime(old, (1, 1))
        self.assertEqual(["no test class ran"], self.run_program(str(stamp)))


if __name__ == "__main__":
    unittest.main()
