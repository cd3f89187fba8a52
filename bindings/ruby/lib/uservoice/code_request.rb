# frozen_string_literal: true

module UserVoice
  # A login by code that was begun: see {Client#code_request}.
  class CodeRequest
    # @return [String] where to send the person
    attr_reader :url
    # @return [String] what they come back with as "state", if they come from there
    attr_reader :state
    # @return [String] the secret that {Client#login_with_code} needs
    attr_reader :code_verifier
    # @return [String] where they come back to
    attr_reader :redirect_uri

    # @api private
    def initialize(url, code_verifier, redirect_uri)
      @url = url
      @state = URI.decode_www_form(URI(url).query).to_h.fetch("state")
      @code_verifier = code_verifier
      @redirect_uri = redirect_uri
    end

    # @return [String] without the secret
    def inspect
      "#<#{self.class}>"
    end
  end
end
