"""Single sign-on: a link that logs a user of yours in at UserVoice.

    sso.py [--token] [USER-JSON]      the link, or with --token the token alone
    sso.py --decrypt [TOKEN]          the user that a token was made for

USER-JSON or TOKEN is read from standard input where it is not given. Nothing is sent: a
token is made from the SSO key alone.
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
    parser.add_argument("text", nargs="?")
    arguments = parser.parse_args()
    if environment.SSO_KEY is None:
        parser.exit(2, "USERVOICE_SUBDOMAIN is set: USERVOICE_SSO_KEY is needed too.\n")
    if not (arguments.token or arguments.decrypt or environment.BASE_URL) and environment.SANDBOX:
        parser.exit(2, "Set USERVOICE_BASE_URL to the URL that the sandbox prints, or "
                       "USERVOICE_SUBDOMAIN and USERVOICE_SSO_KEY to those of your site.\n")
    text = arguments.text if arguments.text is not None else sys.stdin.read().strip()
    site = environment.SUBDOMAIN, environment.SSO_KEY
    try:
        if arguments.decrypt:
            user = uservoice.decrypt_sso_token(*site, text)
            print(json.dumps(user, ensure_ascii=False))
            return
        # Good for five minutes, unless the user has an "expires".
        token = uservoice.generate_sso_token(*site, json.loads(text))
    except ValueError as error:
        parser.exit(1, f"{error}\n")
    print(token if arguments.token else environment.sso_link(token))


if __name__ == "__main__":
    main()
