# frozen_string_literal: true

require_relative "helper"

class TestToken < SandboxTest
  def test_parts
    token = UserVoice::Token.new("name", "sécret")
    assert_equal %w[name name sécret], [token.token, token.value, token.secret]
    assert_raises(UserVoice::InvalidArgument) { UserVoice::Token.new("", "x") }
    assert_raises(TypeError) { UserVoice::Token.new(1) }
  end

  def test_keeping
    token = client.login_as("user2@sandbox.example").access_token
    again = UserVoice::Token.load(token.dump)
    assert_equal token, again
    assert_equal token.hash, again.hash
    refute_equal token, UserVoice::Token.new("other")
    client.login_as("user3@sandbox.example")
    client.login_with_access_token(again) do |user|
      assert_equal "user2@sandbox.example", user.get("/api/v1/users/current")["user"]["email"]
    end
    assert_raises(UserVoice::InvalidArgument) { UserVoice::Token.load("{}") }
  end

  def test_marshal_keeps_what_dump_gives
    [UserVoice::Token.new("name", "sécret"), client.login_with_client_credentials.access_token].each do |token|
      kept = Marshal.dump(token)
      assert_includes kept.b, token.dump.b
      again = Marshal.load(kept)
      assert_equal [token, token.dump], [again, again.dump]
    end
    closed = UserVoice::Token.new("name").tap(&:close)
    assert_raises(UserVoice::ClosedError) { Marshal.dump(closed) }
  end

  def test_closing
    token = UserVoice::Token.new("name")
    token.close
    assert_predicate token, :closed?
    assert_equal :not_sent, assert_raises(UserVoice::ClosedError) { token.secret }.outcome
    assert_raises(UserVoice::ClosedError) { client.login_with_access_token(token).get("/api/v1/users/current") }
    assert_raises(TypeError) { UserVoice::Token.new("name").dup }
  end

  def test_closing_during_a_call
    user = client.login_as("user2@sandbox.example")
    Sandbox.fault({ path: "/api/v1/users/current", delay_ms: 500 })
    thread = Thread.new { user.get("/api/v1/users/current")["user"]["email"] }
    Sandbox.wait_for_faults
    user.access_token.close
    assert_equal "user2@sandbox.example", thread.value
  end

  def test_what_is_in_use_is_freed_by_its_last_user
    native = UserVoice.const_get(:Native)
    free = native.method(:uservoice_token_free)
    freed = []
    native.stub(:uservoice_token_free, ->(pointer) { freed << free.call(pointer) }) do
      token = UserVoice::Token.new("name")
      token.use do
        token.use { token.close }
        assert_empty freed
      end
      assert_equal 1, freed.size
    end
  end

  def test_three_legged_login_that_another_process_finishes
    request_token = client.request_token
    assert_includes client.authorize_url(request_token), request_token.token
    kept = request_token.dump
    verifier = Sandbox.verifier(request_token.token)

    later = Sandbox.client
    assert_raises(UserVoice::Unauthorized) { later.login_with_verifier(verifier) }
    person = later.login_with_verifier(verifier, request_token: UserVoice::Token.load(kept))
    assert_equal "user1@sandbox.example", person.get("/api/v1/users/current")["user"]["email"]
  end

  def test_a_verifier_of_one_process
    url = client.authorize_url
    verifier = Sandbox.verifier(url[/oauth_token=([^&]+)/, 1])
    email = client.login_with_verifier(verifier) { |person| person.get("/api/v1/users/current")["user"]["email"] }
    assert_equal "user1@sandbox.example", email
  end

  def test_sso
    user = { guid: 1, email: "jo@example.com", display_name: "Zoë", expires: "2030-01-01 00:00:00" }.freeze
    token = UserVoice.sso_token("acme", "key", user)
    assert_equal JSON.generate(user), UserVoice.sso_user_json("acme", "key", token)
    assert_equal JSON.parse(JSON.generate(user)), UserVoice.decrypt_sso_token("acme", "key", token)
    assert_raises(UserVoice::InvalidArgument) { UserVoice.decrypt_sso_token("acme", "other", token) }
    assert_raises(UserVoice::InvalidArgument) { UserVoice.sso_token("acme", "key", user, valid_for: -1) }
    assert_raises(TypeError) { UserVoice.sso_token("acme", nil, user) }
  end
end
