// Runs tests/conformance/cases.json, as every binding does.
// Usage: conformance CASES.JSON
#include "check.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <iostream>
#include <vector>

using nlohmann::json;
using uservoice::Client;

// What a case came to.
struct Outcome {
    std::string answer; // of "call"
    std::vector<std::string> records;
    std::optional<std::size_t> length;
    std::string token;
    std::string user;
    std::optional<uservoice::Error> error;
};

static int failures = 0;

static void expect(const json &item, const std::string &what, const json &wanted, const json &got)
{
    if (wanted == got)
        return;
    std::cerr << item["name"].get<std::string>() << ": " << what << " is " << got << " instead of "
              << wanted << '\n';
    failures++;
}

static uservoice::Json text_of(const json &item, const char *key)
{
    return item.contains(key) ? uservoice::Json(item[key].dump()) : uservoice::Json();
}

static Client client_of(const json &item)
{
    json options = item.value("options", json::object());
    options["base_url"] = sandbox("USERVOICE_SANDBOX_URL");
    const std::string as = item.value("as", "key");
    std::optional<std::string> secret = sandbox("USERVOICE_SANDBOX_API_SECRET");
    if (as == "public")
        secret.reset();
    Client client("sandbox", sandbox("USERVOICE_SANDBOX_API_KEY"), secret, options.dump());
    if (as == "key" || as == "public")
        return client;
    return client.as(as == "owner" ? client.login_as_owner() : client.login_as(as));
}

static std::string call(const Client &client, const json &call)
{
    const auto method = call.at("method").get<std::string>();
    const auto path = call.at("path").get<std::string>();
    const auto params = text_of(call, "params");
    if (method == "get")
        return client.get(path, params);
    if (method == "post")
        return client.post(path, params);
    if (method == "put")
        return client.put(path, params);
    CHECK(method == "delete");
    return client.del(path, params);
}

static void run(const json &item, const Client &client, Outcome &outcome)
{
    if (item.contains("call")) {
        outcome.answer = call(client, item["call"]);
    } else if (item.contains("collection")) {
        const json &asked = item["collection"];
        auto list = client.collection(asked.at("path").get<std::string>(), text_of(asked, "params"));
        for (auto &&record : list)
            outcome.records.push_back(record);
        outcome.length = list.length();
    } else {
        const json &sso = item.at("sso");
        const auto subdomain = sso.at("subdomain").get<std::string>();
        const auto key = sso.at("key").get<std::string>();
        outcome.token = uservoice::sso_token(subdomain, key, sso.at("user").get<std::string>(),
                                             std::chrono::seconds(sso.at("valid_for").get<int>()));
        outcome.user = uservoice::sso_decrypt(subdomain, key, outcome.token);
    }
}

template <class T> static json or_null(const std::optional<T> &value)
{
    return value ? json(*value) : json();
}

static void check_error(const json &item, const uservoice::Error &error)
{
    for (const auto &[key, wanted] : item["expect"]["error"].items()) {
        json got;
        if (key == "status")
            got = uservoice::status_name(error.status());
        else if (key == "http_status")
            got = or_null(error.http_status());
        else if (key == "type")
            got = or_null(error.type());
        else if (key == "retry_after_ms")
            got = error.retry_after() ? json(error.retry_after()->count()) : json();
        else if (key == "outcome")
            got = static_cast<int>(error.outcome());
        else if (key == "message")
            got = contains(error.what(), wanted.get<std::string>()) ? wanted : json(error.what());
        else
            got = "nothing that this runner knows";
        expect(item, "error/" + key, wanted, got);
    }
}

static json id_of(const std::string &record)
{
    return json::parse(record).at("id");
}

static void check(const json &item, const Outcome &outcome)
{
    if (item["expect"].contains("error") != outcome.error.has_value()) {
        expect(item, "error", item["expect"].value("error", json()),
               outcome.error ? json(outcome.error->what()) : json());
        return;
    }
    for (const auto &[key, wanted] : item["expect"].items()) {
        if (key == "error")
            check_error(item, *outcome.error);
        else if (key == "at")
            for (const auto &[path, value] : wanted.items())
                expect(item, path, value,
                       json::parse(outcome.answer).value(json::json_pointer("/" + path), json()));
        else if (key == "empty")
            expect(item, key, "null", outcome.answer);
        else if (key == "records")
            expect(item, key, wanted, outcome.records.size());
        else if (key == "length")
            expect(item, key, wanted, or_null(outcome.length));
        else if (key == "first_id")
            expect(item, key, wanted, id_of(outcome.records.at(0)));
        else if (key == "last_id")
            expect(item, key, wanted, id_of(outcome.records.at(outcome.records.size() - 1)));
        else if (key == "user")
            expect(item, key, wanted, outcome.user);
        else if (key == "user_contains")
            expect(item, key, true, contains(outcome.user, wanted.get<std::string>()));
        else if (key == "token")
            expect(item, key, wanted, outcome.token);
        else if (key == "requests")
            expect(item, key, wanted, requests_seen());
        else
            expect(item, key, wanted, "nothing that this runner knows");
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
        Outcome outcome;
        try {
            run(item, client, outcome);
        } catch (const uservoice::Error &error) {
            outcome.error = error;
        }
        check(item, outcome);
    }
    std::cout << "conformance: " << cases.size() << " cases, " << failures << " failures\n";
    return failures == 0 && !cases.empty() ? 0 : 1;
}
