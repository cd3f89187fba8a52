# frozen_string_literal: true

require_relative "helper"

# Runs the calls of programs that were written for the gem uservoice-ruby.
class TestCompatibility < SandboxTest
  def setup
    Sandbox.reset
    @client = UserVoice::Client.new(SUBDOMAIN, Sandbox.api_key, Sandbox.api_secret, :callback => nil, **SITE)
  end

  # The host of the site is SUBDOMAIN.uservoice_domain: 127.0.0.1.
  SUBDOMAIN = "127"
  SITE = { :uservoice_domain => "0.0.1:#{URI(Sandbox.url).port}", :protocol => "http" }.freeze

  def test_requires_by_its_old_name
    output, status = ruby("require 'uservoice-ruby'; require 'uservoice/user_voice'; print UserVoice::Client")
    assert status.success?
    assert_equal "UserVoice::Client", output
  end

  # A client with only `get`, as a test of a program for the old gem stubs it: 301 users.
  class StubbedClient
    attr_reader :paths

    def initialize
      @paths = []
    end

    def get(path)
      @paths << path
      query = URI.decode_www_form(path[/\?(.*)/, 1]).to_h
      size, page = query.values_at("per_page", "page").map(&:to_i)
      users = ((page - 1) * size + 1..[page * size, 301].min).map { |id| { "id" => id } }
      { "response_data" => { "page" => page, "total_records" => 301 }, "users" => users }
    end
  end

  def test_reads_a_list_with_a_stubbed_get
    stubbed = StubbedClient.new
    users = UserVoice::Collection.new(stubbed, "/api/v1/users")
    assert_kind_of UserVoice::Collection, users
    assert_equal [301, 301, 1, 301, nil], [users.size, users.last["id"], users.first["id"], users[-1]["id"], users[301]]
    assert_equal (1..301).to_a, users.map { |user| user["id"] }
    assert_equal [300, 301], users[-2..].map { |user| user["id"] }
    assert_equal [100, 100, 100, 1], users.each_page.map(&:size)
    paths = [1, 4, 2, 3].map { |page| "/api/v1/users?per_page=100&page=#{page}" }
    assert_equal paths, stubbed.paths, "each page is loaded once"
    limited = UserVoice::Collection.new(stubbed, "/api/v1/users?sort=name", { q: "a b" }, limit: 7)
    assert_equal [7, (1..7).to_a], [limited.size, limited.map { |user| user["id"] }]
    assert_equal "/api/v1/users?sort=name&q=a+b&per_page=7&page=1", stubbed.paths.last
    assert_empty UserVoice::Collection.new(stubbed, "/api/v1/users", limit: 0).to_a
    assert_raises(NotImplementedError) { users.each_whole_page { flunk } }
  end

  def test_reads_a_list_with_an_overridden_get
    response = { "response_data" => { "total_records" => 1 }, "suggestions" => [{ "id" => 7 }] }
    @client.define_singleton_method(:get) { |_path| response }
    suggestions = @client.get_collection("/api/v1/suggestions")
    assert_equal [[7], 1], [suggestions.map { |suggestion| suggestion["id"] }, suggestions.size]
    response = { "user" => {} }
    assert_raises(UserVoice::NotFound) { suggestions.reload.first }
    response = { "response_data" => {}, "suggestions" => [] }
    assert_raises(UserVoice::BadResponse) { suggestions.to_a }
    assert_empty Sandbox.requests
  end

  def test_accepts_old_constructor_arguments
    key = Sandbox.api_key
    [UserVoice::Client.new(SUBDOMAIN, key, SITE), UserVoice::Client.new(SUBDOMAIN, key, **SITE),
     UserVoice::Client.new(SUBDOMAIN, key, Sandbox.api_secret, SITE),
     UserVoice::Client.new(SUBDOMAIN, key, nil, **SITE)].each do |client|
      assert_equal 2, client.get("/api/v1/forums.json?per_page=2")["forums"].size
    end
  end

  def test_runs_the_calls_of_the_old_readme
    users = client.get_collection("/api/v1/users", :limit => 3)
    assert_equal 3, users.map { |user| [user["name"], user["url"]] }.size
    regular = client.login_as("mailaddress@example.com")
    assert_equal "mailaddress@example.com", regular.get("/api/v1/users/current.json")["user"]["email"]
    owner = client.login_as_owner
    forum = owner.post("/api/v1/forums.json", :forum => {
      :name => "Ruby Client Private Feedback",
      "private" => true,
      :allow_by_email_domain => true,
      :allowed_email_domains => [{ :domain => "example.com" }]
    })["forum"]
    assert_equal forum["id"], owner.delete("/api/v1/forums/#{forum['id']}.json")["forum"]["id"]
  end

  def test_three_legged_login
    url = client.authorize_url
    verifier = Sandbox.verifier(url[/oauth_token=([^&]+)/, 1])
    user = client.login_with_verifier(verifier)
    assert_equal "user1@sandbox.example", user.get("/api/v1/users/current.json")["user"]["email"]
    assert_raises(UserVoice::Unauthorized) { client.dup.with.login_with_verifier("x") }
  end

  def test_logins_yield_a_client
    client.login_as_owner do |owner|
      assert owner.get("/api/v1/users/current.json")["user"]["roles"]["owner"]
      owner.login_as("regular@example.com") do |regular|
        refute regular.get("/api/v1/users/current.json")["user"]["roles"]["owner"]
        @regular = regular
      end
    end
    assert_equal "regular@example.com", @regular.get("/api/v1/users/current.json")["user"]["email"]
    email = ->(user) { user.get("/api/v1/users/current")["user"]["email"] }
    assert_equal "regular@example.com", client.login_with_access_token(@regular.token, @regular.secret, &email)
  end

  def test_accepts_an_access_token_as_options
    original = client.login_as("mailaddress@example.com")
    copy = Sandbox.client(:oauth_token => original.token, :oauth_token_secret => original.secret)
    assert_equal "mailaddress@example.com", copy.get("/api/v1/users/current.json")["user"]["email"]
    assert_equal ["", ""], [client.token, client.secret]
  end

  def test_request_token_has_a_token_and_a_secret
    token = client.request_token
    refute_empty token.token
    refute_empty token.secret
  end

  def test_raises_the_old_error_classes
    assert_raises(UserVoice::Unauthorized) { client.login_as("ma") }
    assert_raises(UserVoice::Unauthorized) { client.login_as(nil) }
    assert_raises(UserVoice::Unauthorized) { client.get("/api/v1/users/current.json") }
    assert_raises(UserVoice::NotFound) { client.login_as_owner.get("/api/v1/users/2345871235") }
    assert_match(/user required/i, assert_raises(UserVoice::APIError) { client.delete("/api/v1/users/234.json") }.message)
  end

  def test_rejects_invalid_emails_and_missing_credentials_without_a_request
    user = { email: "jo@example.com" }
    [-> { client.login_as("junk") }, -> { client.login_with_verifier("x") },
     -> { UserVoice.generate_sso_token("acme", "key", { email: "junk" }) },
     -> { UserVoice.generate_sso_token("acme", "", user) }].each do |call|
      error = assert_raises(UserVoice::Unauthorized, &call)
      assert_equal [:unauthorized, nil, :not_sent], [error.status, error.http_status, error.outcome]
    end
    assert_empty Sandbox.requests
  end

  def test_generate_and_decrypt_sso_tokens
    user = { :display_name => "User Name", :email => "mailaddress@example.com" }.freeze
    token = UserVoice.generate_sso_token("acme", "982c88f2df72572859e8e23423eg87ed", user, 5 * 60)
    decrypted = UserVoice.decrypt_sso_token("acme", "982c88f2df72572859e8e23423eg87ed", token)
    assert_equal ["User Name", "mailaddress@example.com"], decrypted.values_at("display_name", "email")
    lasting = UserVoice.generate_sso_token("acme", "key", user, nil)
    assert_match(/\A2[1-9]/, UserVoice.decrypt_sso_token("acme", "key", lasting)["expires"])
    assert_raises(UserVoice::Unauthorized) { UserVoice.generate_sso_token("acme", "key", { :email => "nobody" }) }
    assert_raises(UserVoice::Unauthorized) { UserVoice.generate_sso_token("acme", nil, user) }
  end
end
