"""The exceptions."""
from __future__ import annotations

import json
from typing import Any, Dict, Optional, Tuple, Type

from ._library import OutParam, c_string, lib, to_optional_str, to_str


class APIError(RuntimeError):
    """The base class of all exceptions that report a failed operation.

    Error responses without a class of their own, such as HTTP 422, raise it directly. As in
    uservoice 0.0.25, ``args[0]`` is a dict such as ``{"errors": {"type": "record_invalid"}}``,
    or the message if the error has no type.
    """

    status: str = "API_ERROR"
    """The name of the library's status code, such as ``"NOT_FOUND"``."""
    message: str = ""
    """One line for a person. Contains no secrets."""
    request: Optional[str] = None
    """The request that failed, without its query, such as ``"GET /api/v1/forums/9"``."""
    status_code: Optional[int] = None
    """The HTTP status of the response; None if there was no response."""
    error_type: Optional[str] = None
    """The error type in the response, such as ``"record_not_found"``."""
    body: Optional[str] = None
    """The response body, unchanged."""
    retry_after: Optional[float] = None
    """How many seconds the service asks to wait before a retry."""
    outcome: str = "unknown"
    """What is known about the request.

    ``"not sent"``; ``"unknown"``, it was sent at least in part, so that a write may have been
    done; or ``"answered"``, there is a response.
    """
    argument: Optional[str] = None
    """The invalid argument of an :class:`InvalidArgument`, as the library calls it.

    Such as ``"path"`` or ``"options.timeout_ms"``.
    """

    _native: Optional[OutParam] = None

    def header(self, name: str) -> Optional[str]:
        """Returns a header of the response.

        The headers are not pickled with the exception.

        Args:
            name: Such as ``"X-Request-Id"``, in any case.

        Returns:
            The value; None if there is no such header or no response.
        """
        encoded = c_string("name", name)
        if self._native is None:
            return None
        return to_optional_str(lib.uservoice_error_header(self._native.pointer, encoded))

    def __reduce__(self) -> Tuple[Any, ...]:
        state = {name: value for name, value in vars(self).items() if name != "_native"}
        return type(self), self.args, state

    def __str__(self) -> str:
        return self.message or super().__str__()

    def __repr__(self) -> str:
        if not self.message:  # raised by a program, not by this package
            return super().__repr__()
        # args[0] is left out, because the response may contain secrets.
        return f"<uservoice.{type(self).__name__}: {self.message}>"


class Unauthorized(APIError):
    """The service rejected the API key, the signature, the acting user or a login.

    The response was HTTP 401 or 403, or HTTP 400 for a login of the Admin API.
    """


class NotFound(APIError):
    """The record or path does not exist (HTTP 404)."""


class RateLimitExceeded(APIError):
    """Too many requests (HTTP 429), after all permitted retries."""


class ApplicationError(APIError):
    """The service failed (HTTP 5xx)."""


class TransportError(APIError, ConnectionError):
    """There was no complete response: the connection failed or was closed."""


class Timeout(APIError, TimeoutError):
    """A timeout of the options expired."""


class Cancelled(APIError):
    """The client's ``cancel()`` was called."""


class BadResponse(APIError):
    """The response cannot be used: it is not JSON, too large, or not a collection."""


class UnknownLength(BadResponse, TypeError):
    """The ``len()`` of a collection whose number of records the service does not report.

    It is a TypeError, so that ``list(collection)`` reads the records without their number.
    """


class InvalidArgument(APIError, ValueError):
    """An argument is invalid, and nothing was sent. See ``argument``."""


class SignatureVerificationError(APIError, ValueError):
    """A single sign-on token, JWT or webhook is forged, malformed or expired."""


class FileError(APIError, OSError):
    """A file or directory of an export cannot be read, written or used."""


class InternalError(APIError):
    """A bug in the library. Please report it with the message."""


#: The exception for each status code of uservoice.h except USERVOICE_OK.
BY_STATUS: Dict[str, Type[APIError]] = {
    "INVALID_ARGUMENT": InvalidArgument,
    "NOT_VERIFIED": SignatureVerificationError,
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
OUTCOMES: Dict[int, str] = {
    lib.USERVOICE_OUTCOME_NOT_SENT: "not sent",
    lib.USERVOICE_OUTCOME_UNKNOWN: "unknown",
    lib.USERVOICE_OUTCOME_ANSWERED: "answered",
}


def untrusted_c_string(name: str, value: str, status: str) -> bytes:
    """Encodes what a person entered or a stranger sent.

    What cannot be encoded does not verify, or is rejected like a wrong password; it is no
    mistake of the program.
    """
    try:
        return c_string(name, value)
    except ValueError as cause:
        error = BY_STATUS[status](str(cause))
        error.status, error.message, error.outcome = status, str(cause), "not sent"
        raise error from None


def credential(name: str, value: str) -> bytes:
    """Encodes what a person entered to log in."""
    return untrusted_c_string(name, value, "UNAUTHORIZED")


def signed(name: str, value: str) -> bytes:
    """Encodes a token or signature that a stranger sent."""
    return untrusted_c_string(name, value, "NOT_VERIFIED")


def from_native(native: OutParam) -> APIError:
    """Creates the exception for a ``uservoice_error``."""
    pointer = native.pointer
    status = to_str(lib.uservoice_status_name(lib.uservoice_error_status(pointer)))
    exception_class = BY_STATUS.get(status, APIError)
    message = to_str(lib.uservoice_error_message(pointer))
    error_type = to_optional_str(lib.uservoice_error_type(pointer))
    body = to_optional_str(lib.uservoice_error_body(pointer))
    retry_after_ms = lib.uservoice_error_retry_after_ms(pointer)
    error = exception_class(legacy_argument(exception_class, error_type, body) or message)
    error.status = status
    error.message = message
    error.request = to_optional_str(lib.uservoice_error_request(pointer))
    error.status_code = lib.uservoice_error_http_status(pointer) or None
    error.error_type = error_type
    error.body = body
    error.retry_after = None if retry_after_ms < 0 else retry_after_ms / 1000
    error.outcome = OUTCOMES[lib.uservoice_error_outcome(pointer)]
    error.argument = to_optional_str(lib.uservoice_error_argument(pointer))
    error._native = native
    return error


def legacy_argument(exception_class: Type[APIError], error_type: Optional[str],
                    body: Optional[str]) -> Optional[Dict[str, Any]]:
    """Returns what the old module passed to its exceptions: ``{"errors": {"type": ...}}``."""
    try:
        decoded = json.loads(body or "")
    except (ValueError, RecursionError):  # not JSON, or nested too deep
        decoded = None
    if isinstance(decoded, dict) and isinstance(decoded.get("errors"), dict):
        return decoded
    # For these two the old module ignored the body.
    defaults = {NotFound: "record_not_found", RateLimitExceeded: "rate_limit_exceeded"}
    type_name = error_type or defaults.get(exception_class)
    return {"errors": {"type": type_name}} if type_name else None
