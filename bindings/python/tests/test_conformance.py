"""Runs the cases of tests/conformance, which every binding must pass."""
import functools
import json
import operator
import unittest
from pathlib import Path

import sandbox
import uservoice

CASES = Path(__file__).parents[3] / "tests" / "conformance" / "cases.json"
SECONDS = {"timeout_ms": "timeout", "max_retry_wait_ms": "max_retry_wait"}
# A rate limit applies to all clients of an origin and key, also to those of failed tests, which
# unittest keeps alive. So the cases use another origin.
URL = sandbox.URL.replace("127.0.0.1", "localhost")
OUTCOMES = ["not sent", "unknown", "answered"]


def value_at(value, path):
    for part in path.split("/"):
        value = operator.getitem(value, int(part) if isinstance(value, list) else part)
    return value


class Conformance(unittest.TestCase):
    def client(self, case):
        options = {"base_url": URL}
        for name, value in case.get("options", {}).items():
            if name in SECONDS:
                name, value = SECONDS[name], value / 1000
            options[name] = value
        acting_user = case.get("as", "key")
        if acting_user == "public":
            return sandbox.client(secret=None, **options)
        client = sandbox.client(**options)
        if acting_user == "owner":
            return client.login_as_owner()
        return client if acting_user == "key" else client.login_as(acting_user)

    def run_case(self, case):
        sandbox.reset()
        client = self.client(case)
        sandbox.control("POST", "faults", case.get("faults", []))
        sandbox.control("DELETE", "requests")
        expected = dict(case["expect"])
        error = expected.pop("error", None)
        requests = expected.pop("requests", None)
        results = {}
        if error is None:
            self.act(case, client, results)
        else:
            with self.assertRaises(uservoice.APIError) as raised:
                self.act(case, client, results)
            self.check_error(raised.exception, error)
        for name, value in expected.items():
            self.check(name, value, results)
        if requests is not None:
            self.assertEqual(len(sandbox.requests()), requests)

    def act(self, case, client, results):
        if "call" in case:
            call = case["call"]
            results["response"] = client.request(call["method"], call["path"], call.get("params"))
        elif "collection" in case:
            self.read(client.get_collection(**case["collection"]), results)
        else:
            sso = case["sso"]
            token = uservoice.generate_sso_token(
                sso["subdomain"], sso["key"], json.loads(sso["user"]), sso["valid_for"])
            user = uservoice.decrypt_sso_token(sso["subdomain"], sso["key"], token)
            results["token"] = token
            results["user"] = json.dumps(user, ensure_ascii=False, separators=(",", ":"))

    def read(self, collection, results):
        results["ids"] = []
        for record in collection:
            results["ids"].append(record["id"])
        try:
            results["length"] = len(collection)
        except uservoice.BadResponse:
            results["length"] = None

    def check(self, name, value, results):
        if name == "at":
            for path, expected in value.items():
                self.assertEqual(value_at(results["response"], path), expected, path)
        elif name == "empty":
            self.assertIsNone(results["response"])
        elif name == "records":
            self.assertEqual(len(results["ids"]), value)
        elif name == "first_id":
            self.assertEqual(results["ids"][0], value)
        elif name == "last_id":
            self.assertEqual(results["ids"][-1], value)
        elif name == "user_contains":
            self.assertIn(value, results["user"])
        elif name in ("length", "token", "user"):
            self.assertEqual(results[name], value)
        else:
            self.fail(f"this test cannot check {name!r}")

    def check_error(self, error, expected):
        fields = {
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
                self.assertEqual(fields[name], value, name)
        self.assertEqual(type(error), uservoice.errors.BY_STATUS[expected["status"]])


for number, case in enumerate(json.loads(CASES.read_text(encoding="utf-8")), 1):
    setattr(Conformance, f"test_{number:02}: {case['name']}",
            functools.partialmethod(Conformance.run_case, case))

if __name__ == "__main__":
    unittest.main()
