"""Encodes arguments as JSON."""
from __future__ import annotations

import datetime
import json
from typing import Any

#: strftime() formats of a datetime in UTC: in parameters of the API, and in single sign-on.
API_DATETIME = "%Y-%m-%dT%H:%M:%SZ"
SSO_DATETIME = "%Y-%m-%d %H:%M:%S"


def encode(name: str, value: Any, datetime_format: str = API_DATETIME) -> bytes:
    """Encodes an argument as JSON; the errors contain the argument's name."""
    def default(part: Any) -> Any:
        if hasattr(part, "keys") and hasattr(part, "__getitem__"):  # such as email.message.Message
            return dict(part)
        if isinstance(part, datetime.datetime):
            if part.tzinfo is None:
                raise ValueError("a datetime must have a time zone, such as timezone.utc")
            return part.astimezone(datetime.timezone.utc).strftime(datetime_format)
        if isinstance(part, datetime.date):
            return part.isoformat()
        raise TypeError(f"{type(part).__name__} is not JSON serializable")

    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False,
                          default=default).encode()
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None
    except (ValueError, OverflowError) as error:  # OverflowError is astimezone()'s
        raise ValueError(f"{name}: {error}") from None
