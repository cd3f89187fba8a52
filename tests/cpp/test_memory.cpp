// Thousands of calls, errors, records and handles leave the process as large as it was.
#include "check.hpp"

#include <fstream>
#include <malloc.h>
#include <unistd.h>

using uservoice::Client;
using uservoice::Status;

// What is allocated and not freed, to the byte.
static long allocated()
{
    const auto heap = mallinfo2();
    return static_cast<long>(heap.uordblks + heap.hblkhd);
}

// What the process has of the memory, whoever took it.
static long resident_kib()
{
    long total = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> total >> resident;
    CHECK(resident > 0);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

// Runs it often, measures, runs it `times` more, and measures again. The leak checker of
// the other tests sees what is lost altogether; this sees what is kept for no reason, from
// 48 bytes each, and what does not come from malloc.
template <class Work> static void stays_flat(const char *what, int times, const Work &work)
{
    for (int i = 0; i < 1000; i++)
        work();
    const long allocated_before = allocated(), resident_before = resident_kib();
    for (int i = 0; i < times; i++)
        work();
    const long more = allocated() - allocated_before;
    const long grown = resident_kib() - resident_before;
    if (more > 48L * times || grown > 2048) {
        std::fprintf(stderr, "%s: %ld bytes more allocated, %ld KiB more resident, %d times\n",
                     what, more, grown, times);
        std::exit(1);
    }
}

int main()
{
    reset_sandbox();
    const Client client = sandbox_client();
    bool good = false;
    stays_flat("calls, half of them errors", 10000, [&] {
        good = !good;
        CHECK(client.try_get(good ? "/api/v1/forums/1" : "/api/v1/forums/999999").has_value() == good);
    });
    stays_flat("thrown errors", 10000, [&] {
        fails(Status::invalid_argument, "path", [&] { client.get("no path"); });
    });
    // In small pages, so that it does not matter how many of them are loaded just then.
    auto list = client.collection("/api/v1/users", {{"per_page", 10}});
    stays_flat("records", 10000, [&] {
        if (!list.next())
            list.rewind();
    });
    stays_flat("records by index", 10000, [&] { CHECK(!list.at(249).empty()); });
    stays_flat("handles", 10000, [&] {
        const uservoice::Token token("value", "secret");
        auto acting = client.as(token).clone("{\"max_retries\":1}");
        auto other = acting.collection("/api/v1/users", {{"a", token.json()}});
        acting.close();
    });
    stays_flat("tokens of single sign-on", 3000, [] {
        const auto token = uservoice::sso_token("acme", "key", {{"guid", "1"}});
        CHECK(!uservoice::sso_decrypt("acme", "key", token).empty());
        const auto jwt = uservoice::sso_jwt("key", {{"guid", "1"}, {"email", "a@b.example"}});
        CHECK(!uservoice::sso_jwt_verify("key", jwt).empty());
    });
    stays_flat("requests for a code and web hooks", 3000, [&] {
        CHECK(!client.authorize_code_url("https://app.example/").code_verifier.empty());
        CHECK(!uservoice::try_webhook_read("key", "event=a&data={}&signature=b"));
    });
}
