"""A tour of the module uservoice: what it does, in the order in which you are likely to
need it. Read main() first, then the steps from the top.

It runs against the sandbox, or against a site of yours: see README.md. On a real site it
asks before it changes anything.
"""
import sys

import environment
import uservoice


class Skipped(Exception):
    """A step that cannot be done here, and why."""


def read_line():
    """One line of standard input without its end; "" at the end of the input."""
    sys.stdout.flush()
    return sys.stdin.readline().strip()


def check_may_change(what):
    """The sandbox may be changed at will. A real site only after a "y"."""
    if environment.SANDBOX:
        return
    print(f"   {what} on {environment.SUBDOMAIN}? [y/N]")
    if read_line() != "y":
        raise Skipped("nothing was changed.")


class Tour:
    def __init__(self, client):
        self.client = client
        self.email = None  # of a user who exists, found by the second step

    def single_sign_on(self):
        """A single sign-on token: a link with it logs a user of yours in. It is made from
        the SSO key alone, nothing is sent."""
        if environment.SSO_KEY is None:
            raise Skipped("USERVOICE_SSO_KEY is not set.")
        user = {"guid": "1001", "email": "jo@example.com", "display_name": "Jo"}
        token = uservoice.generate_sso_token(environment.SUBDOMAIN, environment.SSO_KEY, user)
        print("   This link logs Jo in during the next five minutes:")
        print(f"   {environment.sso_link(token)}")
        # And back, which is what UserVoice does with it.
        back = uservoice.decrypt_sso_token(environment.SUBDOMAIN, environment.SSO_KEY, token)
        print('   What UserVoice reads in it ("expires" was added for you):')
        print(f"   {back}")

    def list_users(self):
        """A collection is a list that is loaded page by page while you read it, the next
        pages ahead of you. Here the API key itself asks."""
        # The first five; without a limit all of them, however many there are.
        users = self.client.get_collection("/api/v1/users", limit=5)
        for user in users:
            print(f"   {user['name']} <{user['email']}>")
            self.email = user["email"] or self.email  # the tour will act as one of them
        # "response_data", what the service says about the page and the whole.
        print(f"   ... of {users.response_data['total_records']} users.")

    def act_as_user(self):
        """A trusted API key acts for anybody: login_as() gives a client that does."""
        if self.email is None:
            raise Skipped("the list shows no user with an e-mail address.")
        with self.client.login_as(self.email) as user:
            name = user.get("/api/v1/users/current")["user"]["name"]
        print(f"   As {self.email}, UserVoice calls me {name}.")

    def act_as_owner(self):
        check_may_change("Create a private forum, and delete it again,")
        with self.client.login_as_owner() as owner:
            forum = owner.post("/api/v1/forums", {"forum": {
                "name": "Tour of libuservoice",
                "private": True,
                "allow_by_email_domain": True,
                "allowed_email_domains": [{"domain": "example.com"}],
            }})["forum"]
            print(f"   Created forum {forum['id']}, for people of example.com only.")
            try:
                suggestion = owner.post(f"/api/v1/forums/{forum['id']}/suggestions", {
                    "suggestion": {"title": "Tea in the afternoon", "votes": 1},
                })["suggestion"]
                print(f'   Posted a suggestion there: "{suggestion["title"]}".')
            finally:
                owner.delete(f"/api/v1/forums/{forum['id']}")
                print("   Deleted the forum.")

    def handle_not_found(self):
        """The class of an exception says what kind of failure it was; the rest is in its
        attributes: status_code, error_type, body, retry_after."""
        try:
            self.client.get("/api/v1/forums/999999999")
        except uservoice.NotFound as error:
            print(f'   There is no forum 999999999. {error.status} says: "{error}".')
        else:
            raise AssertionError("Forum 999999999 exists, against all expectation.")

    def handle_unauthorized(self):
        # A client with the same key and a wrong secret, so that nothing is allowed.
        stranger = uservoice.Client(
            environment.SUBDOMAIN, self.client.api_key, "not-the-secret",
            base_url=environment.BASE_URL, ca_file=environment.variable("USERVOICE_CA_FILE"))
        try:
            stranger.get("/api/v1/users/current")
        except uservoice.Unauthorized as error:
            print(f'   A wrong secret opens nothing. {error.status} says: "{error}".')
        else:
            raise AssertionError("A wrong secret was accepted.")

    def log_in(self):
        """The three-legged login, for when a person shall decide: the program never sees
        a password, the person clicks "Allow" at UserVoice."""
        print('   Open this page, click "Allow", and type the verifier that it shows')
        print(f"   (an empty line skips this step):\n   {self.client.authorize_url()}")
        # A web application gives callback=URL instead, and finds "oauth_verifier" in the
        # query when the person comes back there: see three_legged.py.
        verifier = read_line()
        if not verifier:
            raise Skipped("no verifier was typed.")
        with self.client.login_with_verifier(verifier) as person:
            # person.token and person.secret are what to keep for the next time.
            user = person.get("/api/v1/users/current")["user"]
        print(f"   Logged in: the calls now act for {user['email']}.")


def main():
    client = environment.client()  # sends nothing yet
    tour = Tour(client)
    steps = [
        ("Single sign-on: a link that logs a user in", tour.single_sign_on),
        ("A collection: the users of the site", tour.list_users),
        ("Acting as a user", tour.act_as_user),
        ("Acting as the owner: a private forum", tour.act_as_owner),
        ("An error handled: there is no such record", tour.handle_not_found),
        ("An error handled: not authorized", tour.handle_unauthorized),
        ("A three-legged login: a person decides", tour.log_in),
    ]
    where = "the sandbox" if environment.SANDBOX else environment.SUBDOMAIN
    print(f"libuservoice {uservoice.__version__} and {where}")
    done = skipped = failed = 0
    for number, (title, step) in enumerate(steps, 1):
        print(f"\n{number}. {title}")
        try:
            step()
            done += 1
        except Skipped as why:
            print(f"   Skipped: {why}")
            skipped += 1
        except (uservoice.APIError, AssertionError) as error:
            sys.stdout.flush()
            print(f"{title}: {error} ({type(error).__name__})", file=sys.stderr)
            failed += 1
    print(f"\nThe end: {done} steps done, {skipped} skipped, {failed} failed.")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
