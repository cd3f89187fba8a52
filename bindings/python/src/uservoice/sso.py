"""Single sign-on tokens."""
from __future__ import annotations

import datetime
import json
from typing import Any, Dict, Mapping

from ._calls import call
from ._json import SSO_MOMENT, encode
from ._library import Box, lib, text


def generate_sso_token(subdomain_name: str, sso_key: str, user_attributes: Mapping[str, Any],
                       valid_for: int = 300) -> str:
    """Makes a token that logs the user in, ready to stand in a URL.

    ``https://SUBDOMAIN.uservoice.com/?sso=TOKEN``. The attributes are ``guid``, ``email``,
    ``display_name``, ``trusted`` and so on; ``expires`` is added where it is missing, so
    many seconds from now. Sends nothing.
    """
    token = Box("char")
    call(lib.uservoice_sso_token, text("subdomain_name", subdomain_name), text("sso_key", sso_key),
         encode("user_attributes", user_attributes, SSO_MOMENT), validity(valid_for), token.out)
    return token.text() or ""


def decrypt_sso_token(subdomain_name: str, sso_key: str, token: str) -> Dict[str, Any]:
    """The attributes of the user that a token was made for.

    ``expires`` is among them and is not checked. A token that was made with another key
    is a :class:`ValueError`.
    """
    user = Box("char")
    call(lib.uservoice_sso_decrypt, text("subdomain_name", subdomain_name),
         text("sso_key", sso_key), text("token", token), user.out)
    attributes: Dict[str, Any] = json.loads(user.text() or "")
    return attributes


def generate_sso_jwt(sso_key: str, user_attributes: Mapping[str, Any],
                     valid_for: int = 300) -> str:
    """As :func:`generate_sso_token`, but a JSON Web Token, which today's sites take.

    ``guid`` and ``email`` must be among the attributes; ``exp`` is added where there is
    neither that nor ``expires``. Either may be a ``datetime`` with a time zone. Sends
    nothing.
    """
    user_attributes = with_exp_as_number(user_attributes)
    jwt = Box("char")
    call(lib.uservoice_sso_jwt, text("sso_key", sso_key),
         encode("user_attributes", user_attributes, SSO_MOMENT), validity(valid_for), jwt.out)
    return jwt.text() or ""


def verify_sso_jwt(sso_key: str, jwt: str, leeway: int = 0) -> Dict[str, Any]:
    """The claims of a JSON Web Token, once its signature and its end were checked.

    The end may have passed by ``leeway`` seconds. A token that does not hold is a
    :class:`ValueError`.
    """
    claims = Box("char")
    call(lib.uservoice_sso_jwt_verify, text("sso_key", sso_key), text("jwt", jwt),
         seconds("leeway", leeway), claims.out)
    decoded: Dict[str, Any] = json.loads(claims.text() or "")
    return decoded


def with_exp_as_number(user_attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The attributes with a moment under ``exp`` as that claim has it: seconds since 1970."""
    exp = user_attributes.get("exp") if isinstance(user_attributes, Mapping) else None
    if not isinstance(exp, datetime.datetime) or exp.tzinfo is None:  # encode() refuses that
        return user_attributes
    return {**user_attributes, "exp": int(exp.timestamp())}


def seconds(name: str, value: float) -> int:
    if not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if not abs(value) < 2**63:  # nor is NaN
        raise ValueError(f"{name} must be a number of seconds")
    return int(value)


def validity(valid_for: float) -> int:
    if seconds("valid_for", valid_for) < 1:
        raise ValueError("valid_for must be 1 second or more")
    return int(valid_for)
