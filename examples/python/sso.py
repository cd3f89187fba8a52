"""Creates and decrypts single sign-on tokens.

    sso.py [USER-JSON]             prints the URL that logs a user in
    sso.py --token [USER-JSON]     prints the token alone
    sso.py --decrypt [TOKEN]       prints the user of a token

Reads USER-JSON or TOKEN from standard input if it is not given. Sends no request: a token
depends only on the subdomain and the SSO key.
"""
import argparse
import json
import sys

import environment
import uservoice


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--token", action="store_true")
    parser.add_argument("--decrypt", action="store_true")
    parser.add_argument("input", nargs="?")
    arguments = parser.parse_args()
    if environment.SSO_KEY is None:
        parser.exit(2, "USERVOICE_SSO_KEY must be set, because USERVOICE_SUBDOMAIN is set.\n")
    if not (arguments.token or arguments.decrypt or environment.BASE_URL) and environment.SANDBOX:
        parser.exit(2, "Set USERVOICE_BASE_URL to the URL that the sandbox prints, or "
                       "USERVOICE_SUBDOMAIN and USERVOICE_SSO_KEY to those of your site.\n")
    text = arguments.input if arguments.input is not None else sys.stdin.read().strip()
    site = environment.SUBDOMAIN, environment.SSO_KEY
    try:
        if arguments.decrypt:
            user = uservoice.decrypt_sso_token(*site, text)
            print(json.dumps(user, ensure_ascii=False))
            return
        # The token expires after five minutes unless the user has "expires".
        token = uservoice.generate_sso_token(*site, json.loads(text))
    except ValueError as error:
        parser.exit(1, f"{error}\n")
    print(token if arguments.token else environment.sso_link(token))


if __name__ == "__main__":
    main()
