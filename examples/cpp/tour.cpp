// A tour of libuservoice in seven steps. Read main() first, then the steps from the top.
//
// It runs against the sandbox or a real site: see README.md. On a real site it asks before it
// changes anything.
#include "site.hpp"

#include <iostream>
#include <string>

using uservoice::Client;
using uservoice::Error;
using uservoice::Json;
using uservoice::Status;
using uservoice::Token;

namespace {

// Thrown by a step that is skipped.
struct Skipped {
    std::string reason;
};

struct Tour {
    Site site;
    Client client;
    std::string email; // of a user; set by list_users()
};

// Returns the value at a JSON pointer. A program that reads more JSON uses a JSON library, as
// most_wanted.cpp does.
std::string value(const std::string &json, const char *pointer)
{
    return uservoice::json_get(json, pointer).value_or("");
}

// Reads a line of standard input; "" at the end of the input.
std::string read_line()
{
    std::string line;
    std::cout.flush();
    std::getline(std::cin, line);
    return line;
}

// Asks before a real site is changed.
bool may_change(const Tour &tour, const char *question)
{
    if (tour.site.sandbox)
        return true;
    std::cout << "   " << question << " on " << tour.site.subdomain << "? [y/N]\n";
    return read_line() == "y";
}

// A link with a single sign-on token logs a user in. Creating a token needs only the SSO key;
// nothing is sent.
void single_sign_on(Tour &tour)
{
    const auto &site = tour.site;
    if (site.sso_key.empty())
        throw Skipped{"USERVOICE_SSO_KEY is not set."};
    // JSON is written in braces, or by a JSON library.
    const Json user{{"guid", "1001"}, {"email", "jo@example.com"}, {"display_name", "Jo"}};
    const std::string token = uservoice::sso_token(site.subdomain, site.sso_key, user);
    std::cout << "   This link logs Jo in, for five minutes:\n   " << site.url << "/?sso=" << token
              << '\n';

    // UserVoice decrypts it with the same key.
    std::cout << "   The user in it (the library has added \"expires\"):\n   "
              << uservoice::sso_decrypt(site.subdomain, site.sso_key, token) << '\n';
}

// A collection loads a list page by page while it is read, and prefetches the next pages.
void list_users(Tour &tour)
{
    // At most five records; without the last argument, all.
    auto users = tour.client.collection("/api/v1/users", {}, 5);
    for (auto &&record : users) {
        const std::string email = value(record, "/email");
        std::cout << "   " << value(record, "/name") << " <" << email << ">\n";
        if (email.find('@') != email.npos)
            tour.email = email; // for act_as_user()
    }
    // The paging object of the response, "response_data" in API v1.
    std::cout << "   ... of " << value(users.info(), "/total_records") << " users.\n";
}

// Requests with an access token act as its user. A trusted API key can get one for any user.
// as() returns a client that uses the token; it takes microseconds.
void act_as_user(Tour &tour)
{
    if (tour.email.empty())
        throw Skipped{"no user with an e-mail address was found."};
    const Client user = tour.client.as(tour.client.login_as(tour.email));
    const std::string response = user.get("/api/v1/users/current");
    std::cout << "   Acting as " << tour.email << ", whose name is "
              << value(response, "/user/name") << ".\n";
}

void post_suggestion(const Client &owner, const std::string &forum)
{
    const std::string response = owner.post(
        "/api/v1/forums/" + forum + "/suggestions",
        {{"suggestion", {{"title", "Tea in the afternoon"}, {"votes", 1}}}});
    std::cout << "   Posted the suggestion \"" << value(response, "/suggestion/title")
              << "\" there.\n";
}

void act_as_owner(Tour &tour)
{
    if (!may_change(tour, "Create a private forum and delete it again"))
        throw Skipped{"nothing was changed."};
    const Client owner = tour.client.as(tour.client.login_as_owner());
    const Json domain{{"domain", "example.com"}};
    const std::string response = owner.post(
        "/api/v1/forums",
        {{"forum", {{"name", "Tour of libuservoice"},
                    {"private", true},
                    {"allow_by_email_domain", true},
                    {"allowed_email_domains", uservoice::Value::array({domain})}}}});
    const std::string forum = value(response, "/forum/id");
    if (forum.empty())
        throw std::runtime_error("The response has no forum with an id.");
    std::cout << "   Created forum " << forum << ", for users of example.com only.\n";

    // The forum is deleted even if the suggestion is not posted.
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

// A program decides by status(); what(), http_status(), type(), body() and so on have the
// details.
void handle_not_found(Tour &tour)
{
    try {
        tour.client.get("/api/v1/forums/999999999");
    } catch (const Error &error) {
        if (error.status() != Status::not_found)
            throw;
        std::cout << "   Forum 999999999 does not exist. " << uservoice::status_name(error.status())
                  << ": \"" << error.what() << "\".\n";
        return;
    }
    throw std::runtime_error("Forum 999999999 exists unexpectedly.");
}

// The try_ form of a function returns a Result instead of throwing, which is convenient if a
// failure is expected.
void handle_unauthorized(Tour &tour)
{
    Site wrong = tour.site;
    wrong.api_secret = "not-the-secret";
    const Client unauthorized = wrong.client();
    const auto response = unauthorized.try_get("/api/v1/users/current");
    if (response)
        throw std::runtime_error("A wrong secret was accepted.");
    if (response.error().status() != Status::unauthorized)
        throw response.error();
    std::cout << "   A wrong API secret is rejected. "
              << uservoice::status_name(response.error().status()) << ": \""
              << response.error().what() << "\".\n";
}

// The three-legged login: the user allows access on a page of UserVoice, and the program never
// sees the password.
void log_in(Tour &tour)
{
    const Token request_token = tour.client.request_token();
    std::cout << "   Open this page, click \"Allow\", and enter the verifier that it shows\n"
                 "   (an empty line skips this step):\n   "
              << tour.client.authorize_url(request_token) << '\n';

    // A web application sets the option "callback" instead and finds "oauth_verifier" in the
    // query of the redirect.
    const std::string verifier = read_line();
    if (verifier.empty())
        throw Skipped{"no verifier was entered."};
    // token.json() is what to store for the next time.
    const Token token = tour.client.login_with_verifier(request_token, verifier);
    const std::string response = tour.client.as(token).get("/api/v1/users/current");
    std::cout << "   Logged in: requests now act as " << value(response, "/user/email") << ".\n";
}

struct Counts {
    int done = 0, skipped = 0, failed = 0;
};

void run(Tour &tour, void (*step)(Tour &), Counts &counts)
try {
    step(tour);
    counts.done++;
} catch (const Skipped &skipped) {
    std::cout << "   Skipped: " << skipped.reason << '\n';
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
        {"Error handling: the record does not exist", handle_not_found},
        {"Error handling: not authorized", handle_unauthorized},
        {"Three-legged login: the user allows access", log_in},
    };
    const Site site = Site::from_environment();
    Tour tour{site, site.client(), ""}; // sends nothing
    std::cout << "libuservoice " << uservoice::version() << " and "
              << (tour.site.sandbox ? "the sandbox" : tour.site.subdomain) << '\n';

    Counts counts;
    int number = 0;
    for (const auto &step : steps) {
        std::cout << '\n' << ++number << ". " << step.title << '\n';
        run(tour, step.run, counts);
    }
    std::cout << "\n"
              << counts.done << " steps done, " << counts.skipped << " skipped, " << counts.failed
              << " failed.\n";
    return counts.failed == 0 ? 0 : 1;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 2;
}
