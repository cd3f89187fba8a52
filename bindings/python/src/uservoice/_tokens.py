"""The access token of a client: how it is stored and restored."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from ._calls import call
from ._library import OutParam, c_string, lib, to_optional_str, to_str
from ._state import ClientState

if TYPE_CHECKING:
    from typing_extensions import Self


class Tokens(ClientState):
    """The methods of a client that store and restore its access token."""

    token: str
    """The access token; "" if the API key alone authenticates requests."""
    secret: str
    """The secret of the access token; "" for a bearer token."""

    def login_with_access_token(self, token: str, secret: str) -> Self:
        """Returns a client that uses a stored access token. Sends no request.

        Args:
            token: The attribute ``token`` of a client.
            secret: Its attribute ``secret``.

        Returns:
            A client that acts for the user of the token and shares this client's connections.

        Raises:
            InvalidArgument: ``token`` is empty.
            ValueError: The client is closed, or an argument cannot be encoded.
        """
        return self._with_token(create_token(token, secret))

    def token_json(self) -> Optional[str]:
        """Returns the access token as JSON, to be stored as a secret. Sends no request.

        If the token was refreshed, this is the current one, whereas ``token`` is the first.

        Returns:
            What :meth:`login_with_token_json` needs; None if the client has no token.
        """
        if self._token is None:
            return None
        token_json = OutParam("char")
        call(lib.uservoice_token_json, self._token, token_json)
        return token_json.to_str()

    def login_with_token_json(self, token_json: str) -> Self:
        """Returns a client that uses a token stored by :meth:`token_json`. Sends no request.

        Args:
            token_json: The result of :meth:`token_json`, also of another process.

        Returns:
            A client that shares this client's connections.

        Raises:
            InvalidArgument: ``token_json`` is not such a result.
            ValueError: The client is closed.
        """
        return self._with_token(decode_token(token_json))

    def _with_token(self, token: OutParam) -> Self:
        copy = self._copy()
        copy._token = token
        copy.token = to_str(lib.uservoice_token_value(token.pointer))
        copy.secret = to_optional_str(lib.uservoice_token_secret(token.pointer)) or ""
        return copy

    def _log_in(self, function: Any, *arguments: Any) -> Self:
        """Calls a function that requests a token, and returns a client with that token."""
        token = OutParam("uservoice_token")
        self._handle.call(function, *arguments, token)
        return self._with_token(token)


def create_token(token: str, secret: str) -> OutParam:
    created = OutParam("uservoice_token")
    call(lib.uservoice_token_new, c_string("token", token), c_string("secret", secret),
         created)
    return created


def decode_token(token_json: str) -> OutParam:
    token = OutParam("uservoice_token")
    call(lib.uservoice_token_from_json, c_string("token_json", token_json), token)
    return token
