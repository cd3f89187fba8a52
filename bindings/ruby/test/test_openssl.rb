# frozen_string_literal: true

require_relative "helper"
require "openssl"

# Compares single sign-on tokens and webhooks with Ruby's OpenSSL, used as UserVoice's sample program for Ruby does.
class TestOpenSSL < Minitest::Test
  KEY = "982c88f2df7257859e8e23423eg87ed"
  IV = "OpenSSL for Ruby"
  USERS = [{ "guid" => "1" }, { "guid" => "é€😀\\\"\n", "display_name" => "x" * 999 },
           *(0..31).map { |length| { "guid" => "x" * length } }].freeze

  def test_openssl_decrypts_tokens
    USERS.each do |user|
      token = UserVoice.sso_token("acme", KEY, user)
      plaintext = xor(crypt(:decrypt, URI.decode_www_form_component(token).unpack1("m0")))
      decrypted = JSON.parse(plaintext.force_encoding(Encoding::UTF_8))
      assert_match(/\A\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\z/, decrypted.delete("expires"))
      assert_equal user, decrypted
    end
  end

  def test_decrypts_tokens_of_openssl
    USERS.each do |attributes|
      user = { **attributes, "expires" => "2030-01-01 00:00:00" }
      ciphertext = crypt(:encrypt, xor(JSON.generate(user).b))
      [[ciphertext].pack("m0"), [ciphertext].pack("m"), [ciphertext].pack("m0").tr("+", " ").delete("=")].each do |token|
        assert_equal user, UserVoice.decrypt_sso_token("acme", KEY, token)
      end
    end
  end

  def test_jwts_have_the_signature_of_openssl
    user = { "guid" => "1", "email" => "é@example.com", "exp" => 4_102_444_800.5 }
    jwt = UserVoice.sso_jwt(KEY, user)
    signed, _, signature = jwt.rpartition(".")
    assert_equal base64url(OpenSSL::HMAC.digest("SHA256", KEY, signed)), signature
    header, payload = signed.split(".").map { |part| JSON.parse(part.unpack1("m").force_encoding(Encoding::UTF_8)) }
    assert_equal [{ "alg" => "HS256", "typ" => "JWT" }, user], [header, payload]
    assert_equal user, UserVoice.verify_sso_jwt(KEY, jwt)
  end

  def test_verifies_webhooks_signed_by_openssl
    body = ->(signature) { URI.encode_www_form(event: "test", data: "{\"a\":\"é\"}", signature: signature) }
    digest = OpenSSL::HMAC.digest("SHA256", KEY, "{\"a\":\"é\"}")
    [digest.unpack1("H*"), [digest].pack("m0"), base64url(digest)].each do |signature|
      assert_equal "é", UserVoice.read_webhook(KEY, body[signature]).data["a"]
    end
  end

  private

  def crypt(mode, data)
    cipher = OpenSSL::Cipher.new("aes-128-cbc").public_send(mode)
    cipher.key = OpenSSL::Digest::SHA1.digest("#{KEY}acme")[0, 16]
    cipher.iv = IV
    cipher.update(data) + cipher.final
  end

  # Exclusive or of the first block with the initialization vector.
  def xor(data)
    data = data.dup
    IV.each_byte.with_index { |byte, index| data.setbyte(index, data.getbyte(index) ^ byte) if index < data.bytesize }
    data
  end

  def base64url(bytes)
    [bytes].pack("m0").tr("+/", "-_").delete("=")
  end
end
