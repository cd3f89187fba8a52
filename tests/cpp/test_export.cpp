// Exports into files of a directory.
#include "check.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace fs = std::filesystem;
using uservoice::Client;
using uservoice::Export;
using uservoice::ExportOptions;
using uservoice::ExportProgress;
using uservoice::Status;

// A temporary directory.
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

// Writes everything and returns the last progress.
static ExportProgress run(const Client &client, const Directory &directory,
                          const ExportOptions &options)
{
    Export opened = client.open_export(directory.name(), options);
    ExportProgress last;
    while (auto progress = opened.next())
        last = *std::move(progress);
    return last;
}

// Returns the records of a list, one per line.
static std::string lines(const Client &client, std::string_view path)
{
    std::string lines;
    for (const std::string &record : client.collection(path))
        lines += record + '\n';
    return lines;
}

static void export_writes_and_updates_files(const Client &admin)
{
    const Directory directory;
    const auto options = ExportOptions().resource("suggestions").resource("users");
    const ExportProgress all = run(admin, directory, options);
    const std::string suggestions = lines(admin, "/api/v2/admin/suggestions?sort=id");
    CHECK_EQUAL(directory.read("suggestions.jsonl"), suggestions);
    CHECK_EQUAL(directory.read("users.jsonl"), lines(admin, "/api/v2/admin/users?sort=id"));
    CHECK(all.written == 1501 + 250 && all.total == all.written);
    CHECK(all.remaining && all.remaining->count() == 0 && all.records_per_second > 0);
    CHECK(contains(all.json, "\"users\":{\"written\":250,\"total\":250,\"done\":true}"));

    admin.put("/api/v2/admin/suggestions/7", {{"title", "Changed"}});
    CHECK(run(admin, directory, options).written == 1);
    const std::string after = directory.read("suggestions.jsonl");
    CHECK_EQUAL(after.substr(0, suggestions.size()), suggestions);
    CHECK(contains(after.substr(suggestions.size()), "\"title\":\"Changed\""));
    check_throws(Status::invalid_argument, "\"since\"", [&] {
        (void)admin.open_export(directory.name(), ExportOptions(options).since("2026-01-01"));
    });
}

static void options_select_what_is_written(const Client &client, const Client &admin)
{
    const Directory directory;
    uservoice::ExportResource users{"users", ""};
    users.params = {{"allowed_state", "allowed"}};
    users.columns = {"id", "email_address"};
    run(admin, directory,
        ExportOptions().format("csv").since("2013-01-01").until("2099-12-31").resource(users));
    CHECK_EQUAL(directory.read("users.csv").substr(0, 45),
                "id,email_address\n1,owner@sandbox.example\n2,us");
    const Directory full;
    uservoice::ExportResource forums{"all", "/api/v1/forums"};
    forums.incremental = false;
    run(client.as(client.login_as_owner()), full, ExportOptions().resource(forums));
    CHECK(contains(full.read("all.jsonl"), "\"name\":"));
}

static void rejects_locked_directory_and_closed_export(const Client &admin)
{
    const Directory directory;
    const auto options = ExportOptions().resource("users");
    Export first = admin.open_export(directory.name(), options);
    check_throws(Status::file_error, "another export",
                 [&] { (void)admin.open_export(directory.name(), options); });
    Export moved = std::move(first);
    check_throws(Status::invalid_argument, "export", [&] { (void)first.next(); });
    moved.close();
    check_throws(Status::invalid_argument, "export", [&] { (void)moved.next(); });
    (void)admin.open_export(directory.name(), options);
    check_throws(Status::invalid_argument, "directory",
                 [&] { (void)admin.open_export("", options); });
    check_throws(Status::invalid_argument, "resources",
                 [&] { (void)admin.open_export(directory.name(), ExportOptions()); });
}

static void error_names_resource_and_cancel_ends_export(const Client &admin)
{
    const Directory directory;
    const Client client = admin.clone();
    Export opened = client.open_export(directory.name(), ExportOptions().resource("nothing"));
    check_throws(Status::not_found, "(while exporting \"nothing\")", [&] { (void)opened.next(); });
    control_client().post("/_sandbox/faults", R"({"path":"/api/v2/*","delay_ms":600000})");
    std::thread canceller([&] {
        while (!contains(control_client().get("/_sandbox/faults"), "[]"))
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        client.cancel();
    });
    check_throws(Status::cancelled, "", [&] { (void)opened.next(); });
    canceller.join();
}

static void progress_numbers_are_read()
{
    using uservoice::detail::number;
    const std::string json =
        R"({"resources":{"total":{"written":7}},"written":1450,"total":null,"rate":2071.4})";
    CHECK(number(json, "/written") == 1450 && number(json, "/rate") == 2071.4);
    CHECK(!number(json, "/total") && !number(json, "/absent"));
}

// A forked child cannot use its parent's export; the parent continues it.
static void export_belongs_to_process_that_opened_it(const Client &admin)
{
    const Directory directory;
    Export opened = admin.open_export(directory.name(), ExportOptions().resource("users"));
    CHECK(opened.next());
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        const auto progress = opened.try_next();
        opened.close();
        const bool rejected = !progress && progress.error().status() == Status::invalid_argument;
        _exit(rejected && progress.error().argument() == "export" ? 0 : 1);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    while (opened.next())
        ;
    CHECK_EQUAL(directory.read("users.jsonl"), lines(admin, "/api/v2/admin/users?sort=id"));
}

int main()
{
    reset_sandbox();
    const Client client = sandbox_client();
    const Client admin = client.as(client.login_with_client_credentials());
    export_writes_and_updates_files(admin);
    options_select_what_is_written(client, admin);
    rejects_locked_directory_and_closed_export(admin);
    error_names_resource_and_cancel_ends_export(admin);
    export_belongs_to_process_that_opened_it(admin);
    progress_numbers_are_read();
    reset_sandbox();
}
