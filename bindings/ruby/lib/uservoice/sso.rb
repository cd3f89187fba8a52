# frozen_string_literal: true

module UserVoice
  # The longest validity that a token can have: a hundred years.
  CENTURY = 100 * 365 * 86_400
  private_constant :CENTURY

  class << self
    # Makes a single sign-on token, ready to stand in a URL:
    # +https://SUBDOMAIN.uservoice.com/?sso=TOKEN+. Sends nothing.
    #
    # @param subdomain [String] "acme" of acme.uservoice.com
    # @param sso_key [String] Admin Console, Settings, Channels
    # @param user [Hash, String] "guid", "email", "display_name" and so on; or its JSON
    # @param valid_for [Integer] seconds from now, where the user has no "expires"
    # @return [String]
    # @raise [InvalidArgument]
    def sso_token(subdomain, sso_key, user, valid_for: 300)
      user = user.is_a?(String) ? Text.utf8(user) : JSON.generate(user)
      Native.text(:uservoice_sso_token, Text.utf8(subdomain), Text.utf8(sso_key), user,
                  Integer(valid_for))
    end

    # The JSON text that a token was made from. Its "expires" is not checked.
    #
    # @param token [String] percent-encoded or not
    # @return [String]
    # @raise [InvalidArgument] also for a token that was made with another key
    def sso_user_json(subdomain, sso_key, token)
      Native.text(:uservoice_sso_decrypt, Text.utf8(subdomain), Text.utf8(sso_key), Text.utf8(token))
    end

    # {sso_token} as the gem uservoice-ruby had it: the user needs an e-mail address.
    #
    # @param user [Hash] it is not changed
    # @param valid_for [Integer, nil] seconds; nil makes a token that does not expire in
    #   a person's life
    # @return [String]
    # @raise [Unauthorized] without an e-mail address or an SSO key
    def generate_sso_token(subdomain, sso_key, user, valid_for = 300)
      Email.check(user[:email] || user["email"])
      raise Unauthorized, "Please specify your SSO key" if sso_key.to_s.empty?

      sso_token(subdomain, sso_key, user, valid_for: valid_for || CENTURY)
    end

    # @param token [String] percent-encoded or not
    # @return [Hash] the user that a token was made for
    # @raise [InvalidArgument] also for a token that was made with another key
    def decrypt_sso_token(subdomain, sso_key, token)
      JSON.parse(sso_user_json(subdomain, sso_key, token))
    end
  end
end
