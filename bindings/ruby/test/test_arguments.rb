# frozen_string_literal: true

require_relative "helper"
require "bigdecimal"

# Values that arguments take, and what is said of those that they do not.
class TestArguments < SandboxTest
  MOMENT = Time.new(2026, 1, 31, 1, 30, 15.9, "+01:00")

  def sent(**params)
    client.get("/api/v1/forums", params) # signed as it is sent
    Sandbox.requests.last["query"]
  end

  def test_moments_are_sent_as_the_api_takes_them
    assert_equal "a=2026-01-31T00%3A30%3A15Z", sent(a: MOMENT)
    assert_equal "a=2026-01-31T00%3A30%3A15Z", sent(a: MOMENT.to_datetime)
    assert_equal "a=2026-01-31", sent(a: Date.new(2026, 1, 31))
  end

  def test_a_moment_of_single_sign_on_has_its_form
    token = UserVoice.sso_token("acme", "key", { guid: 1, expires: MOMENT })
    assert_equal "2026-01-31 00:30:15", UserVoice.decrypt_sso_token("acme", "key", token)["expires"]
  end

  def test_collections_of_ruby
    assert_equal "ids%5B%5D=1&ids%5B%5D=b", sent(ids: Set[1, :b])
    assert_equal "o%5Bk%5D=v", sent(o: { k: "v".encode("UTF-16LE") })
  end

  def test_an_object_that_knows_its_json
    own = Class.new { def to_json(*) = '"own"' }.new
    assert_equal "a=own", sent(a: own)
    rails = Class.new { def as_json = { k: Time.at(0) } }.new
    assert_equal "a%5Bk%5D=1970-01-01T00%3A00%3A00Z", sent(a: rails)
  end

  def test_options
    file = Pathname("/etc/ssl/certs/ca-certificates.crt")
    Sandbox.fault({ path: "/api/v1/forums", delay_ms: 60_000 })
    assert_raises(UserVoice::TimeoutError) do
      Sandbox.client(timeout: 1/5r, max_retries: 0, ca_file: file).get("/api/v1/forums")
    end
  end

  def test_wrong_types_are_told_with_their_names
    {
      "path must be a String, not nil" => -> { client.get(nil) },
      "params: Object has no form in JSON" => -> { client.get("/x", a: [{ b: Object.new }]) },
      "params: BigDecimal has no form" => -> { client.post("/x", BigDecimal(1)) },
      "params: UserVoice::Client has no form" => -> { client.post("/x", a: client) },
      "headers: Object has no form" => -> { client.response(:get, "/x", headers: { a: Object.new }) },
      "user: Range has no form" => -> { UserVoice.sso_jwt("key", { a: 1..2 }) },
      "token must be a String, not nil" => -> { client.login_with_access_token(nil, nil) },
      "body must be a String, not Hash" => -> { UserVoice.webhook("key", {}) },
      "timeout must be a number of seconds, not Array" => -> { Sandbox.client(timeout: []) },
      "valid_for must be an Integer, not String" => -> { UserVoice.sso_token("a", "k", {}, valid_for: "1") },
      "limit must be an Integer, not String" => -> { client.collection("/x", limit: "1") },
      "index must be an Integer, not nil" => -> { client.collection("/x")[nil] }
    }.each { |said, wrong| assert_includes assert_raises(TypeError, &wrong).message, said }
    assert_empty Sandbox.requests
  end

  def test_wrong_values_are_told_with_their_names
    circle = {}
    circle[:circle] = circle
    {
      /\Aparams: .*NaN/ => -> { client.get("/x", a: Float::NAN) },
      /\Aparams: / => -> { client.get("/x", a: "\xff") },
      /\Aparams: nested deeper/ => -> { client.get("/x", circle) },
      /\Atimeout must be .* not NaN/ => -> { Sandbox.client(timeout: Float::NAN) },
      /\Amax_retry_wait must be/ => -> { Sandbox.client(max_retry_wait: "soon") },
      /\Avalid_for is too large/ => -> { UserVoice.sso_jwt("key", {}, valid_for: 2**70) },
      /\Alimit is too large/ => -> { client.collection("/x", limit: 2**70) },
      /\Alimit must not be negative/ => -> { client.collection("/x", limit: -1) },
      /\Anumber must not be negative/ => -> { client.collection("/api/v1/users", limit: 0).last(-1) },
      /\Atoken is not valid UTF-8/ => -> { UserVoice.decrypt_sso_token("a", "k", "\xff") }
    }.each do |said, wrong|
      error = assert_raises(UserVoice::InvalidArgument, &wrong)
      assert_match said, error.message
      assert_equal %i[invalid_argument not_sent], [error.status, error.outcome]
    end
    assert_match(/\Apath contains a null byte/, assert_raises(ArgumentError) { client.get("/\0") }.message)
    assert_empty Sandbox.requests
  end

  def test_an_index_beyond_all_numbers
    assert_nil client.collection("/api/v1/users")[10**30]
  end

  def test_frozen_clients_work
    assert_equal 3, client.freeze.get("/api/v1/forums")["forums"].size
  end
end
