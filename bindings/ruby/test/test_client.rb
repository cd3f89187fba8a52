# frozen_string_literal: true

require_relative "helper"
require "yaml"
require "pp"

class TestClient < SandboxTest
  def test_params_are_keywords_a_hash_or_both
    assert_equal 2, client.get("/api/v1/users", per_page: 2)["users"].size
    assert_equal 2, client.get("/api/v1/users", { "per_page" => 2 })["users"].size
    assert_equal 3, client.get("/api/v1/users", { page: 1 }, per_page: 3)["users"].size
    assert_equal 10, client.get("/api/v1/users", page: nil)["users"].size
    assert_equal 4, client.get("/api/v1/users?per_page=4")["users"].size
  end

  def test_post_put_and_delete
    owner = client.login_as_owner
    forum = owner.post("/api/v1/forums", forum: { name: "Größe" })["forum"]
    assert_equal "Größe", forum["name"]
    path = "/api/v1/forums/#{forum['id']}"
    assert_equal forum["id"], owner.delete(path)["forum"]["id"]
    assert_raises(UserVoice::NotFound) { owner.get(path) }

    path = "/api/v1/suggestions/7"
    assert_equal "x", owner.put(path, { suggestion: { title: "x" } })["suggestion"]["title"]
    assert_equal "y", owner.put(path, '{"suggestion":{"title":"y"}}')["suggestion"]["title"]
  end

  def test_error_has_the_fields_of_the_response
    error = assert_raises(UserVoice::NotFound) { client.get("/api/v1/suggestions/999999") }
    assert_kind_of UserVoice::APIError, error
    assert_equal [:not_found, 404, "record_not_found", nil, :answered],
                 [error.status, error.http_status, error.type, error.retry_after, error.outcome]
    assert_equal ["GET /api/v1/suggestions/999999", nil], [error.request, error.argument]
    assert error.message.start_with?("GET /api/v1/suggestions/999999: HTTP 404: "), error.message
    assert_equal "record_not_found", JSON.parse(error.body)["errors"]["type"]
    assert_includes error.backtrace.join("\n"), "#{__method__}"
    assert_equal Encoding::UTF_8, error.message.encoding
  end

  def test_error_has_the_headers_of_the_response
    error = assert_raises(UserVoice::NotFound) { client.get("/api/v1/suggestions/999999") }
    assert_match(/json/, error.header("Content-Type"))
    assert_equal error.header("Content-Type"), error.header(:"CONTENT-TYPE")
    assert_nil error.header("X-Missing")
    assert_nil assert_raises(UserVoice::InvalidArgument) { client.get("forums") }.header("Content-Type")
    assert_nil UserVoice::Error.new("message").header("Content-Type")
    assert_equal "7", UserVoice::Error.new(headers: { "x-request-id" => "7" }).header("X-Request-Id")
  end

  def test_error_can_be_marshalled
    error = assert_raises(UserVoice::NotFound) { client.get("/api/v1/suggestions/999999") }
    restored = Marshal.load(Marshal.dump(error))
    assert_equal [error.class, error.message, error.body, error.backtrace],
                 [restored.class, restored.message, restored.body, restored.backtrace]
    assert_nil restored.header("Content-Type")
  end

  def test_retry_after_is_in_seconds
    Sandbox.fault({ path: "/api/v1/forums", status: 429, retry_after: "7" })
    # In another process, because a process remembers rate limits.
    output, = ruby(<<~RUBY)
      require "uservoice"
      begin
        UserVoice::Client.from_environment(max_retry_wait: 1.5).get("/api/v1/forums")
      rescue UserVoice::RateLimitExceeded => e
        puts e.retry_after
      end
    RUBY
    assert_equal "7.0\n", output
  end

  def test_error_class_hierarchy
    UserVoice.const_get(:Native)::ERROR_CLASSES.each_value { |error| assert_operator error, :<, UserVoice::Error }
    assert_operator UserVoice::RateLimitExceeded, :<, UserVoice::APIError
    refute_operator UserVoice::TransportError, :<, UserVoice::APIError
    assert_operator UserVoice::Error, :<, RuntimeError
  end

  def test_response_format_json
    json_client = client.with(response_format: :json)
    assert_equal client.get("/api/v1/forums/1"), JSON.parse(json_client.get("/api/v1/forums/1"))
    users = json_client.collection("/api/v1/users", limit: 3)
    assert(users.all?(String))
    assert_equal 2, JSON.parse(users[1])["id"]
    assert_equal 3, JSON.parse(users.each_page.first).size
    assert_equal users.first, users.to_a.first
  end

  def test_send_request_returns_any_response
    response = client.send_request(:get, "/api/v1/forums/999", headers: { "X-Trace" => "1" })
    assert_equal [404, "404", false], [response.status, response.code, response.success?]
    assert_match "json", response["Content-Type"]
    assert_equal response.value, JSON.parse(response.body)
    assert_equal "1", Sandbox.requests.last["headers"]["x-trace"]
    assert_equal 2, client.send_request(:get, "/api/v1/users", per_page: 2).value["users"].size
    response = client.send_request(:get, "/api/v1/users", { page: 1 }, headers: { "X-Trace" => "2" }, per_page: 3)
    assert_equal 3, response.value["users"].size
    assert_equal %w[2 page=1&per_page=3], Sandbox.requests.last.then { |request| [request["headers"]["x-trace"], request["query"]] }

    raw = client.with(response_format: "raw")
    assert_equal "200", raw.get("/api/v1/forums", per_page: 1).code
    assert_predicate raw.get("/api/v1/forums"), :success?
    assert_equal "", client.send_request(:head, "/api/v1/forums").body
  end

  # JSON.parse accepts 100 levels by default, the library 128.
  def test_parses_deeply_nested_responses
    nested = "[" * 120 + "]" * 120
    body = %({"forums":[{"id":1,"nested":#{nested}}]})
    Sandbox.fault({ path: "/api/v1/forums", times: 3, status: 200, body: body })
    response = client.send_request(:get, "/api/v1/forums")
    assert_equal body, response.body
    assert_equal response.value, client.get("/api/v1/forums")
    assert_equal nested, JSON.generate(client.collection("/api/v1/forums").to_a.first["nested"], max_nesting: 0)
  end

  def test_options
    assert_raises(UserVoice::TimeoutError) do
      Sandbox.fault({ path: "/api/v1/forums", delay_ms: 60_000 })
      client.with(timeout: 0.2, max_retries: 0).get("/api/v1/forums")
    end
    assert_kind_of Hash, client.with(timeout: nil, max_retries: nil).get("/api/v1/forums")
    error = assert_raises(UserVoice::InvalidArgument) { Sandbox.client(timeuot: 1) }
    assert_includes error.message, "timeuot"
    assert_raises(UserVoice::TransportError) do
      UserVoice::Client.new("x", "k", "s", base_url: "http://127.0.0.1:1", max_retries: 0).get("/api/v1/forums")
    end
  end

  def test_invalid_arguments_send_no_request
    assert_raises(TypeError) { UserVoice::Client.new(1, "key") }
    assert_raises(TypeError) { UserVoice::Client.new(nil, nil) }
    assert_raises(TypeError) { UserVoice::Client.new("acme") }
    assert_raises(TypeError) { client.get(:forums) }
    assert_raises(TypeError) { client.get(nil) }
    assert_raises(TypeError) { client.get("/api/v1/forums", [1], page: 1) }
    assert_raises(TypeError) { client.collection("/api/v1/forums")["1"] }
    assert_raises(TypeError) { client.collection("/api/v1/forums", limit: "all") }
    assert_raises(TypeError) { Sandbox.client(timeout: []) }
    assert_raises(ArgumentError) { client.get("/api/v1/forums\0") }
    assert_raises(ArgumentError) { client.get("/api/v1/\xff") }
    assert_raises(ArgumentError) { client.request(:patch, "/api/v1/forums") }
    assert_raises(ArgumentError) { Sandbox.client(response_format: :xml) }
    assert_raises(UserVoice::InvalidArgument) { client.get("forums") }
    assert_empty Sandbox.requests
  end

  def test_converts_strings_to_utf8
    user = client.login_as("user2@sandbox.example".encode("UTF-16LE"))
    assert_equal "李小龍", user.get("/api/v1/users/current".encode("US-ASCII"))["user"]["name"]
  end

  def test_closed_client_raises
    user = client.login_as("user2@sandbox.example")
    users = client.collection("/api/v1/users")
    client.close
    client.close
    assert_predicate client, :closed?
    assert_raises(UserVoice::ClosedError) { client.get("/api/v1/forums") }
    assert_raises(UserVoice::ClosedError) { client.login_as_owner }
    assert_raises(UserVoice::ClosedError) { client.collection("/api/v1/forums") }
    assert_raises(UserVoice::ClosedError) { client.with(timeout: 1) }
    assert_equal 250, users.size, "a collection has its own handle"
    assert_kind_of Hash, user.get("/api/v1/forums")
  end

  def test_close_does_not_affect_a_call_in_progress
    Sandbox.fault({ path: "/api/v1/forums", delay_ms: 500 })
    thread = Thread.new { client.get("/api/v1/forums") }
    Sandbox.wait_for_faults
    client.close
    assert_kind_of Hash, thread.value
  end

  def test_open_closes_the_client_after_the_block
    opened = nil
    forums = UserVoice::Client.open("sandbox", Sandbox.api_key, Sandbox.api_secret, base_url: Sandbox.url) do |client|
      opened = client
      client.get("/api/v1/forums")["forums"].size
    end
    assert_equal 3, forums
    assert_predicate opened, :closed?
  end

  def test_close_does_not_affect_a_copy
    copy = client.dup
    client.close
    assert_kind_of Hash, copy.get("/api/v1/forums")
  end

  def test_inspect_and_messages_contain_no_secrets
    user = client.login_as("user2@sandbox.example")
    collection = user.collection("/api/v1/users?secret=in-the-query")
    response = client.send_request(:get, "/api/v1/forums")
    strings = [client, user, collection, response, user.access_token, client.method(:get)].flat_map do |object|
      [object.inspect, object.to_s, PP.pp(object, +""), object.to_json]
    end
    strings << assert_raises(NoMethodError) { user.nothing }.message
    strings << assert_raises(UserVoice::Unauthorized) { client.get("/api/v1/users/current") }.full_message
    secrets = [Sandbox.api_key, Sandbox.api_secret, user.token, user.secret, "in-the-query"]
    strings.product(secrets) { |string, secret| refute_includes string, secret }
  end

  def test_headers_name_the_language
    [client, client.with(timeout: 9), client.with(user_agent: "Test/1")].each { |one| one.get("/api/v1/forums/1") }
    ours = "uservoice-ruby/#{UserVoice.library_version}"
    requests = Sandbox.requests.map { |request| request["headers"] }
    assert_equal([ours, ours, "Test/1 #{ours}"], requests.map { |headers| headers["user-agent"] })
    assert_equal(["uservoice-ruby-#{UserVoice.library_version}"], requests.map { |headers| headers["api-client"] }.uniq)
  end

  def test_body_of_a_raw_response_is_unchanged
    body = %({ "a" : 1.0,\n  "b": "\\u00e9" })
    Sandbox.fault({ path: "/api/v1/forums", status: 422, body: body })
    response = Sandbox.client(response_format: :raw).get("/api/v1/forums")
    assert_equal [422, body, { "a" => 1.0, "b" => "é" }], [response.status, response.body, response.value]
  end

  def test_errors_and_responses_can_be_matched
    case client.send_request(:get, "/api/v1/forums/1")
    in { status: 200, value: } then assert_equal 1, value["forum"]["id"]
    end
    case assert_raises(UserVoice::NotFound) { client.get("/api/v1/forums/99") }
    in { http_status: 404, outcome: :answered, request: } then assert_equal "GET /api/v1/forums/99", request
    end
  end

  def test_marshal_error_names_an_alternative
    { "login_with_access_token" => client, "to_a" => client.collection("/api/v1/users"),
      "directory" => client.export("backup", "users") }.each do |expected, object|
      assert_includes assert_raises(TypeError) { Marshal.dump(object) }.message, expected
      assert_includes assert_raises(TypeError) { YAML.dump(object) }.message, expected
    end
  end

  # In another process, because the configuration is global.
  def test_configure
    environment = { "USERVOICE_BASE_URL" => Sandbox.url, "KEY" => Sandbox.api_key, "SECRET" => Sandbox.api_secret }
    output, status = ruby(<<~'RUBY', environment: environment)
      require "uservoice"
      begin
        UserVoice::Client.new(timeout: 1)
      rescue ArgumentError => e
        puts e.message
      end
      UserVoice.configure do |config|
        config.subdomain, config.api_key, config.api_secret = "acme", *ENV.values_at("KEY", "SECRET")
        config.options = { base_url: ENV.fetch("USERVOICE_BASE_URL"), response_format: :json, timeout: 5 }
        $configuration = config
      end
      client = UserVoice::Client.new
      puts client.subdomain, client.login_as_owner { |owner| owner.get("/api/v1/users/current").class }
      UserVoice::Client.open(response_format: :hash, base_url: nil) { |other| puts other.get("/api/v1/forums").class }
      UserVoice.configure { |config| config.options[:base_url] = "http://127.0.0.1:1" }
      begin
        UserVoice::Client.new(max_retries: 0).get("/api/v1/forums")
      rescue UserVoice::TransportError
        puts "unreachable"
      end
      [-> { $configuration.api_key = "x" }, -> { $configuration.options[:a] = 1 }].each do |change|
        change.call
      rescue FrozenError
        puts "frozen"
      end
      puts UserVoice::Client.new("other", "key").secret.inspect, $configuration.inspect
    RUBY
    assert status.success?, output
    message, *rest = output.lines(chomp: true)
    assert_includes message, "UserVoice.configure"
    assert_equal ["acme", "String", "Hash", "unreachable", "frozen", "frozen", '""', "#<UserVoice::Configuration acme>"], rest
  end

  def test_client_with_a_subdomain_ignores_the_configuration
    output, = ruby(<<~'RUBY')
      require "uservoice"
      UserVoice.configure do |config|
        config.subdomain, config.api_key, config.api_secret = "acme", "configured-key", "configured-secret"
        config.options = { base_url: "http://127.0.0.1:1", response_format: :json }
      end
      named = UserVoice::Client.new("sandbox", ENV.fetch("USERVOICE_API_KEY"), base_url: ENV.fetch("USERVOICE_BASE_URL"))
      print named.get("/api/v1/forums/1").class
      subclass = Class.new(UserVoice::Client) { def initialize = super("mine", "key") }
      print subclass.new.subdomain
    RUBY
    assert_equal "Hashmine", output
    refute_includes Sandbox.requests.last.to_s, "oauth_signature"
  end

  def test_from_environment
    code = "c = UserVoice::Client.from_environment; print c.subdomain, c.get('/api/v1/forums')['forums'].size"
    output = ->(environment) { ruby("require 'uservoice'; #{code}", environment: environment).first }
    assert_equal "sandbox3", output.call(Sandbox.environment)
    %w[USERVOICE_SUBDOMAIN USERVOICE_API_KEY USERVOICE_API_SECRET].each do |name|
      [nil, ""].each do |unset|
        assert_match(/#{name} is not set \(KeyError\)/, output.call(Sandbox.environment.merge(name => unset)))
      end
    end
  end

  def test_threads_call_concurrently
    number = 4
    Sandbox.fault({ path: "/api/v1/forums", times: number, delay_ms: 1000 })
    threads = Array.new(number) { Thread.new { client.get("/api/v1/forums") } }
    without_hanging { Sandbox.wait_for_faults }
    assert(threads.all?(&:alive?), "all calls are in progress at once")
    threads.each { |thread| assert_equal 3, thread.value["forums"].size }
  end

  def test_threads_share_a_client
    results = Array.new(50) do |number|
      Thread.new { Array.new(5) { client.get("/api/v1/suggestions/#{number + 1}")["suggestion"]["id"] }.uniq }
    end
    assert_equal((1..50).map { |id| [id] }, results.map(&:value))
  end
end
