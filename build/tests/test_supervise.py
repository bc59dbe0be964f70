"""Tests of lab/cluster/supervise, which runs the programs of a node of the real cluster."""

import pathlib
import subprocess
import tempfile
import unittest

SUPERVISE = pathlib.Path(__file__).resolve().parent.parent.parent / "lab/cluster/supervise"


class SuperviseTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def supervise(self, program, stable="10", limit=20):
        """Supervises a shell script by the name of `program`; returns its exit status, output and log."""
        executable = self.directory / "program"
        executable.write_text("#!/bin/bash\n" + program)
        executable.chmod(0o755)
        log = self.directory / "log"
        script = f'. {SUPERVISE}; exec 3>>{log}; PATH={self.directory}:$PATH; supervise 3 program argument'
        try:
            result = subprocess.run(
                ["bash", "-c", script],
                env={"PATH": "/usr/bin:/bin", "SUPERVISE_STABLE": stable, "SUPERVISE_PAUSE": "0.05"},
                capture_output=True,
                text=True,
                timeout=limit,
            )
            return result.returncode, result.stdout, log.read_text()
        except subprocess.TimeoutExpired:
            return None, "", log.read_text()

    def test_program_that_cannot_start_ends_the_supervisor_with_name_and_last_line(self):
        status, output, log = self.supervise('echo "$1 is fine"; echo "no nft on PATH" >&2; exit 7')
        self.assertEqual(1, status)
        self.assertEqual(
            "program ended with status 7 right after its start, three times; its last line: no nft on PATH\n", output
        )
        self.assertEqual(3, log.count("argument is fine"))

    def test_program_that_starts_at_the_second_attempt_is_kept(self):
        program = f'echo start; [ -e {self.directory}/second ] && exec sleep 30; touch {self.directory}/second; exit 1'
        status, _, log = self.supervise(program, limit=3)
        self.assertIsNone(status)
        self.assertEqual(2, log.count("start\n"), log)

    def test_program_that_ran_for_a_while_is_restarted_without_end(self):
        program = f'echo start; [ -e {self.directory}/ran ] && exit 1; touch {self.directory}/ran; sleep 1.2; exit 1'
        status, _, log = self.supervise(program, stable="1", limit=4)
        self.assertIsNone(status)
        self.assertGreater(log.count("start\n"), 5)


if __name__ == "__main__":
    unittest.main()
