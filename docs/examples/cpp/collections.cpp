#include "examples.hpp"

void collections(const uservoice::Client &client)
{
    // [list]
    auto list = client.collection("/api/v1/users", {{"sort", "oldest"}}, 3);
    for (auto &&record : list)
        std::cout << record.substr(0, 8) << '\n'; // a record as JSON, unchanged
    // [end]

    // [list-length]
    auto users = client.collection("/api/v1/users?sort=oldest", {}, 150);
    const std::size_t length = users.length();
    std::cout << length << " records, the last one is " << users.at(length - 1).substr(0, 9)
              << '\n';
    // [end]

    // [list-pages]
    while (auto page = users.next_page())
        std::cout << "a page: " << page->substr(0, 9) << '\n'; // a JSON array
    // [end]
}
