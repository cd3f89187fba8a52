# frozen_string_literal: true

require_relative "helper"
require "openssl"

# Checks that calls, records and errors do not leak memory.
class TestLeaks < SandboxTest
  NUMBER = 10_000
  # The permitted growth of the resident set.
  MEBIBYTES = 24
  # The permitted growth of memory from malloc in bytes: less than 50 bytes for each of
  # 10,000 iterations.
  ALLOCATED = 500_000

  # mallinfo2(3) reports the memory that the library, and Ruby for large objects, allocated
  # with malloc.
  module LibC
    extend FFI::Library
    ffi_lib FFI::Library::LIBC

    class MallInfo < FFI::Struct
      layout(*%i[arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost]
               .flat_map { |name| [name, :size_t] })
    end

    attach_function :mallinfo2, [], MallInfo.by_value
  end

  # Half of the calls fail, with a body large enough to be noticed if it leaked.
  def test_calls_do_not_leak
    Sandbox.fault({ path: "/api/v1/forums", times: NUMBER, status: 422, body: JSON.generate("x" * 20_000) })
    assert_flat(threads: 4) do |number|
      client.get(number.even? ? "/api/v1/users/1" : "/api/v1/forums")
    rescue UserVoice::APIError
      nil
    end
  end

  def test_records_do_not_leak
    records = client.with(response_format: :json).collection("/api/v1/suggestions", limit: 100)
    records.size
    assert_flat { |number| records[number % 100] }
    assert_flat(NUMBER / 100) { client.collection("/api/v1/suggestions", limit: 100).to_a }
  end

  def test_errors_do_not_leak
    assert_flat do
      client.get("invalid path")
    rescue UserVoice::InvalidArgument
      nil
    end
  end

  def test_strings_do_not_leak
    token = UserVoice::Token.new("token", "x" * 4_000)
    assert_flat(NUMBER / 5) { token.dump }
  end

  def test_clients_tokens_and_collections_do_not_leak
    assert_flat { client.login_with_access_token("token", "secret").collection("/api/v1/users") }
  end

  def test_exports_do_not_leak
    Dir.mktmpdir do |directory|
      exports = client.export(directory, { name: "forums", path: "/api/v1/forums" })
      assert_flat(NUMBER / 200) { exports.first }
    end
  end

  # Uses large strings, so that few iterations show a leak.
  def test_authorization_requests_sso_tokens_and_webhooks_do_not_leak
    large = "x" * 20_000
    user = { guid: "1", email: "jo@example.com", display_name: large }
    data = JSON.generate(large)
    signature = OpenSSL::HMAC.hexdigest("SHA256", "key", data)
    body = URI.encode_www_form(event: "e", data: data, signature: signature)
    assert_flat(NUMBER / 50) do |number|
      # Ruby's garbage strings are as large.
      GC.start if (number % 20).zero?
      client.authorization_request("https://app.example/callback", state: large)
      UserVoice.verify_sso_jwt("key", UserVoice.sso_jwt("key", user))
      UserVoice.read_webhook("key", body)
    end
  end

  private

  def assert_flat(times = NUMBER, threads: 1, &block)
    run_in(threads, times / 5, &block)
    before = allocated
    resident = memory
    run_in(threads, times, &block)
    assert_operator allocated - before, :<, ALLOCATED, "bytes leaked in #{times} iterations"
    assert_operator memory - resident, :<, MEBIBYTES, "MiB leaked in #{times} iterations"
  end

  def run_in(threads, times, &block)
    Array.new(threads) { Thread.new { (times / threads).times(&block) } }.each(&:join)
  end

  # Finalizers may release objects that only the next collection frees.
  def allocated
    3.times { GC.start }
    info = LibC.mallinfo2
    info[:uordblks] + info[:hblkhd]
  end

  def memory
    Integer(File.read("/proc/self/statm").split[1]) * 4096 / 1_048_576
  end
end
