"""Prints a link that logs a user of your application in at UserVoice."""
import environment
import uservoice


def main():
    # The token is signed here: nothing is sent. It expires after five minutes, so a web
    # application creates it when the user clicks, and redirects.
    user = {"guid": "1001", "email": "jo@example.com", "display_name": "Jo"}
    token = uservoice.generate_sso_jwt(environment.sso_key(), user)
    with environment.client() as client:
        print(client.sso_url(token))


if __name__ == "__main__":
    main()
