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

  def test_all_attempts
    Sandbox.fault({ path: "/api/v1/forums", status: 503 })
    told = lines(:info) { |client| client.get("/api/v1/forums", secret: "value") }
    assert_equal 2, told.size
    assert_match(/WARN.*uservoice: method=GET path=\S+ status=503/, told.first)
    assert_match(/INFO.*uservoice: method=GET path=\S+ status=200/, told.last)
    refute_includes told.join, "value"
    refute_includes told.join, Sandbox.api_key
  end

  def test_warnings_only
    Sandbox.fault({ path: "/api/v1/forums", status: 503 })
    assert_equal 1, lines(:warn) { |client| client.get("/api/v1/forums") }.size
  end

  # What the library calls is there as long as anything that tells it.
  def test_the_log_outlives_the_client
    list = nil
    lines(:info) { |client| list = client.collection("/api/v1/users") }
    GC.start
    100.times { FFI::Function.new(:void, %i[int32 string pointer]) { flunk "this is no log" } }
    assert_equal 250, list.to_a.size
    assert_equal 3, @output.string.lines.grep(%r{/users\?}).size
  end

  def test_clients_and_collections_made_from_it
    told = lines(:info) do |client|
      client.login_as_owner.collection("/api/v1/users").to_a
      GC.start
    end
    assert_equal 3, told.grep(%r{/users\?}).size
  end

  def test_a_client_without_one_is_given_one
    client.with(logger: Logger.new(@output)).get("/api/v1/forums")
    client.get("/api/v1/users")
    assert_equal 1, @output.string.lines.size
  end

  def test_a_logger_that_fails_breaks_no_call
    broken = Logger.new(@output, formatter: ->(*) { raise "the disk is full" })
    assert_output(nil, /the logger failed: RuntimeError/) do
      assert_kind_of Hash, Sandbox.client(logger: broken).get("/api/v1/forums")
    end
    assert_raises(TypeError) { Sandbox.client(logger: "stderr") }
  end
end
