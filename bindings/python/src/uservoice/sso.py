"""Single sign-on: tokens that log a user of your site in, and the links that contain them."""
from __future__ import annotations

import datetime
import json
from typing import Any, Dict, Mapping, Optional

from ._calls import call
from ._json import SSO_DATETIME, encode
from ._library import OutParam, c_string, lib, optional_c_string
from ._options import seconds
from ._state import ClientState
from .errors import signed


class SignOnLinks(ClientState):
    """The method of a client that returns the link of a token."""

    def sso_url(self, token: str, return_path: Optional[str] = None) -> str:
        """Returns the URL that logs a user in. Sends no request.

        Args:
            token: The result of :func:`generate_sso_jwt` or :func:`generate_sso_token`.
            return_path: The page of the site to show, such as ``"/forums/1"``; by default the
                front page.

        Returns:
            The URL, which is as secret as the token.

        Raises:
            InvalidArgument: ``return_path`` is not a path, or ``token`` is empty.
            ValueError: The client is closed.
        """
        url = OutParam("char")
        call(lib.uservoice_sso_url, self._handle.client, c_string("token", token),
             optional_c_string("return_path", return_path), url)
        return url.to_str() or ""


def generate_sso_token(subdomain_name: str, sso_key: str, user_attributes: Mapping[str, Any],
                       valid_for: int = 300) -> str:
    """Returns an encrypted token that logs a user in, for older sites. Sends no request.

    Args:
        subdomain_name: The site: ``"acme"`` is acme.uservoice.com.
        sso_key: The site's SSO key, from the Admin Console.
        user_attributes: ``guid``, ``email``, ``display_name``, ``trusted`` and so on.
            ``expires`` is added if it is missing.
        valid_for: Seconds from now until it expires, at least 1.

    Returns:
        The token, quoted for a URL. Append it to the site's as the query parameter ``sso``, or
        pass it to :meth:`Client.sso_url`.

    Raises:
        InvalidArgument: A key is empty, or ``user_attributes`` is not a mapping.
        ValueError: ``valid_for`` is too small, or a value cannot be encoded.
    """
    token = OutParam("char")
    call(lib.uservoice_sso_token, c_string("subdomain_name", subdomain_name),
         c_string("sso_key", sso_key), encode("user_attributes", user_attributes, SSO_DATETIME),
         validity(valid_for), token)
    return token.to_str() or ""


def decrypt_sso_token(subdomain_name: str, sso_key: str, token: str) -> Dict[str, Any]:
    """Returns the user attributes in a token of :func:`generate_sso_token`.

    Args:
        subdomain_name: The site: ``"acme"`` is acme.uservoice.com.
        sso_key: The site's SSO key.
        token: The token, quoted for a URL or not.

    Returns:
        The attributes. ``expires`` is one of them and is not checked.

    Raises:
        SignatureVerificationError: The token is malformed, or was created with another key or
            for another subdomain.
        InvalidArgument: The SSO key or the subdomain is empty.
    """
    user = OutParam("char")
    call(lib.uservoice_sso_decrypt, c_string("subdomain_name", subdomain_name),
         c_string("sso_key", sso_key), signed("token", token), user)
    attributes: Dict[str, Any] = json.loads(user.to_str() or "")
    return attributes


def generate_sso_jwt(sso_key: str, user_attributes: Mapping[str, Any],
                     valid_for: int = 300) -> str:
    """Returns a JSON Web Token that logs a user in, for current sites. Sends no request.

    Args:
        sso_key: The site's SSO key, from the Admin Console.
        user_attributes: The claims: ``guid`` and ``email`` are required. ``exp`` is added if
            neither it nor ``expires`` is present; either may be a ``datetime`` with a time
            zone.
        valid_for: Seconds from now until it expires, at least 1.

    Returns:
        The token, for :meth:`Client.sso_url`.

    Raises:
        InvalidArgument: The key is empty, or a required claim is missing.
        ValueError: ``valid_for`` is too small, or a value cannot be encoded.

    Example:
        >>> jwt = uservoice.generate_sso_jwt(sso_key, {"guid": "1", "email": "jo@example.com"})
        >>> client.sso_url(jwt, "/forums/1")
    """
    user_attributes = with_numeric_exp(user_attributes)
    jwt = OutParam("char")
    call(lib.uservoice_sso_jwt, c_string("sso_key", sso_key),
         encode("user_attributes", user_attributes, SSO_DATETIME), validity(valid_for), jwt)
    return jwt.to_str() or ""


def verify_sso_jwt(sso_key: str, jwt: str, leeway: int = 0) -> Dict[str, Any]:
    """Verifies the signature and the expiry time of a JSON Web Token.

    Args:
        sso_key: The site's SSO key.
        jwt: The token. Only HS256 is accepted.
        leeway: Seconds after its expiry time during which the token is still accepted, for
            clocks that differ.

    Returns:
        The claims.

    Raises:
        SignatureVerificationError: The token is forged, malformed or expired.
        InvalidArgument: The SSO key is empty.
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
    """Returns a validity in whole seconds, after checking that it is at least 1."""
    whole_seconds = int(seconds("valid_for", valid_for))
    if whole_seconds < 1:  # 0 would be the library's default
        raise ValueError(f"valid_for must be at least 1 second, not {valid_for}")
    return whole_seconds
