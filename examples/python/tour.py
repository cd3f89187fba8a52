"""A tour of the package uservoice, in the order in which you are likely to need its parts.

Read main() first, then the steps from the top. The tour runs against the sandbox or against
your site: see README.md. On a real site it asks before it changes anything.
"""
import sys

import environment
import uservoice


class Skipped(Exception):
    """Skips a step. The message is the reason."""


def read_line():
    """Reads a line of standard input; returns "" at the end of the input."""
    sys.stdout.flush()
    return sys.stdin.readline().strip()


def confirm_change(question):
    """Asks before a real site is changed; skips the step unless the user types "y"."""
    if environment.SANDBOX:
        return
    print(f"   {question} on {environment.SUBDOMAIN}? [y/N]")
    if read_line() != "y":
        raise Skipped("nothing was changed.")


class Tour:
    def __init__(self, client):
        self.client = client
        self.email = None  # of an existing user, found by list_users()

    def single_sign_on(self):
        """Creates a link that logs a user in. It contains a single sign-on token, which
        depends only on the subdomain and the SSO key, so no request is sent."""
        if environment.SSO_KEY is None:
            raise Skipped("USERVOICE_SSO_KEY is not set.")
        user = {"guid": "1001", "email": "jo@example.com", "display_name": "Jo"}
        token = uservoice.generate_sso_token(environment.SUBDOMAIN, environment.SSO_KEY, user)
        print("   This link logs Jo in during the next five minutes:")
        print(f"   {environment.sso_link(token)}")
        # UserVoice decrypts the token.
        decrypted = uservoice.decrypt_sso_token(environment.SUBDOMAIN, environment.SSO_KEY, token)
        print('   UserVoice reads these attributes in it ("expires" was added):')
        print(f"   {decrypted}")

    def list_users(self):
        """Reads a collection, which loads pages while it is read and prefetches the next
        ones. These requests are authenticated with the API key alone."""
        # Without a limit it reads all users.
        users = self.client.get_collection("/api/v1/users", limit=5)
        for user in users:
            print(f"   {user['name']} <{user['email']}>")
            self.email = user["email"] or self.email
        # The service sends "response_data" with each page.
        print(f"   ... of {users.response_data['total_records']} users.")

    def act_as_user(self):
        """Acts for a user, which a trusted API key may do without the user's consent."""
        if self.email is None:
            raise Skipped("no user has an email address.")
        with self.client.login_as(self.email) as user:
            name = user.get("/api/v1/users/current")["user"]["name"]
        print(f"   As {self.email}, UserVoice calls me {name}.")

    def act_as_owner(self):
        """Acts for the owner of the site: creates a forum and deletes it."""
        confirm_change("Create a private forum and delete it")
        with self.client.login_as_owner() as owner:
            forum = owner.post("/api/v1/forums", {"forum": {
                "name": "Tour of libuservoice",
                "private": True,
                "allow_by_email_domain": True,
                "allowed_email_domains": [{"domain": "example.com"}],
            }})["forum"]
            print(f"   Created forum {forum['id']}, only for users of example.com.")
            try:
                suggestion = owner.post(f"/api/v1/forums/{forum['id']}/suggestions", {
                    "suggestion": {"title": "Tea in the afternoon", "votes": 1},
                })["suggestion"]
                print(f'   Posted a suggestion there: "{suggestion["title"]}".')
            finally:
                owner.delete(f"/api/v1/forums/{forum['id']}")
                print("   Deleted the forum.")

    def handle_not_found(self):
        """Handles an error. The class of the exception is the kind of error; the attributes
        status_code, error_type, body and retry_after contain the details."""
        try:
            self.client.get("/api/v1/forums/999999999")
        except uservoice.NotFound as error:
            print(f'   Forum 999999999 does not exist. {error.status}: "{error}".')
        else:
            raise AssertionError("Forum 999999999 exists.")

    def handle_unauthorized(self):
        """Sends a request that is signed with a wrong secret."""
        client = uservoice.Client(
            environment.SUBDOMAIN, self.client.api_key, "not-the-secret",
            base_url=environment.BASE_URL, ca_file=environment.CA_FILE)
        try:
            client.get("/api/v1/users/current")
        except uservoice.Unauthorized as error:
            print(f'   A wrong secret was rejected. {error.status}: "{error}".')
        else:
            raise AssertionError("A wrong secret was accepted.")

    def log_in(self):
        """Logs a user in by a three-legged login: the user clicks "Allow" at UserVoice, and
        the program does not see a password."""
        print('   Open this page, click "Allow", and type the verifier that it shows')
        print(f"   (an empty line skips this step):\n   {self.client.authorize_url()}")
        # A web application sets the option "callback" to its URL instead, and receives the
        # verifier as "oauth_verifier" in the query: see three_legged.py.
        verifier = read_line()
        if not verifier:
            raise Skipped("no verifier was typed.")
        with self.client.login_with_verifier(verifier) as client:
            # Store client.token and client.secret to skip the login next time.
            user = client.get("/api/v1/users/current")["user"]
        print(f"   Logged in: requests now act for {user['email']}.")


def main():
    client = environment.client()  # sends nothing yet
    tour = Tour(client)
    steps = [
        ("Single sign-on: a link that logs a user in", tour.single_sign_on),
        ("Collection: the users of the site", tour.list_users),
        ("Acting for a user", tour.act_as_user),
        ("Acting for the owner: a private forum", tour.act_as_owner),
        ("Error handling: the record does not exist", tour.handle_not_found),
        ("Error handling: unauthorized", tour.handle_unauthorized),
        ("Three-legged login: the user decides", tour.log_in),
    ]
    site = "the sandbox" if environment.SANDBOX else environment.SUBDOMAIN
    print(f"libuservoice {uservoice.__version__}, {site}")
    done = skipped = failed = 0
    for number, (title, step) in enumerate(steps, 1):
        print(f"\n{number}. {title}")
        try:
            step()
            done += 1
        except Skipped as reason:
            print(f"   Skipped: {reason}")
            skipped += 1
        except (uservoice.APIError, AssertionError) as error:
            sys.stdout.flush()
            print(f"{title}: {error} ({type(error).__name__})", file=sys.stderr)
            failed += 1
    print(f"\nEnd: {done} steps done, {skipped} skipped, {failed} failed.")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
