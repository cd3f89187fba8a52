# frozen_string_literal: true

require_relative "helper"
require "logger"
require "stringio"

class TestLog < SandboxTest
  def setup
    super
    @output = StringIO.new
  end

  def lines(level)
    logger = Logger.new(@output, level: level)
    yield Sandbox.client(logger: logger, max_retries: 1)
    @output.string.lines
  end

  def test_logs_each_attempt_at_level_info
    Sandbox.fault({ path: "/api/v1/forums", status: 503 })
    logged = lines(:info) { |client| client.get("/api/v1/forums", secret: "value") }
    assert_equal 2, logged.size
    assert_match(/WARN.*uservoice: method=GET path=\S+ status=503/, logged.first)
    assert_match(/INFO.*uservoice: method=GET path=\S+ status=200/, logged.last)
    refute_includes logged.join, "value"
    refute_includes logged.join, Sandbox.api_key
  end

  def test_logs_failed_attempts_at_level_warn
    Sandbox.fault({ path: "/api/v1/forums", status: 503 })
    assert_equal 1, lines(:warn) { |client| client.get("/api/v1/forums") }.size
  end

  def test_log_outlives_its_client
    users = nil
    lines(:info) { |client| users = client.collection("/api/v1/users") }
    GC.start
    assert_equal 250, users.to_a.size
    assert_equal 3, @output.string.lines.grep(%r{/users\?}).size
  end

  def test_derived_clients_and_collections_inherit_the_logger
    logged = lines(:info) do |client|
      client.login_as_owner.collection("/api/v1/users").to_a
      GC.start
    end
    assert_equal 3, logged.grep(%r{/users\?}).size
  end

  def test_logs_on_the_calling_thread
    threads = []
    logger = Logger.new(@output, formatter: ->(*) { threads << Thread.current; "line" })
    Sandbox.client(logger: logger).get("/api/v1/forums")
    assert_equal [Thread.current], threads
  end

  def test_with_sets_a_logger
    client.with(logger: Logger.new(@output)).get("/api/v1/forums")
    client.get("/api/v1/users")
    assert_equal 1, @output.string.lines.size
  end

  def test_call_succeeds_if_the_logger_fails
    broken = Logger.new(@output, formatter: ->(*) { raise "the disk is full" })
    assert_output(nil, /the logger failed: RuntimeError/) do
      assert_kind_of Hash, Sandbox.client(logger: broken).get("/api/v1/forums")
    end
    assert_raises(TypeError) { Sandbox.client(logger: "stderr") }
  end
end
