// Exports into files of a directory.
#include "check.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <unistd.h>

namespace fs = std::filesystem;
using uservoice::Client;
using uservoice::Export;
using uservoice::ExportOptions;
using uservoice::Progress;
using uservoice::Status;

// A directory that goes with the test.
class Directory {
  public:
    Directory() : path_(fs::temp_directory_path() / ("uservoice-export-" + std::to_string(getpid())))
    {
        fs::remove_all(path_);
    }
    ~Directory() { fs::remove_all(path_); }
    Directory(const Directory &) = delete;
    Directory &operator=(const Directory &) = delete;

    std::string name() const { return path_.string(); }

    std::string read(const char *name) const
    {
        std::ifstream file(path_ / name);
        CHECK(file);
        return {std::istreambuf_iterator<char>(file), {}};
    }

  private:
    fs::path path_;
};

static Progress run(const Client &client, const Directory &directory, const ExportOptions &options)
{
    const Export held = client.open_export(directory.name(), options);
    Progress last;
    while (auto progress = held.next())
        last = *std::move(progress);
    return last;
}

// The records of a list, a line each.
static std::string lines(const Client &client, std::string_view path)
{
    std::string lines;
    for (const std::string &record : client.collection(path))
        lines += record + '\n';
    return lines;
}

static void lists_become_files(const Client &admin)
{
    const Directory directory;
    const auto options = ExportOptions().resource("suggestions").resource("users");
    const Progress all = run(admin, directory, options);
    const std::string suggestions = lines(admin, "/api/v2/admin/suggestions?sort=id");
    EQUAL(directory.read("suggestions.jsonl"), suggestions);
    EQUAL(directory.read("users.jsonl"), lines(admin, "/api/v2/admin/users?sort=id"));
    CHECK(all.written == 1501 + 250 && all.total == all.written);
    CHECK(all.left && all.left->count() == 0 && all.records_per_second > 0);
    CHECK(contains(all.json, "\"users\":{\"written\":250,\"total\":250,\"done\":true}"));

    admin.put("/api/v2/admin/suggestions/7", {{"title", "Changed"}});
    CHECK(run(admin, directory, options).written == 1);
    const std::string after = directory.read("suggestions.jsonl");
    EQUAL(after.substr(0, suggestions.size()), suggestions);
    CHECK(contains(after.substr(suggestions.size()), "\"title\":\"Changed\""));
    fails(Status::invalid_argument, "\"since\"", [&] {
        (void)admin.open_export(directory.name(), ExportOptions(options).since("2026-01-01"));
    });
}

static void options_say_what_is_written(const Client &client, const Client &admin)
{
    const Directory directory;
    uservoice::Resource users{"users", ""};
    users.params = {{"state", "active"}};
    users.columns = {"id", "email_address"};
    run(admin, directory,
        ExportOptions().format("csv").since("2013-01-01").until("2099-12-31").resource(users));
    EQUAL(directory.read("users.csv").substr(0, 45), "id,email_address\n1,owner@sandbox.example\n2,us");
    const Directory whole;
    uservoice::Resource forums{"all", "/api/v1/forums"};
    forums.whole = true;
    run(client.as(client.login_as_owner()), whole, ExportOptions().resource(forums));
    CHECK(contains(whole.read("all.jsonl"), "\"name\":"));
}

static void an_export_is_one_at_a_time(const Client &admin)
{
    const Directory directory;
    const auto options = ExportOptions().resource("users");
    Export first = admin.open_export(directory.name(), options);
    fails(Status::file_error, "another export",
          [&] { (void)admin.open_export(directory.name(), options); });
    Export moved = std::move(first);
    fails(Status::invalid_argument, "export", [&] { (void)first.next(); });
    moved.close();
    fails(Status::invalid_argument, "export", [&] { (void)moved.next(); });
    (void)admin.open_export(directory.name(), options);
    fails(Status::invalid_argument, "directory", [&] { (void)admin.open_export("", options); });
    fails(Status::invalid_argument, "resources",
          [&] { (void)admin.open_export(directory.name(), ExportOptions()); });
}

static void errors_and_cancel(const Client &admin)
{
    const Directory directory;
    const Client client = admin.clone();
    const Export held = client.open_export(directory.name(), ExportOptions().resource("nothing"));
    fails(Status::not_found, "nothing: HTTP 404", [&] { (void)held.next(); });
    control_client().post("/_sandbox/faults", R"({"path":"/api/v2/*","delay_ms":600000})");
    std::thread canceller([&] {
        while (!contains(control_client().get("/_sandbox/faults"), "[]"))
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        client.cancel();
    });
    fails(Status::cancelled, "", [&] { (void)held.next(); });
    canceller.join();
}

static void progress_is_read_in_every_form()
{
    const auto some = Progress::parse(
        R"({"resources":{"total":{"written":7,"total":8,"done":false}},"written":1450,"total":null,"elapsed_ms":700,"records_per_second":2071.4,"seconds_left":null})");
    CHECK(some.written == 1450 && !some.total && some.elapsed.count() == 700 && !some.left);
    CHECK(some.records_per_second > 2071.3 && some.records_per_second < 2071.5);
}

int main()
{
    reset_sandbox();
    const Client client = sandbox_client();
    const Client admin = client.as(client.login_with_client_credentials());
    lists_become_files(admin);
    options_say_what_is_written(client, admin);
    an_export_is_one_at_a_time(admin);
    errors_and_cancel(admin);
    progress_is_read_in_every_form();
    reset_sandbox();
}
