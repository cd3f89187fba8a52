// Memory does not grow with the number of requests, errors, records and handles.
#include "check.hpp"

#include <fstream>
#include <malloc.h>
#include <unistd.h>

using uservoice::Client;
using uservoice::Status;

// Returns the bytes that are allocated with malloc().
static long allocated_bytes()
{
    const auto heap = mallinfo2();
    return static_cast<long>(heap.uordblks + heap.hblkhd);
}

// Returns the resident set size of the process.
static long resident_kib()
{
    long total = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> total >> resident;
    CHECK(resident > 0);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

// Runs the work 1000 times as a warm-up, then `times` times, and compares the memory. Finds
// memory that is still referenced, from 48 bytes per run, which a leak checker does not report.
template <class Work> static void check_memory(const char *name, int times, const Work &work)
{
    for (int i = 0; i < 1000; i++)
        work();
    const long allocated_before = allocated_bytes(), resident_before = resident_kib();
    for (int i = 0; i < times; i++)
        work();
    const long allocated = allocated_bytes() - allocated_before;
    const long resident = resident_kib() - resident_before;
    if (allocated > 48L * times || resident > 2048) {
        std::fprintf(stderr, "%s, %d times: %ld more bytes allocated, %ld more KiB resident\n",
                     name, times, allocated, resident);
        std::exit(1);
    }
}

int main()
{
    reset_sandbox();
    const Client client = sandbox_client();
    bool succeeds = false;
    check_memory("requests, half of them errors", 10000, [&] {
        succeeds = !succeeds;
        CHECK(client.try_get(succeeds ? "/api/v1/forums/1" : "/api/v1/forums/999999").has_value()
              == succeeds);
    });
    check_memory("thrown errors", 10000, [&] {
        check_throws(Status::invalid_argument, "path", [&] { client.get("no path"); });
    });
    // Small pages, so that the number of prefetched pages does not matter.
    auto list = client.collection("/api/v1/users", {{"per_page", 10}});
    check_memory("records", 10000, [&] {
        if (!list.next())
            list.rewind();
    });
    check_memory("records by index", 10000, [&] { CHECK(!list.at(249).empty()); });
    check_memory("handles", 10000, [&] {
        const uservoice::Token token("value", "secret");
        auto acting = client.as(token).clone("{\"max_retries\":1}");
        auto other = acting.collection("/api/v1/users", {{"a", token.json()}});
        acting.close();
    });
    check_memory("single sign-on tokens", 3000, [] {
        const auto token = uservoice::sso_token("acme", "key", {{"guid", "1"}});
        CHECK(!uservoice::sso_decrypt("acme", "key", token).empty());
        const auto jwt = uservoice::sso_jwt("key", {{"guid", "1"}, {"email", "a@b.example"}});
        CHECK(!uservoice::sso_jwt_verify("key", jwt).empty());
    });
    check_memory("authorization URLs and webhooks", 3000, [&] {
        CHECK(!client.authorize_code_url("https://app.example/").code_verifier.empty());
        CHECK(!uservoice::try_webhook_read("key", "event=a&data={}&signature=b"));
    });
}
