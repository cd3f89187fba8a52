"""The client of a site: its options, and how it is created, copied and closed.

Its requests are in _requests.py, its logins in _logins.py and _tokens.py, and its links for
single sign-on in sso.py.
"""
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, Optional, Union

from ._calls import ClientHandle, NativeClient, call, set_log
from ._library import OutParam, c_string, ffi, lib, to_str
from ._logins import Logins
from ._options import ClientOptions, NewClientOptions, Seconds, options_json
from ._requests import Requests
from ._tokens import create_token, decode_token
from .errors import (  # noqa: F401  (the old module defined them here)
    APIError,
    ApplicationError,
    NotFound,
    RateLimitExceeded,
    Unauthorized,
)
from .responses import AuthorizationRequest, Response  # noqa: F401  (old pickles name them so)
from .sso import SignOnLinks

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Type

    from typing_extensions import Self, Unpack

DEFAULT_DOMAIN: str = "uservoice.com"
version: str = to_str(lib.uservoice_version())


class Client(Requests, Logins, SignOnLinks):
    """A client of one UserVoice site.

    Creating it sends no request. Threads may share a client, and a forked process may use its
    parent's. Methods that send a request block until its response, at most for ``timeout``
    per attempt and ``max_retry_wait`` between two, and release the GIL meanwhile.

    Times are seconds, as int or float, or a ``timedelta``. An option that is None has its
    default.

    Args:
        subdomain_name: The site: ``"acme"`` is acme.uservoice.com.
        api_key: The API key, from the Admin Console.
        api_secret: Signs the requests, which can read only public data without it.
        oauth_token: The access token of the acting user, if you have stored it.
        oauth_token_secret: The secret of that token.
        callback: Where UserVoice redirects after "Allow" (default ``"oob"``).
        protocol: ``"http"`` only for loopback hosts (default ``"https"``).
        uservoice_domain: The site is protocol://subdomain.uservoice_domain (default
            ``"uservoice.com"``).
        base_url: The whole origin, which replaces the two above (default none).
        timeout: One attempt, from connecting to the last byte; 0.001 to 86400 seconds (default
            30).
        connect_timeout: Name lookup, connection and TLS; 0.001 to 86400 seconds (default 10).
        max_retries: Retries of one request, 0 to 100 (default 2).
        max_retry_wait: A longer wait is raised as an error, not slept; 0 to 86400 seconds
            (default 60).
        max_idle_connections: Idle connections kept open, 1 to 1024 (default 16).
        prefetch_pages: Pages that a collection loads ahead, 0 to 64 (default 4).
        per_page: Records per page of a collection, 1 to 100 (default 100).
        max_request_bytes: A longer request body raises :class:`InvalidArgument` or ValueError
            (default 67108864).
        max_response_bytes: A larger response raises :class:`BadResponse` (default 67108864).
        ca_file: PEM file of the certificate authorities to trust (default the system's).
        proxy: ``"http://user:password@host:port"``; "" for none (default environment).
        user_agent: Prefix of the header, such as ``"MyApp/1.0"`` (default none).
        allow_insecure: Permits plain http to other hosts than loopback (default False).

    Raises:
        InvalidArgument: An argument has an invalid value.
        TypeError: An argument has a wrong type.
        ValueError: An argument cannot be encoded.

    Example:
        >>> client = uservoice.Client("acme", api_key, api_secret)
        >>> client.get("/api/v1/users", {"per_page": 5})["users"]
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
        self.token: str = "" if oauth_token is None else oauth_token
        self.secret: str = "" if oauth_token_secret is None else oauth_token_secret
        self.callback = callback
        self.protocol = protocol
        self.uservoice_domain = uservoice_domain
        #: The origin of the site, such as ``"https://acme.uservoice.com"``.
        self.api_url: str = base_url or (
            f"{protocol or 'https'}://{subdomain_name}.{uservoice_domain or DEFAULT_DOMAIN}")
        self.request_token: Optional[Self] = None
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
    def from_environment(cls, **options: Unpack[NewClientOptions]) -> Self:
        """Creates a client from environment variables. Sends no request.

        Reads USERVOICE_SUBDOMAIN, USERVOICE_API_KEY and USERVOICE_API_SECRET, which are
        required, and USERVOICE_BASE_URL and USERVOICE_CA_FILE.

        Args:
            **options: As those of :class:`Client`; they take precedence.

        Returns:
            The client.

        Raises:
            ValueError: A required variable is not set or empty.
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
        client = NativeClient()
        call(lib.uservoice_client_new, c_string("subdomain_name", subdomain),
             c_string("api_key", self.api_key),
             c_string("api_secret", self.api_secret) if self.api_secret else ffi.NULL,
             options_json(options), client)
        set_log(client)
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

    def with_options(self, **options: Unpack[ClientOptions]) -> Self:
        """Returns a client with other options. Sends no request.

        It has the same acting user and shares this client's connections, unless an option
        changes how to connect.

        Args:
            **options: As those of :class:`Client`, from ``base_url`` on.

        Returns:
            The client, which is closed and cancelled independently of this one.

        Raises:
            InvalidArgument: An option has an invalid value.
            TypeError: An option is unknown or has a wrong type.
            ValueError: The client is closed.

        Example:
            >>> patient = client.with_options(timeout=120)
        """
        unknown = options.keys() - self._options.keys()
        if unknown:
            raise TypeError(f"unknown option: {', '.join(sorted(unknown))}")
        return self._copy(**options)

    def cancel(self) -> None:
        """Cancels all requests of this client, its collections and its exports, permanently.

        May be called from any thread and does not wait. The requests, and all later ones,
        raise :class:`Cancelled`. Clients created from this one are not affected.
        """
        self._handle.cancel()

    @property
    def is_closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._handle_or_none is None

    def close(self) -> None:
        """Releases the client's resources once requests of other threads have ended.

        Does not wait. Later requests raise ValueError. ``with`` calls it at the end.
        """
        self._handle_or_none = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 traceback: Optional[TracebackType]) -> None:
        self.close()


def has_suffix(host: str, domain: str) -> bool:
    """Returns whether a host is a domain or a subdomain of it."""
    return f".{host}".lower().endswith(f".{domain}".lower())
