# frozen_string_literal: true

require_relative "helper"
require "openssl"

# The process does not grow with the calls, records and errors that it has seen.
class TestLeaks < SandboxTest
  NUMBER = 10_000
  MEBIBYTES = 24
  # Of what malloc gave and has not back: a leak of 50 bytes each of 10,000 times.
  ALLOCATED = 500_000

  # mallinfo2(3): what the library allocates, and what Ruby's own objects have outside of
  # their heap.
  module LibC
    extend FFI::Library
    ffi_lib FFI::Library::LIBC

    class MallInfo < FFI::Struct
      layout(*%i[arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost]
               .flat_map { |name| [name, :size_t] })
    end

    attach_function :mallinfo2, [], MallInfo.by_value
  end

  # Half of them fail, with a body that would be seen if it stayed.
  def test_calls
    Sandbox.fault({ path: "/api/v1/forums", times: NUMBER, status: 422, body: JSON.generate("x" * 20_000) })
    assert_flat(threads: 4) do |number|
      client.get(number.even? ? "/api/v1/users/1" : "/api/v1/forums")
    rescue UserVoice::APIError
      nil
    end
  end

  def test_records
    texts = client.with(response_format: :json).collection("/api/v1/suggestions", limit: 100)
    texts.size
    assert_flat { |number| texts[number % 100] }
    assert_flat(NUMBER / 100) { client.collection("/api/v1/suggestions", limit: 100).to_a }
  end

  def test_errors
    assert_flat do
      client.get("no path")
    rescue UserVoice::InvalidArgument
      nil
    end
  end

  def test_texts
    token = UserVoice::Token.new("token", "x" * 4_000)
    assert_flat(NUMBER / 5) { token.dump }
  end

  def test_clients_tokens_and_collections
    assert_flat { client.login_with_access_token("token", "secret").collection("/api/v1/users") }
  end

  def test_exports
    Dir.mktmpdir do |directory|
      exports = client.export(directory, { name: "forums", path: "/api/v1/forums" })
      assert_flat(NUMBER / 200) { exports.first }
    end
  end

  # Large, so that few of them show whether they are freed.
  def test_code_requests_tokens_of_single_sign_on_and_web_hooks
    large = "x" * 20_000
    user = { guid: "1", email: "jo@example.com", display_name: large }
    data = JSON.generate(large)
    signature = OpenSSL::HMAC.hexdigest("SHA256", "key", data)
    body = URI.encode_www_form(event: "e", data: data, signature: signature)
    assert_flat(NUMBER / 50) do |number|
      # Ruby's own garbage is as large.
      GC.start if (number % 20).zero?
      client.code_request("https://app.example/back", state: large)
      UserVoice.verify_sso_jwt("key", UserVoice.sso_jwt("key", user))
      UserVoice.webhook("key", body)
    end
  end

  private

  def assert_flat(times = NUMBER, threads: 1, &block)
    run_in(threads, times / 5, &block)
    before = allocated
    resident = memory
    run_in(threads, times, &block)
    assert_operator allocated - before, :<, ALLOCATED, "bytes more after #{times} times"
    assert_operator memory - resident, :<, MEBIBYTES, "MiB more after #{times} times"
  end

  def run_in(threads, times, &block)
    Array.new(threads) { Thread.new { (times / threads).times(&block) } }.each(&:join)
  end

  # What is freed with an object may free another.
  def allocated
    3.times { GC.start }
    info = LibC.mallinfo2
    info[:uordblks] + info[:hblkhd]
  end

  def memory
    Integer(File.read("/proc/self/statm").split[1]) * 4096 / 1_048_576
  end
end
