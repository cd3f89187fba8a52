# Creates single sign-on tokens with Ruby's OpenSSL and JSON libraries.
require "cgi"
require "json"
require "openssl"
require_relative "ruby/contestant"

USER = { guid: 1000000, display_name: "User Name", email: "mailaddress@example.com" }.freeze

def token
  expires = (Time.now.utc + 300).strftime("%Y-%m-%d %H:%M:%S")
  aes = OpenSSL::Cipher.new("AES-128-CBC").encrypt
  aes.key = OpenSSL::Digest::SHA1.digest("982c88f2df7257859e8e23423eg87eduservoice-subdomain")[0, 16]
  aes.iv = "\0" * 16
  encrypted = aes.update(JSON.generate(USER.merge(expires: expires))) + aes.final
  CGI.escape([encrypted].pack("m0"))
end

puts token
$stdout.flush
contest { token }
