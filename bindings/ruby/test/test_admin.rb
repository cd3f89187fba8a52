# frozen_string_literal: true

require_relative "helper"
require "socket"

# Tests the Admin API (API v2), JSON Web Tokens and webhooks.
class TestAdmin < SandboxTest
  SUGGESTIONS = "/api/v2/admin/suggestions"
  CALLBACK = "https://app.example/callback"

  def owner
    @owner ||= client.login_with_client_credentials
  end

  def email(client)
    client.get("/api/v2/admin/users/current")["users"][0]["email_address"]
  end

  def test_client_credentials_log_in_the_owner
    assert_equal Sandbox.owner, email(owner)
    assert_equal Sandbox.owner, client.login_with_client_credentials { |owner| email(owner) }
    assert_equal [owner.access_token.token, "", nil], [owner.token, owner.secret, owner.access_token.secret]
    refute_includes owner.inspect, owner.token
  end

  def test_refreshes_an_expired_token
    token = owner.access_token
    stored = token.dump
    hash = token.hash
    assert_includes stored, token.token
    refute_includes stored, Sandbox.api_secret
    Sandbox.expire_tokens
    assert_equal Sandbox.owner, email(owner)
    refute_equal stored, token.dump
    assert_equal hash, token.hash
    Sandbox.expire_tokens
    assert_equal Sandbox.owner, email(Sandbox.client.login_with_access_token(UserVoice::Token.load(stored)))
    assert_equal Sandbox.owner, email(owner.with(timeout: 20))
  end

  def test_login_with_password
    assert_raises(UserVoice::Unauthorized) { client.login_with_password(Sandbox.owner, "wrong") }
    user = client.login_with_password(Sandbox.owner, Sandbox.password)
    assert_equal Sandbox.owner, email(user)
    refute_includes user.access_token.dump, Sandbox.password
    Sandbox.expire_tokens
    assert_raises(UserVoice::Unauthorized) { email(user) }
    assert_raises(TypeError) { client.login_with_password(Sandbox.owner, nil) }
  end

  def test_login_with_code
    without_secret = UserVoice::Client.new("sandbox", Sandbox.api_key, base_url: Sandbox.url)
    request = without_secret.authorization_request(CALLBACK)
    assert request.url.start_with?("#{Sandbox.url}/api/v2/oauth/auth?"), request.url
    refute_includes request.url + request.inspect, request.code_verifier
    refute_equal request.state, without_secret.authorization_request(CALLBACK).state
    callback = Sandbox.sign_in(request.url)
    assert_equal request.state, callback["state"]
    verification = { code_verifier: request.code_verifier, redirect_uri: request.redirect_uri }
    user = Sandbox.client.login_with_code(callback["code"], **verification)
    assert_equal Sandbox.owner, email(user)
    assert_raises(UserVoice::Unauthorized, "the code was used") do
      without_secret.login_with_code(callback["code"], **verification)
    end
  end

  def test_authorization_request_with_a_state
    request = client.authorization_request(CALLBACK, state: "s&t é")
    callback = Sandbox.sign_in(request.url)
    assert_equal ["s&t é"] * 2, [request.state, callback["state"]]
    other = client.authorization_request(CALLBACK)
    assert_raises(UserVoice::Unauthorized) do
      client.login_with_code(callback["code"], code_verifier: other.code_verifier, redirect_uri: CALLBACK)
    end
    denied = Sandbox.sign_in(other.url, decision: "deny")
    assert_equal ["access_denied", nil], denied.values_at("error", "code")
    assert_raises(UserVoice::InvalidArgument) { client.authorization_request("") }
    assert_raises(TypeError) { client.authorization_request(nil) }
  end

  def test_collection_follows_cursors
    suggestions = owner.collection(SUGGESTIONS, sort: "-id")
    assert_equal 1501, suggestions.size
    assert_equal 1501.downto(1).to_a, suggestions.map { |suggestion| suggestion["id"] }
    assert_equal 16, Sandbox.requests.map { |request| request["query"][/cursor=[^&]+/] }.uniq.size
    assert_equal 1, suggestions.last["id"]
    assert_equal 1501, suggestions.info["total_records"]
  end

  def test_refreshes_a_token_that_expires_during_an_iteration
    ids = []
    owner.with(prefetch_pages: 0).collection(SUGGESTIONS, sort: "id").each_page do |page|
      ids.concat(page.map { |suggestion| suggestion["id"] })
      Sandbox.expire_tokens if ids.size == 700
    end
    assert_equal (1..1501).to_a, ids
    assert_includes Sandbox.requests.map { |request| request["status"] }, 401
  end

  def test_whole_pages_contain_side_loaded_records
    suggestions = owner.collection(SUGGESTIONS, includes: %w[forums users], per_page: 20, limit: 30)
    2.times do
      pages = suggestions.each_whole_page.to_a
      assert_equal [20, 20], pages.map { |page| page["suggestions"].size }
      pages.each do |page|
        users = page["users"].map { |user| user["id"] }
        assert_empty page["suggestions"].map { |suggestion| suggestion["links"]["created_by"] } - users
        refute_empty page["forums"]
      end
    end
    assert_equal [20, 10], suggestions.each_page.map(&:size)
    assert_same suggestions, suggestions.each_whole_page { break suggestions }
    [:whole_pages, "whole_pages"].each do |name|
      assert_raises(ArgumentError) { Sandbox.client(**{ name => true }) }
    end
  end

  def test_collection_starts_at_a_cursor
    cursor = owner.get(SUGGESTIONS, per_page: 100, sort: "id")["pagination"]["cursor"]
    assert_equal (101..1501).to_a, owner.collection(SUGGESTIONS, sort: "id", cursor: cursor).map { |suggestion| suggestion["id"] }
  end

  def test_error_has_the_body_of_a_validation_error
    error = assert_raises(UserVoice::APIError) { owner.post(SUGGESTIONS, {}) }
    assert_equal 422, error.http_status
    assert_includes error.body, "forum"
  end

  def test_site_accepts_sso_tokens
    user = { guid: "7", email: "zoe@example.com", display_name: "Zoë" }.freeze
    jwt = UserVoice.sso_jwt(Sandbox.sso_key, user)
    claims = UserVoice.verify_sso_jwt(Sandbox.sso_key, jwt)
    assert_kind_of Integer, claims.delete("exp")
    assert_equal user.transform_keys(&:to_s), claims
    [jwt, UserVoice.sso_token("sandbox", Sandbox.sso_key, user)].each do |token|
      page = Net::HTTP.get_response(URI(client.sso_url(token)))
      assert_equal "200", page.code
      assert_includes page.body, "zoe@example.com"
    end
    assert_includes client.sso_url(jwt, "/forums/1?a=b"), "/forums/1?a=b&sso="
    response = Net::HTTP.get_response(URI(client.sso_url(UserVoice.sso_jwt("another", user))))
    assert_equal "401", response.code
  end

  def test_verify_sso_jwt_rejects_invalid_tokens
    user = { guid: "7", email: "zoe@example.com" }
    jwt = UserVoice.sso_jwt("key", JSON.generate(user))
    expired = UserVoice.sso_jwt("key", user.merge(exp: 1))
    [["another", jwt], ["key", expired], ["key", jwt[0..-3]], ["key", ""], ["key", "\xff"], ["key", "#{jwt}\0"]].each do |invalid|
      assert_raises(UserVoice::SignatureVerificationError) { UserVoice.verify_sso_jwt(*invalid) }
    end
    assert_equal 1, UserVoice.verify_sso_jwt("key", expired, leeway: 2**31)["exp"]
    assert_raises(UserVoice::InvalidArgument) { UserVoice.sso_jwt("key", { guid: "7" }) }
    assert_raises(TypeError) { UserVoice.sso_jwt(nil, user) }
  end

  def test_webhooks
    title = "Tea & café, 50 %"
    body = webhook_body { |site| site.post("/api/v1/forums/1/suggestions", suggestion: { title: title, votes: 1 }) }
    webhook = UserVoice.read_webhook(Sandbox.sso_key, body)
    assert_equal ["new_suggestion", title], [webhook.event, webhook.data["suggestion"]["title"]]
    refute_includes webhook.inspect, "Tea"
    data, signature = URI.decode_www_form(body).to_h.values_at("data", "signature")
    UserVoice.verify_webhook(Sandbox.sso_key, data, signature)

    [["another", body], [Sandbox.sso_key, body.sub("Tea", "Sea")], [Sandbox.sso_key, ""],
     [Sandbox.sso_key, "\xff\0".b]].each do |forged|
      assert_raises(UserVoice::SignatureVerificationError) { UserVoice.read_webhook(*forged) }
    end
    [["another", data, signature], [Sandbox.sso_key, "#{data} ", signature], [Sandbox.sso_key, data, "\xff"],
     [Sandbox.sso_key, data, "#{signature}\0"]].each do |forged|
      assert_raises(UserVoice::SignatureVerificationError) { UserVoice.verify_webhook(*forged) }
    end
    assert_equal signature, UserVoice.sign_webhook(Sandbox.sso_key, data)
    assert_raises(TypeError) { UserVoice.read_webhook(Sandbox.sso_key, nil) }
    [UserVoice.method(:read_webhook), UserVoice.method(:sign_webhook)].each do |method|
      assert_equal "sso_key", assert_raises(UserVoice::InvalidArgument) { method.call("", body) }.argument
    end
  end

  def test_deeply_nested_jwt_and_webhook
    nested = "[" * 120 + "]" * 120
    jwt = UserVoice.sso_jwt("key", %({"guid":1,"email":"a","nested":#{nested}}))
    assert_equal nested, JSON.generate(UserVoice.verify_sso_jwt("key", jwt)["nested"], max_nesting: 0)
    token = UserVoice.sso_token("acme", "key", %({"guid":1,"nested":#{nested}}))
    assert_equal nested, JSON.generate(UserVoice.decrypt_sso_token("acme", "key", token)["nested"], max_nesting: 0)
    data = %({"suggestion":#{nested}})
    body = URI.encode_www_form(event: "e", data: data, signature: UserVoice.sign_webhook("key", data))
    assert_equal data, JSON.generate(UserVoice.read_webhook("key", body).data, max_nesting: 0)
  end

  private

  # Returns the body of the webhook that the site sends when the block changes something.
  #
  # @yieldparam owner [UserVoice::Client]
  def webhook_body
    receiver = TCPServer.new("127.0.0.1", 0)
    Sandbox.with_webhooks("http://127.0.0.1:#{receiver.addr[1]}/") do |url|
      yield Sandbox.client(base_url: url).login_as_owner
      without_hanging { receive_body(receiver.accept) }
    end
  ensure
    receiver.close
  end

  def receive_body(connection)
    header = connection.gets("\r\n\r\n")
    body = connection.read(Integer(header[/^content-length: (\d+)/i, 1]))
    connection.write("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    body
  ensure
    connection.close
  end
end
