# frozen_string_literal: true

require_relative "helper"
require "yaml"

class TestToken < SandboxTest
  def test_has_a_token_and_a_secret
    token = UserVoice::Token.new("name", "sécret")
    assert_equal %w[name sécret], [token.token, token.secret]
    assert_raises(UserVoice::InvalidArgument) { UserVoice::Token.new("", "x") }
    assert_raises(TypeError) { UserVoice::Token.new(1) }
  end

  def test_load_restores_a_dumped_token
    token = client.login_as("user2@sandbox.example").access_token
    restored = UserVoice::Token.load(token.dump)
    assert_equal token, restored
    assert_equal token.hash, restored.hash
    refute_equal token, UserVoice::Token.new("other")
    client.login_as("user3@sandbox.example")
    client.login_with_access_token(restored) do |user|
      assert_equal "user2@sandbox.example", user.get("/api/v1/users/current")["user"]["email"]
    end
    assert_raises(UserVoice::InvalidArgument) { UserVoice::Token.load("{}") }
  end

  def test_marshal_stores_the_dump
    [UserVoice::Token.new("name", "sécret"), client.login_with_client_credentials.access_token].each do |token|
      marshalled = Marshal.dump(token)
      assert_includes marshalled.b, token.dump.b
      restored = Marshal.load(marshalled)
      assert_equal [token, token.dump], [restored, restored.dump]
    end
    closed = UserVoice::Token.new("name").tap(&:close)
    assert_raises(UserVoice::ClosedError) { Marshal.dump(closed) }
  end

  def test_yaml_stores_the_dump
    [UserVoice::Token.new("name", "sécret"), client.login_with_client_credentials.access_token].each do |token|
      restored = YAML.unsafe_load(YAML.dump(token))
      assert_equal [token, token.dump], [restored, restored.dump]
    end
    user = client.login_as("user2@sandbox.example")
    restored = YAML.unsafe_load(YAML.dump(user.access_token))
    client.login_with_access_token(restored) do |same|
      assert_equal "user2@sandbox.example", same.get("/api/v1/users/current")["user"]["email"]
    end
    assert_raises(TypeError) { YAML.unsafe_load("--- !ruby/object:UserVoice::Token {}") }
  end

  # The library would take a null token for none, and authenticate with the API key alone.
  def test_null_token_raises
    assert_raises(UserVoice::InternalError) { UserVoice::Token.from_pointer(FFI::Pointer::NULL) }
    hollow = UserVoice::Token.new("name")
    hollow.instance_variable_get(:@native).instance_variable_set(:@pointer, FFI::Pointer::NULL)
    [UserVoice::Token.allocate, hollow].each do |token|
      assert_raises(UserVoice::InternalError) { client.login_with_access_token(token).get("/api/v1/users") }
    end
    assert_raises(TypeError) { YAML.dump(hollow.instance_variable_get(:@native)) }
    assert_empty Sandbox.requests
  end

  def test_closed_token_raises
    token = UserVoice::Token.new("name")
    token.close
    assert_predicate token, :closed?
    assert_equal :not_sent, assert_raises(UserVoice::ClosedError) { token.secret }.outcome
    assert_raises(UserVoice::ClosedError) { client.login_with_access_token(token).get("/api/v1/users/current") }
    assert_raises(TypeError) { UserVoice::Token.new("name").dup }
  end

  def test_close_does_not_affect_a_call_in_progress
    user = client.login_as("user2@sandbox.example")
    Sandbox.fault({ path: "/api/v1/users/current", delay_ms: 500 })
    thread = Thread.new { user.get("/api/v1/users/current")["user"]["email"] }
    Sandbox.wait_for_faults
    user.access_token.close
    assert_equal "user2@sandbox.example", thread.value
  end

  def test_last_user_frees_a_closed_token
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

  def test_another_process_completes_a_three_legged_login
    request_token = client.request_token
    assert_includes client.authorize_url(request_token), request_token.token
    stored = request_token.dump
    verifier = Sandbox.verifier(request_token.token)

    other = Sandbox.client
    assert_raises(UserVoice::Unauthorized) { other.login_with_verifier(verifier) }
    user = other.login_with_verifier(verifier, request_token: UserVoice::Token.load(stored))
    assert_equal "user1@sandbox.example", user.get("/api/v1/users/current")["user"]["email"]
  end

  def test_client_remembers_its_request_token
    url = client.authorize_url
    verifier = Sandbox.verifier(url[/oauth_token=([^&]+)/, 1])
    email = client.login_with_verifier(verifier) { |user| user.get("/api/v1/users/current")["user"]["email"] }
    assert_equal "user1@sandbox.example", email
  end

  def test_decrypt_sso_token_returns_the_user
    user = { guid: 1, email: "jo@example.com", display_name: "Zoë", expires: "2030-01-01 00:00:00" }.freeze
    token = UserVoice.sso_token("acme", "key", user)
    decrypted = UserVoice.decrypt_sso_token("acme", "key", token)
    assert_equal JSON.generate(user), JSON.generate(decrypted)
    assert_raises(UserVoice::SignatureVerificationError) { UserVoice.decrypt_sso_token("acme", "other", token) }
    assert_raises(UserVoice::InvalidArgument) { UserVoice.sso_token("acme", "key", user, valid_for: -1) }
    assert_raises(TypeError) { UserVoice.sso_token("acme", nil, user) }
  end
end
