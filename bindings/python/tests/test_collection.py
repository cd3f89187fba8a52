"""Collections of a Client. The old module's own tests cover those of other objects."""
import collections.abc
import copy
import json
import pickle
import unittest
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import sandbox
import uservoice

PATH = "/api/v1/suggestions?sort=oldest"


class Collections(unittest.TestCase):
    def setUp(self):
        sandbox.reset()
        self.client = sandbox.client()

    def test_loads_nothing_before_it_is_needed(self):
        suggestions = self.client.get_collection(PATH)
        self.assertIsNone(suggestions.response_data)
        iter(suggestions)
        self.assertEqual(sandbox.requests(), [])
        self.assertEqual(len(suggestions), 1501)
        self.assertEqual(suggestions.response_data["total_records"], 1501)
        self.assertEqual(len(sandbox.requests()), 1)

    def test_index(self):
        suggestions = self.client.get_collection(PATH)
        self.assertEqual([suggestions[i]["id"] for i in (0, 99, 100, 1500)], [1, 100, 101, 1501])
        self.assertEqual([suggestions[i]["id"] for i in (-1, -1501)], [1501, 1])
        for index in (1501, -1502, 10**6, -10**30):
            with self.assertRaises(IndexError):
                suggestions[index]
        for index in ("1", 1.5, None):
            with self.assertRaises(TypeError):
                suggestions[index]

    def test_is_a_sequence(self):
        users = self.client.get_collection("/api/v1/users", limit=3)
        self.assertIsInstance(users, collections.abc.Sequence)
        self.assertEqual([user["id"] for user in reversed(users)], [3, 2, 1])
        self.assertIn(users[2], users)
        self.assertNotIn({}, users)
        self.assertEqual((users.index(users[1]), users.count(users[1])), (1, 1))

    def test_limit(self):
        users = self.client.get_collection("/api/v1/users", limit=3)
        self.assertEqual([user["id"] for user in users], [1, 2, 3])
        self.assertEqual(len(users), 3)
        self.assertRaises(IndexError, lambda: users[3])
        self.assertEqual(users[-1]["id"], 3)
        self.assertIn("per_page=3", sandbox.requests()[0]["query"])
        self.assertEqual(list(self.client.get_collection("/api/v1/users", limit=0)), [])
        for limit in (None, 10**30):
            users = self.client.get_collection("/api/v1/users", limit=limit)
            self.assertEqual(len(users), 250)
        self.assertRaises(ValueError, self.client.get_collection, "/api/v1/users", limit=-1)
        self.assertRaises(TypeError, self.client.get_collection, "/api/v1/users", limit="3")

    def test_iterations_are_independent(self):
        users = self.client.get_collection("/api/v1/users", limit=4)
        self.assertEqual([(a["id"], b["id"]) for a in users for b in users],
                         [(a, b) for a in range(1, 5) for b in range(1, 5)])
        first = next(iter(users))
        self.assertEqual(first["id"], 1)
        self.assertEqual([user["id"] for user in users], [1, 2, 3, 4])

    def test_iter_pages_and_iter_json(self):
        users = self.client.get_collection("/api/v1/users", params={"per_page": 40})
        self.assertEqual([len(page) for page in users.iter_pages()], [40] * 6 + [10])
        records = list(users.iter_json())
        self.assertEqual([json.loads(record)["id"] for record in records], list(range(1, 251)))
        self.assertIsInstance(records[0], str)

    def test_load_page(self):
        suggestions = uservoice.Collection(self.client, PATH)
        self.assertEqual([len(suggestions.load_page(page)) for page in (1, 2, 16, 17)],
                         [100, 100, 1, 0])
        self.assertEqual(suggestions.load_page(2)[0]["id"], 101)
        self.assertEqual(sorted(suggestions.pages), [1, 2, 16, 17])

    def test_iteration_after_an_error_starts_at_the_first_record(self):
        sandbox.reset({"path": "/api/v1/suggestions", "after": 2, "status": 500})
        suggestions = self.client.with_options(max_retries=0, prefetch_pages=0).get_collection(PATH)
        ids = []
        with self.assertRaises(uservoice.ApplicationError):
            for suggestion in suggestions:
                ids.append(suggestion["id"])
        self.assertEqual(ids, list(range(1, 201)))
        self.assertEqual(len(list(suggestions)), 1501)

    def test_uses_an_overridden_get(self):
        class Logging(uservoice.Client):
            paths = []

            def get(self, path, params=None):
                self.paths.append(path)
                return super().get(path, params)

        client = Logging("sandbox", sandbox.KEY, sandbox.SECRET, base_url=sandbox.URL)
        users = client.login_as_owner().get_collection("/api/v1/users", limit=150)
        self.assertEqual(len(list(users)), 150)
        self.assertEqual(Logging.paths, ["/api/v1/users?per_page=100&page=1",
                                         "/api/v1/users?per_page=100&page=2"])
        self.assertRaises(TypeError, client.get_collection, "/api/v1/users", params={})
        self.assertEqual(json.loads(next(users.iter_json()))["id"], 1)
        self.assertEqual(users[-1]["id"], 150)
        with self.assertRaises(uservoice.NotFound):
            len(client.get_collection("/api/v1/users/1"))

    def test_reads_a_replaced_get_of_the_class(self):
        page = {"users": [{"id": 7}], "response_data": {"total_records": 1}}
        with mock.patch.object(uservoice.Client, "get", return_value=page):
            self.assertEqual(list(self.client.get_collection("/api/v1/users")), [{"id": 7}])
        self.assertEqual(sandbox.requests(), [])

    def test_index_returns_a_loaded_record_again(self):
        suggestions = self.client.get_collection(PATH)
        self.assertIs(suggestions[3], suggestions[3])
        self.assertEqual([suggestions[i]["id"] for i in range(1000)], list(range(1, 1001)))
        self.assertEqual(len(sandbox.requests()), 10)
        next(iter(suggestions))
        self.assertEqual(suggestions[3]["id"], 4)

    def test_threads_continue_each_others_iterations(self):
        users = self.client.get_collection("/api/v1/users", params={"per_page": 40})
        for items in (iter(users), users.iter_pages(), users.iter_whole_pages(),
                      users.iter_json()):
            first = next(items)
            with ThreadPoolExecutor(1) as pool:
                second = pool.submit(next, items).result()
            rest = [first, second, *items]
            self.assertEqual(len(rest), 250 if len(rest) > 7 else 7)
            self.assertEqual(len({str(item) for item in rest}), len(rest))

    def test_can_be_read_after_close(self):
        with self.client.get_collection(PATH) as suggestions:
            self.assertEqual(suggestions[0]["id"], 1)
        self.assertIsNone(suggestions.response_data)
        self.assertEqual(suggestions[100]["id"], 101)

    def test_slices(self):
        users = self.client.get_collection("/api/v1/users", params={"per_page": 40})

        def ids(*arguments):
            return [user["id"] for user in users[slice(*arguments)]]

        self.assertEqual(ids(38, 42), [39, 40, 41, 42])
        self.assertEqual(ids(-2, None), [249, 250])
        self.assertEqual(ids(240, 1000, 9), [241, 250])

    def test_index_beyond_size_t(self):
        users = self.client.get_collection("/api/v1/users")
        for index in (2**62, 2**63, 2**64, 10**30):
            with self.assertRaises(IndexError):
                users[index]

    def test_index_error_only_if_the_index_is_past_the_end(self):
        owner = self.client.login_with_client_credentials()
        insecure = sandbox.client(base_url="http://site.example", allow_insecure=True)
        users = insecure.login_with_token_json(owner.token_json()).get_collection(
            "/api/v2/admin/users")
        with self.assertRaisesRegex(uservoice.InvalidArgument, "https"):
            users[0]

    def test_list_reads_the_records_if_the_service_reports_no_total(self):
        path = "/api/end_users/forums"
        sandbox.reset({"path": path, "times": 99, "status": 200, "body": '[{"id":1},{"id":2}]'})
        for limit, expected in ((None, [1, 2]), (1, [1])):
            forums = self.client.get_collection(path, limit=limit)
            self.assertEqual([forum["id"] for forum in list(forums)], expected)
            self.assertEqual(len(tuple(forums)), len(expected))
            self.assertTrue(forums)
            self.assertEqual(forums[0]["id"], 1)
            self.assertRaises(IndexError, lambda: forums[2])
            for error in (uservoice.UnknownLength, uservoice.BadResponse, TypeError):
                with self.assertRaisesRegex(error, "GET /api/end_users/forums: the response does"):
                    len(forums)
            self.assertRaises(uservoice.UnknownLength, lambda: forums[-1])
        sandbox.reset({"path": path, "times": 99, "status": 200, "body": "[]"})
        self.assertFalse(self.client.get_collection(path))
        with self.assertRaisesRegex(uservoice.BadResponse, "not a list"):
            list(self.client.get_collection("/api/v1/users/1"))

    def test_reads_an_overridden_get_by_what_it_returns(self):
        class Service:
            def __init__(self, total):
                self.total = total

            def get(self, path):
                start = 2 * (int(path.rsplit("=")[-1]) - 1)
                return {"response_data": {"per_page": 2, "total_records": self.total},
                        "users": list(range(5))[start:start + 2]}

        for total in (5, 5.0):
            self.assertEqual(list(uservoice.Collection(Service(total), "/users")), [0, 1, 2, 3, 4])
        for total in (None, "5", -1, 5.5):
            with self.assertRaises(uservoice.UnknownLength):
                list(uservoice.Collection(Service(total), "/users"))

    def test_copies(self):
        users = self.client.get_collection("/api/v1/users", params={"per_page": 40})
        first = next(iter(users))
        for users_copy in [pickle.loads(pickle.dumps(users)), copy.copy(users)]:
            self.assertEqual([user["id"] for user in users_copy], list(range(1, 251)))
            self.assertEqual(users_copy[0], first)

    def test_repr_does_not_contain_the_query(self):
        users = self.client.get_collection("/api/v1/users/search?query=jo@example.com")
        self.assertEqual(repr(users), "<uservoice.Collection '/api/v1/users/search'>")


if __name__ == "__main__":
    unittest.main()
