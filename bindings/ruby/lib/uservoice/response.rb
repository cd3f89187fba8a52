# frozen_string_literal: true

module UserVoice
  # Response is an HTTP response of any status, returned by {Client#send_request}.
  class Response
    # @return [Integer] the status code
    attr_reader :status
    # @return [Hash{String => String}] the headers; names are in lower case
    attr_reader :headers
    # @return [Object, nil] the body parsed as JSON; a String if it is not JSON, nil if it
    #   is empty
    attr_reader :value

    # @api private
    def initialize(json)
      @json = json
      @status, @headers, @value = Native.parse_json(json).values_at("status", "headers", "body")
    end

    # Returns a header.
    #
    # @param name [String, Symbol] in any case
    # @return [String, nil]
    def [](name)
      headers[name.to_s.downcase]
    end

    # @return [Boolean] whether the status code is 2xx
    def success?
      (200..299).cover?(status)
    end

    # @return [String] the status code as a String, as in Net::HTTPResponse
    def code
      status.to_s
    end

    # @return [String] the body as the service sent it, except that a JSON string is decoded
    def body
      value.nil? ? "" : Native.call_string(:uservoice_json_get, @json, "/body")
    end

    # For pattern matching.
    #
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(_names)
      { status: status, headers: headers, value: value }
    end

    # @return [String] without headers and body, which may contain secrets
    def inspect
      "#<#{self.class} #{status}>"
    end
  end
end
