"""Arguments as JSON."""
from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

#: A moment as the API takes it, and as single sign-on does; both in GMT.
API_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
SSO_MOMENT = "%Y-%m-%d %H:%M:%S"


def encode(name: str, value: Any, moment: str = API_MOMENT) -> bytes:
    """The JSON of an argument; what is wrong with it is told with its name."""
    def plain(part: Any) -> Any:
        if isinstance(part, Mapping):
            return dict(part)
        if isinstance(part, datetime.datetime):
            if part.tzinfo is None:
                raise ValueError("a datetime needs a time zone, such as timezone.utc")
            return part.astimezone(datetime.timezone.utc).strftime(moment)
        if isinstance(part, datetime.date):
            return part.isoformat()
        raise TypeError(f"{type(part).__name__} has no form in JSON")

    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False,
                          default=plain).encode()
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
