// A web application whose users connect their UserVoice account: three_legged_login [PORT]
//
// /connect redirects to UserVoice. There the user clicks "Allow", and is redirected to /callback.
#include <httplib.h>
#include <iostream>

#include "site.hpp"

using httplib::Request;
using httplib::Response;

static void show(Response &response, int status, const std::string &text)
{
    response.status = status;
    response.set_content(text + '\n', "text/plain; charset=utf-8");
}

static void connect(const uservoice::Client &client, Response &response)
{
    const auto token = client.request_token();
    // Only this browser can complete the login. The token in the cookie is of no use without the
    // API secret. Add "Secure" if the application uses https.
    const std::string login = std::string(token.value()) + '.' + std::string(token.secret());
    response.set_header("Set-Cookie",
                        "login=" + login + "; Path=/callback; HttpOnly; SameSite=Lax");
    response.set_redirect(client.authorize_url(token), 303);
}

// Receives the user who returns from UserVoice.
static void callback(const uservoice::Client &client, const Request &request, Response &response)
{
    if (!request.has_param("oauth_verifier"))
        return show(response, 403, "You did not allow the access.");
    const std::string token = request.get_param_value("oauth_token");
    const std::string cookies = "; " + request.get_header_value("Cookie");
    const std::string login = "; login=" + token + '.';
    const auto start = cookies.find(login);
    if (token.empty() || start == cookies.npos)
        return show(response, 403, "The login began in another browser.");

    const auto from = start + login.size();
    const std::string secret = cookies.substr(from, cookies.find(';', from) - from);
    const auto user = client.as(client.login_with_verifier(
        uservoice::Token(token, secret), request.get_param_value("oauth_verifier")));
    // An application stores the json() of the token, a secret, with its own user.
    const auto profile = user.get("/api/v1/users/current");
    show(response, 200, "Hello " + uservoice::json_get(profile, "/user/name").value_or("") + '!');
}

static void fail(const Request &, Response &response, std::exception_ptr failure)
try {
    std::rethrow_exception(failure);
} catch (const uservoice::Error &error) {
    std::cerr << error.what() << '\n';
    const bool refused = error.status() == uservoice::Status::unauthorized;
    show(response, refused ? 403 : 502, "UserVoice did not accept the login.");
}

int main(int argc, char **argv)
try {
    const int port = argc > 1 ? number(argv[1], 65535) : 3000;
    const std::string url = "http://127.0.0.1:" + std::to_string(port) + '/';
    const auto client = site_client(uservoice::Options().callback(url + "callback"));
    httplib::Server server; // calls the functions on several threads, which may share the client
    server.set_exception_handler(fail);
    server.Get("/connect", [&](const Request &, Response &response) { connect(client, response); });
    server.Get("/callback", [&](const Request &request, Response &response) {
        callback(client, request, response);
    });
    if (!server.bind_to_port("127.0.0.1", port))
        throw std::runtime_error("port " + std::to_string(port) + " cannot be used");
    std::cout << "Open " << url << "connect" << std::endl;
    server.listen_after_bind();
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
