"""The exceptions."""
from __future__ import annotations

import json
from typing import Any, Dict, Optional, Type

from ._library import lib, to_optional_str, to_str


class APIError(RuntimeError):
    """The base class of all exceptions that report a failed operation.

    As in the old module, ``args[0]`` is the response body as a dict if it has
    ``"errors"``, otherwise the message.
    """

    #: The name of the library's status code, such as ``"NOT_FOUND"``.
    status: str = "API_ERROR"
    #: One line for a person. Contains no secrets.
    message: str = ""
    #: The HTTP status of the response; None if there was no response.
    status_code: Optional[int] = None
    #: The error type in the response, such as ``"record_not_found"``.
    error_type: Optional[str] = None
    #: The response body, unchanged.
    body: Optional[str] = None
    #: How many seconds the service asks to wait before a retry.
    retry_after: Optional[float] = None
    #: Whether the request reached the service: ``"not sent"``, ``"unknown"`` or
    #: ``"answered"``. A write may be repeated safely only if it was not sent.
    outcome: str = "unknown"

    def __str__(self) -> str:
        return self.message or super().__str__()

    def __repr__(self) -> str:
        if not self.message:  # raised by a program, not by this package
            return super().__repr__()
        # args[0] is left out, because the response may contain secrets.
        return f"<uservoice.{type(self).__name__}: {self.message}>"


class Unauthorized(APIError):
    """The service rejected the API key, the signature or the acting user (HTTP 401, 403)."""


class NotFound(APIError):
    """The record or path does not exist (HTTP 404)."""


class RateLimitExceeded(APIError):
    """Too many requests (HTTP 429), after all permitted retries."""


class ApplicationError(APIError):
    """The service failed (HTTP 5xx)."""


class TransportError(APIError, ConnectionError):
    """No complete response: name lookup, connection, TLS or reset."""


class Timeout(APIError, TimeoutError):
    """A timeout of the options expired."""


class Cancelled(APIError):
    """The client's ``cancel()`` was called."""


class BadResponse(APIError):
    """The response is malformed: not JSON, too large, not a collection."""


class InvalidArgument(APIError, ValueError):
    """An argument is invalid, and nothing was sent. The message names the argument."""


class FileError(APIError, OSError):
    """A file or directory of an export cannot be read, written or used."""


class InternalError(APIError):
    """A bug in the library. Please report it with the message."""


#: The exception for each status code of uservoice.h except USERVOICE_OK.
BY_STATUS: Dict[str, Type[APIError]] = {
    "INVALID_ARGUMENT": InvalidArgument,
    "UNAUTHORIZED": Unauthorized,
    "NOT_FOUND": NotFound,
    "RATE_LIMITED": RateLimitExceeded,
    "APPLICATION_ERROR": ApplicationError,
    "API_ERROR": APIError,
    "TRANSPORT": TransportError,
    "TIMEOUT": Timeout,
    "CANCELLED": Cancelled,
    "BAD_RESPONSE": BadResponse,
    "FILE_ERROR": FileError,
    "INTERNAL": InternalError,
}
OUTCOMES = ("not sent", "unknown", "answered")


def from_native(native: Any) -> APIError:
    """Creates the exception for a ``uservoice_error``."""
    status = to_str(lib.uservoice_status_name(lib.uservoice_error_status(native)))
    exception_class = BY_STATUS.get(status, APIError)
    message = to_str(lib.uservoice_error_message(native))
    error_type = to_optional_str(lib.uservoice_error_type(native))
    body = to_optional_str(lib.uservoice_error_body(native))
    error = exception_class(legacy_argument(exception_class, error_type, body) or message)
    error.status = status
    error.message = message
    error.status_code = lib.uservoice_error_http_status(native) or None
    error.error_type = error_type
    error.body = body
    milliseconds = lib.uservoice_error_retry_after_ms(native)
    error.retry_after = None if milliseconds < 0 else milliseconds / 1000
    error.outcome = OUTCOMES[lib.uservoice_error_outcome(native)]
    return error


def legacy_argument(exception_class: Type[APIError], error_type: Optional[str],
                    body: Optional[str]) -> Optional[Dict[str, Any]]:
    """Returns what the old module passed to its exceptions: ``{"errors": {"type": ...}}``."""
    try:
        decoded = json.loads(body or "")
    except ValueError:
        decoded = None
    if isinstance(decoded, dict) and isinstance(decoded.get("errors"), dict):
        return decoded
    # For these two the old module ignored the body.
    defaults = {NotFound: "record_not_found", RateLimitExceeded: "rate_limit_exceeded"}
    type_name = error_type or defaults.get(exception_class)
    return {"errors": {"type": type_name}} if type_name else None
