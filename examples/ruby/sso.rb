#!/usr/bin/env ruby
# frozen_string_literal: true

# Single sign-on: a link that logs a user of yours in at UserVoice.
#
#     ruby sso.rb [--token] [USER-JSON]      the link, or with --token the token alone
#     ruby sso.rb --decrypt [TOKEN]          the user that a token was made for
#
# USER-JSON or TOKEN is read from standard input where it is not given. Nothing is
# sent: a token is made from the SSO key alone.

require_relative "site"

option = ARGV.first.to_s.start_with?("--") ? ARGV.shift : nil
unless [nil, "--token", "--decrypt"].include?(option) && ARGV.size <= 1
  warn "usage: sso.rb [--token] [USER-JSON]\n       sso.rb --decrypt [TOKEN]"
  exit 2
end
if Site.sso_key.nil?
  warn "USERVOICE_SUBDOMAIN is set: USERVOICE_SSO_KEY is needed too."
  exit 2
end
Site.check if option.nil?

begin
  text = ARGV.first || $stdin.read.chomp
  if option == "--decrypt"
    puts UserVoice.sso_user_json(Site.subdomain, Site.sso_key, text)
  else
    # A Hash does as well as JSON. It is valid for five minutes unless it has "expires".
    token = UserVoice.sso_token(Site.subdomain, Site.sso_key, text)
    puts option == "--token" ? token : "#{Site.url}/?sso=#{token}"
  end
rescue UserVoice::Error => e
  Site.failed(option == "--decrypt" ? "The token cannot be read" : "No token can be made", e)
  exit 1
end
