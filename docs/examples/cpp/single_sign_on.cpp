#include "examples.hpp"

void single_sign_on(const uservoice::Client &client)
{
    using namespace std::chrono_literals;
    const std::string sso_key = "sandbox-sso-key";
    // [sso-aes]
    std::string token = uservoice::sso_token(
        "acme", "SSO-KEY", {{"guid", "1001"}, {"email", "jo@example.com"}}, 5min);
    std::cout << "https://acme.uservoice.com/?sso=" << token << '\n';
    // [end]

    // [sso-decrypt]
    std::string user = uservoice::sso_decrypt("acme", "SSO-KEY", token);
    // [end]
    std::cout << user << '\n';

    // [sso-jwt]
    std::string jwt = uservoice::sso_jwt(
        sso_key, {{"guid", "1001"}, {"email", "jo@example.com"}, {"display_name", "Jo"}}, 5min);
    std::cout << client.sso_url(jwt, "/forums/1") << '\n';
    // [end]

    // [sso-jwt-verify]
    std::string claims = uservoice::sso_jwt_verify(sso_key, jwt, 30s);
    // [end]
    std::cout << claims << '\n';
}

void webhooks()
{
    const std::string signature =
        "a1b2ae2b61e6400bf86dfcb54635b54ec4390be048a531707f21f9e2f69483b0";
    const std::string body = "event=new_suggestion&data=%7B%22suggestion%22%3A%7B%22id%22%3A1"
                             "%7D%7D&signature=" + signature;
    // [webhook-read]
    try {
        const uservoice::Webhook webhook = uservoice::webhook_read("sandbox-sso-key", body);
        std::cout << webhook.event << ' ' << webhook.data << '\n';
    } catch (const uservoice::SignatureVerificationError &error) {
        std::cerr << error.what() << '\n'; // forged: respond with status 401
    }
    // [end]

    // [webhook-verify]
    const std::string data = R"({"suggestion":{"id":1}})"; // the form's field "data", decoded
    uservoice::webhook_verify("sandbox-sso-key", data, signature);
    // [end]
}
