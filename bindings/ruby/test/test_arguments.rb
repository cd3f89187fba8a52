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

  def test_the_end_of_a_token_is_any_moment
    ends = { MOMENT => MOMENT.to_i, MOMENT.to_datetime => MOMENT.to_i, 1_769_819_415 => 1_769_819_415,
             Date.new(2026, 1, 31) => Time.utc(2026, 1, 31).to_i }
    ends.each do |given, seconds|
      [{ exp: given }, { "exp" => given }].each { |exp| assert_equal({ "exp" => seconds }, claims(**exp)) }
    end
    { MOMENT => "2026-01-31 00:30:15", MOMENT.to_datetime => "2026-01-31 00:30:15",
      Date.new(2026, 1, 31) => "2026-01-31 00:00:00" }.each do |given, text|
      assert_equal({ "expires" => text }, claims(expires: given))
    end
  end

  # Of a token that has ended.
  def claims(**ending)
    claims = UserVoice.sso_jwt("key", { guid: 1, email: "a" }.merge(ending)).split(".")[1]
    JSON.parse(claims.unpack1("m")).except("guid", "email")
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

  # Those that the library judges, by other names and in other units.
  def test_messages_have_the_names_and_units_of_ruby
    {
      "timeout: must be from 0.001 to 86400 s" => -> { Sandbox.client(timeout: 0) },
      "connect_timeout: must be from 0.001 to 86400 s" => -> { client.with(connect_timeout: 86_401) },
      "max_retry_wait: must be from 0 to 86400 s" => -> { client.with(max_retry_wait: -1) },
      "valid_for: must be from 0 (the default, 300) to 3162240000 s" =>
        -> { UserVoice.sso_jwt("key", valid_for: -5, guid: 1, email: "a") },
      "leeway: must be from 0 to 3162240000 s" => -> { UserVoice.verify_sso_jwt("key", "a.b.c", leeway: -1) },
      'user: must have "guid"' => -> { UserVoice.sso_jwt("key", {}) },
      "user: must be a JSON object" => -> { UserVoice.sso_token("acme", "key", []) },
      "text: must be a JSON object" => -> { UserVoice::Token.load("kept") },
      'text: must have "token"' => -> { UserVoice::Token.load("{}") }
    }.each do |said, wrong|
      message = assert_raises(UserVoice::InvalidArgument, &wrong).message
      assert message.start_with?(said), message
    end
  end

  def test_other_messages_are_the_librarys
    { 'options: "max_retries": must be a whole number from 0 to 100' => { max_retries: 101 },
      'options: unknown option "a_timeout_ms"; there are protocol, ' => { a_timeout_ms: 1 } }.each do |said, options|
      message = assert_raises(UserVoice::InvalidArgument) { client.with(**options) }.message
      assert message.start_with?(said), message
      refute_match(/[ ,]\w*_ms/, message)
    end
    Sandbox.fault({ path: "/api/v1/forums", status: 400, body: '{"errors":{"message":"unknown: a, timeout_ms"}}' })
    assert_includes assert_raises(UserVoice::APIError) { client.get("/api/v1/forums") }.message, "unknown: a, timeout_ms"
  end

  def test_a_user_is_a_hash_or_keywords
    made = UserVoice.sso_token("acme", "key", guid: 1, "email" => "a", valid_for: 60)
    assert_equal [1, "a"], UserVoice.decrypt_sso_token("acme", "key", made).values_at("guid", "email")
    made = UserVoice.sso_jwt("key", guid: 1, email: "a", valid_for: 60)
    assert_equal [1, "a"], UserVoice.verify_sso_jwt("key", made).values_at("guid", "email")

    { /\Auser must be given: a Hash/ => [[nil], {}], /\Auser must be given once.*: email\z/ => [[{ guid: 1 }], { email: "a" }] }
      .each do |said, (user, attributes)|
      error = assert_raises(ArgumentError) { UserVoice.sso_jwt("key", *user, **attributes) }
      assert_match said, error.message
      error = assert_raises(ArgumentError) { UserVoice.sso_token("acme", "key", *user, **attributes) }
      assert_match said, error.message
    end
    assert_raises(ArgumentError) { UserVoice.sso_jwt("key") }
  end

  def test_an_index_beyond_all_numbers
    assert_nil client.collection("/api/v1/users")[10**30]
  end

  def test_frozen_clients_work
    assert_equal 3, client.freeze.get("/api/v1/forums")["forums"].size
  end
end
