// The three-legged login: a user allows this program to act as them.
//
//     three_legged begin FILE              prints the URL of the page with the button "Allow"
//     three_legged finish FILE VERIFIER    logs in with the verifier that the page shows
//
// The two steps are two runs of the program. FILE stores the request token in between and can
// be read only by its owner. A web application uses the option "callback" and its own storage.
#include "site.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace fs = std::filesystem;
using uservoice::Client;
using uservoice::Token;

// Restricts the permissions before it writes the secret.
static void store(const fs::path &path, const std::string &secret)
{
    std::ofstream file(path, std::ios::trunc);
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    file << secret;
    file.close();
    if (!file)
        throw std::runtime_error(path.string() + ": cannot be written");
}

static std::string load(const fs::path &path)
{
    std::ifstream file(path);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file)
        throw std::runtime_error(path.string()
                                 + ": cannot be read; run \"three_legged begin\" first");
    return text;
}

static void begin(const Client &client, const fs::path &path)
{
    const Token request_token = client.request_token();
    store(path, request_token.json());
    std::cout << "Open this URL and click \"Allow\":\n"
              << client.authorize_url(request_token) << "\nThen run: three_legged finish "
              << path.string() << " VERIFIER\n";
}

static void finish(const Client &client, const fs::path &path, const std::string &verifier)
{
    const Token request_token = Token::from_json(load(path));
    const Token token = client.login_with_verifier(request_token, verifier);
    fs::remove(path); // a request token is valid for one login
    const std::string response = client.as(token).get("/api/v1/users/current");
    std::cout << "Logged in as " << uservoice::json_get(response, "/user/name").value_or("?")
              << " <" << uservoice::json_get(response, "/user/email").value_or("?") << ">.\n";
}

int main(int argc, char **argv)
try {
    const std::string step = argc > 1 ? argv[1] : "";
    const bool begins = step == "begin" && argc == 3;
    const bool finishes = step == "finish" && argc == 4;
    if (!begins && !finishes) {
        std::cerr << "usage: three_legged begin FILE\n       three_legged finish FILE VERIFIER\n";
        return 2;
    }
    const Client client = Site::from_environment().client();
    if (begins)
        begin(client, argv[2]);
    else
        finish(client, argv[2], argv[3]);
    return 0;
} catch (const uservoice::Error &error) {
    if (error.status() == uservoice::Status::unauthorized)
        std::cerr << "Access was denied, or the verifier is wrong. ";
    std::cerr << error.what() << " (" << uservoice::status_name(error.status()) << ")\n";
    return 1;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
