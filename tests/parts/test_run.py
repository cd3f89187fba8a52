#!/usr/bin/env python3
"""The runner of the test's parts reports what failed, and leaves no process running."""
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

RUN = Path(__file__).parent / "run.py"


class Run(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def start(self, *parts):
        """Starts the runner with parts that are shell commands."""
        return subprocess.Popen([sys.executable, RUN, self.directory / "logs", "2", *parts, "--", "bash", "-c"],
                                cwd=self.directory, stdout=subprocess.PIPE, text=True)

    def run_parts(self, *parts):
        runner = self.start(*parts)
        output, _ = runner.communicate()
        return runner.returncode, output

    def pid_of(self, file):
        path = self.directory / file
        while not (path.exists() and path.read_text().endswith("\n")):
            time.sleep(0.05)
        return int(path.read_text())

    def assert_ended(self, pid):
        # An orphan is reaped by the machine's init process, which may take a little.
        while Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text():
            time.sleep(0.05)

    def test_prints_the_output_of_parts_that_pass(self):
        status, output = self.run_parts("echo one", "echo two", "--last", "echo three")
        self.assertEqual(status, 0)
        self.assertIn("== echo one: passed", output)
        self.assertTrue(output.endswith("three\n"), output)

    def test_ends_with_the_names_and_last_lines_of_parts_that_fail(self):
        status, output = self.run_parts("seq 100 && false", "true")
        self.assertEqual(status, 1)
        report = output.partition("FAILED. Its last lines")[2]
        self.assertEqual(report.splitlines()[1:41], [str(number) for number in range(61, 101)])
        self.assertTrue(output.endswith("\nFailed: seq 100 && false\n"), output)

    def test_kills_and_reports_a_process_that_a_part_leaves_running(self):
        status, output = self.run_parts("setsid sleep 4321 & echo $! >pid")
        self.assertEqual(status, 1)
        self.assertIn("left running: sleep 4321", output)
        self.assert_ended(self.pid_of("pid"))

    def test_an_interrupt_ends_all_processes(self):
        for number, prelude in ((signal.SIGINT, ""), (signal.SIGTERM, "trap '' TERM;"), (signal.SIGKILL, "")):
            with self.subTest(signal=number):
                file = f"pid-{number:d}"
                runner = self.start(f"{prelude} sleep 4321 & echo $! >{file}; wait")
                pid = self.pid_of(file)
                os.kill(runner.pid, number)
                runner.communicate()
                self.assertNotEqual(runner.returncode, 0)
                self.assert_ended(pid)


if __name__ == "__main__":
    unittest.main()
