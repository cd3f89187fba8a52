// Runs the cases of tests/conformance/cases.json.
// Usage: conformance CASES.JSON
#include "check.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <iostream>
#include <vector>

using nlohmann::json;
using uservoice::Client;

// The result of a case.
struct Actual {
    std::string response; // of "call"
    std::vector<std::string> records;
    std::optional<std::size_t> length;
    std::string token;
    std::string user;
    std::optional<uservoice::Error> error;
};

static int failures = 0;

static void expect(const json &item, const std::string &field, const json &expected,
                   const json &actual)
{
    if (expected == actual)
        return;
    std::cerr << item["name"].get<std::string>() << ": " << field << " is " << actual
              << " instead of " << expected << '\n';
    failures++;
}

static uservoice::Json optional_json(const json &item, const char *key)
{
    return item.contains(key) ? uservoice::Json(item[key].dump()) : uservoice::Json();
}

static Client client_of(const json &item)
{
    json options = item.value("options", json::object());
    options["base_url"] = sandbox_env("USERVOICE_SANDBOX_URL");
    const std::string as = item.value("as", "key");
    std::optional<std::string> secret = sandbox_env("USERVOICE_SANDBOX_API_SECRET");
    if (as == "public")
        secret.reset();
    Client client("sandbox", sandbox_env("USERVOICE_SANDBOX_API_KEY"), secret, options.dump());
    if (as == "key" || as == "public")
        return client;
    return client.as(as == "owner" ? client.login_as_owner() : client.login_as(as));
}

static std::string send_request(const Client &client, const json &call)
{
    const auto method = call.at("method").get<std::string>();
    const auto path = call.at("path").get<std::string>();
    const auto params = optional_json(call, "params");
    if (method == "get")
        return client.get(path, params);
    if (method == "post")
        return client.post(path, params);
    if (method == "put")
        return client.put(path, params);
    CHECK(method == "delete");
    return client.del(path, params);
}

static void run(const json &item, const Client &client, Actual &actual)
{
    if (item.contains("call")) {
        actual.response = send_request(client, item["call"]);
    } else if (item.contains("collection")) {
        const json &collection = item["collection"];
        auto list = client.collection(collection.at("path").get<std::string>(),
                                      optional_json(collection, "params"));
        for (auto &&record : list)
            actual.records.push_back(record);
        const auto length = list.try_length();
        if (length)
            actual.length = *length;
        else
            CHECK(length.error().status() == uservoice::Status::bad_response);
    } else {
        const json &sso = item.at("sso");
        const auto subdomain = sso.at("subdomain").get<std::string>();
        const auto key = sso.at("key").get<std::string>();
        actual.token = uservoice::sso_token(subdomain, key, sso.at("user").get<std::string>(),
                                            std::chrono::seconds(sso.at("valid_for").get<int>()));
        actual.user = uservoice::sso_decrypt(subdomain, key, actual.token);
    }
}

template <class T> static json or_null(const std::optional<T> &value)
{
    return value ? json(*value) : json();
}

static void check_error(const json &item, const uservoice::Error &error)
{
    for (const auto &[key, expected] : item["expect"]["error"].items()) {
        json actual;
        if (key == "status")
            actual = uservoice::status_name(error.status());
        else if (key == "http_status")
            actual = or_null(error.http_status());
        else if (key == "type")
            actual = or_null(error.type());
        else if (key == "retry_after_ms")
            actual = error.retry_after() ? json(error.retry_after()->count()) : json();
        else if (key == "outcome")
            actual = static_cast<int>(error.outcome());
        else if (key == "message")
            actual = contains(error.what(), expected.get<std::string>()) ? expected
                                                                         : json(error.what());
        else
            actual = "unknown to this runner";
        expect(item, "error/" + key, expected, actual);
    }
}

static json id_of(const std::string &record)
{
    return json::parse(record).at("id");
}

static void check(const json &item, const Actual &actual)
{
    if (item["expect"].contains("error") != actual.error.has_value()) {
        expect(item, "error", item["expect"].value("error", json()),
               actual.error ? json(actual.error->what()) : json());
        return;
    }
    for (const auto &[key, expected] : item["expect"].items()) {
        if (key == "error")
            check_error(item, *actual.error);
        else if (key == "at")
            for (const auto &[path, value] : expected.items())
                expect(item, path, value,
                       json::parse(actual.response).value(json::json_pointer("/" + path), json()));
        else if (key == "empty")
            expect(item, key, "null", actual.response);
        else if (key == "records")
            expect(item, key, expected, actual.records.size());
        else if (key == "length")
            expect(item, key, expected, or_null(actual.length));
        else if (key == "first_id")
            expect(item, key, expected, id_of(actual.records.at(0)));
        else if (key == "last_id")
            expect(item, key, expected, id_of(actual.records.at(actual.records.size() - 1)));
        else if (key == "user")
            expect(item, key, expected, actual.user);
        else if (key == "user_contains")
            expect(item, key, true, contains(actual.user, expected.get<std::string>()));
        else if (key == "token")
            expect(item, key, expected, actual.token);
        else if (key == "requests")
            expect(item, key, expected, count_requests());
        else
            expect(item, key, expected, "unknown to this runner");
    }
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    const json cases = json::parse(std::ifstream(argv[1]));
    for (const json &item : cases) {
        const Client control = control_client();
        control.post("/_sandbox/reset");
        const Client client = client_of(item);
        if (item.contains("faults"))
            control.post("/_sandbox/faults", item["faults"].dump());
        control.del("/_sandbox/requests");
        Actual actual;
        try {
            run(item, client, actual);
        } catch (const uservoice::Error &error) {
            actual.error = error;
        }
        check(item, actual);
    }
    std::cout << "conformance: " << cases.size() << " cases, " << failures << " failures\n";
    return failures == 0 && !cases.empty() ? 0 : 1;
}
