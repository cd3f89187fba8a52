// Prints the newest comment on each of 20 suggestions. Four threads share a client, with its
// connections and its rate limit, and a collection, which returns each record to one of them.
#include <future>
#include <iostream>
#include <vector>

#include "site.hpp"

static void print_comments(const uservoice::Client &client, uservoice::Collection &suggestions)
{
    while (const auto suggestion = suggestions.next()) {
        const auto path = uservoice::json_get(*suggestion, "/path").value_or(""); // "/forums/1/..."
        const auto comments = client.get("/api/v1" + path + "/comments",
                                         {{"sort", "newest"}, {"per_page", 1}});
        const auto newest = uservoice::json_get(comments, "/comments/0/text");
        // As one string, so that the lines of the threads are not mixed.
        std::cout << path + ": " + newest.value_or("(no comment)") + '\n';
    }
}

int main()
try {
    const auto client = site_client();
    auto suggestions = client.collection("/api/v1/suggestions", {}, 20);
    std::vector<std::future<void>> threads;
    for (int i = 0; i < 4; i++)
        threads.push_back(
            std::async(std::launch::async, [&] { print_comments(client, suggestions); }));
    for (auto &thread : threads)
        thread.get(); // throws what the thread threw
    finish();
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
