// The most wanted suggestions of a site, with a JSON library: nlohmann-json.
//
//     most_wanted [HOW-MANY]
//
// Answers and records are JSON text, which json::parse() takes; dump() gives what post()
// and the like take.
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

// Found by nlohmann-json when a Suggestion is asked for.
static void from_json(const json &record, Suggestion &suggestion)
{
    record.at("vote_count").get_to(suggestion.votes);
    record.at("title").get_to(suggestion.title);
    suggestion.by = record.value(json::json_pointer("/creator/name"), "somebody");
}

int main(int argc, char **argv)
try {
    const std::size_t wanted = argc > 1 ? std::stoul(argv[1]) : 10;
    const auto client = uservoice::Client::from_environment();
    const json params = {{"sort", "oldest"}, {"per_page", 100}};

    std::vector<Suggestion> suggestions;
    for (auto &&record : client.collection("/api/v1/suggestions", params.dump()))
        suggestions.push_back(json::parse(record).get<Suggestion>());

    std::stable_sort(suggestions.begin(), suggestions.end(),
                     [](const auto &a, const auto &b) { return a.votes > b.votes; });
    suggestions.resize(std::min(wanted, suggestions.size()));
    for (const auto &[votes, title, by] : suggestions)
        std::cout << votes << '\t' << title << " (" << by << ")\n";
    return std::cout.flush() ? 0 : 1;
} catch (const uservoice::Error &error) {
    std::cerr << error.what() << '\n';
    // What the service said beside the message, where it is JSON.
    const auto body = json::parse(error.body().value_or("null"), nullptr, false);
    if (body.is_object())
        std::cerr << body.dump(2) << '\n';
    return 1;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 2;
}
