# frozen_string_literal: true

require_relative "helper"

# Runs the cases of tests/conformance/cases.json as described in the README.md beside it.
class TestConformance < SandboxTest
  CASES = JSON.parse(File.read("#{ROOT}/tests/conformance/cases.json"))

  CASES.each_with_index do |test_case, number|
    define_method(format("test_%<number>02d_%<name>s", number: number, name: test_case["name"])) do
      acting_client = client_for(test_case)
      Sandbox.fault(*test_case["faults"]) if test_case["faults"]
      Sandbox.clear_requests
      check(test_case, test_case["expect"], acting_client)
    end
  end

  private

  def client_for(test_case)
    options = { base_url: base_url(test_case), **in_seconds(test_case.fetch("options", {})) }
    case (as = test_case.fetch("as", "key"))
    when "key" then Sandbox.client(**options)
    when "public" then UserVoice::Client.new("sandbox", Sandbox.api_key, **options)
    when "owner" then Sandbox.client(**options).login_as_owner
    else Sandbox.client(**options).login_as(as)
    end
  end

  def in_seconds(options)
    options.to_h { |name, value| name.end_with?("_ms") ? [name.delete_suffix("_ms").to_sym, value / 1000.0] : [name.to_sym, value] }
  end

  # The process remembers the rate limit of a site: a long one gets another host name.
  def base_url(test_case)
    long = test_case.fetch("faults", []).any? { |fault| fault["retry_after"].to_i > 60 }
    long ? Sandbox.url.sub("127.0.0.1", "localhost") : Sandbox.url
  end

  def check(test_case, expect, acting_client)
    @records = []
    if expect["error"]
      check_error(expect["error"], assert_raises(UserVoice::Error) { run_case(test_case, acting_client) })
    else
      check_value(expect, run_case(test_case, acting_client))
    end
    assert_equal expect["records"], @records.size if expect["records"]
    assert_equal expect["first_id"], @records.first["id"] if expect["first_id"]
    assert_equal expect["last_id"], @records.last["id"] if expect["last_id"]
    assert_equal expect["length"], @collection.size if expect["length"]
    assert_raises(UserVoice::BadResponse) { @collection.size } if expect.fetch("length", 0).nil?
    assert_equal expect["requests"], Sandbox.requests.size if expect["requests"]
  end

  def run_case(test_case, acting_client)
    if (call = test_case["call"])
      acting_client.request(call["method"], call["path"], call["params"])
    elsif (collection = test_case["collection"])
      @collection = acting_client.collection(collection["path"], collection["params"])
      @collection.each { |record| @records << record }
      nil
    else
      decrypt_new_token(*test_case["sso"].values_at("subdomain", "key", "user", "valid_for"))
    end
  end

  def decrypt_new_token(subdomain, key, user, valid_for)
    @token = UserVoice.sso_token(subdomain, key, user, valid_for: valid_for)
    JSON.generate(UserVoice.decrypt_sso_token(subdomain, key, @token))
  end

  def check_value(expect, value)
    expect.fetch("at", {}).each do |path, expected|
      found = path.split("/").reduce(value) { |at, key| at.is_a?(Array) ? at[Integer(key)] : at[key] }
      assert_equal expected, found, path
    end
    assert_nil value if expect["empty"]
    assert_equal expect["user"], value if expect["user"]
    assert_includes value, expect["user_contains"] if expect["user_contains"]
    assert_equal expect["token"], @token if expect["token"]
  end

  OUTCOMES = %i[not_sent unknown answered].freeze

  def check_error(expect, error)
    found = { "status" => error.status.to_s.upcase, "http_status" => error.http_status, "type" => error.type,
              "retry_after_ms" => error.retry_after && (error.retry_after * 1000).round,
              "outcome" => OUTCOMES.index(error.outcome) }
    assert_includes error.message, expect["message"] if expect["message"]
    expected = expect.reject { |name, _| name == "message" }
    assert_equal expected, found.slice(*expected.keys)
  end
end
