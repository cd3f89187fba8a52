# frozen_string_literal: true

# What programs for the gem uservoice-ruby 0.0.12 rely on. Its author tested the same behaviors against the live
# service. Runs with that gem and with ours: `ruby -I LIB behaviors.rb`, with a sandbox at USERVOICE_SANDBOX_URL.
require "cgi"
require "minitest/autorun"
require "uservoice-ruby"

class Behaviors < Minitest::Test
  SCOPE = "crm"

  def client(**options)
    protocol, host = ENV.fetch("USERVOICE_SANDBOX_URL").split("://")
    UserVoice::Client.new(
      "sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
      { uservoice_domain: host.sub("127.0.0.1", "localhost"), protocol: protocol }.merge(options)
    )
  end

  def current_user(client)
    client.get("/api/v1/users/current.json")["user"]
  end

  def number_of_users(client)
    client.get_collection("/api/v1/users.json").size
  end

  def test_reads_a_page_of_users
    users = client.get("/api/v1/users.json?per_page=3")["users"]
    assert_equal 3, users.size
    assert(users.all? { |user| user["name"] })
  end

  def test_has_no_current_user_without_a_login
    assert_raises(UserVoice::Unauthorized) { current_user(client) }
  end

  def test_logs_in_with_a_block_that_gets_the_client
    roles = client.login_as_owner { |owner| current_user(owner)["roles"] }
    assert roles["owner"]
    email = client.login_as("block@example.com") { |user| current_user(user)["email"] }
    assert_equal "block@example.com", email
  end

  def test_an_owner_logs_in_as_somebody_else_and_remains_the_owner
    owner = client.login_as_owner
    owner.login_as("somebody@example.com") do |user|
      refute current_user(user)["roles"]["owner"]
      assert current_user(owner)["roles"]["owner"]
    end
    assert current_user(owner)["roles"]["owner"]
  end

  def test_uses_a_stored_access_token
    user = client.login_as("stored@example.com")
    stored = client(oauth_token: user.token, oauth_token_secret: user.secret)
    assert_equal "stored@example.com", current_user(stored)["email"]
    again = client.login_with_access_token(user.token, user.secret)
    assert_equal "stored@example.com", current_user(again)["email"]
  end

  def test_rejects_what_is_no_email_address
    ["ma", nil, ""].each { |email| assert_raises(UserVoice::Unauthorized) { client.login_as(email) } }
  end

  def test_a_ticket_with_an_attachment_is_open
    user = client.login_as("customer@example.com")
    ticket = user.post(
      "/api/v1/tickets",
      ticket: {
        subject: "It does not start", message: "See the picture.",
        attachments: [{ content_type: "image/png", name: "picture.png", data: ["\x89PNG"].pack("m0") }]
      }
    )["ticket"]
    assert_equal "open", client.get("/api/v1/tickets/#{ticket['id']}")["ticket"]["state"]
  end

  def test_only_a_user_may_create_an_article
    article = { question: "Where is it?", answer_html: "<p>Here.</p>" }
    assert_raises(UserVoice::Unauthorized) { client.post("/api/v1/articles.json", article: article) }
    created = client.login_as_owner.post("/api/v1/articles.json", article: article)["article"]
    assert_equal "Where is it?", created["question"]
  end

  def test_the_owner_creates_and_deletes_a_forum
    owner = client.login_as_owner
    forum = owner.post(
      "/api/v1/forums.json",
      forum: {
        "name" => "Short-lived", "private" => true, "allow_by_email_domain" => true,
        "allowed_email_domains" => [{ "domain" => "example.com" }]
      }
    )["forum"]
    assert_kind_of Integer, forum["id"]
    assert_equal forum["id"], owner.delete("/api/v1/forums/#{forum['id']}.json")["forum"]["id"]
    assert_raises(UserVoice::NotFound) { owner.get("/api/v1/forums/#{forum['id']}.json") }
  end

  def test_a_user_changes_their_email_address
    user = client.login_as("before@example.com")
    id = current_user(user)["id"]
    user.put("/api/v1/users/current", user: { email: "after@example.com" })
    renamed = client.login_as("after@example.com")
    assert_equal id, current_user(renamed)["id"]
    assert_equal id, renamed.delete("/api/v1/users/#{id}")["user"]["id"]
  end

  def test_deleting_a_user_requires_one
    error = assert_raises(UserVoice::Unauthorized) { client.delete("/api/v1/users/234.json") }
    assert_match(/user required/i, error.message)
    id = current_user(client.login_as("stays@example.com"))["id"]
    assert_raises(UserVoice::Unauthorized) { client.delete("/api/v1/users/#{id}.json") }
  end

  def test_a_user_deletes_themselves
    owner = client.login_as_owner
    before = number_of_users(owner)
    user = client.login_as("short.visit@example.com")
    assert_equal before + 1, number_of_users(owner)
    id = current_user(user)["id"]
    assert_equal id, user.delete("/api/v1/users/#{id}.json")["user"]["id"]
    assert_equal before, number_of_users(owner)
  end

  def test_a_deleted_user_is_created_again_by_a_login
    owner = client.login_as_owner
    id = current_user(client.login_as("back@example.com"))["id"]
    before = number_of_users(owner)
    assert_equal id, owner.delete("/api/v1/users/#{id}.json")["user"]["id"]
    assert_equal before - 1, number_of_users(owner)
    assert_equal "back@example.com", current_user(client.login_as("back@example.com"))["email"]
  end

  def test_a_missing_record_is_not_found
    assert_raises(UserVoice::NotFound) { client.login_as_owner.get("/api/v1/users/2345871235") }
  end

  def test_an_unknown_manual_action_is_not_found
    path = "/api/v1/suggestions.json?filter=with_external_id&external_scope=#{SCOPE}&manual_action=nothing"
    assert_raises(UserVoice::NotFound) { client.login_as_owner.get(path) }
  end

  def test_identifies_suggestions
    owner = client.login_as_owner
    path = "/api/v1/suggestions.json?filter=without_external_id&external_scope=#{SCOPE}&per_page=2"
    ids = owner.get(path)["suggestions"].map { |suggestion| suggestion["id"] }
    identifications = ids.map { |id| { id: id, external_id: id * 10, url: "https://crm.example.com/#{id}" } }
    result = owner.put(
      "/api/v1/suggestions/identify.json",
      upsert: true, external_scope: SCOPE, identifications: identifications
    )
    assert_equal ids.sort, result["identifications"]["ids"]
  end

  def test_reads_a_collection_of_the_service
    suggestions = client.get_collection("/api/v1/suggestions.json?sort=oldest", limit: 120)
    assert_equal 120, suggestions.size
    assert_equal 120, suggestions.last["id"]
    assert_equal 1, suggestions.first["id"]
    %i[map collect].each { |method| assert_equal [*1..120], suggestions.public_send(method) { |record| record["id"] } }
    assert_equal [*1..120], suggestions.to_a.map { |record| record["id"] }
    assert_nil suggestions[120]
  end

  def test_single_sign_on_tokens
    user = { display_name: "Jo Müller", email: "jo@example.com" }
    token = UserVoice.generate_sso_token("sandbox", "sandbox-sso-key", user)
    assert_equal token, CGI.escape(CGI.unescape(token))
    assert_equal "Jo Müller", UserVoice.decrypt_sso_token("sandbox", "sandbox-sso-key", token)["display_name"]
    assert_raises(UserVoice::Unauthorized) { UserVoice.generate_sso_token("sandbox", "k", { email: "ma" }) }
  end
end
