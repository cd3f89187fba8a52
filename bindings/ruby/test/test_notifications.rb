# frozen_string_literal: true

require_relative "helper"

# In processes of their own, because ActiveSupport changes the core classes for all tests.
class TestNotifications < SandboxTest
  CLIENT = <<~RUBY
    require "active_support"
    require "active_support/notifications"
    require "uservoice"
    events = []
    ActiveSupport::Notifications.subscribe("request.uservoice") { |*arguments| events << arguments.last }
    client = UserVoice::Client.from_environment(max_retries: 1)
  RUBY

  # Runs a program with the sandbox's client and the events that it receives.
  def run_with_events(program)
    # Warnings of ActiveSupport itself are not ours.
    output, status = ruby("$VERBOSE = nil\n#{CLIENT}$VERBOSE = true\n#{program}")
    assert status.success?, output
    output
  end

  def test_notifies_of_each_attempt
    Sandbox.fault({ path: "/api/v1/forums", status: 503 })
    output = run_with_events(<<~RUBY)
      client.get("/api/v1/forums", secret: "value")
      abort unless events.map { |event| event[:duration] }.all?(Integer)
      events.each { |event| p event.values_at(:method, :path, :status, :attempt, :error) }
      p events.first.key?(:retry_in), events.last.key?(:retry_in)
    RUBY
    assert_equal <<~OUTPUT, output
      ["GET", "/api/v1/forums", 503, 1, nil]
      ["GET", "/api/v1/forums", 200, 2, nil]
      true
      false
    OUTPUT
  end

  def test_notifies_of_attempts_without_a_response
    output = run_with_events(<<~RUBY)
      client = UserVoice::Client.new("a", "b", base_url: "http://127.0.0.1:1", max_retries: 0)
      begin
        client.get("/api/v1/forums")
      rescue UserVoice::TransportError
        p events.map { |event| [event[:status], event[:error].class] }
      end
    RUBY
    assert_equal "[[nil, String]]\n", output
  end

  def test_notifies_of_logins_and_collections
    output = run_with_events(<<~RUBY)
      client.login_as_owner.collection("/api/v1/users", per_page: 100).first(3)
      p events.map { |event| event[:path] } & %w[/api/v1/users/login_as_owner /api/v1/users]
    RUBY
    assert_equal %(["/api/v1/users/login_as_owner", "/api/v1/users"]\n), output
  end

  def test_logger_receives_lines_of_its_level_only
    Sandbox.fault({ path: "/api/v1/forums", status: 503 })
    output = run_with_events(<<~RUBY)
      require "logger"
      logger = Logger.new($stdout, level: :warn, formatter: ->(_, _, _, line) { line[/status=.../] + "\n" })
      client.with(logger: logger).get("/api/v1/forums")
      p events.size
    RUBY
    assert_equal "status=503\n2\n", output
  end

  def test_call_succeeds_if_a_subscriber_fails
    output = run_with_events(<<~RUBY)
      ActiveSupport::Notifications.subscribe("request.uservoice") { |*| raise "full" }
      p client.get("/api/v1/forums").class
    RUBY
    assert_match(/\Auservoice: the subscriber of request.uservoice failed: \w+\nHash\n\z/, output)
  end

  def test_options_may_be_a_hash_with_indifferent_access
    output = run_with_events(<<~RUBY)
      require "active_support/core_ext/hash/indifferent_access"
      options = { base_url: ENV["USERVOICE_BASE_URL"], timeout: 5, response_format: :json }.with_indifferent_access
      ours = UserVoice::Client.new("sandbox", "k", "s", options)
      p UserVoice::Client.new("sandbox", "k", **options).with(options.slice(:timeout)).class
      p client.with(options.except(:base_url)).get("/api/v1/forums").class
      begin
        ours.with({ oauth_token: "t" }.with_indifferent_access)
      rescue ArgumentError => e
        puts e.message
      end
    RUBY
    assert_equal <<~OUTPUT, output
      UserVoice::Client
      String
      oauth_token cannot be changed: use Client#login_with_access_token
    OUTPUT
  end

  def test_does_not_require_active_support
    output, status = ruby('require "uservoice"; p defined?(ActiveSupport); UserVoice::Client.from_environment.get("/api/v1/forums")')
    assert status.success?, output
    assert_equal "nil\n", output
  end
end
