"""UserVoice: API calls, single sign-on and OAuth logins, by libuservoice.

>>> import uservoice
>>> client = uservoice.Client("acme", api_key, api_secret)
>>> for user in client.get_collection("/api/v1/users"):
...     print(user["name"])
"""
import logging

from .client import Client, Response
from .client import version as __version__
from .collection import PER_PAGE, Collection
from .errors import (
    APIError,
    ApplicationError,
    BadResponse,
    Cancelled,
    InternalError,
    InvalidArgument,
    NotFound,
    RateLimitExceeded,
    Timeout,
    TransportError,
    Unauthorized,
)
from .sso import decrypt_sso_token, generate_sso_token

__all__ = [
    "PER_PAGE",
    "APIError",
    "ApplicationError",
    "BadResponse",
    "Cancelled",
    "Client",
    "Collection",
    "InternalError",
    "InvalidArgument",
    "NotFound",
    "RateLimitExceeded",
    "Response",
    "Timeout",
    "TransportError",
    "Unauthorized",
    "__version__",
    "decrypt_sso_token",
    "generate_sso_token",
]

logging.getLogger(__name__).addHandler(logging.NullHandler())
