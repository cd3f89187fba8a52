// Receives webhooks, and rejects those that UserVoice has not signed: webhook_receiver [PORT]
#include <httplib.h>
#include <iostream>

#include "site.hpp"

// Returns the status code of the response.
static int receive(const std::string &sso_key, const std::string &body)
try {
    const auto webhook = uservoice::webhook_read(sso_key, body);
    // The signature covers the data, but not the event: decide by the data.
    if (const auto title = uservoice::json_get(webhook.data, "/suggestion/title"))
        std::cout << "Suggestion: " << *title << std::endl;
    return 200;
} catch (const uservoice::Error &error) {
    std::cerr << error.what() << '\n';
    return error.status() == uservoice::Status::not_verified ? 401 : 500;
}

int main(int argc, char **argv)
try {
    const auto sso_key = setting("USERVOICE_SSO_KEY", "sandbox-sso-key");
    if (sso_key.empty())
        throw std::runtime_error("Set USERVOICE_SSO_KEY.");
    httplib::Server server;
    server.set_payload_max_length(1024 * 1024);
    // With a ContentReader, because a body that httplib reads as a form has at most 8 KiB.
    server.Post("/", [&](const httplib::Request &, httplib::Response &response,
                         const httplib::ContentReader &read) {
        std::string body;
        if (read([&](const char *part, std::size_t size) { return body.append(part, size), true; }))
            response.status = receive(sso_key, body);
    });

    const int port = argc > 1 ? number(argv[1], 65535) : 4000;
    if (!server.bind_to_port("127.0.0.1", port))
        throw std::runtime_error("port " + std::to_string(port) + " cannot be used");
    std::cout << "Listening on http://127.0.0.1:" << port << '/' << std::endl;
    server.listen_after_bind();
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
