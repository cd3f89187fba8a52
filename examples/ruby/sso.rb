#!/usr/bin/env ruby
# frozen_string_literal: true

# Creates and decrypts single sign-on tokens.
#
#     ruby sso.rb [USER-JSON]             prints the URL that logs a user in
#     ruby sso.rb --token [USER-JSON]     prints the token alone
#     ruby sso.rb --decrypt [TOKEN]       prints the user of a token
#
# Reads USER-JSON or TOKEN from standard input if it is not given. Sends no request: a token
# depends only on the subdomain and the SSO key.

require_relative "site"

option = ARGV.first.to_s.start_with?("--") ? ARGV.shift : nil
unless [nil, "--token", "--decrypt"].include?(option) && ARGV.size <= 1
  warn "usage: sso.rb [--token] [USER-JSON]\n       sso.rb --decrypt [TOKEN]"
  exit 2
end
if Site.sso_key.nil?
  warn "USERVOICE_SSO_KEY must be set, because USERVOICE_SUBDOMAIN is set."
  exit 2
end
Site.check if option.nil?

begin
  input = ARGV.first || $stdin.read.chomp
  if option == "--decrypt"
    puts JSON.generate(UserVoice.decrypt_sso_token(Site.subdomain, Site.sso_key, input))
  else
    # The user can also be a Hash. The token expires after five minutes unless the user has
    # "expires".
    token = UserVoice.sso_token(Site.subdomain, Site.sso_key, input)
    puts option == "--token" ? token : "#{Site.url}/?sso=#{token}"
  end
rescue UserVoice::Error => e
  Site.report(option == "--decrypt" ? "Cannot decrypt the token" : "Cannot create a token", e)
  exit 1
end
