# frozen_string_literal: true

module UserVoice
  # The lifetime in seconds of an SSO token that should not expire.
  HUNDRED_YEARS = 100 * 365 * 86_400
  private_constant :HUNDRED_YEARS

  class << self
    # Creates an AES-encrypted single sign-on token, percent-encoded for a URL:
    # +https://SUBDOMAIN.uservoice.com/?sso=TOKEN+. Sends no request.
    #
    # @param subdomain [String] "acme" for acme.uservoice.com
    # @param sso_key [String] Admin Console, Settings, Channels
    # @param user [Hash, String] "guid", "email", "display_name" and so on, or their JSON
    # @param valid_for [Integer] seconds from now, unless the user has "expires"; 0 means 300
    # @param attributes [Hash] the user as keyword arguments
    # @return [String]
    # @raise [InvalidArgument]
    # @raise [ArgumentError] without a user, or with both a Hash and keyword arguments
    def sso_token(subdomain, sso_key, user = nil, valid_for: 300, **attributes)
      Native.call_string(:uservoice_sso_token, Argument.string("subdomain", subdomain),
                         Argument.string("sso_key", sso_key), user_json(user, attributes),
                         Argument.validity(valid_for))
    end

    # Decrypts a token of {sso_token}. Does not check whether it is expired.
    #
    # @param subdomain [String] "acme" for acme.uservoice.com
    # @param sso_key [String] Admin Console, Settings, Channels
    # @param token [String] percent-encoded or not
    # @return [Hash] the user
    # @raise [SignatureVerificationError] if the token is malformed or encrypted with another key
    # @raise [InvalidArgument] if the SSO key is empty
    def decrypt_sso_token(subdomain, sso_key, token)
      Native.parse_json(Native.call_string(:uservoice_sso_decrypt, Argument.string("subdomain", subdomain),
                                           Argument.string("sso_key", sso_key),
                                           Argument.untrusted_string("token", token)))
    end

    # Creates a single sign-on token as the gem uservoice-ruby does: the user must have an
    # e-mail address.
    #
    # @param user [Hash]
    # @param valid_for [Integer, nil] seconds from now; 0 means 300, nil a hundred years
    # @return [String]
    # @raise [Unauthorized] if the e-mail address or the SSO key is missing
    def generate_sso_token(subdomain, sso_key, user, valid_for = 300)
      user = Argument.optional_hash("user", user)
      Argument.check_email(user[:email] || user["email"])
      raise Argument.unauthorized("Please specify your SSO key") if sso_key.to_s.empty?

      sso_token(subdomain, sso_key, user, valid_for: valid_for || HUNDRED_YEARS)
    end

    # Creates a JSON Web Token for single sign-on, signed with HS256. Use it with
    # {Client#sso_url}. Sends no request.
    #
    # @param sso_key [String] Admin Console, Settings, Channels
    # @param user [Hash, String] the claims, which must have "guid" and "email", or their
    #   JSON. "exp" and "expires" may be a Time, a DateTime or a Date (midnight UTC)
    # @param valid_for [Integer] seconds from now, unless the user has "exp" or "expires"; 0
    #   means 300
    # @param attributes [Hash] the user as keyword arguments
    # @return [String]
    # @raise [InvalidArgument]
    # @raise [ArgumentError] without a user, or with both a Hash and keyword arguments
    # @example
    #   jwt = UserVoice.sso_jwt(sso_key, guid: 1001, email: "jo@example.com")
    #   redirect_to client.sso_url(jwt, "/forums/1")
    def sso_jwt(sso_key, user = nil, valid_for: 300, **attributes)
      Native.call_string(:uservoice_sso_jwt, Argument.string("sso_key", sso_key), user_json(user, attributes),
                         Argument.validity(valid_for))
    end

    # Verifies the signature (HS256 only) and expiry time of a JSON Web Token.
    #
    # @param sso_key [String] Admin Console, Settings, Channels
    # @param jwt [String]
    # @param leeway [Integer] seconds after the expiry time during which the token is still
    #   accepted, for clocks that differ
    # @return [Hash] the claims
    # @raise [SignatureVerificationError] if the token is malformed, expired or signed with another key
    # @raise [InvalidArgument] if the SSO key is empty
    def verify_sso_jwt(sso_key, jwt, leeway: 0)
      Native.parse_json(Native.call_string(:uservoice_sso_jwt_verify, Argument.string("sso_key", sso_key),
                                           Argument.untrusted_string("jwt", jwt), Argument.int64("leeway", leeway)))
    end

    private

    def user_json(user, attributes)
      user = user_or_attributes(user, attributes)
      return Argument.string("user", user) if user.is_a?(String)

      user = user.to_h { |name, value| [name, claim(name.to_s, value)] } if user.is_a?(Hash)
      Argument.generate_json("user", user, time_format: Argument::SSO_TIME)
    end

    def user_or_attributes(user, attributes)
      return user if attributes.empty? && !user.nil?
      return attributes if user.nil? && !attributes.empty?
      raise ArgumentError, "user is missing: pass a Hash, its JSON, or keyword arguments" if user.nil?

      raise ArgumentError, "user must not be combined with keyword arguments: #{attributes.keys.join(', ')}"
    end

    # An expiry time is a number in "exp" (RFC 7519) and a string in "expires".
    def claim(name, value)
      return value unless %w[exp expires].include?(name)

      time = case value
             when Time, DateTime then value.to_time
             when Date then Time.utc(value.year, value.month, value.day)
             else return value
             end
      name == "exp" ? time.to_i : time
    end
  end

  class Client
    # Returns the URL that logs a user in by single sign-on.
    #
    # @param token [String] of {UserVoice.sso_jwt} or {UserVoice.sso_token}
    # @param return_path [String, nil] the page to show, such as "/forums/1"
    # @return [String]
    # @raise [InvalidArgument]
    def sso_url(token, return_path = nil)
      @session.sso_url(Argument.string("token", token), Argument.optional_string("return_path", return_path))
    end
  end
end
