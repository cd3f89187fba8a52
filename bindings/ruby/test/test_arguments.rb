# frozen_string_literal: true

require_relative "helper"
require "bigdecimal"

# Tests the conversion of arguments, and the errors for invalid ones.
class TestArguments < SandboxTest
  # A byte that Windows-1252 does not define.
  UNDEFINED = "\x81".dup.force_encoding(Encoding::WINDOWS_1252).freeze
  TIME = Time.new(2026, 1, 31, 1, 30, 15.9, "+01:00")

  # Sends params and returns the query. The sandbox checks that it is signed as it was sent.
  def query(**params)
    client.get("/api/v1/forums", params)
    Sandbox.requests.last["query"]
  end

  def test_converts_times_in_params
    assert_equal "a=2026-01-31T00%3A30%3A15Z", query(a: TIME)
    assert_equal "a=2026-01-31T00%3A30%3A15Z", query(a: TIME.to_datetime)
    assert_equal "a=2026-01-31", query(a: Date.new(2026, 1, 31))
  end

  def test_converts_times_in_sso_users
    token = UserVoice.sso_token("acme", "key", { guid: 1, expires: TIME })
    assert_equal "2026-01-31 00:30:15", UserVoice.decrypt_sso_token("acme", "key", token)["expires"]
  end

  def test_converts_expiry_times_of_jwts
    expiry_times = { TIME => TIME.to_i, TIME.to_datetime => TIME.to_i, 1_769_819_415 => 1_769_819_415,
                     Date.new(2026, 1, 31) => Time.utc(2026, 1, 31).to_i }
    expiry_times.each do |time, seconds|
      [{ exp: time }, { "exp" => time }].each { |exp| assert_equal({ "exp" => seconds }, claims(**exp)) }
    end
    { TIME => "2026-01-31 00:30:15", TIME.to_datetime => "2026-01-31 00:30:15",
      Date.new(2026, 1, 31) => "2026-01-31 00:00:00" }.each do |time, string|
      assert_equal({ "expires" => string }, claims(expires: time))
    end
  end

  # Returns the claims that hold the expiry time, also of an expired token.
  def claims(**expiry_time)
    claims = UserVoice.sso_jwt("key", { guid: 1, email: "a" }.merge(expiry_time)).split(".")[1]
    JSON.parse(claims.unpack1("m")).except("guid", "email")
  end

  def test_converts_strings_in_params
    assert_equal "a=%C3%A9&%C3%A9=1", query(a: "é".b, "é".encode("UTF-16LE") => 1)
    client.get("/api/v1/forums", { "page" => 2 }, page: 1)
    assert_equal "page=1", Sandbox.requests.last["query"]
  end

  def test_option_names_are_symbols_or_strings
    options = { "base_url" => Sandbox.url, "response_format" => "json", "oauth_token" => "token", "logger" => nil }
    client = UserVoice::Client.new("sandbox", Sandbox.api_key, Sandbox.api_secret, options)
    assert_equal "token", client.token
    assert_kind_of String, UserVoice::Client.new("sandbox", Sandbox.api_key, options.except("oauth_token")).get("/api/v1/forums")
  end

  def test_refuses_options_of_the_library_and_headers_of_methods_without
    { /\Atimeout_ms is not an option: pass timeout/ => -> { Sandbox.client(timeout_ms: 5) },
      /\Amax_retry_wait_ms is not an option/ => -> { client.with("max_retry_wait_ms" => 5) },
      /\Aget takes no headers: use Client#send_request/ => -> { client.get("/x", headers: { "Accept" => "a" }) },
      /\Apost takes no headers/ => -> { client.request(:post, "/x", {}, headers: {}) } }.each do |expected, call|
      assert_match expected, assert_raises(ArgumentError, &call).message
    end
    assert_empty Sandbox.requests
  end

  def test_with_refuses_an_access_token
    [{ oauth_token: "t" }, { "oauth_token" => "t" }, { oauth_token_secret: "s" }].each do |options|
      message = assert_raises(ArgumentError) { client.with(**options) }.message
      assert_match(/\Aoauth_token(_secret)? cannot be changed: use Client#login_with_access_token\z/, message)
    end
    assert_kind_of UserVoice::Client, client.with(oauth_token: nil)
  end

  def test_takes_names_as_strings_in_keyword_arguments_and_hashes
    options = { "base_url" => Sandbox.url, "response_format" => "json" }
    [UserVoice::Client.new("sandbox", Sandbox.api_key, Sandbox.api_secret, **options),
     client.with({ "response_format" => "json" })].each do |one|
      assert_kind_of String, one.get("/api/v1/forums")
    end
  end

  def test_with_takes_names_as_strings
    assert_kind_of String, client.with("response_format" => "json", "timeout" => 5).get("/api/v1/forums")
  end

  def test_converts_sets_and_hashes
    assert_equal "ids%5B%5D=1&ids%5B%5D=b", query(ids: Set[1, :b])
    assert_equal "o%5Bk%5D=v", query(o: { k: "v".encode("UTF-16LE") })
  end

  def test_converts_objects_with_to_json_or_as_json
    object = Class.new { def to_json(*) = '"own"' }.new
    assert_equal "a=own", query(a: object)
    rails = Class.new { def as_json = { k: Time.at(0) } }.new
    assert_equal "a%5Bk%5D=1970-01-01T00%3A00%3A00Z", query(a: rails)
  end

  def test_converts_options
    file = Pathname("/etc/ssl/certs/ca-certificates.crt")
    Sandbox.fault({ path: "/api/v1/forums", delay_ms: 60_000 })
    assert_raises(UserVoice::TimeoutError) do
      Sandbox.client(timeout: 1/5r, max_retries: 0, ca_file: file).get("/api/v1/forums")
    end
  end

  def test_type_errors_name_the_argument
    {
      "path must be a String, not nil" => -> { client.get(nil) },
      "params: Object cannot be converted to JSON" => -> { client.get("/x", a: [{ b: Object.new }]) },
      "params: BigDecimal cannot be converted" => -> { client.post("/x", BigDecimal(1)) },
      "params: UserVoice::Client cannot be converted" => -> { client.post("/x", a: client) },
      "headers: Object cannot be converted" => -> { client.send_request(:get, "/x", headers: { a: Object.new }) },
      "user: Range cannot be converted" => -> { UserVoice.sso_jwt("key", { a: 1..2 }) },
      "token must be a String, not nil" => -> { client.login_with_access_token(nil, nil) },
      "body must be a String, not Hash" => -> { UserVoice.read_webhook("key", {}) },
      "timeout must be a number of seconds, not Array" => -> { Sandbox.client(timeout: []) },
      "valid_for must be an Integer, not String" => -> { UserVoice.sso_token("a", "k", {}, valid_for: "1") },
      "limit must be an Integer, not String" => -> { client.collection("/x", limit: "1") },
      "index must be an Integer, not nil" => -> { client.collection("/x")[nil] },
      "params must be a Hash, not Array" => -> { client.collection("/x", [1]) },
      "params must be a Hash, not String" => -> { client.collection("/x", "{}") },
      "options must be a Hash, not String" => -> { UserVoice::Client.new("acme", "key", "secret", "x") },
      "options must be a Hash, not Integer" => -> { UserVoice.configure { |config| config.options = 5 } },
      "api_secret must be a String, not FalseClass" => -> { UserVoice::Client.new("acme", "key", false) },
      "request_token must be a UserVoice::Token, not nil" => -> { client.authorize_url(nil) },
      "request_token must be a UserVoice::Token, not String" => -> { client.login_with_verifier("v", request_token: "t") },
      "oauth_token must be a String, not UserVoice::Token" => -> { Sandbox.client(oauth_token: UserVoice::Token.new("t")) },
      "logger must have the methods info?, info and warn of Logger (got IO)" => -> { Sandbox.client(logger: $stderr) },
      "user must be a Hash, not String" => -> { UserVoice.generate_sso_token("acme", "key", "{}") }
    }.each { |expected, call| assert_includes assert_raises(TypeError, &call).message, expected }
    assert_empty Sandbox.requests
  end

  def test_invalid_values_name_the_argument
    circle = {}
    circle[:circle] = circle
    {
      /\Aparams: contains NaN, which JSON cannot represent/ => -> { client.get("/x", a: Float::NAN) },
      /\Aparams: contains a string that is not valid UTF-8/ => -> { client.get("/x", a: ["\xff".b]) },
      /\Aparams: contains a string that cannot be converted from Windows-1252/ => -> { client.get("/x", { UNDEFINED => 1 }) },
      /\Aparams: must not be nested deeper/ => -> { client.get("/x", circle) },
      /\Atimeout: must be a number of seconds \(got NaN\)/ => -> { Sandbox.client(timeout: Float::NAN) },
      /\Amax_retry_wait: must be a number of seconds \(got "soon"\)/ => -> { Sandbox.client(max_retry_wait: "soon") },
      /\Avalid_for: is too large/ => -> { UserVoice.sso_jwt("key", {}, valid_for: 2**70) },
      /\Avalid_for: must be at least 1 second/ => -> { UserVoice.sso_jwt("key", {}, valid_for: -0.5) },
      /\Alimit: is too large/ => -> { client.collection("/x", limit: 2**70) },
      /\Alimit: must not be negative/ => -> { client.collection("/x", limit: -1) },
      /\Anumber: must not be negative/ => -> { client.collection("/api/v1/users", limit: 0).last(-1) }
    }.each do |expected, call|
      error = assert_raises(UserVoice::InvalidArgument, &call)
      assert_match expected, error.message
      assert_equal [:invalid_argument, :not_sent, error.message[/\A\w+/]], [error.status, error.outcome, error.argument]
    end
    error = assert_raises(UserVoice::SignatureVerificationError) { UserVoice.decrypt_sso_token("a", "k", "\xff") }
    assert_equal ["the token is not valid UTF-8", :not_verified, :not_sent], [error.message, error.status, error.outcome]
    assert_match(/\Apath contains a null byte/, assert_raises(ArgumentError) { client.get("/\0") }.message)
    assert_match(/\Apath cannot be converted from Windows-1252/, assert_raises(ArgumentError) { client.get(UNDEFINED) }.message)
    assert_raises(UserVoice::SignatureVerificationError) { UserVoice.verify_webhook("key", "data", UNDEFINED) }
    assert_empty Sandbox.requests
  end

  # They come from the user, or from a redirect that anyone can forge.
  def test_credentials_that_are_not_strings_of_characters_are_unauthorized
    request_token = client.request_token
    ["\xff", "\0", UNDEFINED].each do |invalid|
      [-> { client.login_with_verifier(invalid, request_token: request_token) },
       -> { client.login_with_code(invalid, code_verifier: "a" * 43, redirect_uri: "https://app.example") },
       -> { client.login_as("\xff@example.com") }, -> { client.login_with_password(invalid, "secret") },
       -> { client.login_with_password("jo@example.com", invalid) }].each do |call|
        error = assert_raises(UserVoice::Unauthorized, &call)
        assert_equal [:unauthorized, :not_sent], [error.status, error.outcome]
      end
    end
  end

  def test_error_has_the_argument_that_the_library_names
    {
      "options.timeout_ms" => -> { Sandbox.client(timeout: 0) },
      "options.connect_timeout_ms" => -> { client.with(connect_timeout: 86_401) },
      "options.max_retry_wait_ms" => -> { client.with(max_retry_wait: -1) },
      "options.max_retries" => -> { client.with(max_retries: 101) },
      "options.a_timeout_ms" => -> { client.with(a_timeout_ms: 1) },
      "path" => -> { client.get("forums") },
      "valid_for_seconds" => -> { UserVoice.sso_jwt("key", valid_for: -5, guid: 1, email: "a") },
      "leeway_seconds" => -> { UserVoice.verify_sso_jwt("key", "a.b.c", leeway: -1) },
      "user" => -> { UserVoice.sso_token("acme", "key", []) },
      "user.guid" => -> { UserVoice.sso_jwt("key", {}) },
      "json.token" => -> { UserVoice::Token.load("{}") },
      "sso_key" => -> { UserVoice.verify_sso_jwt("", "a.b.c") }
    }.each do |argument, call|
      error = assert_raises(UserVoice::InvalidArgument, &call)
      assert_equal argument, error.argument
      assert error.message.start_with?("#{argument}: "), error.message
      assert_nil error.request
    end
  end

  def test_sso_user_is_a_hash_or_keywords
    token = UserVoice.sso_token("acme", "key", guid: 1, "email" => "a", valid_for: 60)
    assert_equal [1, "a"], UserVoice.decrypt_sso_token("acme", "key", token).values_at("guid", "email")
    token = UserVoice.sso_jwt("key", guid: 1, email: "a", valid_for: 60)
    assert_equal [1, "a"], UserVoice.verify_sso_jwt("key", token).values_at("guid", "email")

    { /\Auser is missing: pass a Hash/ => [[nil], {}],
      /\Auser must not be combined.*: email\z/ => [[{ guid: 1 }], { email: "a" }] }.each do |expected, (user, attributes)|
      error = assert_raises(ArgumentError) { UserVoice.sso_jwt("key", *user, **attributes) }
      assert_match expected, error.message
      error = assert_raises(ArgumentError) { UserVoice.sso_token("acme", "key", *user, **attributes) }
      assert_match expected, error.message
    end
    assert_raises(ArgumentError) { UserVoice.sso_jwt("key") }
  end

  def test_index_beyond_int64
    assert_nil client.collection("/api/v1/users")[10**30]
  end

  def test_frozen_client
    assert_equal 3, client.freeze.get("/api/v1/forums")["forums"].size
  end
end
