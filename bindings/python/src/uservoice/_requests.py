"""The requests of a client, and its collections and exports."""
from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterable, Literal, Mapping, Optional, Union

from ._body import Content, name_of, read
from ._json import encode
from ._library import OutParam, c_string, ffi, lib, optional_c_string
from ._paths import encode_path
from ._sources import NativeSource
from ._state import ClientState
from .collection import Collection
from .export import Export, Resource
from .responses import Response, decode_response

if TYPE_CHECKING:
    from .export import Timestamp

Method = Literal["get", "post", "put", "delete", "GET", "POST", "PUT", "DELETE"]
SendMethod = Literal[Method, "head", "patch", "HEAD", "PATCH"]

METHODS: Dict[str, Any] = {
    "GET": lib.uservoice_get,
    "POST": lib.uservoice_post,
    "PUT": lib.uservoice_put,
    "DELETE": lib.uservoice_delete,
}


class Requests(ClientState):
    """The methods of a client that send requests to the API."""

    def request(self, method: Method, path: str, params: Any = None) -> Any:
        """Sends a request and returns the decoded JSON. Blocks.

        Args:
            method: GET, POST, PUT or DELETE, in any case.
            path: Such as ``"/api/v1/users"``; may have a query.
            params: For GET and DELETE a mapping that is added to the query, for POST and PUT
                the JSON body. A ``str`` is encoded like any other value: do not pass JSON.
                A ``datetime`` must have a time zone.

        Returns:
            The decoded JSON, as a rule a dict; None for an empty response.

        Raises:
            APIError: The request failed; the subclass says how, and ``outcome`` whether it
                was done.
            InvalidArgument: An argument is invalid; nothing was sent.
            TypeError: An argument has a wrong type; nothing was sent.
            ValueError: An argument cannot be encoded, or the client is closed; nothing was
                sent.
        """
        return json.loads(self.request_json(method, path, params))

    def request_json(self, method: Method, path: str, params: Any = None) -> str:
        """Sends a request and returns the JSON as the service sent it. Blocks.

        Args:
            method: As that of :meth:`request`.
            path: As that of :meth:`request`.
            params: As that of :meth:`request`.

        Returns:
            JSON; ``"null"`` for an empty response.

        Raises:
            APIError: As :meth:`request`, which see also for other exceptions.
        """
        c_string("method", method)
        function = METHODS.get(method.upper())
        if function is None:
            raise ValueError(f"method must be one of {', '.join(METHODS)} (got {method!r}); "
                             "for other methods use send()")
        response = OutParam("char")
        self._handle.call(function, self._token_or_null, encode_path(path),
                          ffi.NULL if params is None else encode("params", params), response)
        return response.to_str() or "null"

    def get(self, path: str, params: Optional[Mapping[str, Any]] = None) -> Any:
        """Sends a GET request and returns the decoded JSON. Blocks.

        Args:
            path: Such as ``"/api/v1/users"``; may have a query.
            params: Added to the query.

        Returns:
            The decoded JSON; None for an empty response.

        Raises:
            APIError: As :meth:`request`, which see also for other exceptions.

        Example:
            >>> client.get("/api/v1/users", {"per_page": 5})["users"]
        """
        return self.request("get", path, params)

    def put(self, path: str, params: Any = None) -> Any:
        """Sends a PUT request and returns the decoded JSON. Blocks.

        Args:
            path: Such as ``"/api/v1/forums/1"``.
            params: The JSON body.

        Returns:
            The decoded JSON; None for an empty response.

        Raises:
            APIError: As :meth:`request`, which see also for other exceptions.
        """
        return self.request("put", path, params)

    def post(self, path: str, params: Any = None) -> Any:
        """Sends a POST request and returns the decoded JSON. Blocks.

        It is retried only if the service did not process it.

        Args:
            path: Such as ``"/api/v1/forums"``.
            params: The JSON body.

        Returns:
            The decoded JSON; None for an empty response.

        Raises:
            APIError: As :meth:`request`, which see also for other exceptions.

        Example:
            >>> owner.post("/api/v1/forums", {"forum": {"name": "Ideas"}})["forum"]
        """
        return self.request("post", path, params)

    def delete(self, path: str, params: Optional[Mapping[str, Any]] = None) -> Any:
        """Sends a DELETE request and returns the decoded JSON. Blocks.

        Args:
            path: Such as ``"/api/v1/forums/1"``.
            params: Added to the query.

        Returns:
            The decoded JSON; None for an empty response.

        Raises:
            APIError: As :meth:`request`, which see also for other exceptions.
        """
        return self.request("delete", path, params)

    def send(self, method: SendMethod, path: str, params: Any = None,
             headers: Optional[Mapping[str, str]] = None, *,
             body: Optional[Union[str, Content]] = None) -> Response:
        """Sends a request and returns the response, whatever its status. Blocks.

        Args:
            method: GET, HEAD, DELETE, POST, PUT or PATCH, in any case.
            path: Such as ``"/api/v1/users"``; may have a query.
            params: For GET, HEAD and DELETE added to the query; for the others the JSON body.
            headers: Additional headers. Those that the library sets are rejected. A ``body``
                needs its ``Content-Type``.
            body: What POST, PUT, PATCH or DELETE sends instead of JSON: bytes, a str (as
                UTF-8), a binary file object, or a :class:`~pathlib.Path`. It is read into
                memory, up to the option ``max_request_bytes``. A form is part of an OAuth
                1.0a signature.

        Returns:
            The response, also of an error status.

        Raises:
            APIError: There is no response, or it cannot be used.
            InvalidArgument: An argument is invalid; nothing was sent.
            TypeError: An argument has a wrong type, or both ``params`` and ``body`` are set.
            OSError: The file cannot be read.
            ValueError: The body is too long, or the client is closed.

        Example:
            >>> client.send("POST", "/api/v1/forums/1/suggestions",
            ...             headers={"Content-Type": "application/x-www-form-urlencoded"},
            ...             body=urlencode({"suggestion[title]": "Dark mode"}))
        """
        if body is not None:
            if params is not None:
                raise TypeError("params and body exclude each other")
            return self._send_body(method, path, headers, body)
        response = OutParam("char")
        self._handle.call(
            lib.uservoice_request, self._token_or_null, c_string("method", method).upper(),
            encode_path(path), ffi.NULL if params is None else encode("params", params),
            ffi.NULL if headers is None else encode("headers", headers), response)
        return decode_response(response)

    def _send_body(self, method: str, path: str, headers: Optional[Mapping[str, str]],
                   body: Union[str, Content]) -> Response:
        if isinstance(body, str):
            body = body.encode()
        data, length = read("body", body, self._options["max_request_bytes"])
        response = OutParam("char")
        self._handle.call(
            lib.uservoice_send, self._token_or_null, c_string("method", method).upper(),
            encode_path(path), ffi.NULL if headers is None else encode("headers", headers),
            data, length, response)
        return decode_response(response)

    def upload(self, path: str, file: Union[str, Content], *, filename: Optional[str] = None,
               content_type: Optional[str] = None) -> Any:
        """Uploads a file and returns the decoded JSON. Blocks.

        The file is the field ``file`` of a POST request with ``multipart/form-data``, which
        is retried like :meth:`post`.

        Args:
            path: Such as ``"/api/v2/admin/attachments"``.
            file: A path, a binary file object, or bytes; read into memory, up to the option
                ``max_request_bytes``.
            filename: By default the name of the file; bytes have none.
            content_type: By default that of files with such a name.

        Returns:
            The decoded JSON.

        Raises:
            APIError: As :meth:`request`, which see also for other exceptions.
            TypeError: ``filename`` is missing, or an argument has a wrong type.
            OSError: The file cannot be read.

        Example:
            >>> uploaded = owner.upload("/api/v2/admin/attachments", "screen.png")
            >>> token = uploaded["attachments"][0]["token"]
            >>> owner.put("/api/v2/admin/suggestions/1", {"attachment_tokens": token})
        """
        content = Path(file) if isinstance(file, str) else file
        filename = name_of(content) if filename is None else filename
        data, length = read("file", content, self._options["max_request_bytes"])
        response = OutParam("char")
        self._handle.call(
            lib.uservoice_upload, self._token_or_null, encode_path(path),
            c_string("filename", filename), optional_c_string("content_type", content_type),
            data, length, response)
        return json.loads(response.to_str() or "null")

    def get_collection(self, path: str, *, limit: Optional[int] = None,
                       params: Optional[Mapping[str, Any]] = None) -> Collection:
        """Returns the records of a list, which are loaded when they are read.

        Sends no request.

        Args:
            path: Such as ``"/api/v1/users"``; may have a query.
            limit: The highest number of records, at least 0; by default all.
            params: Added to the query.

        Returns:
            The :class:`Collection`.

        Raises:
            InvalidArgument: An argument is invalid, such as a negative page.
            ValueError: ``limit`` is negative, or the client is closed.
        """
        return Collection(self, path, limit, params)

    def _open_collection_source(self, path: str, limit: int,
                                params: Optional[Mapping[str, Any]]) -> Optional[NativeSource]:
        """Opens what a Collection reads; None if it has to use an overridden get().

        A subclass may override it, or a test patch it in Client or an object.
        """
        if {"get", "request"} & vars(self).keys():
            return None
        if type(self).get is not Requests.get or type(self).request is not Requests.request:
            return None
        return NativeSource(self._handle, self._token_or_null, path, limit, self.per_page, params)

    def export(self, directory: Union[str, os.PathLike[str]],
               resources: Union[Resource, Iterable[Resource]], *,
               since: Optional[Timestamp] = None, until: Optional[Timestamp] = None,
               format: Literal["jsonl", "csv"] = "jsonl") -> Export:
        """Returns an export of collections into files, which runs when it is iterated over.

        Each collection is written to ``NAME.jsonl``, one record per line, or ``NAME.csv``. If
        the export is interrupted, by Ctrl-C, an error or a kill, the same call resumes it,
        without losing or repeating a record. If it was completed, the same call appends the
        records that have changed since.

        Args:
            directory: The directory of the files; created if necessary.
            resources: Names of collections of the Admin API (``"suggestions"`` is
                ``/api/v2/admin/suggestions``) or dicts: ``name``, the name of the file, and
                the optional ``path`` (also of API v1), ``params``, ``columns`` (for CSV) and
                ``incremental``. If that is False, each run writes the whole collection; for
                collections of API v1 it always does.
            since: Only records that were updated at this time or later: a datetime with a
                time zone, a date, or a str such as ``"2026-01-31T09:30:00Z"``.
            until: Only records that were updated before this time.
            format: ``"jsonl"`` or ``"csv"``.

        Returns:
            The :class:`Export`. Nothing is sent or written before it is iterated over.

        Raises:
            TypeError: An argument has a wrong type.
            ValueError: An argument cannot be encoded.

        Example:
            >>> owner = client.login_with_client_credentials()
            >>> for progress in owner.export("backup", ["suggestions", "users"]):
            ...     print(progress.written, "of", progress.total)
        """
        return Export(self._handle, self._token_or_null, directory, resources,
                      {"since": since, "until": until, "format": format})
