"""What can go wrong."""
from __future__ import annotations

import json
from typing import Any, Dict, Optional, Type

from ._library import ffi, lib, string
from ._names import translated


class APIError(RuntimeError):
    """A call failed. Every error of a call is one; the subclasses say which.

    ``args[0]`` is the service's answer as a dict with ``"errors"``, as it always was in
    this module, or else the message.
    """

    #: The name of the library's status code, such as ``"NOT_FOUND"``.
    status: str = "API_ERROR"
    #: One line for a person, without secrets.
    message: str = ""
    #: The answer's HTTP status; None when there was no answer.
    status_code: Optional[int] = None
    #: UserVoice's own name for the error, such as ``"record_not_found"``.
    error_type: Optional[str] = None
    #: The answer's body as it came.
    body: Optional[str] = None
    #: Seconds that the service asks to wait before the next try.
    retry_after: Optional[float] = None
    #: Whether the call reached the service, which decides whether a write may be tried
    #: again: ``"not sent"``, ``"unknown"`` or ``"answered"``.
    outcome: str = "unknown"

    def __str__(self) -> str:
        return self.message or super().__str__()

    def __repr__(self) -> str:
        if not self.message:  # made by a program, not by a call
            return super().__repr__()
        # The HTTP status is in it. Not args[0]: the service's answer may hold secrets.
        return f"<uservoice.{type(self).__name__}: {self.message}>"


class Unauthorized(APIError):
    """The service refuses the key, the signature or the user."""


class NotFound(APIError):
    """There is no such record, or no such path."""


class RateLimitExceeded(APIError):
    """Too many calls (HTTP 429), after the retries that the options allow."""


class ApplicationError(APIError):
    """The service failed (HTTP 5xx)."""


class TransportError(APIError, ConnectionError):
    """No complete answer came: name lookup, connection, TLS, reset."""


class Timeout(APIError, TimeoutError):
    """A time limit of the options passed."""


class Cancelled(APIError):
    """``cancel()`` of the client was called."""


class BadResponse(APIError):
    """The answer is not what it should be: not JSON, too large, not a list."""


class InvalidArgument(APIError, ValueError):
    """The caller's mistake; nothing was sent. The message names the argument."""


class FileError(APIError, OSError):
    """A file or directory of an export cannot be read, written or used."""


class InternalError(APIError):
    """A bug of the library. Please report it with the message."""


#: The exception for each status code of uservoice.h but OK.
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


def exception(error: Any) -> APIError:
    """The exception for a uservoice_error."""
    status = string(lib.uservoice_status_name(lib.uservoice_error_status(error)))
    kind = BY_STATUS.get(status, APIError)
    message = string(lib.uservoice_error_message(error))
    if kind is InvalidArgument:
        message = translated(message)
    error_type = optional(lib.uservoice_error_type(error))
    body = optional(lib.uservoice_error_body(error))
    made = kind(answer(kind, error_type, body) or message)
    made.status = status
    made.message = message
    made.status_code = lib.uservoice_error_http_status(error) or None
    made.error_type = error_type
    made.body = body
    milliseconds = lib.uservoice_error_retry_after_ms(error)
    made.retry_after = None if milliseconds < 0 else milliseconds / 1000
    made.outcome = OUTCOMES[lib.uservoice_error_outcome(error)]
    return made


def optional(text: Any) -> Optional[str]:
    return None if text == ffi.NULL else string(text)


def answer(kind: Type[APIError], error_type: Optional[str],
           body: Optional[str]) -> Optional[Dict[str, Any]]:
    """The dict that programs look into as ``error.args[0]["errors"]["type"]``."""
    try:
        decoded = json.loads(body or "")
    except ValueError:
        decoded = None
    if isinstance(decoded, dict) and isinstance(decoded.get("errors"), dict):
        return decoded
    # The old module gave these two whatever the body was.
    usual = {NotFound: "record_not_found", RateLimitExceeded: "rate_limit_exceeded"}
    type_name = error_type or usual.get(kind)
    return {"errors": {"type": type_name}} if type_name else None
