// A tour of libuservoice: what the library does, in the order in which you are likely
// to need it. Read main() first, then the steps from the top.
//
// It runs against the sandbox, or against a site of yours: see README.md. On a real
// site it asks before it changes anything.
#include "member.hpp"

#include <uservoice.hpp>

#include <iostream>
#include <string>

using uservoice::Client;
using uservoice::Error;
using uservoice::Json;
using uservoice::Status;
using uservoice::Token;

namespace {

// Why a step was left out.
struct Skipped {
    std::string why;
};

struct Tour {
    uservoice::Environment site;
    Client client;
    std::string email; // a user who exists, found by the second step
};

// One line of standard input; "" at the end of the input.
std::string read_line()
{
    std::string line;
    std::cout.flush();
    std::getline(std::cin, line);
    return line;
}

// The sandbox may be changed at will. A real site only after a "y".
bool may_change(const Tour &tour, const char *what)
{
    if (tour.site.sandbox)
        return true;
    std::cout << "   " << what << " on " << tour.site.subdomain << "? [y/N]\n";
    return read_line() == "y";
}

// A single sign-on token: a link with it logs a user of yours in. It is made from the
// SSO key alone, nothing is sent.
void single_sign_on(Tour &tour)
{
    const auto &site = tour.site;
    if (!site.sso_key)
        throw Skipped{"USERVOICE_SSO_KEY is not set."};
    // JSON is written with braces, or given as text of the JSON library that you like.
    const Json user{{"guid", "1001"}, {"email", "jo@example.com"}, {"display_name", "Jo"}};
    const std::string token = uservoice::sso_token(site.subdomain, *site.sso_key, user);
    std::cout << "   This link logs Jo in during the next five minutes:\n   "
              << site.base_url.value_or("https://" + site.subdomain + ".uservoice.com")
              << "/?sso=" << token << '\n';

    // And back, which is what UserVoice does with it.
    std::cout << "   What UserVoice reads in it (\"expires\" was added for you):\n   "
              << uservoice::sso_decrypt(site.subdomain, *site.sso_key, token) << '\n';
}

// A collection is a list that is loaded page by page while you read it, the next pages
// ahead of you. Here the API key itself asks.
void list_users(Tour &tour)
{
    // The first five; without the last argument all of them, however many there are.
    auto users = tour.client.collection("/api/v1/users", {}, 5);
    for (auto &&record : users) {
        const auto email = value(record, "email");
        std::cout << "   " << value(record, "name") << " <" << email << ">\n";
        // The tour will act as one of them. An address with an escape in it is left
        // alone, since it would be another address as it stands.
        if (email.find('@') != email.npos && email.find('\\') == email.npos)
            tour.email = email;
    }
    // "response_data", what the service says about the page and the whole.
    std::cout << "   ... of " << value(users.info(), "total_records") << " users.\n";
}

// A token says whom calls act for. A trusted API key gets one for anybody. as() gives a
// client whose calls act for it, at the cost of microseconds.
void act_as_user(Tour &tour)
{
    if (tour.email.empty())
        throw Skipped{"the list shows no user with an e-mail address."};
    const Client user = tour.client.as(tour.client.login_as(tour.email));
    const std::string answer = user.get("/api/v1/users/current");
    std::cout << "   As " << tour.email << ", UserVoice calls me "
              << value(member(answer, "user"), "name") << ".\n";
}

void post_suggestion(const Client &owner, const std::string &forum)
{
    const std::string answer = owner.post(
        "/api/v1/forums/" + forum + "/suggestions",
        {{"suggestion", Json{{"title", "Tea in the afternoon"}, {"votes", 1}}}});
    std::cout << "   Posted a suggestion there: \"" << value(member(answer, "suggestion"), "title")
              << "\".\n";
}

void act_as_owner(Tour &tour)
{
    if (!may_change(tour, "Create a private forum, and delete it again,"))
        throw Skipped{"nothing was changed."};
    const Client owner = tour.client.as(tour.client.login_as_owner());
    const Json domain{{"domain", "example.com"}};
    const std::string answer
        = owner.post("/api/v1/forums",
                     {{"forum", Json{{"name", "Tour of libuservoice"},
                                     {"private", true},
                                     {"allow_by_email_domain", true},
                                     {"allowed_email_domains", uservoice::Value::array({domain})}}}});
    const std::string forum(value(member(answer, "forum"), "id"));
    if (forum.empty())
        throw std::runtime_error("The answer has no forum with an id.");
    std::cout << "   Created forum " << forum << ", for people of example.com only.\n";

    // The forum goes whether or not the suggestion can be posted.
    try {
        post_suggestion(owner, forum);
    } catch (const Error &) {
        owner.del("/api/v1/forums/" + forum);
        std::cout << "   Deleted the forum.\n";
        throw;
    }
    owner.del("/api/v1/forums/" + forum);
    std::cout << "   Deleted the forum.\n";
}

// The status says what kind of failure it was, so that a program can decide; the rest is
// in http_status(), type(), body(), retry_after() and outcome().
void handle_not_found(Tour &tour)
{
    try {
        tour.client.get("/api/v1/forums/999999999");
    } catch (const Error &error) {
        if (error.status() != Status::not_found)
            throw;
        std::cout << "   There is no forum 999999999. " << uservoice::status_name(error.status())
                  << " says: \"" << error.what() << "\".\n";
        return;
    }
    throw std::runtime_error("Forum 999999999 exists, against all expectation.");
}

// Where a failure is nothing special, a Result is handier than an exception: each
// function has a second form for it, whose name begins with try_.
void handle_unauthorized(Tour &tour)
{
    // A client with the same key and a wrong secret, so that nothing is allowed.
    const Client stranger(tour.site.subdomain, *tour.site.api_key, "not-the-secret",
                          tour.site.options());
    const auto answer = stranger.try_get("/api/v1/users/current");
    if (answer)
        throw std::runtime_error("A wrong secret was accepted.");
    if (answer.error().status() != Status::unauthorized)
        throw answer.error();
    std::cout << "   A wrong secret opens nothing. "
              << uservoice::status_name(answer.error().status()) << " says: \""
              << answer.error().what() << "\".\n";
}

// The three-legged login, for when a person shall decide: the program never sees a
// password, the person clicks "Allow" at UserVoice.
void log_in(Tour &tour)
{
    const Token request_token = tour.client.request_token();
    std::cout << "   Open this page, click \"Allow\", and type the verifier that it shows\n"
                 "   (an empty line skips this step):\n   "
              << tour.client.authorize_url(request_token) << '\n';

    // A web application gives the option "callback" instead, and finds "oauth_verifier"
    // in the query when the person comes back there.
    const std::string verifier = read_line();
    if (verifier.empty())
        throw Skipped{"no verifier was typed."};
    // The token's json() would be what to keep, for the next time.
    const Token token = tour.client.login_with_verifier(request_token, verifier);
    const std::string answer = tour.client.as(token).get("/api/v1/users/current");
    std::cout << "   Logged in: the calls now act for " << value(member(answer, "user"), "email")
              << ".\n";
}

struct Counts {
    int done = 0, skipped = 0, failed = 0;
};

void run(Tour &tour, void (*step)(Tour &), Counts &counts)
try {
    step(tour);
    counts.done++;
} catch (const Skipped &skipped) {
    std::cout << "   Skipped: " << skipped.why << '\n';
    counts.skipped++;
} catch (const Error &error) {
    std::cout.flush();
    std::cerr << error.what() << " (" << uservoice::status_name(error.status()) << ")\n";
    counts.failed++;
} catch (const std::exception &error) {
    std::cout.flush();
    std::cerr << error.what() << '\n';
    counts.failed++;
}

} // namespace

int main()
try {
    const struct {
        const char *title;
        void (*run)(Tour &);
    } steps[] = {
        {"Single sign-on: a link that logs a user in", single_sign_on},
        {"A collection: the users of the site", list_users},
        {"Acting as a user", act_as_user},
        {"Acting as the owner: a private forum", act_as_owner},
        {"An error handled: there is no such record", handle_not_found},
        {"An error handled: not authorized", handle_unauthorized},
        {"A three-legged login: a person decides", log_in},
    };
    // from_environment() sends nothing yet.
    Tour tour{uservoice::Environment::read(), Client::from_environment(), ""};
    std::cout << "libuservoice " << uservoice::version() << " and "
              << (tour.site.sandbox ? "the sandbox" : tour.site.subdomain) << '\n';

    Counts counts;
    int number = 0;
    for (const auto &step : steps) {
        std::cout << '\n' << ++number << ". " << step.title << '\n';
        run(tour, step.run, counts);
    }
    std::cout << "\nThe end: " << counts.done << " steps done, " << counts.skipped << " skipped, "
              << counts.failed << " failed.\n";
    return counts.failed == 0 ? 0 : 1;
} catch (const Error &error) {
    std::cerr << error.what() << '\n';
    return 2;
}
