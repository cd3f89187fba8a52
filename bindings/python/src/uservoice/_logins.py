"""The logins of a client: OAuth 1.0a and OAuth 2."""
from __future__ import annotations

from typing import TYPE_CHECKING, Optional
from urllib.parse import parse_qs, urlsplit

from ._calls import call
from ._json import encode
from ._library import OutParam, c_string, lib, optional_c_string
from ._tokens import Tokens
from .errors import credential
from .responses import AuthorizationRequest

if TYPE_CHECKING:
    from typing_extensions import Self


class Logins(Tokens):
    """The methods of a client that return a client acting for a user."""

    request_token: Optional[Self]
    """The client with the request token of the last :meth:`authorize_url` without one."""

    # OAuth 1.0a

    def get_request_token(self, callback: Optional[str] = None) -> Self:
        """Obtains a request token, the first step of a three-legged login. Blocks.

        Args:
            callback: The URL to which the service redirects the user, instead of the option
                ``callback``.

        Returns:
            A client whose ``token`` and ``secret`` are the request token.

        Raises:
            Unauthorized: The service rejected the API key or its signature.
            InvalidArgument: ``callback`` is not a URL.
            APIError: The request failed in another way.
        """
        if callback is None:
            return self._log_in(lib.uservoice_request_token)
        token = OutParam("uservoice_token")
        self._handle.with_options(encode("callback", {"callback": callback})).call(
            lib.uservoice_request_token, token)
        return self._with_token(token)

    def authorize_url(self, request_token: Optional[Self] = None) -> str:
        """Returns the URL where the user is asked to allow the access.

        If another thread or process may complete the login, pass a ``request_token`` and
        store its :meth:`token_json`.

        Args:
            request_token: The result of :meth:`get_request_token`. Without it a new one is
                obtained, which blocks, and assigned to the attribute ``request_token``.

        Returns:
            The URL, to redirect the user to.

        Raises:
            APIError: The request token could not be obtained.
            ValueError: ``request_token`` is a client without a token.
        """
        if request_token is None:
            request_token = self.request_token = self.get_request_token()
        url = OutParam("char")
        call(lib.uservoice_authorize_url, self._handle.client, token_of(request_token), url)
        return url.to_str() or ""

    def login_with_verifier(self, verifier: str, request_token: Optional[Self] = None) -> Self:
        """Completes a three-legged login. Blocks.

        Args:
            verifier: The parameter ``oauth_verifier`` of the callback, or what the user
                entered.
            request_token: The client that :meth:`get_request_token` returned, or that
                :meth:`login_with_token_json` restored. The default is the attribute
                ``request_token``.

        Returns:
            A client that acts for the user.

        Raises:
            Unauthorized: The verifier is wrong, or the request token was used or has expired.
            ValueError: There is no request token.
            APIError: The request failed in another way.
        """
        if request_token is None:
            request_token = self.request_token
        if request_token is None:
            raise ValueError("no request token: call authorize_url() first, or pass the one "
                             "that you stored")
        return self._log_in(lib.uservoice_login_with_verifier, token_of(request_token),
                            credential("verifier", verifier))

    def login_as(self, email: str) -> Self:
        """Logs in as the user with an email address, who is created if necessary. Blocks.

        Requires a trusted API key.

        Args:
            email: The email address.

        Returns:
            A client that acts for the user.

        Raises:
            Unauthorized: The API key is not trusted, or the service rejected the address.
            APIError: The request failed in another way.
        """
        return self._log_in(lib.uservoice_login_as, self._token_or_null, credential("email", email))

    def login_as_owner(self) -> Self:
        """Logs in as the owner of the site. Requires a trusted API key. Blocks.

        Returns:
            A client that acts for the owner.

        Raises:
            Unauthorized: The API key is not trusted.
            APIError: The request failed in another way.
        """
        return self._log_in(lib.uservoice_login_as_owner, self._token_or_null)

    # OAuth 2, for the Admin API (API v2)

    def login_with_client_credentials(self) -> Self:
        """Logs in to the Admin API as the owner of the site. Blocks.

        Requires a trusted API key. The token is refreshed when it expires.

        Returns:
            A client that acts for the owner.

        Raises:
            Unauthorized: The service rejected the API key or secret.
            APIError: The request failed in another way.
        """
        return self._log_in(lib.uservoice_login_with_client_credentials)

    def login_with_password(self, email: str, password: str) -> Self:
        """Logs in to the Admin API as the user with a password. Blocks.

        The password is not stored. When the token expires, requests raise
        :class:`Unauthorized`, unless the service issued a refresh token.

        Args:
            email: The user's email address.
            password: The user's password.

        Returns:
            A client that acts for the user.

        Raises:
            Unauthorized: The address or the password is wrong.
            APIError: The request failed in another way.
        """
        return self._log_in(lib.uservoice_login_with_password, credential("email", email),
                            credential("password", password))

    def authorization_request(self, redirect_uri: str,
                              state: Optional[str] = None) -> AuthorizationRequest:
        """Creates an authorization request for the Admin API. Sends no request.

        The user signs in at its URL and is redirected to ``redirect_uri`` with the
        parameters ``code`` and ``state``. No API secret is needed.

        Args:
            redirect_uri: A URL of your application.
            state: A secret of this login; by default a random one.

        Returns:
            The URL, and the secrets to store until the redirect.

        Raises:
            InvalidArgument: An argument is not valid, such as an empty ``redirect_uri``.
        """
        url, code_verifier = OutParam("char"), OutParam("char")
        call(lib.uservoice_authorize_code_url, self._handle.client,
             c_string("redirect_uri", redirect_uri), optional_c_string("state", state),
             url, code_verifier)
        authorize_url = url.to_str() or ""
        if state is None:
            state = parse_qs(urlsplit(authorize_url).query)["state"][0]
        return AuthorizationRequest(authorize_url, state, code_verifier.to_str() or "")

    def login_with_code(self, code: str, code_verifier: Optional[str], redirect_uri: str) -> Self:
        """Logs in to the Admin API as the user who signed in. Blocks.

        When the token expires, requests raise :class:`Unauthorized`, unless the service
        issued a refresh token.

        Args:
            code: The parameter ``code`` of the redirect.
            code_verifier: That of :meth:`authorization_request`; None if the authorization
                request was made elsewhere, without PKCE.
            redirect_uri: The URL that was passed to :meth:`authorization_request`.

        Returns:
            A client that acts for the user.

        Raises:
            Unauthorized: The code is wrong, was used or has expired, or another argument
                differs from that of the authorization request.
            APIError: The request failed in another way.
        """
        return self._log_in(lib.uservoice_login_with_code, credential("code", code),
                            optional_c_string("code_verifier", code_verifier),
                            c_string("redirect_uri", redirect_uri))


def token_of(request_token: Tokens) -> OutParam:
    """Returns the token of a client that get_request_token() returned."""
    if not isinstance(request_token, Tokens):
        raise TypeError(f"request_token must be a Client, not {type(request_token).__name__}")
    if request_token._token is None:
        raise ValueError("request_token must be a client that get_request_token() returned, "
                         "or that login_with_token_json() restored")
    return request_token._token
