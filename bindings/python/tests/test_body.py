"""Requests whose body is not JSON, and uploads."""
import io
import tempfile
import unittest
from pathlib import Path
from urllib.parse import urlencode

import sandbox
import uservoice

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ATTACHMENTS = "/api/v2/admin/attachments"
DATA = bytes([0, 255, 13, 10]) * 50_000


class Endless(io.RawIOBase):
    """A file object without end, which counts what is read."""

    def __init__(self):
        self.count = 0

    def read(self, size=-1):
        self.count += size
        return b"a" * size


class Bodies(unittest.TestCase):
    def setUp(self):
        sandbox.reset()
        self.client = sandbox.client()
        self.owner = self.client.login_with_client_credentials()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name, "data \u00e9.png")
        self.path.write_bytes(DATA)

    def upload(self, file, **options):
        return self.owner.upload(ATTACHMENTS, file, **options)["attachments"][0]

    def test_form_is_signed(self):
        user = self.client.login_as("user4@sandbox.example")
        form = urlencode({"suggestion[title]": "Tea & \u00e9"})
        for body in [form, form.encode(), bytearray(form.encode()), io.BytesIO(form.encode())]:
            response = user.send("post", "/api/v1/forums/1/suggestions", headers=FORM, body=body)
            self.assertEqual(response.status_code, 201)
            self.assertEqual(response.body["suggestion"]["title"], "Tea & \u00e9")

    def test_delete_has_a_body(self):
        # The sandbox rejects a field that it does not know: the body arrived.
        for body, status in [("", 404), (b"unknown=1", 422)]:
            response = self.owner.send("DELETE", "/api/v2/admin/suggestions/999999", headers=FORM,
                                       body=body)
            self.assertEqual(response.status_code, status)

    def test_uploads_paths_file_objects_and_bytes(self):
        with self.path.open("rb") as file:
            for source, options in [(file, {}), (self.path, {}), (str(self.path), {}),
                                    (DATA, {"filename": self.path.name}),
                                    (memoryview(DATA), {"filename": self.path.name}),
                                    (io.BytesIO(DATA), {"filename": self.path.name})]:
                attachment = self.upload(source, **options)
                self.assertEqual(attachment["file_name"], self.path.name)
                self.assertEqual(attachment["content_type"], "image/png")
                self.assertEqual(attachment["size_in_bytes"], len(DATA))
        attachment = self.upload(b"", filename="a", content_type="text/x-a")
        self.assertEqual((attachment["content_type"], attachment["size_in_bytes"]),
                         ("text/x-a", 0))

    def test_upload_is_attached_by_its_token(self):
        attachment = self.upload(self.path)
        self.owner.put("/api/v2/admin/suggestions/1", {"attachment_tokens": attachment["token"]})
        listed = self.owner.get(ATTACHMENTS, {"suggestion": 1})["attachments"]
        self.assertEqual([one["id"] for one in listed], [attachment["id"]])

    def test_file_object_is_read_from_its_position(self):
        with self.path.open("rb") as file:
            file.seek(100)
            self.assertEqual(self.upload(file)["size_in_bytes"], len(DATA) - 100)

    def test_file_objects_are_read_up_to_max_request_bytes(self):
        limited = sandbox.client(max_request_bytes=1000)
        for client in [limited, limited.with_options(timeout=5)]:
            endless = Endless()
            with self.assertRaisesRegex(ValueError, r"body is longer .* \(1000\)"):
                client.send("PUT", "/a", headers=FORM, body=endless)
            self.assertEqual(endless.count, 1001)
            with self.assertRaisesRegex(ValueError, "file is longer"):
                client.upload("/a", endless, filename="a")
        self.assertRaises(ValueError, limited.upload, "/a", self.path)
        self.assertRaises(uservoice.InvalidArgument, limited.upload, "/a", DATA, filename="a")
        self.assertEqual(sandbox.requests(), [])

    def test_rejects_invalid_arguments(self):
        invalid = uservoice.InvalidArgument
        send, upload = self.client.send, self.client.upload
        self.assertRaises(invalid, send, "GET", "/", headers=FORM, body="")
        self.assertRaises(invalid, send, "PUT", "/", body="")
        self.assertRaises(invalid, send, "PUT", "/", headers=FORM, body=b"\xff")
        self.assertRaises(invalid, upload, "/", b"", filename="a", content_type="png")
        self.assertRaises(TypeError, send, "PUT", "/", {}, FORM, body="")
        self.assertRaises(TypeError, send, "PUT", "/", headers=FORM, body=5)
        self.assertRaises(TypeError, send, "PUT", "/", headers=FORM, body=io.StringIO("a"))
        self.assertRaises(TypeError, upload, "/", b"content")
        self.assertRaises(FileNotFoundError, upload, "/", "/not/there")
        self.assertEqual(sandbox.requests(), [])


if __name__ == "__main__":
    unittest.main()
