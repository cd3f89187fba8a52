"""Every way to a client that acts for somebody."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Optional
from urllib.parse import parse_qs, urlsplit

from ._calls import Handle, call
from ._json import encode
from ._library import Box, ffi, lib, string, text
from .errors import optional

if TYPE_CHECKING:
    from .client import Client


class CodeRequest(NamedTuple):
    """A login to the Admin API that has begun: keep it until the person comes back."""

    #: Where to send the person.
    url: str
    #: A secret that comes back with them. Compare it: it tells that they come from there.
    state: str
    #: A secret that login_with_code() needs.
    code_verifier: str

    def __repr__(self) -> str:
        return "<uservoice.CodeRequest>"  # the URL has the state in it


class Logins:
    """What a :class:`Client` can log in to, and how."""

    if TYPE_CHECKING:  # of the client
        request_token: Optional[Client]
        _token: Optional[Box]

        @property
        def _handle(self) -> Handle: ...

        @property
        def _acting_token(self) -> Any: ...

        def _call(self, function: Any, *arguments: Any) -> None: ...

        def _copy(self) -> Client: ...

    def get_request_token(self, callback: Optional[str] = None) -> Client:
        """Asks for a request token, the first step of a login by the person."""
        asking = self._handle
        if callback is not None:
            asking = asking.copy(encode("callback", {"callback": callback}))
        token = Box("uservoice_token")
        asking.call(lib.uservoice_request_token, token.out)
        return self._acting_as(token)

    def authorize_url(self, request_token: Optional[Client] = None) -> str:
        """The URL where the person is asked to allow the access.

        Gets a request token first where none is given, and leaves it in
        ``request_token``. Keep its ``token`` and ``secret`` where another thread or
        process may finish the login.
        """
        if request_token is None:
            request_token = self.request_token = self.get_request_token()
        url = Box("char")
        call(lib.uservoice_authorize_url, self._handle.box, request_token._acting_token, url.out)
        return url.text() or ""

    def login_with_verifier(self, verifier: str, request_token: Optional[Client] = None) -> Client:
        """The client of the person who allowed the access.

        ``verifier`` is ``oauth_verifier`` of the callback, or what the person read.
        ``request_token`` is what ``login_with_access_token()`` made of the two parts that
        were kept, where not this client asked for it.
        """
        asked = request_token or self.request_token
        if asked is None:
            raise ValueError("no request token: call authorize_url() first, or give the one "
                             "that was kept")
        token = Box("uservoice_token")
        self._call(lib.uservoice_login_with_verifier, asked._acting_token,
                   text("verifier", verifier), token.out)
        return self._acting_as(token)

    def login_with_access_token(self, token: str, secret: str) -> Client:
        """The client of a token whose two parts were kept. Sends nothing."""
        return self._acting_as(token_of(token, secret))

    def token_json(self) -> Optional[str]:
        """All that restores the token, as JSON to be kept as a secret; None without one.

        Of a token that renews itself, as it is now; ``token`` stays the first one.
        """
        if self._token is None:
            return None
        kept = Box("char")
        call(lib.uservoice_token_json, self._token, kept.out)
        return kept.text()

    def login_with_token_json(self, token_json: str) -> Client:
        """The client of a token that token_json() gave. Sends nothing."""
        return self._acting_as(restored(token_json))

    def login_as(self, email: str) -> Client:
        """The client of the user with that address, who is created if need be."""
        token = Box("uservoice_token")
        self._call(lib.uservoice_login_as, self._acting_token, text("email", email), token.out)
        return self._acting_as(token)

    def login_as_owner(self) -> Client:
        """The client of the site's owner."""
        token = Box("uservoice_token")
        self._call(lib.uservoice_login_as_owner, self._acting_token, token.out)
        return self._acting_as(token)

    # Logins to the Admin API (API v2)

    def login_with_client_credentials(self) -> Client:
        """The owner's client for the Admin API. Needs a trusted API key.

        When the service ends its token, any call or list renews it and goes on.
        """
        token = Box("uservoice_token")
        self._call(lib.uservoice_login_with_client_credentials, token.out)
        return self._acting_as(token)

    def login_with_password(self, email: str, password: str) -> Client:
        """The Admin API's client of the user with that address and password.

        The password is not kept: when the service ends the token, calls are
        :class:`Unauthorized`, unless it came with what renews it.
        """
        token = Box("uservoice_token")
        self._call(lib.uservoice_login_with_password, text("email", email),
                   text("password", password), token.out)
        return self._acting_as(token)

    def code_request(self, redirect_uri: str, state: Optional[str] = None) -> CodeRequest:
        """Begins a login to the Admin API by the person. Sends nothing.

        They come back to ``redirect_uri`` with ``code`` and ``state``, which is made up
        where none is given. No API secret is needed.
        """
        url, verifier = Box("char"), Box("char")
        call(lib.uservoice_authorize_code_url, self._handle.box,
             text("redirect_uri", redirect_uri),
             ffi.NULL if state is None else text("state", state), url.out, verifier.out)
        sent_to = url.text() or ""
        if state is None:
            state = parse_qs(urlsplit(sent_to).query)["state"][0]
        return CodeRequest(sent_to, state, verifier.text() or "")

    def login_with_code(self, code: str, code_verifier: str, redirect_uri: str) -> Client:
        """The Admin API's client of the person who came back with ``code``.

        ``code_verifier`` and ``redirect_uri`` are those of code_request(). When the service
        ends the token, calls are :class:`Unauthorized`, unless it came with what renews it.
        """
        token = Box("uservoice_token")
        self._call(lib.uservoice_login_with_code, text("code", code),
                   text("code_verifier", code_verifier), text("redirect_uri", redirect_uri),
                   token.out)
        return self._acting_as(token)

    def _acting_as(self, token: Optional[Box]) -> Client:
        other = self._copy()
        other._token = token
        other.token = string(lib.uservoice_token_value(token.held)) if token else ""
        # A bearer token has no secret.
        other.secret = (optional(lib.uservoice_token_secret(token.held)) or "") if token else ""
        return other


def token_of(token: str, secret: str) -> Box:
    made = Box("uservoice_token")
    call(lib.uservoice_token_new, text("token", token), text("secret", secret), made.out)
    return made


def restored(token_json: str) -> Box:
    token = Box("uservoice_token")
    call(lib.uservoice_token_from_json, text("token_json", token_json), token.out)
    return token
