# frozen_string_literal: true

require "digest"
require "openssl"

# What uservoice-ruby uses of the gem ezcrypto, which no longer works with OpenSSL 3.
module EzCrypto
  class Key
    def self.with_password(password, salt)
      new(Digest::SHA1.digest(salt + password)[0, 16])
    end

    def initialize(key)
      @key = key
    end

    def encrypt(data)
      run(:encrypt, data)
    end

    def decrypt(data)
      run(:decrypt, data)
    end

    private

    def run(direction, data)
      cipher = OpenSSL::Cipher.new("aes-128-cbc").public_send(direction)
      cipher.key = @key
      cipher.iv = "OpenSSL for Ruby"
      cipher.update(data) + cipher.final
    end
  end
end
