"""Encodes the options of a client."""
from __future__ import annotations

import datetime
import os
from typing import Any, Dict, Mapping, Optional, TypedDict, Union

from ._json import encode
from ._library import path_str

Seconds = Union[float, datetime.timedelta]


class ClientOptions(TypedDict, total=False):
    """The options that with_options() replaces; the class Client describes them."""

    base_url: Optional[str]
    timeout: Optional[Seconds]
    connect_timeout: Optional[Seconds]
    max_retries: Optional[int]
    max_retry_wait: Optional[Seconds]
    max_idle_connections: Optional[int]
    prefetch_pages: Optional[int]
    per_page: Optional[int]
    max_request_bytes: Optional[int]
    max_response_bytes: Optional[int]
    ca_file: Optional[Union[str, os.PathLike[str]]]
    proxy: Optional[str]
    user_agent: Optional[str]
    allow_insecure: Optional[bool]


class NewClientOptions(ClientOptions, total=False):
    """The options of a new client."""

    oauth_token: Optional[str]
    oauth_token_secret: Optional[str]
    callback: Optional[str]
    protocol: Optional[str]
    uservoice_domain: Optional[str]


#: The options that are seconds here and milliseconds in the library.
MILLISECONDS: Dict[str, str] = {
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
        values["ca_file"] = path_str("ca_file", values["ca_file"])
    return encode("options", values)


def milliseconds(name: str, value: Seconds) -> int:
    if isinstance(value, datetime.timedelta):
        value = value.total_seconds()
    return round(seconds(name, value) * 1000)


def seconds(name: str, value: float) -> float:
    """Returns a number of seconds, after checking its type and that it is finite."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if not abs(value) < 2**63:  # also rejects NaN
        raise ValueError(f"{name} must be a number of seconds, not {value}")
    return value
