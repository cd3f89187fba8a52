"""UserVoice client library: API requests, OAuth logins, single sign-on and webhooks.

>>> import uservoice
>>> client = uservoice.Client("acme", api_key, api_secret)
>>> for user in client.get_collection("/api/v1/users"):
...     print(user["name"])
"""
import logging

from .client import Client
from .client import version as __version__
from .collection import PER_PAGE, Collection
from .errors import (
    APIError,
    ApplicationError,
    BadResponse,
    Cancelled,
    FileError,
    InternalError,
    InvalidArgument,
    NotFound,
    RateLimitExceeded,
    SignatureVerificationError,
    Timeout,
    TransportError,
    Unauthorized,
    UnknownLength,
)
from .export import Export, Progress, ResourceProgress
from .responses import AuthorizationRequest, Response
from .sso import decrypt_sso_token, generate_sso_jwt, generate_sso_token, verify_sso_jwt
from .webhook import Webhook, read_webhook, sign_webhook, verify_webhook

__all__ = [
    "PER_PAGE",
    "APIError",
    "ApplicationError",
    "AuthorizationRequest",
    "BadResponse",
    "Cancelled",
    "Client",
    "Collection",
    "Export",
    "FileError",
    "InternalError",
    "InvalidArgument",
    "NotFound",
    "Progress",
    "RateLimitExceeded",
    "ResourceProgress",
    "Response",
    "SignatureVerificationError",
    "Timeout",
    "TransportError",
    "Unauthorized",
    "UnknownLength",
    "Webhook",
    "__version__",
    "decrypt_sso_token",
    "generate_sso_jwt",
    "generate_sso_token",
    "read_webhook",
    "sign_webhook",
    "verify_sso_jwt",
    "verify_webhook",
]

logging.getLogger(__name__).addHandler(logging.NullHandler())
