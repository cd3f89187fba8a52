# frozen_string_literal: true

require_relative "helper"

# The process does not grow with the calls, records and errors that it has seen.
class TestLeaks < SandboxTest
  NUMBER = 10_000
  MEBIBYTES = 24

  def test_calls
    assert_flat { client.get("/api/v1/suggestions", per_page: 3) }
  end

  def test_records
    list = client.collection("/api/v1/suggestions")
    assert_flat(NUMBER / 100) { list.each_slice(100).first(1).then { list.first(100) } }
    assert_flat { list[7] }
  end

  def test_errors
    assert_flat do
      client.get("/api/v1/suggestions/999999")
    rescue UserVoice::NotFound
      nil
    end
  end

  def test_clients_and_tokens
    assert_flat { client.login_with_access_token("token", "secret").collection("/api/v1/users") }
  end

  private

  def assert_flat(times = NUMBER, &block)
    (times / 5).times(&block)
    before = memory
    times.times(&block)
    assert_operator memory - before, :<, MEBIBYTES, "MiB more after #{times} times"
  end

  def memory
    GC.start
    Integer(File.read("/proc/self/statm").split[1]) * 4096 / 1_048_576
  end
end
