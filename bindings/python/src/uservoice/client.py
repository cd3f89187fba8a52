"""The client: requests to the API of one site, and logins."""
from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterable, Literal, Mapping, NamedTuple, Optional, Union
from urllib.parse import parse_qs, urlsplit

from ._body import Content, name_of, read
from ._calls import ClientHandle, call
from ._json import encode
from ._library import (
    OutParam,
    c_string,
    ffi,
    lib,
    optional_c_string,
    to_optional_str,
    to_str,
)
from ._options import ClientOptions, NewClientOptions, Seconds, options_json
from ._paths import encode_path
from .collection import PER_PAGE, Collection, NativeSource
from .errors import (  # noqa: F401  (the old module defined them here)
    APIError,
    ApplicationError,
    NotFound,
    RateLimitExceeded,
    Unauthorized,
    credential,
)
from .export import Export, Resource

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Type

    from typing_extensions import Unpack

    from .export import Timestamp

DEFAULT_DOMAIN: str = "uservoice.com"
version: str = to_str(lib.uservoice_version())

Method = Literal["get", "post", "put", "delete", "GET", "POST", "PUT", "DELETE"]
SendMethod = Literal[Method, "head", "patch", "HEAD", "PATCH"]

METHODS: Dict[str, Any] = {
    "GET": lib.uservoice_get,
    "POST": lib.uservoice_post,
    "PUT": lib.uservoice_put,
    "DELETE": lib.uservoice_delete,
}


class Response(NamedTuple):
    """The response to :meth:`Client.send`."""

    status_code: int
    #: The values by header name in lower case.
    headers: Dict[str, Any]
    #: The decoded JSON; a str if the body is not JSON, None if it is empty.
    body: Any

    def __repr__(self) -> str:
        return f"<uservoice.Response {self.status_code}>"  # the rest may contain secrets


class AuthorizationRequest(NamedTuple):
    """An authorization request of the Admin API. Store it until the user is redirected back."""

    #: The URL to send the user to.
    url: str
    #: A secret that must equal the parameter ``state`` of the redirect.
    state: str
    #: A secret that login_with_code() needs.
    code_verifier: str

    def __repr__(self) -> str:
        return "<uservoice.AuthorizationRequest>"  # the URL contains the state


