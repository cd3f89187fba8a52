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

    # @return [String] the body; JSON is generated from {#value} and may be formatted
    #   differently than the service sent it
    def body
      case value
      when nil then ""
      when String then value
      else JSON.generate(value, max_nesting: 0)
      end
    end

    # @return [String] without headers and body, which may contain secrets
    def inspect
      "#<#{self.class} #{status}>"
    end
  end
end
