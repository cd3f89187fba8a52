"""Creates single sign-on tokens with PyPI's uservoice 0.0.25."""
import old_client  # noqa: F401
import uservoice
from contestant import contest

USER = {"guid": 1000000, "display_name": "User Name", "email": "mailaddress@example.com"}


def token():
    # Passes a copy, because the old client adds the expiry time to its argument.
    return uservoice.generate_sso_token("uservoice-subdomain", "982c88f2df7257859e8e23423eg87ed",
                                        dict(USER), 300)


print(token(), flush=True)
contest(token)
