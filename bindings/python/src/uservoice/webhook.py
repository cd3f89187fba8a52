"""Webhooks: requests that UserVoice sends to your application when something changes."""
from __future__ import annotations

import json
from typing import Any, NamedTuple, Union

from ._calls import call
from ._library import OutParam, c_string, lib
from .errors import signed

BytesLike = Union[bytes, bytearray, memoryview, str]


class Webhook(NamedTuple):
    """A verified webhook."""

    #: The event, such as ``"new_suggestion"``.
    event: str
    #: The decoded JSON, such as ``{"suggestion": {...}}``.
    data: Any

    def __repr__(self) -> str:
        return f"<uservoice.Webhook {self.event!r}>"  # data contains personal data


def read_webhook(sso_key: str, body: BytesLike) -> Webhook:
    """Verifies the body of a webhook request and returns its event and data.

    The signature covers the data, not the name of the event.
    Raises :class:`SignatureVerificationError` if the body is not a webhook that was signed
    with the site's SSO key.

    >>> event, data = uservoice.read_webhook(sso_key, request.body)
    """
    raw_body = to_bytes("body", body)
    webhook = OutParam("char")
    call(lib.uservoice_webhook_read, c_string("sso_key", sso_key), raw_body, len(raw_body),
         webhook)
    decoded = json.loads(webhook.to_str() or "")
    return Webhook(decoded["event"], decoded["data"])


def verify_webhook(sso_key: str, data: BytesLike, signature: str) -> None:
    """Verifies the form fields ``data`` and ``signature`` of a webhook request.

    Use it if a framework has decoded the form already. Raises
    :class:`SignatureVerificationError` if the data were not signed with the site's SSO key.
    """
    raw_data = to_bytes("data", data)
    call(lib.uservoice_webhook_verify, c_string("sso_key", sso_key), raw_data, len(raw_data),
         signed("signature", signature))


def sign_webhook(sso_key: str, data: BytesLike) -> str:
    """Returns the signature of webhook data, to test a program that receives webhooks."""
    raw_data = to_bytes("data", data)
    signature = OutParam("char")
    call(lib.uservoice_webhook_sign, c_string("sso_key", sso_key), raw_data, len(raw_data),
         signature)
    return signature.to_str() or ""


def to_bytes(name: str, value: BytesLike) -> bytes:
    if isinstance(value, str):
        # Lone surrogates make bytes that no signature matches.
        return value.encode(errors="surrogatepass")
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"{name} must be bytes or str, not {type(value).__name__}")
    return bytes(value)
