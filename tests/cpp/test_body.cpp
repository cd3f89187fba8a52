// Requests with a body of any kind, and uploads.
#include "check.hpp"

#include <fstream>
#include <sstream>
#include <vector>

using uservoice::Client;
using uservoice::Json;
using uservoice::Options;
using uservoice::Status;

static const Json form = {{"Content-Type", "application/x-www-form-urlencoded"}};
static const char *const attachments = "/api/v2/admin/attachments";

static void form_is_signed(const Client &client)
{
    const Client user = client.as(client.login_as("user4@sandbox.example"));
    const std::string text = "suggestion%5Btitle%5D=Tea+%26+%C3%A9";
    std::istringstream stream(text);
    for (const uservoice::Body &body : {uservoice::Body(text), uservoice::Body(stream)}) {
        const auto response = user.send("POST", "/api/v1/forums/1/suggestions", form, body);
        CHECK(contains(response, "{\"status\":201,"));
        CHECK(contains(response, "\"title\":\"Tea & \u00e9\""));
    }
}

static void delete_has_a_body(const Client &owner)
{
    CHECK(contains(owner.send("DELETE", "/api/v2/admin/suggestions/999999", form, ""),
                   "{\"status\":404,"));
    // The sandbox rejects a field that it does not know: the body arrived.
    CHECK(contains(owner.send("DELETE", "/api/v2/admin/suggestions/999999", form, "unknown=1"),
                   "{\"status\":422,"));
    CHECK(contains(owner.send("DELETE", "/api/v2/admin/suggestions/999999", form, std::string_view()),
                   "{\"status\":404,"));
}

static void uploads_bytes_and_streams(const Client &owner)
{
    std::string data;
    for (int i = 0; i < 50000; i++)
        data.append("\0\xff\r\n", 4);
    const char *const path = "uservoice-test-body.tmp";
    std::ofstream(path, std::ios::binary) << data;
    std::ifstream file(path, std::ios::binary);
    std::remove(path);
    for (const uservoice::Body &body : {uservoice::Body(data), uservoice::Body(file)}) {
        const auto response = owner.upload(attachments, "a \u00e9.png", body);
        CHECK(contains(response, "\"file_name\":\"a \u00e9.png\""));
        CHECK(contains(response, "\"content_type\":\"image/png\""));
        CHECK(contains(response, "\"size_in_bytes\":200000,"));
    }
    const std::vector<unsigned char> bytes{0xff, 0, '\n'};
    const auto three = owner.upload(attachments, "a", {bytes.data(), bytes.size()}, "text/x-a");
    CHECK(contains(three, "\"size_in_bytes\":3,"));
    const auto none = owner.upload(attachments, "a", {nullptr, 0}, "text/x-a");
    CHECK(contains(none, "\"size_in_bytes\":0,"));
    const auto empty = owner.upload(attachments, "a", "", "text/x-a");
    CHECK(contains(empty, "\"content_type\":\"text/x-a\""));
    CHECK(contains(empty, "\"size_in_bytes\":0,"));

    // The token attaches it.
    const auto token = uservoice::json_get(empty, "/attachments/0/token");
    CHECK(token.has_value());
    owner.put("/api/v2/admin/suggestions/1", {{"attachment_tokens", *token}});
    CHECK(contains(owner.get(attachments, {{"suggestion", 1}}), *token));
}

// A stream without end, which counts what is read.
class Endless : public std::streambuf {
  public:
    std::size_t count = 0;

  private:
    int_type underflow() override
    {
        count += sizeof bytes_;
        setg(bytes_, bytes_, bytes_ + sizeof bytes_);
        return traits_type::to_int_type(bytes_[0]);
    }

    char bytes_[1024] = {};
};

// A stream that fails.
class Broken : public std::streambuf {
    int_type underflow() override { throw std::runtime_error("broken"); }
};

static void streams_are_read_up_to_max_request_bytes()
{
    const auto limited = sandbox_client(sandbox_options().max_request_bytes(1000));
    for (const Client &client : {limited.clone(), limited.clone(Options().max_retries(0)),
                                 limited.clone("{\"max_request_bytes\":1001}")}) {
        Endless endless;
        std::istream stream(&endless);
        check_throws(Status::invalid_argument, "body: the stream is longer than max_request_bytes",
                     [&] { client.send("PUT", "/a", form, stream); });
        CHECK(endless.count < 10000);
        check_throws(Status::invalid_argument, "data: the stream is longer",
                     [&] { client.upload("/a", "a", stream); });
        check_throws(Status::invalid_argument, "max_request_bytes",
                     [&] { client.upload("/a", "a", std::string(1001, 'a')); });
    }
    Broken broken;
    std::istream stream(&broken);
    check_throws(Status::invalid_argument, "body: the stream cannot be read",
                 [&] { limited.send("PUT", "/a", form, stream); });
    CHECK(count_requests() == 0);
}

static void rejects_invalid_arguments(const Client &client)
{
    check_throws(Status::invalid_argument, "method", [&] { client.send("GET", "/", form, ""); });
    check_throws(Status::invalid_argument, "headers", [&] { client.send("PUT", "/", {}, ""); });
    check_throws(Status::invalid_argument, "body", [&] { client.send("PUT", "/", form, "\xff"); });
    check_throws(Status::invalid_argument, "filename", [&] { client.upload("/", "", ""); });
    check_throws(Status::invalid_argument, "content_type",
                 [&] { client.upload("/", "a", "", "png"); });
    CHECK(!client.try_send("GET", "/", form, "") && !client.try_upload("/", "", ""));
}

int main()
{
    reset_sandbox();
    const Client client = sandbox_client();
    rejects_invalid_arguments(client);
    streams_are_read_up_to_max_request_bytes();
    form_is_signed(client);
    const Client owner = client.as(client.login_with_client_credentials());
    delete_has_a_body(owner);
    uploads_bytes_and_streams(owner);
}
