"""Exports into files. Resuming after a kill is tested in the library."""
import csv
import datetime
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

import sandbox
import uservoice
from uservoice import _calls

SUGGESTIONS = "/api/v2/admin/suggestions"
ALL_IDS = list(range(1, 1502))

# After an interrupt it completes the export with a new Export, then runs the first again.
PROGRAM = """
import sys
import sandbox
owner = sandbox.client(timeout=600).login_with_client_credentials()
export = owner.export(sys.argv[1], ["suggestions"])
try:
    for progress in export:
        print(progress.written, flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    print(owner.export(sys.argv[1], ["suggestions"]).run().written)
print(export.run().written)
"""


class Exports(unittest.TestCase):
    def setUp(self):
        sandbox.reset()
        self.owner = sandbox.client().login_with_client_credentials()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name, "backup")

    def records(self, name="suggestions"):
        lines = (self.directory / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def ids(self):
        return sorted(record["id"] for record in self.records())

    def test_writes_the_records_of_the_collections(self):
        export = self.owner.export(self.directory, ["suggestions", "users"])
        *_, last = steps = list(export)
        for name, number in [("suggestions", 1501), ("users", 250)]:
            records = list(self.owner.get_collection(f"/api/v2/admin/{name}"))
            self.assertEqual(sorted(self.records(name), key=lambda record: record["id"]),
                             sorted(records, key=lambda record: record["id"]))
            self.assertEqual(last.resources[name], (number, number, True))
        self.assertEqual((last.written, last.total, last.seconds_left), (1751, 1751, 0))
        self.assertGreater(last.records_per_second, 0)
        self.assertEqual([step.written for step in steps],
                         sorted({step.written for step in steps}))
        self.assertEqual(repr(export), f"<uservoice.Export into {str(self.directory)!r}>")

    def test_next_run_appends_changes(self):
        export = self.owner.export(str(self.directory), "suggestions")
        self.assertEqual(export.run().written, 1501)
        self.owner.put(f"{SUGGESTIONS}/7", {"title": "Darker"})
        self.assertEqual(export.run().written, 1)
        self.assertEqual(len(self.records()), 1502)
        self.assertEqual(self.records()[-1]["title"], "Darker")

    def test_resumes_after_break(self):
        export = self.owner.export(self.directory, "suggestions")
        for progress in export:
            if progress.written >= 300:
                break
        self.assertLess(len(self.records()), 1501)
        export = self.owner.export(self.directory, "suggestions")
        self.assertGreater(next(iter(export)).written, 300)
        export.run()
        self.assertEqual(self.ids(), ALL_IDS)

    def test_with_unlocks_the_directory(self):
        with self.owner.export(self.directory, "suggestions") as export:
            iterator = iter(export)
            next(iterator)
            with self.assertRaisesRegex(uservoice.FileError, "backup"):
                self.owner.export(self.directory, "suggestions").run()
        self.owner.export(self.directory, "suggestions").run()
        with self.assertRaisesRegex(ValueError, "closed"):
            next(iterator)
        self.assertEqual(self.ids(), ALL_IDS)

    def test_ctrl_c(self):
        sandbox.reset({"path": SUGGESTIONS, "after": 5, "delay_ms": 600000})
        program = subprocess.Popen([sys.executable, "-c", PROGRAM, str(self.directory)],
                                   stdout=subprocess.PIPE, text=True)
        sandbox.wait_for_faults()
        program.send_signal(signal.SIGINT)
        output, _ = program.communicate(timeout=60)
        self.assertEqual(output.split("\n")[-4:], ["interrupted", "1501", "0", ""])
        self.assertEqual(program.returncode, 0)
        self.assertEqual(self.ids(), ALL_IDS)

    def test_interrupt_before_a_call_begins_unlocks_the_directory(self):
        export = self.owner.export(self.directory, "suggestions")
        with mock.patch.object(_calls, "call_blocking", side_effect=KeyboardInterrupt):
            self.assertRaises(KeyboardInterrupt, export.run)
        # The same object, and another one.
        self.assertEqual(export.run().written, 1501)
        self.owner.export(self.directory, "suggestions").run()
        self.assertEqual(self.ids(), ALL_IDS)

    def test_another_thread_continues_an_iteration(self):
        steps = iter(self.owner.export(self.directory, "suggestions"))
        next(steps)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(next, steps).result()
        last = list(steps)[-1]
        self.assertEqual(last.written, 1501)
        self.assertEqual(self.ids(), ALL_IDS)

    def test_error_of_one_collection_does_not_affect_others(self):
        export = self.owner.export(self.directory, ["nothing", "suggestions"])
        with self.assertRaisesRegex(uservoice.NotFound, "nothing: ") as raised:
            export.run()
        self.assertEqual(raised.exception.status_code, 404)
        # The traceback of the error must not keep the directory locked.
        progress = self.owner.export(self.directory, "suggestions").run()
        self.assertEqual(progress.resources, {"suggestions": (1501, 1501, True)})
        self.assertEqual(self.ids(), ALL_IDS)

    def test_cancel(self):
        sandbox.reset({"path": SUGGESTIONS, "delay_ms": 600000})
        owner = self.owner.with_options(timeout=600)
        raised = []

        def run():
            try:
                owner.export(self.directory, "suggestions").run()
            except uservoice.Cancelled as error:
                raised.append(error.status)

        thread = threading.Thread(target=run)
        thread.start()
        sandbox.wait_for_faults()
        owner.cancel()
        thread.join()
        self.assertEqual(raised, ["CANCELLED"])
        self.assertRaises(uservoice.Cancelled, owner.export(self.directory, "suggestions").run)
        self.assertEqual(self.owner.export(self.directory, "suggestions").run().written, 1501)

    def test_since_until_and_csv(self):
        since, until = (datetime.datetime(2013, month, 1, tzinfo=datetime.timezone.utc)
                        for month in (6, 7))
        expected = self.owner.get_collection(SUGGESTIONS, params={
            "updated_after": since, "updated_before": until - datetime.timedelta(seconds=1)})
        self.owner.export(self.directory, {"name": "june", "path": SUGGESTIONS,
                                           "columns": ["id", "title"]},
                          since=since, until=until, format="csv").run()
        with open(self.directory / "june.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertTrue(rows)
        self.assertEqual(sorted((int(row["id"]), row["title"]) for row in rows),
                         sorted((record["id"], record["title"]) for record in expected))
        self.assertEqual(list(rows[0]), ["id", "title"])

    def test_api_v1_collection_as_a_user(self):
        user = sandbox.client().login_as("user2@sandbox.example")
        user.export(self.directory, {"name": "suggestions", "path": "/api/v1/suggestions",
                                     "params": {"sort": "oldest"}}).run()
        self.assertEqual([record["id"] for record in self.records()], ALL_IDS)

    def test_rejects_invalid_arguments(self):
        def export(*arguments, **options):
            return lambda: self.owner.export(*arguments, **options).run()

        for function, message in [(export(None, "users"), "PathLike"),
                                  (export(self.directory, 7), "resources must be .* not int"),
                                  (export(self.directory, [{1}]), "options: set"),
                                  (export(self.directory, "users", sinc=1), "sinc")]:
            with self.assertRaisesRegex(TypeError, message):
                function()
        naive = datetime.datetime(2026, 1, 31)
        for function, message in [(export(self.directory, []), "resources"),
                                  (export(self.directory, "us/ers"), "name"),
                                  (export(self.directory, {"name": "a", "colums": []}), "colums"),
                                  (export(self.directory, "users", since="yesterday"), "since"),
                                  (export(self.directory, "users", since=naive), "time zone"),
                                  (export(self.directory, "users", format="xml"), "format"),
                                  (export("a\0b", "users"), "directory")]:
            with self.assertRaisesRegex(ValueError, message):
                function()
        self.assertEqual(sandbox.requests(), [])

    def test_file_error_is_an_os_error(self):
        with self.assertRaises(OSError) as raised:
            self.owner.export("/proc/nothing", "users").run()
        unpickled = pickle.loads(pickle.dumps(raised.exception))
        self.assertEqual((type(unpickled), unpickled.message),
                         (uservoice.FileError, str(raised.exception)))
        self.assertIn("/proc/nothing", unpickled.message)

    def test_forked_child_cannot_continue(self):
        steps = iter(self.owner.export(self.directory, "suggestions"))
        next(steps)
        pid = os.fork()
        if pid == 0:
            try:
                next(steps)
            except ValueError:
                os._exit(7)
            os._exit(0)
        self.assertEqual(os.waitpid(pid, 0)[1] >> 8, 7)
        for _ in steps:
            pass
        self.assertEqual(self.ids(), ALL_IDS)

    def test_logs_requests(self):
        with self.assertLogs("uservoice", "DEBUG") as log:
            self.owner.export(self.directory, "users").run()
        self.assertGreater(len(log.output), 2)


if __name__ == "__main__":
    unittest.main()
