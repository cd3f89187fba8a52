// A library of an incompatible version is rejected. run.sh runs the test normally, and with
// other_version.c preloaded, which reports the version in USERVOICE_TEST_VERSION.
#include "check.hpp"

using uservoice::Status;

int main()
{
    using uservoice::detail::is_compatible;
    for (const char *version : {"0.1.0", "0.1.7", "0.1.0-dev", "0.2.0", "0.10.0"})
        CHECK(is_compatible(version));
    for (const char *version : {"0.0.9", "1.0.0", "1.1.0", "0", "0.", "", "x.y"})
        CHECK(!is_compatible(version));

    if (std::getenv("USERVOICE_TEST_VERSION") == nullptr) {
        CHECK(!uservoice::version_mismatch() && uservoice::version() == USERVOICE_VERSION);
        return 0;
    }
    const std::string message = "compiled for libuservoice " USERVOICE_VERSION
                                " and found libuservoice "
                                + sandbox_env("USERVOICE_TEST_VERSION")
                                + ": install libuservoice 0.1";
    CHECK_EQUAL(uservoice::version(), sandbox_env("USERVOICE_TEST_VERSION"));
    CHECK(contains(uservoice::version_mismatch().value().what(), message));
    const auto mismatch = Status::invalid_argument;
    check_throws(mismatch, message, [] { (void)uservoice::Client("acme", "key", "secret"); });
    check_throws(mismatch, message, [] { uservoice::Token("value", "secret"); });
    check_throws(mismatch, message, [] { uservoice::Token::from_json("{}"); });
    check_throws(mismatch, message, [] { uservoice::sso_token("acme", "key", {{"guid", "1"}}); });
    check_throws(mismatch, message, [] { uservoice::sso_decrypt("acme", "key", "token"); });
    check_throws(mismatch, message, [] { uservoice::sso_jwt("key", {{"guid", "1"}}); });
    check_throws(mismatch, message, [] { uservoice::sso_jwt_verify("key", "token"); });
    check_throws(mismatch, message, [] { uservoice::webhook_read("key", "body"); });
    check_throws(mismatch, message, [] { uservoice::webhook_verify("key", "data", "signature"); });
}
