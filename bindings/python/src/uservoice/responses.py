"""What methods of a client return."""
from __future__ import annotations

import json
from typing import Any, Dict, NamedTuple, Optional

from ._library import OutParam


class Response(NamedTuple):
    """The response to :meth:`Client.send`."""

    status_code: int
    """The HTTP status code."""
    headers: Dict[str, Any]
    """The values by header name in lower case."""
    body: Any
    """The decoded JSON; a str if the body is not JSON, None if it is empty."""

    def header(self, name: str) -> Optional[str]:
        """Returns a header of the response.

        Args:
            name: Such as ``"X-Request-Id"``, in any case.

        Returns:
            The value; None if there is no such header.
        """
        return self.headers.get(name.lower())

    def __repr__(self) -> str:
        return f"<uservoice.Response {self.status_code}>"  # the rest may contain secrets


class AuthorizationRequest(NamedTuple):
    """An authorization request of the Admin API. Store it until the user is redirected back."""

    url: str
    """The URL to send the user to."""
    state: str
    """A secret that must equal the parameter ``state`` of the redirect."""
    code_verifier: str
    """A secret that :meth:`Client.login_with_code` needs."""

    def __repr__(self) -> str:
        return "<uservoice.AuthorizationRequest>"  # the URL contains the state


def decode_response(response: OutParam) -> Response:
    """Decodes the response that the library returned as JSON."""
    decoded = json.loads(response.to_str() or "")
    return Response(decoded["status"], decoded["headers"], decoded["body"])
