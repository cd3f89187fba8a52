// Prints the suggestions with the most votes, with a JSON library: nlohmann-json.
//
//     most_wanted [COUNT]
//
// json::parse() parses responses and records; dump() writes parameters and request bodies.
#include "site.hpp"

#include <nlohmann/json.hpp>
#include <uservoice.hpp>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

using nlohmann::json;

struct Suggestion {
    int votes;
    std::string title;
    std::string by;
};

// Called by json::get<Suggestion>().
static void from_json(const json &record, Suggestion &suggestion)
{
    record.at("vote_count").get_to(suggestion.votes);
    record.at("title").get_to(suggestion.title);
    suggestion.by = record.value(json::json_pointer("/creator/name"), "somebody");
}

int main(int argc, char **argv)
try {
    const std::size_t count = argc > 1 ? std::stoul(argv[1]) : 10;
    const auto client = Site::from_environment().client();
    const json params = {{"sort", "oldest"}, {"per_page", 100}};

    std::vector<Suggestion> suggestions;
    for (auto &&record : client.collection("/api/v1/suggestions", params.dump()))
        suggestions.push_back(json::parse(record).get<Suggestion>());

    std::stable_sort(suggestions.begin(), suggestions.end(),
                     [](const auto &a, const auto &b) { return a.votes > b.votes; });
    suggestions.resize(std::min(count, suggestions.size()));
    for (const auto &[votes, title, by] : suggestions)
        std::cout << votes << '\t' << title << " (" << by << ")\n";
    return std::cout.flush() ? 0 : 1;
} catch (const uservoice::Error &error) {
    std::cerr << error.what() << '\n';
    // The response body has more details if it is JSON.
    const auto body = json::parse(error.body().value_or("null"), nullptr, false);
    if (body.is_object())
        std::cerr << body.dump(2) << '\n';
    return 1;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 2;
}
