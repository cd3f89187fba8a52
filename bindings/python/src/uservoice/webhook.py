"""Web hooks: what the site sends to a program of yours when something changes."""
from __future__ import annotations

import json
from typing import Any, NamedTuple, Union

from ._calls import call
from ._library import Box, lib, text

Octets = Union[bytes, bytearray, memoryview, str]


class Webhook(NamedTuple):
    """What happened, and to what."""

    #: Such as ``"new_suggestion"``.
    event: str
    #: The decoded JSON, such as ``{"suggestion": {...}}``.
    data: Any

    def __repr__(self) -> str:
        return f"<uservoice.Webhook {self.event!r}>"  # the data are of persons


def read_webhook(sso_key: str, body: Octets) -> Webhook:
    """Reads a delivery, the body of the request as it came.

    One that was not signed with the site's SSO key is a :class:`ValueError`.

    >>> event, data = uservoice.read_webhook(sso_key, request.body)
    """
    form = octets("body", body)
    delivery = Box("char")
    call(lib.uservoice_webhook_read, text("sso_key", sso_key), form, len(form), delivery.out)
    decoded = json.loads(delivery.text() or "")
    return Webhook(decoded["event"], decoded["data"])


def verify_webhook(sso_key: str, data: Octets, signature: str) -> None:
    """Checks the fields ``data`` and ``signature`` of a form that is decoded already.

    Data that were not signed with the site's SSO key are a :class:`ValueError`.
    """
    signed = octets("data", data)
    call(lib.uservoice_webhook_verify, text("sso_key", sso_key), signed, len(signed),
         text("signature", signature))


def octets(name: str, value: Octets) -> bytes:
    if isinstance(value, str):
        return value.encode(errors="surrogatepass")  # a signature does not fit that
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"{name} must be bytes or str, not {type(value).__name__}")
    return bytes(value)
