"""Options of a client, as the library takes them."""
from __future__ import annotations

import datetime
import math
import os
from typing import Any, Mapping, Union

from ._json import encode

Seconds = Union[float, datetime.timedelta]

# The library's names where they are not ours: its times are in milliseconds.
MILLISECONDS = {
    "timeout": "timeout_ms",
    "connect_timeout": "connect_timeout_ms",
    "max_retry_wait": "max_retry_wait_ms",
}


def options_json(options: Mapping[str, Any]) -> bytes:
    given = {name: value for name, value in options.items() if value is not None}
    for ours, theirs in MILLISECONDS.items():
        if ours in given:
            given[theirs] = milliseconds(ours, given.pop(ours))
    if "ca_file" in given:
        given["ca_file"] = os.fspath(given["ca_file"])
    return encode("options", given)


def milliseconds(name: str, seconds: Seconds) -> int:
    if isinstance(seconds, datetime.timedelta):
        seconds = seconds.total_seconds()
    if not isinstance(seconds, (int, float)):
        raise TypeError(f"{name} must be a number of seconds, not {type(seconds).__name__}")
    if not math.isfinite(seconds):
        raise ValueError(f"{name} must be a number of seconds, not {seconds}")
    return round(seconds * 1000)