class Client:
    """A client of one UserVoice site.

    >>> client = uservoice.Client("acme", api_key, api_secret)
    >>> client.get("/api/v1/users", {"per_page": 5})["users"]

    Without an API secret, requests are not signed and can read only public data. The
    options are keyword arguments. Times are seconds or a ``timedelta``:

    ==================== ==================== =================================================
    protocol             ``"https"``          ``"http"`` only for loopback hosts
    uservoice_domain     ``"uservoice.com"``  the site is protocol://subdomain.uservoice_domain
    base_url             none                 the whole origin, replaces the two above
    callback             ``"oob"``            where UserVoice redirects after "Allow"
    timeout              30                   one attempt, from connecting to the last byte
    connect_timeout      10                   name lookup, connection and TLS
    max_retries          2                    retries of one request
    max_retry_wait       60                   a longer wait is raised as an error, not slept
    max_idle_connections 16                   idle connections kept open
    prefetch_pages       4                    pages that a collection loads ahead
    per_page             100                  records per page of a collection
    max_request_bytes    67108864             a longer request body raises InvalidArgument
    max_response_bytes   67108864             a larger response raises BadResponse
    ca_file              the system's         PEM file of the certificate authorities to trust
    proxy                environment          ``"http://user:password@host:port"``; "" for none
    user_agent           none                 prefix of the header, such as ``"MyApp/1.0"``
    allow_insecure       False                permit plain http to other hosts than loopback
    ==================== ==================== =================================================

    Threads may share a client, and a forked process may use its parent's.
    """

    def __init__(self, subdomain_name: str, api_key: str, api_secret: Optional[str] = None,
                 oauth_token: Optional[str] = "", oauth_token_secret: Optional[str] = "",
                 callback: Optional[str] = None, protocol: Optional[str] = None,
                 uservoice_domain: Optional[str] = None, *, base_url: Optional[str] = None,
                 timeout: Optional[Seconds] = None, connect_timeout: Optional[Seconds] = None,
                 max_retries: Optional[int] = None, max_retry_wait: Optional[Seconds] = None,
                 max_idle_connections: Optional[int] = None,
                 prefetch_pages: Optional[int] = None, per_page: Optional[int] = None,
                 max_request_bytes: Optional[int] = None,
                 max_response_bytes: Optional[int] = None,
                 ca_file: Optional[Union[str, os.PathLike[str]]] = None,
                 proxy: Optional[str] = None, user_agent: Optional[str] = None,
                 allow_insecure: Optional[bool] = None) -> None:
        self.subdomain_name = subdomain_name
        self.api_key = api_key
        self.api_secret = api_secret
        #: The access token; "" if the API key alone authenticates requests.
        self.token: str = "" if oauth_token is None else oauth_token
        #: The secret of the access token; "" for a bearer token.
        self.secret: str = "" if oauth_token_secret is None else oauth_token_secret
        self.callback = callback
        self.protocol = protocol
        self.uservoice_domain = uservoice_domain
        #: The origin of the site, such as ``"https://acme.uservoice.com"``.
        self.api_url: str = base_url or (
            f"{protocol or 'https'}://{subdomain_name}.{uservoice_domain or DEFAULT_DOMAIN}")
        #: The client with the request token of the last call of authorize_url().
        self.request_token: Optional[Client] = None
        self._options: Dict[str, Any] = {
            "base_url": base_url, "timeout": timeout, "connect_timeout": connect_timeout,
            "max_retries": max_retries, "max_retry_wait": max_retry_wait,
            "max_idle_connections": max_idle_connections, "prefetch_pages": prefetch_pages,
            "per_page": per_page, "max_request_bytes": max_request_bytes,
            "max_response_bytes": max_response_bytes,
            "ca_file": ca_file, "proxy": proxy, "user_agent": user_agent,
            "allow_insecure": allow_insecure,
        }
        self._open()

    @classmethod
    def from_environment(cls, **options: Unpack[NewClientOptions]) -> Client:
        """Creates a client from environment variables.

        Reads USERVOICE_SUBDOMAIN, USERVOICE_API_KEY and USERVOICE_API_SECRET, which are
        required, and USERVOICE_BASE_URL and USERVOICE_CA_FILE.
        """
        names = ["USERVOICE_SUBDOMAIN", "USERVOICE_API_KEY", "USERVOICE_API_SECRET"]
        missing = [name for name in names if not os.environ.get(name)]
        if missing:
            raise ValueError(f"these environment variables must be set: {', '.join(missing)}")
        options.setdefault("base_url", os.environ.get("USERVOICE_BASE_URL") or None)
        options.setdefault("ca_file", os.environ.get("USERVOICE_CA_FILE") or None)
        return cls(*(os.environ[name] for name in names), **options)

    def _open(self) -> None:
        for name, value in [("subdomain_name", self.subdomain_name), ("api_key", self.api_key),
                            ("oauth_token", self.token), ("oauth_token_secret", self.secret)]:
            c_string(name, value)
        subdomain, options = self.subdomain_name, {
            **self._options, "callback": self.callback, "language": "python"}
        has_domain = has_suffix(subdomain, self.uservoice_domain or DEFAULT_DOMAIN)
        if "." in subdomain and not has_domain and not options["base_url"]:
            # The old module accepted several labels ("forum.acme"). The library accepts one,
            # so pass the whole URL. A name that contains the domain ("acme.uservoice.com")
            # is left to the library, which rejects it.
            subdomain, options["base_url"] = subdomain.split(".")[0], self.api_url
        else:
            options.update(protocol=self.protocol, uservoice_domain=self.uservoice_domain)
        client = OutParam("uservoice_client")
        call(lib.uservoice_client_new, c_string("subdomain_name", subdomain),
             c_string("api_key", self.api_key),
             c_string("api_secret", self.api_secret) if self.api_secret else ffi.NULL,
             options_json(options), client)
        call(lib.uservoice_client_set_log, client, lib.USERVOICE_LOG_INFO, ffi.NULL, ffi.NULL)
        self._handle_or_none: Optional[ClientHandle] = ClientHandle(client)
        self._token: Optional[OutParam] = (
            create_token(self.token, self.secret) if self.token else None)

    # A copy, also by pickle, is an independent client.
    def __getstate__(self) -> Dict[str, Any]:
        state = self.__dict__.copy()
        del state["_handle_or_none"]
        state["_token"] = self.token_json()
        return state

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()
        self._token = decode_token(state["_token"]) if state["_token"] else None

    def __repr__(self) -> str:
        acting = " acting for a user" if self.token else ""
        return f"<uservoice.Client of {self.api_url}{acting}>"

    @property
    def _handle(self) -> ClientHandle:
        if self._handle_or_none is None:
            raise ValueError("this client is closed")
        return self._handle_or_none

    @property
    def _token_or_null(self) -> Any:
        return self._token or ffi.NULL

    @property
    def per_page(self) -> int:
        """The number of records per page of a collection."""
        return int(self._options["per_page"] or PER_PAGE)

    def with_options(self, **options: Unpack[ClientOptions]) -> Client:
        """Returns a client with other options. It shares this client's connections."""
        unknown = options.keys() - self._options.keys()
        if unknown:
            raise TypeError(f"unknown option: {', '.join(sorted(unknown))}")
        return self._copy(**options)

    def _copy(self, **options: Any) -> Client:
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy.request_token = None
        copy._options = {**self._options, **options}
        copy._handle_or_none = self._handle.with_options(options_json(options))
        return copy

    # Requests

    def request(self, method: Method, path: str, params: Any = None) -> Any:
        """Sends a request and returns the decoded JSON, or None for an empty response.

        For GET and DELETE ``params`` is added to the query, for POST and PUT it is the
        JSON body. A ``str`` is encoded like any other value: do not pass JSON.
        """
        return json.loads(self.request_json(method, path, params))

    def request_json(self, method: Method, path: str, params: Any = None) -> str:
        """Sends a request and returns the JSON as the service sent it."""
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
        """Sends a GET request and returns the decoded JSON.

        ``params`` is added to the query.

        >>> client.get("/api/v1/users", {"per_page": 5})["users"]
        """
        return self.request("get", path, params)

    def put(self, path: str, params: Any = None) -> Any:
        """Sends a PUT request with ``params`` as its JSON body and returns the decoded JSON."""
        return self.request("put", path, params)

    def post(self, path: str, params: Any = None) -> Any:
        """Sends a POST request with ``params`` as its JSON body and returns the decoded JSON.

        It is retried only if the service did not process it.

        >>> owner.post("/api/v1/forums", {"forum": {"name": "Ideas"}})["forum"]
        """
        return self.request("post", path, params)

    def delete(self, path: str, params: Optional[Mapping[str, Any]] = None) -> Any:
        """Sends a DELETE request and returns the decoded JSON.

        ``params`` is added to the query.
        """
        return self.request("delete", path, params)

    def send(self, method: SendMethod, path: str, params: Any = None,
             headers: Optional[Mapping[str, str]] = None, *,
             body: Optional[Union[str, Content]] = None) -> Response:
        """Sends a request and returns the response, whatever its status.

        ``method`` is GET, HEAD, DELETE, POST, PUT or PATCH. ``params`` is added to the
        query of the first three and is the JSON body of the others.

        ``body`` is sent instead of JSON, by POST, PUT, PATCH and DELETE: bytes, a str (as
        UTF-8), a binary file object, or a :class:`~pathlib.Path`. ``headers`` must have its
        ``Content-Type``. A form is part of an OAuth 1.0a signature. A file object is read
        into memory, up to the option ``max_request_bytes``.

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
        """Uploads a file and returns the decoded JSON.

        ``file`` is a path, a binary file object, or bytes. ``filename`` is by default the
        name of the file; bytes have none. ``content_type`` is by default that of files with
        such a name. The file is the field ``file`` of a POST request with
        ``multipart/form-data``, which is retried like :meth:`post`.

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
        """Returns the :class:`Collection` at a path, of at most ``limit`` records.

        ``params`` is added to the query. Nothing is loaded before it is needed.
        """
        return Collection(self, path, limit, params)

    def _open_collection_source(self, path: str, limit: int,
                                params: Optional[Mapping[str, Any]]) -> Optional[NativeSource]:
        """Opens what a Collection reads; None if it has to use an overridden get()."""
        overridden = {"get", "request"} & vars(self).keys() or (
            type(self).get is not _OWN_GET or type(self).request is not _OWN_REQUEST)
        if overridden:
            return None
        return NativeSource(self._handle, self._token_or_null, path, limit, self.per_page, params)

    def export(self, directory: Union[str, os.PathLike[str]],
               resources: Union[Resource, Iterable[Resource]], *,
               since: Optional[Timestamp] = None, until: Optional[Timestamp] = None,
               format: Literal["jsonl", "csv"] = "jsonl") -> Export:
        """Exports collections into files of a directory.

        >>> owner = client.login_with_client_credentials()
        >>> for progress in owner.export("backup", ["suggestions", "users"]):
        ...     print(progress.written, "of", progress.total)

        Each collection is written to ``NAME.jsonl``, one record per line, or with
        ``format="csv"`` to ``NAME.csv``. Iterating over the export writes the files, yields
        a :class:`Progress` after each page, and loads up to four collections at once. If
        it is interrupted, by Ctrl-C, an error or a kill, the same call resumes it, without
        losing or repeating a record. If it was completed, the same call appends the records
        that have changed since.

        ``resources`` are names of collections of the Admin API (``"suggestions"`` is
        ``/api/v2/admin/suggestions``) or dicts: ``name``, the name of the file, and the
        optional ``path`` (also of API v1), ``params``, ``columns`` (for CSV) and
        ``incremental``. If that is False, each run writes the whole collection; for
        collections of API v1 it always is.

        ``since`` and ``until`` limit ``updated_at``: a datetime with a time zone, a date, or
        a str such as ``"2026-01-31T09:30:00Z"``. ``until`` is exclusive.

        The iteration raises :class:`FileError` if a file cannot be used, or if another
        export uses the directory. If a collection fails, the next iteration tries it again.
        """
        return Export(self._handle, self._token_or_null, directory, resources,
                      {"since": since, "until": until, "format": format})

    # Access tokens

    def login_with_access_token(self, token: str, secret: str) -> Client:
        """Returns a client that uses a stored access token. Sends no request."""
        return self._with_token(create_token(token, secret))

    def token_json(self) -> Optional[str]:
        """Returns the access token as JSON, to be stored as a secret; None without a token.

        If the token was refreshed, this is the current one, whereas ``token`` is the first.
        """
        if self._token is None:
            return None
        token_json = OutParam("char")
        call(lib.uservoice_token_json, self._token, token_json)
        return token_json.to_str()

    def login_with_token_json(self, token_json: str) -> Client:
        """Returns a client that uses a token stored by token_json(). Sends no request."""
        return self._with_token(decode_token(token_json))

    def _with_token(self, token: OutParam) -> Client:
        copy = self._copy()
        copy._token = token
        copy.token = to_str(lib.uservoice_token_value(token.pointer))
        copy.secret = to_optional_str(lib.uservoice_token_secret(token.pointer)) or ""
        return copy

    def _log_in(self, function: Any, *arguments: Any) -> Client:
        """Calls a function that requests a token, and returns a client with that token."""
        token = OutParam("uservoice_token")
        self._handle.call(function, *arguments, token)
        return self._with_token(token)

    # OAuth 1.0a logins

    def get_request_token(self, callback: Optional[str] = None) -> Client:
        """Obtains a request token, the first step of a three-legged login.

        Returns a client whose ``token`` and ``secret`` are the request token. ``callback``
        replaces the option of that name.
        """
        if callback is None:
            return self._log_in(lib.uservoice_request_token)
        token = OutParam("uservoice_token")
        self._handle.with_options(encode("callback", {"callback": callback})).call(
            lib.uservoice_request_token, token)
        return self._with_token(token)

    def authorize_url(self, request_token: Optional[Client] = None) -> str:
        """Returns the URL where the user is asked to allow the access.

        Without ``request_token`` it first obtains one and assigns it to the attribute
        ``request_token``. If another thread or process may complete the login, store its
        ``token_json()``.
        """
        if request_token is None:
            request_token = self.request_token = self.get_request_token()
        url = OutParam("char")
        call(lib.uservoice_authorize_url, self._handle.client, request_token_of(request_token),
             url)
        return url.to_str() or ""

    def login_with_verifier(self, verifier: str, request_token: Optional[Client] = None) -> Client:
        """Completes a three-legged login and returns a client that acts for the user.

        ``verifier`` is the parameter ``oauth_verifier`` of the callback, or what the user
        entered. ``request_token`` is the client that get_request_token() returned, or that
        login_with_token_json() restored; the default is the attribute ``request_token``.
        """
        if request_token is None:
            request_token = self.request_token
        if request_token is None:
            raise ValueError("no request token: call authorize_url() first, or pass the one "
                             "that you stored")
        return self._log_in(lib.uservoice_login_with_verifier, request_token_of(request_token),
                            credential("verifier", verifier))

    def login_as(self, email: str) -> Client:
        """Returns a client that acts for the user with an email address.

        The user is created if there is none. Requires a trusted API key.
        """
        return self._log_in(lib.uservoice_login_as, self._token_or_null, credential("email", email))

    def login_as_owner(self) -> Client:
        """Returns a client that acts for the owner of the site. Requires a trusted API key."""
        return self._log_in(lib.uservoice_login_as_owner, self._token_or_null)

    # OAuth 2 logins, for the Admin API (API v2)

    def login_with_client_credentials(self) -> Client:
        """Returns a client for the Admin API that acts for the owner of the site.

        Requires a trusted API key. The token is refreshed when it expires.
        """
        return self._log_in(lib.uservoice_login_with_client_credentials)

    def login_with_password(self, email: str, password: str) -> Client:
        """Returns a client for the Admin API that acts for the user with a password.

        The password is not stored. When the token expires, requests raise
        :class:`Unauthorized`, unless the service issued a refresh token.
        """
        return self._log_in(lib.uservoice_login_with_password, credential("email", email),
                            credential("password", password))

    def authorization_request(self, redirect_uri: str,
                              state: Optional[str] = None) -> AuthorizationRequest:
        """Creates an authorization request for the Admin API. Sends no request.

        The user signs in at its URL and is redirected to ``redirect_uri`` with the
        parameters ``code`` and ``state``. By default ``state`` is random. No API secret is
        needed.
        """
        url, code_verifier = OutParam("char"), OutParam("char")
        call(lib.uservoice_authorize_code_url, self._handle.client,
             c_string("redirect_uri", redirect_uri), optional_c_string("state", state),
             url, code_verifier)
        authorize_url = url.to_str() or ""
        if state is None:
            state = parse_qs(urlsplit(authorize_url).query)["state"][0]
        return AuthorizationRequest(authorize_url, state, code_verifier.to_str() or "")

    def login_with_code(self, code: str, code_verifier: Optional[str],
                        redirect_uri: str) -> Client:
        """Returns a client for the Admin API that acts for the user who signed in.

        ``code`` is the parameter of the redirect; ``code_verifier`` and ``redirect_uri``
        are those of authorization_request(). ``code_verifier`` is None if the authorization
        request was made elsewhere, without PKCE. When the token expires, requests raise
        :class:`Unauthorized`, unless the service issued a refresh token.
        """
        return self._log_in(lib.uservoice_login_with_code, credential("code", code),
                            optional_c_string("code_verifier", code_verifier),
                            c_string("redirect_uri", redirect_uri))

    # Single sign-on

    def sso_url(self, token: str, return_path: Optional[str] = None) -> str:
        """Returns the URL that logs a user in with a single sign-on token or JWT.

        ``return_path`` is a page of the site, such as ``"/forums/1"``; the default is the
        front page. No request is sent.
        """
        url = OutParam("char")
        call(lib.uservoice_sso_url, self._handle.client, c_string("token", token),
             optional_c_string("return_path", return_path), url)
        return url.to_str() or ""

    # Closing

    def cancel(self) -> None:
        """Cancels all requests of this client, its collections and its exports, permanently.

        May be called from any thread. The requests, and all later ones, raise
        :class:`Cancelled`. Clients created from this one are not affected.
        """
        self._handle.cancel()

    def close(self) -> None:
        """Releases the client's resources once requests of other threads have ended."""
        self._handle_or_none = None

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 traceback: Optional[TracebackType]) -> None:
        self.close()


#: Compared with a client's methods, which a subclass, or a test that patches Client, may replace.
_OWN_GET, _OWN_REQUEST = Client.get, Client.request


def decode_response(response: OutParam) -> Response:
    decoded = json.loads(response.to_str() or "")
    return Response(decoded["status"], decoded["headers"], decoded["body"])


def create_token(token: str, secret: str) -> OutParam:
    created = OutParam("uservoice_token")
    call(lib.uservoice_token_new, c_string("token", token), c_string("secret", secret),
         created)
    return created


def request_token_of(client: Client) -> OutParam:
    """Returns the token of a client that get_request_token() returned."""
    if not isinstance(client, Client):
        raise TypeError(f"request_token must be a Client, not {type(client).__name__}")
    if client._token is None:
        raise ValueError("request_token must be a client that get_request_token() returned, "
                         "or that login_with_token_json() restored")
    return client._token


def decode_token(token_json: str) -> OutParam:
    token = OutParam("uservoice_token")
    call(lib.uservoice_token_from_json, c_string("token_json", token_json), token)
    return token


def has_suffix(host: str, domain: str) -> bool:
    """Returns whether a host is a domain or a subdomain of it."""
    return f".{host}".lower().endswith(f".{domain}".lower())
