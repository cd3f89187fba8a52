"""Webhooks: requests that UserVoice sends to your application when something changes."""
from __future__ import annotations

import json
from typing import Any, NamedTuple, Union

from ._calls import call
from ._library import OutParam, c_string, lib
from .errors import signed

BytesLike = Union[bytes, bytearray, memoryview, str]


class Webhook(NamedTuple):
    """A verified webhook, as :func:`read_webhook` returns it."""

    event: str
    """The event, such as ``"new_suggestion"``. The signature does not cover it."""
    data: Any
    """The decoded JSON, such as ``{"suggestion": {...}}``."""

    def __repr__(self) -> str:
        return f"<uservoice.Webhook {self.event!r}>"  # data contains personal data


def read_webhook(sso_key: str, body: BytesLike) -> Webhook:
    """Verifies the body of a webhook request and decodes it.

    Args:
        sso_key: The site's SSO key, from the Admin Console.
        body: The form as it was received; a str is encoded as UTF-8.

    Returns:
        The event and its data. The signature covers the data only.

    Raises:
        SignatureVerificationError: The body is not a webhook that was signed with this key.
        InvalidArgument: The SSO key is empty.

    Example:
        >>> event, data = uservoice.read_webhook(sso_key, request.body)
    """
    raw_body = to_bytes("body", body)
    webhook = OutParam("char")
    call(lib.uservoice_webhook_read, c_string("sso_key", sso_key), raw_body, len(raw_body),
         webhook)
    decoded = json.loads(webhook.to_str() or "")
    return Webhook(decoded["event"], decoded["data"])


def verify_webhook(sso_key: str, data: BytesLike, signature: str) -> None:
    """Verifies a webhook request whose form a framework has decoded already.

    Args:
        sso_key: The site's SSO key.
        data: The form field ``data``.
        signature: The form field ``signature``.

    Raises:
        SignatureVerificationError: The data were not signed with this key.
        InvalidArgument: The SSO key is empty.
    """
    raw_data = to_bytes("data", data)
    call(lib.uservoice_webhook_verify, c_string("sso_key", sso_key), raw_data, len(raw_data),
         signed("signature", signature))


def sign_webhook(sso_key: str, data: BytesLike) -> str:
    """Signs webhook data, to test a program that receives webhooks.

    Args:
        sso_key: The key to sign with.
        data: What the form field ``data`` will contain.

    Returns:
        The form field ``signature``, hexadecimal.

    Raises:
        InvalidArgument: The SSO key is empty.
    """
    raw_data = to_bytes("data", data)
    signature = OutParam("char")
    call(lib.uservoice_webhook_sign, c_string("sso_key", sso_key), raw_data, len(raw_data),
         signature)
    return signature.to_str() or ""


def to_bytes(name: str, value: BytesLike) -> bytes:
    """Returns the bytes of an argument; the errors contain its name."""
    if isinstance(value, str):
        # Lone surrogates make bytes that no signature matches.
        return value.encode(errors="surrogatepass")
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"{name} must be bytes or str, not {type(value).__name__}")
    return bytes(value)
