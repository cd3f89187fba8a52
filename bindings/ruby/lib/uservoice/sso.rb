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
    # @param attributes [Hash] the user as keywords
    # @return [String]
    # @raise [InvalidArgument]
    # @raise [ArgumentError] without a user, or with both a user and keywords
    def sso_token(subdomain, sso_key, user = nil, valid_for: 300, **attributes)
      Native.text(:uservoice_sso_token, Argument.text("subdomain", subdomain), Argument.text("sso_key", sso_key),
                  user_json(user, attributes), Argument.whole("valid_for", valid_for))
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
    # @param user [Hash, String] with "guid" and "email"; or its JSON. "exp" and "expires"
    #   may be a Time, a DateTime or a Date, which begins at midnight in GMT
    # @param valid_for [Integer] seconds from now, where the user has no "exp" or "expires"
    # @param attributes [Hash] the user as keywords
    # @return [String]
    # @raise [InvalidArgument]
    # @raise [ArgumentError] without a user, or with both a user and keywords
    # @example
    #   jwt = UserVoice.sso_jwt(sso_key, guid: 1001, email: "jo@example.com")
    #   redirect_to client.sso_url(jwt, "/forums/1")
    def sso_jwt(sso_key, user = nil, valid_for: 300, **attributes)
      Native.text(:uservoice_sso_jwt, Argument.text("sso_key", sso_key), user_json(user, attributes),
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
      raise Argument.unauthorized("Please specify your SSO key") if sso_key.to_s.empty?

      sso_token(subdomain, sso_key, user, valid_for: valid_for || CENTURY)
    end

    # @param token [String] percent-encoded or not
    # @return [Hash] the user that a token was made for
    # @raise [InvalidArgument] also for a token that was made with another key
    def decrypt_sso_token(subdomain, sso_key, token)
      JSON.parse(sso_user_json(subdomain, sso_key, token))
    end

    private

    def user_json(user, attributes)
      user = given_user(user, attributes)
      return Argument.text("user", user) if user.is_a?(String)

      user = user.to_h { |name, value| [name, attribute(name.to_s, value)] } if user.is_a?(Hash)
      Argument.generate("user", user, Argument::SSO_MOMENT)
    end

    def given_user(user, attributes)
      return user if attributes.empty? && !user.nil?
      return attributes if user.nil? && !attributes.empty?
      raise ArgumentError, "user must be given: a Hash, its JSON, or keywords" if user.nil?

      raise ArgumentError, "user must be given once, and not also in keywords: #{attributes.keys.join(', ')}"
    end

    def attribute(name, value)
      %w[exp expires].include?(name) ? ending(name, value) : value
    end

    # An end is a moment, also that of a day; "exp" is a number (RFC 7519).
    def ending(name, value)
      moment = case value
               when Time, DateTime then value.to_time
               when Date then Time.utc(value.year, value.month, value.day)
               else return value
               end
      name == "exp" ? moment.to_i : moment
    end
  end
end
