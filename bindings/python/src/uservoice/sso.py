"""Single sign-on tokens."""
from __future__ import annotations

import datetime
import json
from typing import Any, Dict, Mapping

from ._calls import call
from ._json import SSO_DATETIME, encode
from ._library import OutParam, c_string, lib
from ._options import seconds
from .errors import signed


def generate_sso_token(subdomain_name: str, sso_key: str, user_attributes: Mapping[str, Any],
                       valid_for: int = 300) -> str:
    """Returns an encrypted token that logs a user in, quoted for use in a URL.

    Append it to the site's URL as the query parameter ``sso``, or pass it to
    :meth:`Client.sso_url`. The attributes are ``guid``, ``email``, ``display_name``,
    ``trusted`` and so on. ``expires`` is added if it is missing: ``valid_for`` seconds
    from now. No request is sent.
    """
    token = OutParam("char")
    call(lib.uservoice_sso_token, c_string("subdomain_name", subdomain_name),
         c_string("sso_key", sso_key), encode("user_attributes", user_attributes, SSO_DATETIME),
         validity(valid_for), token)
    return token.to_str() or ""


def decrypt_sso_token(subdomain_name: str, sso_key: str, token: str) -> Dict[str, Any]:
    """Returns the user attributes in a token of :func:`generate_sso_token`.

    ``expires`` is one of them and is not checked. Raises
    :class:`SignatureVerificationError` if the token is malformed or was created with
    another key or for another subdomain.
    """
    user = OutParam("char")
    call(lib.uservoice_sso_decrypt, c_string("subdomain_name", subdomain_name),
         c_string("sso_key", sso_key), signed("token", token), user)
    attributes: Dict[str, Any] = json.loads(user.to_str() or "")
    return attributes


def generate_sso_jwt(sso_key: str, user_attributes: Mapping[str, Any],
                     valid_for: int = 300) -> str:
    """Returns a JSON Web Token that logs a user in. Current sites expect this format.

    ``guid`` and ``email`` are required. ``exp`` is added if neither it nor ``expires`` is
    present: ``valid_for`` seconds from now. Either may be a ``datetime`` with a time zone.
    No request is sent.
    """
    user_attributes = with_numeric_exp(user_attributes)
    jwt = OutParam("char")
    call(lib.uservoice_sso_jwt, c_string("sso_key", sso_key),
         encode("user_attributes", user_attributes, SSO_DATETIME), validity(valid_for), jwt)
    return jwt.to_str() or ""


def verify_sso_jwt(sso_key: str, jwt: str, leeway: int = 0) -> Dict[str, Any]:
    """Verifies a JSON Web Token and returns its claims.

    A token is accepted until ``leeway`` seconds after its expiry time. Raises
    :class:`SignatureVerificationError` if it is forged, malformed or expired.
    """
    claims = OutParam("char")
    call(lib.uservoice_sso_jwt_verify, c_string("sso_key", sso_key), signed("jwt", jwt),
         int(seconds("leeway", leeway)), claims)
    decoded: Dict[str, Any] = json.loads(claims.to_str() or "")
    return decoded


def with_numeric_exp(user_attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Converts a datetime under "exp" to seconds since 1970, as RFC 7519 requires."""
    exp = user_attributes.get("exp") if isinstance(user_attributes, Mapping) else None
    # encode() rejects a datetime without a time zone.
    if not isinstance(exp, datetime.datetime) or exp.tzinfo is None:
        return user_attributes
    return {**user_attributes, "exp": int(exp.timestamp())}


def validity(valid_for: float) -> int:
    whole_seconds = int(seconds("valid_for", valid_for))
    if whole_seconds < 1:  # 0 would be the library's default
        raise ValueError(f"valid_for must be at least 1 second, not {valid_for}")
    return whole_seconds
