// Collections: iterators, pages, indexes, errors in the middle, threads.
#include "check.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <thread>
#include <vector>
#if __cplusplus >= 202002L
#include <ranges>
#endif

using uservoice::Client;
using uservoice::Collection;
using uservoice::Status;

static_assert(!std::is_copy_constructible_v<Collection>);
static_assert(std::is_nothrow_move_constructible_v<Collection>);
static_assert(std::is_same_v<std::iterator_traits<Collection::iterator>::iterator_category,
                             std::input_iterator_tag>);
#if __cplusplus >= 202002L
static_assert(std::input_iterator<Collection::iterator>);
#if !defined(__clang__) || __clang_major__ >= 16 // older ones cannot compile libstdc++'s ranges
static_assert(std::ranges::input_range<Collection>);
#endif
#endif

static const char *const all = "/api/v1/suggestions?sort=oldest";

static bool has_id(const std::string &record, int id)
{
    return contains(record, "{\"id\":" + std::to_string(id) + ",");
}

static void range_for_returns_all_records(const Client &client)
{
    int id = 0;
    for (auto &&record : client.collection(all))
        CHECK(has_id(record, ++id));
    CHECK(id == 1501);
    for (const std::string &record : client.collection("/api/v1/suggestions/search",
                                                       {{"query", "nobody wants this"}}))
        CHECK(record.empty() && "an empty list returned a record");
}

static void iterators_work_with_algorithms(const Client &client)
{
    auto list = client.collection("/api/v1/users", {{"per_page", 40}}, 90);
    const std::vector<std::string> users(list.begin(), list.end());
    CHECK(users.size() == 90 && has_id(users.front(), 1) && has_id(users.back(), 90));
    CHECK(list.begin() == list.end());
    list.rewind();
    CHECK(std::count_if(list.begin(), list.end(), [](const std::string &user) {
              return contains(user, "@sandbox.example");
          }) == 90);

    list.rewind();
    auto at = std::find_if(list.begin(), list.end(),
                           [](const std::string &user) { return has_id(user, 42); });
    CHECK(at != list.end() && at == at && at->front() == '{');
    const std::string found = *at++;
    CHECK(has_id(found, 42) && has_id(*at, 43));
    // All iterators share the position of the collection, also after it was moved.
    Collection moved = std::move(list);
    CHECK(has_id(*++at, 44));
    CHECK(has_id(moved.next().value(), 45));

#if __cplusplus >= 202002L && (!defined(__clang__) || __clang_major__ >= 16)
    auto first = client.collection(all);
    CHECK(std::ranges::any_of(first, [](const std::string &record) { return has_id(record, 7); }));
    for (const auto &record : first | std::views::take(1))
        CHECK(has_id(record, 8));
#endif
}

static void returns_pages_and_indexed_records(const Client &client)
{
    auto list = client.collection(all, {{"per_page", 50}});
    CHECK(list.length() == 1501);
    CHECK(has_id(list.at(1500), 1501) && has_id(list.at(0), 1));
    check_throws(Status::invalid_argument, "index", [&] { (void)list.at(1501); });
    CHECK(contains(list.info(), "\"total_records\":1501"));
    CHECK(has_id(list.next().value(), 1));
    const auto rest = list.next_page().value();
    CHECK(contains(rest, "[{\"id\":2,") && contains(rest, "\"id\":50,"));
    CHECK(contains(list.next_page().value(), "[{\"id\":51,"));
    list.rewind();
    int pages = 0;
    while (list.next_page())
        pages++;
    CHECK(pages == 31 && !list.next() && !list.next_page());

    auto limited = client.collection(all, {}, 3);
    CHECK(limited.length() == 3 && std::distance(limited.begin(), limited.end()) == 3);
    auto none = client.collection(all, {}, 0);
    CHECK(none.begin() == none.end());
    auto late = client.collection(all, {{"page", 2}, {"per_page", 10}}, 1);
    CHECK(has_id(late.next().value(), 11));
}

// An error ends the loop; another loop resumes at the same record.
static void resumes_after_error(const Client &client)
{
    reset_sandbox("{\"path\":\"/api/v1/suggestions\",\"after\":1,\"status\":500}");
    auto list = client.clone("{\"prefetch_pages\":0,\"max_retries\":0}").collection(all);
    int read = 0;
    check_throws(Status::application_error, "", [&] {
        for (auto &&record : list)
            CHECK(has_id(record, ++read));
    });
    CHECK(read == 100);
    for (auto &&record : list)
        CHECK(has_id(record, ++read));
    CHECK(read == 1501);

    // An iterator is unchanged if ++ fails.
    reset_sandbox("{\"path\":\"/api/v1/suggestions\",\"after\":1,\"status\":500}");
    list.rewind();
    auto at = std::next(list.begin(), 99);
    check_throws(Status::application_error, "", [&] { ++at; });
    CHECK(has_id(*at, 100));
    CHECK(has_id(*++at, 101));

    reset_sandbox();
    auto not_a_list = client.collection("/api/v1/suggestions/1");
    check_throws(Status::bad_response, "", [&] { (void)not_a_list.begin(); });
    check_throws(Status::bad_response, "", [&] { (void)not_a_list.length(); });
    check_throws(Status::invalid_argument, "limit", [&] { (void)client.collection(all, {}, -2); });
}

static void rejects_closed_collection(const Client &client)
{
    auto list = client.collection(all);
    CHECK(list.next());
    list.close();
    list.close();
    const std::string_view message = "collection: was closed or moved from";
    check_throws(Status::invalid_argument, message, [&] { (void)list.begin(); });
    check_throws(Status::invalid_argument, message, [&] { (void)list.next(); });
    check_throws(Status::invalid_argument, message, [&] { (void)list.next_page(); });
    check_throws(Status::invalid_argument, message, [&] { (void)list.at(0); });
    check_throws(Status::invalid_argument, message, [&] { (void)list.length(); });
    check_throws(Status::invalid_argument, message, [&] { (void)list.info(); });
    list.rewind();
}

static void threads_share_records(const Client &client)
{
    auto list = client.collection(all);
    std::vector<std::atomic<int>> seen(1502);
    std::vector<std::thread> running;
    for (int i = 0; i < 8; i++)
        running.emplace_back([&] {
            for (auto &&record : list)
                seen[std::stoul(record.substr(record.find(':') + 1))]++;
        });
    for (std::thread &thread : running)
        thread.join();
    CHECK(seen[0] == 0 && std::all_of(seen.begin() + 1, seen.end(), [](auto &n) { return n == 1; }));
}

int main()
{
    reset_sandbox();
    const Client client = sandbox_client();
    range_for_returns_all_records(client);
    iterators_work_with_algorithms(client);
    returns_pages_and_indexed_records(client);
    resumes_after_error(client);
    rejects_closed_collection(client);
    threads_share_records(client);
}
