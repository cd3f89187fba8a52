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
      Native.text(:uservoice_sso_token, Argument.text("subdomain", subdomain), Argument.text("sso_key", sso_key),
                  user_json(user), Argument.whole("valid_for", valid_for))
    end

    # The JSON text that a token was made from. Its "expires" is not checked.
    #
    # @param token [String] percent-encoded or not
    # @return [String]
    # @raise [InvalidArgument] also for a token that was made with another key
    def sso_user_json(subdomain, sso_key, token)
      Native.text(:uservoice_sso_decrypt, Argument.text("subdomain", subdomain), Argument.text("sso_key", sso_key),
                  Argument.received("token", token))
    end

    # Makes a JSON Web Token, the kind of single sign-on token that today's sites take. It
    # goes where one of {sso_token} goes: see {Client#sso_url}. Sends nothing.
    #
    # @param sso_key [String] Admin Console, Settings, Channels
    # @param user [Hash, String] with "guid" and "email"; or its JSON
    # @param valid_for [Integer] seconds from now, where the user has no "exp" or "expires"
    # @return [String]
    # @raise [InvalidArgument]
    # @example
    #   jwt = UserVoice.sso_jwt(sso_key, { guid: 1001, email: "jo@example.com" })
    #   redirect_to client.sso_url(jwt, "/forums/1")
    def sso_jwt(sso_key, user, valid_for: 300)
      Native.text(:uservoice_sso_jwt, Argument.text("sso_key", sso_key), user_json(user),
                  Argument.whole("valid_for", valid_for))
    end

    # The claims of a JSON Web Token, after a check of its signature (HS256 only) and of
    # its end.
    #
    # @param jwt [String]
    # @param leeway [Integer] seconds by which the end may have passed, for clocks that differ
    # @return [Hash]
    # @raise [InvalidArgument] also for a token that does not hold
    def verify_sso_jwt(sso_key, jwt, leeway: 0)
      JSON.parse(Native.text(:uservoice_sso_jwt_verify, Argument.text("sso_key", sso_key),
                             Argument.received("jwt", jwt), Argument.whole("leeway", leeway)))
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

    private

    def user_json(user)
      user.is_a?(String) ? Argument.text("user", user) : Argument.generate("user", user, Argument::SSO_MOMENT)
    end
  end
end
