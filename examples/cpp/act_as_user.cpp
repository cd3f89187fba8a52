// Reads a suggestion as a user, who sees only the forums that are open to them.
//
//     act_as_user EMAIL SUGGESTION
//
// UserVoice creates a user who does not exist. The API key must be trusted.
#include <climits>
#include <iostream>

#include "site.hpp"

int main(int argc, char **argv)
try {
    if (argc != 3) {
        std::cerr << "usage: act_as_user EMAIL SUGGESTION\n";
        return 2;
    }
    const std::string email = argv[1], id = std::to_string(number(argv[2], INT_MAX));
    const auto client = site_client();
    const auto user = client.as(client.login_as(email)); // Token::json() is what to store
    try {
        const auto response = user.get("/api/v1/suggestions/" + id);
        const auto title = uservoice::json_get(response, "/suggestion/title");
        std::cout << email << " sees: " << title.value_or("(no title)") << '\n';
        finish();
        return 0;
    } catch (const uservoice::Error &error) {
        if (error.status() != uservoice::Status::not_found)
            throw;
        std::cout << email << " sees no suggestion " << id << ".\n";
        return 1;
    }
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
