// The three-legged login of a program on the command line: a person decides at UserVoice
// whether this program may act for her.
//
//     three_legged begin FILE              prints the page where she clicks "Allow"
//     three_legged finish FILE VERIFIER    greets her, once she has the verifier
//
// The two steps are two runs of the program: FILE, which only its owner can read, keeps
// the request token in between. A web application does the same, with the option
// "callback" and its own storage.
#include "member.hpp"

#include <uservoice.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace fs = std::filesystem;
using uservoice::Client;
using uservoice::Token;

// Nobody else can read the file before the secret is in it.
static void keep(const fs::path &path, const std::string &secret)
{
    std::ofstream file(path, std::ios::trunc);
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    file << secret;
    file.close();
    if (!file)
        throw std::runtime_error(path.string() + " cannot be written");
}

static std::string kept(const fs::path &path)
{
    std::ifstream file(path);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file)
        throw std::runtime_error(path.string() + " cannot be read: begin first");
    return text;
}

static void begin(const Client &client, const fs::path &path)
{
    const Token request_token = client.request_token();
    keep(path, request_token.json());
    std::cout << "Open this page and click \"Allow\":\n" << client.authorize_url(request_token)
              << "\nThen run: three_legged finish " << path.string() << " VERIFIER\n";
}

static void finish(const Client &client, const fs::path &path, const std::string &verifier)
{
    const Token request_token = Token::from_json(kept(path));
    const Token token = client.login_with_verifier(request_token, verifier);
    fs::remove(path); // a request token is good for one login
    const std::string answer = client.as(token).get("/api/v1/users/current");
    const auto user = member(answer, "user");
    std::cout << "Hello " << value(user, "name") << " <" << value(user, "email") << ">!\n";
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
    const Client client = Client::from_environment();
    if (begins)
        begin(client, argv[2]);
    else
        finish(client, argv[2], argv[3]);
    return 0;
} catch (const uservoice::Error &error) {
    if (error.status() == uservoice::Status::unauthorized)
        std::cerr << "The login was not allowed, or the verifier is wrong. ";
    std::cerr << error.what() << " (" << uservoice::status_name(error.status()) << ")\n";
    return 1;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
