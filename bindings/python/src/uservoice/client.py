"""The client: a site, and the calls of its API."""
from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Dict, Iterable, Mapping, NamedTuple, Optional, Union

from ._calls import Handle, call
from ._json import encode
from ._library import Box, ffi, lib, string, tell, text
from ._options import Seconds, options_json
from .collection import PER_PAGE, Collection
from .errors import (  # noqa: F401  (the old module had them here)
    APIError,
    ApplicationError,
    NotFound,
    RateLimitExceeded,
    Unauthorized,
)
from .export import Export, Resource
from .logins import Logins, restored, token_of

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Type

    from .export import Moment

DOMAIN = "uservoice.com"
version = string(lib.uservoice_version())

METHODS = {
    "GET": lib.uservoice_get,
    "POST": lib.uservoice_post,
    "PUT": lib.uservoice_put,
    "DELETE": lib.uservoice_delete,
}


class Response(NamedTuple):
    """An answer, whatever its status."""

    status_code: int
    #: By their names in lower case.
    headers: Dict[str, Any]
    #: The decoded JSON, text where the answer is not JSON, None where it is empty.
    body: Any

    def __repr__(self) -> str:
        return f"<uservoice.Response {self.status_code}>"  # headers and body may hold secrets


class Client(Logins):
    """A UserVoice site, an API key, and whom the calls act for.

    >>> client = uservoice.Client("acme", api_key, api_secret)
    >>> client.get("/api/v1/users", {"per_page": 5})["users"]

    Without an API secret the calls are not signed and see what is public. The options
    are keywords; times are in seconds, or a ``timedelta``:

    ================== =============== ==================================================
    timeout            30              for one attempt, from connecting to the last byte
    connect_timeout    10              for name lookup, connection and TLS
    max_retries        2               tries again where that is safe
    max_retry_wait     60              a longer wait is raised, not slept
    max_connections    16              idle connections that are kept
    prefetch_pages     4               pages loaded ahead of a collection's reader
    per_page           100             records a page of a collection
    max_response_bytes 67108864        a larger answer is a BadResponse
    ca_file            the system's    PEM file of the authorities to trust instead
    proxy              HTTPS_PROXY ... ``"http://[user:password@]host:port"``, or ``""``
    user_agent         none            put in front of ours, such as ``"MyApp/1.0"``
    allow_insecure     False           allow plain http to other hosts than this one
    base_url           none            the whole origin, instead of protocol and domain
    ================== =============== ==================================================

    A client may be used from any number of threads, and in processes forked from the one
    that made it.
    """

    def __init__(self, subdomain_name: str, api_key: str, api_secret: Optional[str] = None,
                 oauth_token: str = "", oauth_token_secret: str = "",
                 callback: Optional[str] = None, protocol: Optional[str] = None,
                 uservoice_domain: Optional[str] = None, *, base_url: Optional[str] = None,
                 timeout: Optional[Seconds] = None, connect_timeout: Optional[Seconds] = None,
                 max_retries: Optional[int] = None, max_retry_wait: Optional[Seconds] = None,
                 max_connections: Optional[int] = None, prefetch_pages: Optional[int] = None,
                 per_page: Optional[int] = None, max_response_bytes: Optional[int] = None,
                 ca_file: Optional[Union[str, os.PathLike[str]]] = None,
                 proxy: Optional[str] = None, user_agent: Optional[str] = None,
                 allow_insecure: Optional[bool] = None) -> None:
        self.subdomain_name = subdomain_name
        self.api_key = api_key
        self.api_secret = api_secret
        self.token = oauth_token
        self.secret = oauth_token_secret
        self.callback = callback
        self.protocol = protocol
        self.uservoice_domain = uservoice_domain
        self.api_url = base_url or (
            f"{protocol or 'https'}://{subdomain_name}.{uservoice_domain or DOMAIN}")
        #: The client of the request token that authorize_url() got.
        self.request_token: Optional[Client] = None
        self._options: Dict[str, Any] = {
            "base_url": base_url, "timeout": timeout, "connect_timeout": connect_timeout,
            "max_retries": max_retries, "max_retry_wait": max_retry_wait,
            "max_connections": max_connections, "prefetch_pages": prefetch_pages,
            "per_page": per_page, "max_response_bytes": max_response_bytes,
            "ca_file": ca_file, "proxy": proxy, "user_agent": user_agent,
            "allow_insecure": allow_insecure,
        }
        self._open()

    @classmethod
    def from_environment(cls, **options: Any) -> Client:
        """A client of the site that the environment names.

        Reads USERVOICE_SUBDOMAIN, USERVOICE_API_KEY, USERVOICE_API_SECRET, and where they
        are set USERVOICE_BASE_URL and USERVOICE_CA_FILE. Without USERVOICE_SUBDOMAIN the
        sandbox is meant, and USERVOICE_BASE_URL is its URL.
        """
        subdomain = os.environ.get("USERVOICE_SUBDOMAIN")
        base_url = os.environ.get("USERVOICE_BASE_URL")
        if not subdomain and not base_url:
            raise ValueError(
                "No site to talk to. Set USERVOICE_SUBDOMAIN, USERVOICE_API_KEY and "
                "USERVOICE_API_SECRET, or USERVOICE_BASE_URL to the URL that the sandbox prints.")
        key, secret = (os.environ.get(name) or (None if subdomain else otherwise)
                       for name, otherwise in [("USERVOICE_API_KEY", "sandbox-trusted-key"),
                                               ("USERVOICE_API_SECRET", "sandbox-trusted-secret")])
        if not key or not secret:
            raise ValueError("USERVOICE_SUBDOMAIN is set: USERVOICE_API_KEY and "
                             "USERVOICE_API_SECRET are needed too.")
        options.setdefault("base_url", base_url or None)
        options.setdefault("ca_file", os.environ.get("USERVOICE_CA_FILE") or None)
        return cls(subdomain or "sandbox", key, secret, **options)

    def _open(self) -> None:
        for name in ("subdomain_name", "api_key", "token", "secret"):
            text(name, getattr(self, name))
        subdomain, options = self.subdomain_name, {**self._options, "callback": self.callback}
        has_domain = ends_in(subdomain, self.uservoice_domain or DOMAIN)
        if "." in subdomain and not has_domain and not options["base_url"]:
            # A host name of several parts. The old module took what it was given; the
            # library wants the whole URL then. Where the domain is among them already, it
            # would come twice: that is left to the library, which refuses it.
            subdomain, options["base_url"] = subdomain.split(".")[0], self.api_url
        else:
            options.update(protocol=self.protocol, uservoice_domain=self.uservoice_domain)
        client = Box("uservoice_client")
        call(lib.uservoice_client_new, text("subdomain_name", subdomain),
             text("api_key", self.api_key),
             text("api_secret", self.api_secret) if self.api_secret else ffi.NULL,
             options_json(options), client.out)
        call(lib.uservoice_client_set_log, client, lib.USERVOICE_LOG_INFO, tell, ffi.NULL)
        self._handle_or_none: Optional[Handle] = Handle(client)
        self._token = token_of(self.token, self.secret) if self.token else None

    # A copy in another process, or by the module copy, is a client of its own.
    def __getstate__(self) -> Dict[str, Any]:
        state = self.__dict__.copy()
        del state["_handle_or_none"]
        state["_token"] = self.token_json()
        return state

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()
        self._token = state["_token"] and restored(state["_token"])

    def __repr__(self) -> str:
        acts = " acting for a user" if self.token else ""
        return f"<uservoice.Client of {self.api_url}{acts}>"

    @property
    def _handle(self) -> Handle:
        if self._handle_or_none is None:
            raise ValueError("this client is closed")
        return self._handle_or_none

    @property
    def _acting_token(self) -> Any:
        return self._token or ffi.NULL

    @property
    def per_page(self) -> int:
        """How many records a page of a collection has."""
        return int(self._options["per_page"] or PER_PAGE)

    def _reads_by_itself(self) -> bool:
        """Whether get() is ours, and not one that a subclass or a test put in its place."""
        own = vars(self)
        kind = type(self)
        return (kind.get is Client.get and kind.request is Client.request
                and "get" not in own and "request" not in own)

    def _copy(self, **options: Any) -> Client:
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.request_token = None
        other._options = {**self._options, **options}
        other._handle_or_none = self._handle.copy(options_json(options))
        return other

    def with_options(self, **options: Any) -> Client:
        """The same client with other options. It shares the connections."""
        unknown = options.keys() - self._options.keys()
        if unknown:
            raise TypeError(f"unknown option: {', '.join(sorted(unknown))}")
        return self._copy(**options)

    # Calls

    def request(self, method: str, path: str, params: Any = None) -> Any:
        """Makes a call and gives the decoded answer, None for an empty one.

        ``params`` is more of the query for GET and DELETE, and the body for POST and PUT.
        They are values, not JSON text: as a body, a ``str`` is sent as a JSON string.
        """
        return json.loads(self.request_json(method, path, params))

    def request_json(self, method: str, path: str, params: Any = None) -> str:
        """As request(), but gives the answer's JSON as the service sent it."""
        text("method", method)
        function = METHODS.get(method.upper())
        if function is None:
            raise ValueError(f"method must be one of {', '.join(METHODS)}; see send() for others")
        answer = Box("char")
        self._call(function, self._acting_token, text("path", path),
                   ffi.NULL if params is None else encode("params", params), answer.out)
        return answer.text() or "null"

    def get(self, path: str, params: Optional[Mapping[str, Any]] = None) -> Any:
        """Reads. ``params`` is more of the query: a mapping, not JSON text.

        >>> client.get("/api/v1/users", {"per_page": 5})["users"]
        """
        return self.request("get", path, params)

    def put(self, path: str, params: Any = None) -> Any:
        """Changes. ``params`` is the body: a ``str`` is sent as a JSON string."""
        return self.request("put", path, params)

    def post(self, path: str, params: Any = None) -> Any:
        """Creates. ``params`` is the body: a ``str`` is sent as a JSON string.

        Sent again only where it did certainly not arrive.

        >>> owner.post("/api/v1/forums", {"forum": {"name": "Ideas"}})["forum"]
        """
        return self.request("post", path, params)

    def delete(self, path: str, params: Optional[Mapping[str, Any]] = None) -> Any:
        """Deletes. ``params`` is more of the query: a mapping, not JSON text."""
        return self.request("delete", path, params)

    def send(self, method: str, path: str, params: Any = None,
             headers: Optional[Mapping[str, str]] = None) -> Response:
        """Makes any call and gives the whole answer; an error status is no exception here.

        ``method`` is GET, HEAD, DELETE, POST, PUT or PATCH; ``params`` are those of
        request(), and the body of PATCH, too.
        """
        answer = Box("char")
        self._call(lib.uservoice_request, self._acting_token, text("method", method).upper(),
                   text("path", path), ffi.NULL if params is None else encode("params", params),
                   ffi.NULL if headers is None else encode("headers", headers), answer.out)
        decoded = json.loads(answer.text() or "")
        return Response(decoded["status"], decoded["headers"], decoded["body"])

    def get_collection(self, path: str, *, limit: Optional[int] = None,
                       params: Optional[Mapping[str, Any]] = None) -> Collection:
        """The list at a path: ``limit`` records at most; ``params`` is more of the query."""
        return Collection(self, path, limit, params)

    def export(self, directory: Union[str, os.PathLike[str]],
               resources: Union[Resource, Iterable[Resource]], *,
               since: Optional[Moment] = None, until: Optional[Moment] = None,
               format: str = "jsonl") -> Export:
        """Writes lists into files of a directory, and goes on there in the next run.

        >>> owner = client.login_with_client_credentials()
        >>> for progress in owner.export("backup", ["suggestions", "users"]):
        ...     print(progress.written, "of", progress.total)

        ``NAME.jsonl`` gets the records of a list, one a line as it came; with
        ``format="csv"``, ``NAME.csv``. Iterating writes and gives a :class:`Progress` after
        each page; up to four lists are loaded at once. When that was interrupted, by Ctrl-C,
        an error or a kill, the same call goes on: no record is lost, and none there twice.
        When it came to its end, the same call adds what has changed since.

        ``resources`` are names of lists of the Admin API (``"suggestions"`` is
        ``/api/v2/admin/suggestions``), or dicts: ``name``, of the file, and as needed
        ``path`` (of API v1, too), ``params``, ``columns`` (of CSV) and ``incremental``:
        False writes the whole list anew in each run, as lists of API v1 always are.

        ``since`` and ``until`` bound ``updated_at``: a datetime with a time zone, a date, or
        text such as ``"2026-01-31T09:30:00Z"``. ``until`` itself is not included.

        The iteration raises :class:`FileError` where a file cannot be used, also where
        another export uses the directory. After the error of a list, the next iteration
        tries it again.
        """
        return Export(self, directory, resources,
                      {"since": since, "until": until, "format": format})

    def _call(self, function: Any, *arguments: Any) -> None:
        self._handle.call(function, *arguments)

    # Single sign-on

    def sso_url(self, token: str, return_path: Optional[str] = None) -> str:
        """The URL that logs a person in by a single sign-on token or JWT.

        ``return_path`` is the page within the site, such as ``"/forums/1"``; the front
        page without it. Sends nothing.
        """
        url = Box("char")
        call(lib.uservoice_sso_url, self._handle.box, text("token", token),
             ffi.NULL if return_path is None else text("return_path", return_path), url.out)
        return url.text() or ""

    # The end

    def cancel(self) -> None:
        """Ends all calls of this client and of its collections, from any thread, for good.

        Each raises :class:`Cancelled`. Clients made from this one go on.
        """
        self._handle.cancel()

    def close(self) -> None:
        """Frees what the client holds, once the calls of other threads have ended."""
        self._handle_or_none = None

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 traceback: Optional[TracebackType]) -> None:
        self.close()


def ends_in(name: str, domain: str) -> bool:
    """Whether a host's name ends in a domain, or is that."""
    return f".{name}".lower().endswith(f".{domain}".lower())
