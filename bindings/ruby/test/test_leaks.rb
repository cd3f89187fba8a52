# frozen_string_literal: true

require_relative "helper"

# The process does not grow with the calls, records and errors that it has seen.
class TestLeaks < SandboxTest
  NUMBER = 10_000
  MEBIBYTES = 24
  THREADS = 4

  def test_calls_that_succeed_and_fail
    users = client.with(per_page: 1)
    assert_flat do |number|
      number.even? ? users.get("/api/v1/users", per_page: 5) : users.get("/api/v1/users/999999")
    rescue UserVoice::NotFound
      nil
    end
  end

  def test_records
    list = client.with(response_format: :json).collection("/api/v1/suggestions", limit: 100)
    list.size
    assert_flat { |number| list[number % 100] }
    assert_flat(NUMBER / 100) { client.collection("/api/v1/suggestions", limit: 100).to_a }
  end

  def test_errors
    body = { "a" => "b" * 1000 }
    assert_flat do
      client.post("no path", body)
    rescue UserVoice::InvalidArgument
      nil
    end
  end

  def test_clients_tokens_and_collections
    assert_flat { client.login_with_access_token("token", "secret").collection("/api/v1/users") }
  end

  private

  def assert_flat(times = NUMBER, &block)
    in_threads(times / 10, &block)
    before = memory
    in_threads(times, &block)
    assert_operator memory - before, :<, MEBIBYTES, "MiB more after #{times} times"
  end

  def in_threads(times, &block)
    threads = Array.new(THREADS) { Thread.new { (times / THREADS).times(&block) } }
    threads.each(&:join)
  end

  def memory
    GC.start
    Integer(File.read("/proc/self/statm").split[1]) * 4096 / 1_048_576
  end
end
