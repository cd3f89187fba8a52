// A library of another version is refused. run.sh runs it with other_version.c loaded
// first, which calls itself what USERVOICE_TEST_VERSION says, or nothing special.
#include "check.hpp"

using uservoice::Status;

int main()
{
    using uservoice::detail::fits;
    CHECK(fits("0.1.0") && fits("0.1.7") && fits("0.1.0-dev") && fits("0.2.0") && fits("0.10.0"));
    for (const char *version : {"0.0.9", "1.0.0", "1.1.0", "0", "0.", "", "x.y"})
        CHECK(!fits(version));

    if (std::getenv("USERVOICE_TEST_VERSION") == nullptr) {
        CHECK(!uservoice::version_mismatch() && uservoice::version() == USERVOICE_VERSION);
        return 0;
    }
    const std::string says = "compiled for libuservoice " USERVOICE_VERSION
                             " and found libuservoice " + sandbox("USERVOICE_TEST_VERSION")
                             + ": install libuservoice 0.1";
    EQUAL(uservoice::version(), sandbox("USERVOICE_TEST_VERSION"));
    CHECK(contains(uservoice::version_mismatch().value().what(), says));
    const auto mismatch = Status::invalid_argument;
    fails(mismatch, says, [] { uservoice::Client("acme", "key", "secret"); });
    fails(mismatch, says, [] { uservoice::Token("value", "secret"); });
    fails(mismatch, says, [] { uservoice::Token::from_json("{}"); });
    fails(mismatch, says, [] { uservoice::sso_token("acme", "key", {{"guid", "1"}}); });
    fails(mismatch, says, [] { uservoice::sso_decrypt("acme", "key", "token"); });
    fails(mismatch, says, [] { uservoice::sso_jwt("key", {{"guid", "1"}}); });
    fails(mismatch, says, [] { uservoice::sso_jwt_verify("key", "token"); });
    fails(mismatch, says, [] { uservoice::webhook_read("key", "body"); });
    fails(mismatch, says, [] { uservoice::webhook_verify("key", "data", "signature"); });
}
