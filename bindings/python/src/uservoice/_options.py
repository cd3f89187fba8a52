"""Encodes the options of a client."""
from __future__ import annotations

import datetime
import math
import os
from typing import Any, Mapping, Union

from ._json import encode

Seconds = Union[float, datetime.timedelta]

#: The options that are seconds here and milliseconds in the library.
MILLISECONDS = {
    "timeout": "timeout_ms",
    "connect_timeout": "connect_timeout_ms",
    "max_retry_wait": "max_retry_wait_ms",
}


def options_json(options: Mapping[str, Any]) -> bytes:
    """Encodes the options that are not None."""
    values = {name: value for name, value in options.items() if value is not None}
    for name, name_in_library in MILLISECONDS.items():
        if name in values:
            values[name_in_library] = milliseconds(name, values.pop(name))
    if "ca_file" in values:
        values["ca_file"] = os.fspath(values["ca_file"])
    return encode("options", values)


def milliseconds(name: str, seconds: Seconds) -> int:
    if isinstance(seconds, datetime.timedelta):
        seconds = seconds.total_seconds()
    if not isinstance(seconds, (int, float)):
        raise TypeError(f"{name} must be a number of seconds or a timedelta, "
                        f"not {type(seconds).__name__}")
    if not math.isfinite(seconds):
        raise ValueError(f"{name} must be a number of seconds, not {seconds}")
    return round(seconds * 1000)
