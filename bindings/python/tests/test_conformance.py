"""The cases that every binding must pass: tests/conformance of the repository."""
import functools
import json
import operator
import unittest
from pathlib import Path

import sandbox
import uservoice

CASES = Path(__file__).parents[3] / "tests" / "conformance" / "cases.json"
SECONDS = {"timeout_ms": "timeout", "max_retry_wait_ms": "max_retry_wait"}
OUTCOMES = ["not sent", "unknown", "answered"]


def at(value, path):
    for part in path.split("/"):
        value = operator.getitem(value, int(part) if isinstance(value, list) else part)
    return value


class Conformance(unittest.TestCase):
    def client(self, case):
        options = {}
        for name, value in case.get("options", {}).items():
            if name in SECONDS:
                name, value = SECONDS[name], value / 1000
            options[name] = value
        whom = case.get("as", "key")
        if whom == "public":
            return sandbox.client(secret=None, **options)
        client = sandbox.client(**options)
        if whom == "owner":
            return client.login_as_owner()
        return client if whom == "key" else client.login_as(whom)

    def run_case(self, case):
        sandbox.reset()
        client = self.client(case)
        sandbox.control("POST", "faults", case.get("faults", []))
        sandbox.control("DELETE", "requests")
        expected = dict(case["expect"])
        error = expected.pop("error", None)
        requests = expected.pop("requests", None)
        got = {}
        if error is None:
            self.act(case, client, got)
        else:
            with self.assertRaises(uservoice.APIError) as raised:
                self.act(case, client, got)
            self.check_error(raised.exception, error)
        for name, value in expected.items():
            self.check(name, value, got)
        if requests is not None:
            self.assertEqual(len(sandbox.calls()), requests)

    def act(self, case, client, got):
        if "call" in case:
            call = case["call"]
            got["answer"] = client.request(call["method"], call["path"], call.get("params"))
        elif "collection" in case:
            self.read(client.get_collection(**case["collection"]), got)
        else:
            sso = case["sso"]
            token = uservoice.generate_sso_token(
                sso["subdomain"], sso["key"], json.loads(sso["user"]), sso["valid_for"])
            user = uservoice.decrypt_sso_token(sso["subdomain"], sso["key"], token)
            got["token"] = token
            got["user"] = json.dumps(user, ensure_ascii=False, separators=(",", ":"))

    def read(self, collection, got):
        got["ids"] = []
        for record in collection:
            got["ids"].append(record["id"])
        got["length"] = len(collection)

    def check(self, name, value, got):
        if name == "at":
            for path, there in value.items():
                self.assertEqual(at(got["answer"], path), there, path)
        elif name == "empty":
            self.assertIsNone(got["answer"])
        elif name == "records":
            self.assertEqual(len(got["ids"]), value)
        elif name == "first_id":
            self.assertEqual(got["ids"][0], value)
        elif name == "last_id":
            self.assertEqual(got["ids"][-1], value)
        elif name == "user_contains":
            self.assertIn(value, got["user"])
        elif name in ("length", "token", "user"):
            self.assertEqual(got[name], value)
        else:
            self.fail(f"nothing checks {name!r}")

    def check_error(self, error, expected):
        got = {
            "status": error.status,
            "http_status": error.status_code,
            "type": error.error_type,
            "retry_after_ms": None if error.retry_after is None else error.retry_after * 1000,
            "outcome": OUTCOMES.index(error.outcome),
        }
        for name, value in expected.items():
            if name == "message":
                self.assertIn(value, error.message)
                self.assertEqual(str(error), error.message)
            else:
                self.assertEqual(got[name], value, name)
        self.assertEqual(type(error), kind_of(expected["status"]))


def kind_of(status):
    return uservoice.errors.BY_STATUS[status]


for number, case in enumerate(json.loads(CASES.read_text(encoding="utf-8")), 1):
    setattr(Conformance, f"test_{number:02}: {case['name']}",
            functools.partialmethod(Conformance.run_case, case))

if __name__ == "__main__":
    unittest.main()
