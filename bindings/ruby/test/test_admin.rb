# frozen_string_literal: true

require_relative "helper"
require "socket"

# The Admin API (API v2): its logins and lists, JSON Web Tokens, web hooks.
class TestAdmin < SandboxTest
  SUGGESTIONS = "/api/v2/admin/suggestions"
  BACK = "https://app.example/back"

  def owner
    @owner ||= client.login_with_client_credentials
  end

  def email(client)
    client.get("/api/v2/admin/users/current")["users"][0]["email_address"]
  end

  def test_the_key_acts_as_the_owner
    assert_equal Sandbox.owner, email(owner)
    assert_equal Sandbox.owner, client.login_with_client_credentials { |one| email(one) }
    assert_equal [owner.access_token.token, "", nil], [owner.token, owner.secret, owner.access_token.secret]
    refute_includes owner.inspect, owner.token
  end

  def test_a_token_renews_itself
    token = owner.access_token
    kept = token.dump
    hash = token.hash
    assert_includes kept, token.token
    refute_includes kept, Sandbox.api_secret
    Sandbox.expire_tokens
    assert_equal Sandbox.owner, email(owner)
    refute_equal kept, token.dump
    assert_equal hash, token.hash
    Sandbox.expire_tokens
    assert_equal Sandbox.owner, email(Sandbox.client.login_with_access_token(UserVoice::Token.load(kept)))
    assert_equal Sandbox.owner, email(owner.with(timeout: 20))
  end

  def test_a_password
    assert_raises(UserVoice::Unauthorized) { client.login_with_password(Sandbox.owner, "wrong") }
    person = client.login_with_password(Sandbox.owner, Sandbox.password)
    assert_equal Sandbox.owner, email(person)
    refute_includes person.access_token.dump, Sandbox.password
    Sandbox.expire_tokens
    assert_raises(UserVoice::Unauthorized) { email(person) }
    assert_raises(TypeError) { client.login_with_password(Sandbox.owner, nil) }
  end

  def test_a_code
    keyless = UserVoice::Client.new("sandbox", Sandbox.api_key, base_url: Sandbox.url)
    login = keyless.code_request(BACK)
    assert login.url.start_with?("#{Sandbox.url}/api/v2/oauth/auth?"), login.url
    refute_includes login.url + login.inspect, login.code_verifier
    refute_equal login.state, keyless.code_request(BACK).state
    back = Sandbox.sign_in(login.url)
    assert_equal login.state, back["state"]
    code = { code_verifier: login.code_verifier, redirect_uri: login.redirect_uri }
    # Elsewhere, later.
    person = Sandbox.client.login_with_code(back["code"], **code)
    assert_equal Sandbox.owner, email(person)
    assert_raises(UserVoice::Unauthorized, "for the second time") { keyless.login_with_code(back["code"], **code) }
  end

  def test_a_code_with_a_state_of_ones_own
    login = client.code_request(BACK, state: "s&t é")
    back = Sandbox.sign_in(login.url)
    assert_equal ["s&t é"] * 2, [login.state, back["state"]]
    other = client.code_request(BACK)
    assert_raises(UserVoice::Unauthorized) do
      client.login_with_code(back["code"], code_verifier: other.code_verifier, redirect_uri: BACK)
    end
    denied = Sandbox.sign_in(other.url, decision: "deny")
    assert_equal ["access_denied", nil], denied.values_at("error", "code")
    assert_raises(UserVoice::InvalidArgument) { client.code_request("") }
    assert_raises(TypeError) { client.code_request(nil) }
  end

  def test_a_list_is_read_by_cursor
    list = owner.collection(SUGGESTIONS, sort: "-id")
    assert_equal 1501, list.size
    assert_equal 1501.downto(1).to_a, list.map { |suggestion| suggestion["id"] }
    assert_equal 16, Sandbox.requests.map { |request| request["query"][/cursor=[^&]+/] }.uniq.size
    assert_equal 1, list.last["id"]
    assert_equal 1501, list.info["total_records"]
  end

  def test_a_token_that_ends_while_a_list_is_read
    ids = []
    owner.with(prefetch_pages: 0).collection(SUGGESTIONS, sort: "id").each_page do |page|
      ids.concat(page.map { |suggestion| suggestion["id"] })
      Sandbox.expire_tokens if ids.size == 700
    end
    assert_equal (1..1501).to_a, ids
    assert_includes Sandbox.requests.map { |request| request["status"] }, 401
  end

  def test_whole_pages_have_what_stands_beside
    list = owner.collection(SUGGESTIONS, includes: %w[forums users], per_page: 20, limit: 30)
    2.times do
      answers = list.each_whole_page.to_a
      assert_equal [20, 20], answers.map { |answer| answer["suggestions"].size }
      answers.each do |answer|
        users = answer["users"].map { |user| user["id"] }
        assert_empty answer["suggestions"].map { |suggestion| suggestion["links"]["created_by"] } - users
        refute_empty answer["forums"]
      end
    end
    assert_equal [20, 10], list.each_page.map(&:size)
    assert_same list, list.each_whole_page { break list }
    [:whole_pages, "whole_pages"].each do |name|
      assert_raises(ArgumentError) { Sandbox.client(**{ name => true }) }
    end
  end

  def test_a_list_begins_at_a_cursor
    cursor = owner.get(SUGGESTIONS, per_page: 100, sort: "id")["pagination"]["cursor"]
    assert_equal (101..1501).to_a, owner.collection(SUGGESTIONS, sort: "id", cursor: cursor).map { |one| one["id"] }
  end

  def test_what_is_invalid_says_why
    error = assert_raises(UserVoice::APIError) { owner.post(SUGGESTIONS, {}) }
    assert_equal 422, error.http_status
    assert_includes error.body, "forum"
  end

  def test_the_site_takes_our_jwt
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
    refused = Net::HTTP.get_response(URI(client.sso_url(UserVoice.sso_jwt("another", user))))
    assert_equal "401", refused.code
  end

  def test_a_jwt_that_does_not_hold
    user = { guid: "7", email: "zoe@example.com" }
    jwt = UserVoice.sso_jwt("key", JSON.generate(user))
    ended = UserVoice.sso_jwt("key", user.merge(exp: 1))
    [["another", jwt], ["key", ended], ["key", jwt[0..-3]], ["key", ""], ["key", "\xff"], ["key", "#{jwt}\0"]].each do |wrong|
      assert_raises(UserVoice::InvalidArgument) { UserVoice.verify_sso_jwt(*wrong) }
    end
    assert_equal 1, UserVoice.verify_sso_jwt("key", ended, leeway: 2**31)["exp"]
    assert_raises(UserVoice::InvalidArgument) { UserVoice.sso_jwt("key", { guid: "7" }) }
    assert_raises(TypeError) { UserVoice.sso_jwt(nil, user) }
  end

  def test_a_web_hook
    title = "Tea & café, 50 %"
    body = delivery { |site| site.post("/api/v1/forums/1/suggestions", suggestion: { title: title, votes: 1 }) }
    hook = UserVoice.webhook(Sandbox.sso_key, body)
    assert_equal ["new_suggestion", title], [hook.event, hook.data["suggestion"]["title"]]
    refute_includes hook.inspect, "Tea"
    data, signature = URI.decode_www_form(body).to_h.values_at("data", "signature")
    UserVoice.verify_webhook(Sandbox.sso_key, data, signature)

    [["another", body], [Sandbox.sso_key, body.sub("Tea", "Sea")], [Sandbox.sso_key, ""],
     [Sandbox.sso_key, "\xff\0".b]].each do |forged|
      assert_raises(UserVoice::InvalidArgument) { UserVoice.webhook(*forged) }
    end
    [["another", data, signature], [Sandbox.sso_key, "#{data} ", signature], [Sandbox.sso_key, data, "\xff"],
     [Sandbox.sso_key, data, "#{signature}\0"]].each do |forged|
      assert_raises(UserVoice::InvalidArgument) { UserVoice.verify_webhook(*forged) }
    end
    assert_raises(TypeError) { UserVoice.webhook(Sandbox.sso_key, nil) }
  end

  private

  # The body that the site tells when the block has changed something there as the owner.
  def delivery
    receiver = TCPServer.new("127.0.0.1", 0)
    Sandbox.telling("http://127.0.0.1:#{receiver.addr[1]}/") do |url|
      yield Sandbox.client(base_url: url).login_as_owner
      without_hanging { received(receiver.accept) }
    end
  ensure
    receiver.close
  end

  def received(connection)
    header = connection.gets("\r\n\r\n")
    body = connection.read(Integer(header[/^content-length: (\d+)/i, 1]))
    connection.write("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    body
  ensure
    connection.close
  end
end
