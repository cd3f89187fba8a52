#include "examples.hpp"

#include <fstream>

void requests(const uservoice::Client &client)
{
    // [get]
    std::string json = client.get("/api/v1/suggestions/search",
                                  {{"query", "dark mode"}, {"per_page", 1}});
    std::cout << json.substr(0, 60) << '\n'; // the response, unchanged
    // [end]

    // [act-as-owner]
    uservoice::Client owner = client.as(client.login_as_owner());
    owner.post("/api/v1/forums", {{"forum", {{"name", "Ideas"}}}});
    // [end]

    // [post]
    json = owner.post(
        "/api/v1/forums/1/suggestions",
        {{"suggestion", {{"title", "Tea in the afternoon"}, {"votes", 1}}}});
    // [end]
    std::cout << value(json, "/suggestion/title") << '\n';

    // [put]
    json = owner.put("/api/v1/suggestions/7",
                     {{"suggestion", {{"title", "Darker mode"}}}});
    // [end]
    std::cout << value(json, "/suggestion/title") << '\n';

    // [delete]
    owner.del("/api/v1/suggestions/9");
    // [end]

    // [request]
    std::string response = client.request("GET", "/api/v1/suggestions/9", {},
                                          {{"X-Request-Id", "42"}});
    std::cout << response.substr(0, 13) << '\n'; // {"status":404,"headers":{...},"body":...}
    // [end]

    uservoice::Client admin = client.as(client.login_with_client_credentials());
    std::ofstream("screen.png") << "...";
    // [upload]
    std::ifstream file("screen.png", std::ios::binary);
    json = admin.upload("/api/v2/admin/attachments", "screen.png", file); // or the bytes
    std::string token = value(json, "/attachments/0/token");
    // [end]

    // [send]
    response = admin.send("PUT", "/api/v2/admin/suggestions/1",
                          {{"Content-Type", "application/x-www-form-urlencoded"}},
                          "attachment_tokens=" + token);
    std::cout << response.substr(0, 13) << '\n';
    // [end]
}
