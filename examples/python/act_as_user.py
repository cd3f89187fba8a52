"""Reads a suggestion as a user, who sees only the forums that are open to them.

UserVoice creates a user who does not exist. The API key must be trusted.
"""
import argparse
import sys

import environment
import uservoice


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("email", help="of the user")
    parser.add_argument("suggestion", type=int, help="ID of the suggestion")
    arguments = parser.parse_args()
    with environment.client() as client, client.login_as(arguments.email) as user:
        name = user.get("/api/v1/users/current")["user"]["name"]
        try:
            suggestion = user.get(f"/api/v1/suggestions/{arguments.suggestion}")["suggestion"]
        except uservoice.NotFound:
            sys.exit(f"{name} sees no suggestion {arguments.suggestion}.")
        print(f"{name} sees: {suggestion['title']}")


if __name__ == "__main__":
    try:
        main()
    except uservoice.Unauthorized as error:
        sys.exit(f"{error}\nIs the API key trusted?")
    except uservoice.APIError as error:
        sys.exit(str(error))
