# frozen_string_literal: true

require_relative "helper"

# What programs for the gem uservoice-ruby do, in the words that they use.
class TestCompatibility < SandboxTest
  def setup
    Sandbox.reset
    @client = UserVoice::Client.new(SUBDOMAIN, Sandbox.api_key, Sandbox.api_secret, :callback => nil, **SITE)
  end

  # The site is subdomain.uservoice_domain: 127.0.0.1.
  SUBDOMAIN = "127"
  SITE = { :uservoice_domain => "0.0.1:#{URI(Sandbox.url).port}", :protocol => "http" }.freeze

  def test_it_is_required_by_its_old_name
    output, status = ruby("require 'uservoice-ruby'; print UserVoice::Client")
    assert status.success?
    assert_equal "UserVoice::Client", output
  end

  def test_ways_to_make_a_client
    key = Sandbox.api_key
    [UserVoice::Client.new(SUBDOMAIN, key, SITE), UserVoice::Client.new(SUBDOMAIN, key, **SITE),
     UserVoice::Client.new(SUBDOMAIN, key, Sandbox.api_secret, SITE),
     UserVoice::Client.new(SUBDOMAIN, key, nil, **SITE)].each do |client|
      assert_equal 2, client.get("/api/v1/forums.json?per_page=2")["forums"].size
    end
  end

  def test_calls_of_its_readme
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

  def test_verifying_a_user
    url = client.authorize_url
    verifier = Sandbox.verifier(url[/oauth_token=([^&]+)/, 1])
    person = client.login_with_verifier(verifier)
    assert_equal "user1@sandbox.example", person.get("/api/v1/users/current.json")["user"]["email"]
    assert_raises(UserVoice::Unauthorized) { client.dup.with.login_with_verifier("x") }
  end

  def test_logins_with_blocks
    client.login_as_owner do |owner|
      assert owner.get("/api/v1/users/current.json")["user"]["roles"]["owner"]
      owner.login_as("regular@example.com") do |regular|
        refute regular.get("/api/v1/users/current.json")["user"]["roles"]["owner"]
        @kept = regular
      end
    end
    assert_equal "regular@example.com", @kept.get("/api/v1/users/current.json")["user"]["email"]
    email = ->(user) { user.get("/api/v1/users/current")["user"]["email"] }
    assert_equal "regular@example.com", client.login_with_access_token(@kept.token, @kept.secret, &email)
  end

  def test_a_copied_access_token
    original = client.login_as("mailaddress@example.com")
    copy = Sandbox.client(:oauth_token => original.token, :oauth_token_secret => original.secret)
    assert_equal "mailaddress@example.com", copy.get("/api/v1/users/current.json")["user"]["email"]
    assert_equal ["", ""], [client.token, client.secret]
  end

  def test_a_request_token
    token = client.request_token
    refute_empty token.token
    refute_empty token.secret
  end

  def test_errors
    assert_raises(UserVoice::Unauthorized) { client.login_as("ma") }
    assert_raises(UserVoice::Unauthorized) { client.login_as(nil) }
    assert_raises(UserVoice::Unauthorized) { client.get("/api/v1/users/current.json") }
    assert_raises(UserVoice::NotFound) { client.login_as_owner.get("/api/v1/users/2345871235") }
    assert_match(/user required/i, assert_raises(UserVoice::APIError) { client.delete("/api/v1/users/234.json") }.message)
  end

  def test_what_the_gem_refuses_itself_is_told_as_the_library_does
    user = { email: "jo@example.com" }
    [-> { client.login_as("junk") }, -> { client.login_with_verifier("x") },
     -> { UserVoice.generate_sso_token("acme", "key", { email: "junk" }) },
     -> { UserVoice.generate_sso_token("acme", "", user) }].each do |refused|
      error = assert_raises(UserVoice::Unauthorized, &refused)
      assert_equal [:unauthorized, nil, :not_sent], [error.status, error.http_status, error.outcome]
    end
    assert_empty Sandbox.requests
  end

  def test_single_sign_on
    user = { :display_name => "User Name", :email => "mailaddress@example.com" }.freeze
    token = UserVoice.generate_sso_token("acme", "982c88f2df72572859e8e23423eg87ed", user, 5 * 60)
    read = UserVoice.decrypt_sso_token("acme", "982c88f2df72572859e8e23423eg87ed", token)
    assert_equal ["User Name", "mailaddress@example.com"], read.values_at("display_name", "email")
    lasting = UserVoice.generate_sso_token("acme", "key", user, nil)
    assert_match(/\A2[1-9]/, UserVoice.decrypt_sso_token("acme", "key", lasting)["expires"])
    assert_raises(UserVoice::Unauthorized) { UserVoice.generate_sso_token("acme", "key", { :email => "nobody" }) }
    assert_raises(UserVoice::Unauthorized) { UserVoice.generate_sso_token("acme", nil, user) }
  end
end
