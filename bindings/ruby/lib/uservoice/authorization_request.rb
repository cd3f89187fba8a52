# frozen_string_literal: true

module UserVoice
  # AuthorizationRequest is an OAuth 2.0 authorization request with PKCE, created by
  # {Client#authorization_request}.
  class AuthorizationRequest
    # @return [String] the URL to redirect the user to
    attr_reader :url
    # @return [String] the "state" parameter that the callback must contain
    attr_reader :state
    # @return [String] the PKCE code verifier for {Client#login_with_code}; a secret
    attr_reader :code_verifier
    # @return [String] the callback URL
    attr_reader :redirect_uri

    # @api private
    def initialize(url, code_verifier, redirect_uri)
      @url = url
      @state = URI.decode_www_form(URI(url).query).to_h.fetch("state")
      @code_verifier = code_verifier
      @redirect_uri = redirect_uri
    end

    # @return [String] without the code verifier
    def inspect
      "#<#{self.class}>"
    end
  end
end
