# frozen_string_literal: true

module UserVoice
  # A whole answer, of {Client#response}: an error status is an answer, too.
  class Response
    # @return [Integer] the HTTP status
    attr_reader :status
    # @return [Hash{String => String}] by their names in lower case
    attr_reader :headers
    # @return [Object, nil] the body's JSON as Ruby values; a String where it is not
    #   JSON, nil where it is empty
    attr_reader :value

    # @api private
    def initialize(json)
      @status, @headers, @value = JSON.parse(json).values_at("status", "headers", "body")
    end

    # @param name [String, Symbol] in any case
    # @return [String, nil] a header
    def [](name)
      headers[name.to_s.downcase]
    end

    # @return [Boolean] whether the status is 2xx
    def success?
      (200..299).cover?(status)
    end

    # @return [String] the status as text, as Net::HTTPResponse has it
    def code
      status.to_s
    end

    # @return [String] the body as text
    def body
      case value
      when nil then ""
      when String then value
      else JSON.generate(value)
      end
    end

    # @return [String] without headers and body, which may hold secrets
    def inspect
      "#<#{self.class} #{status}>"
    end
  end
end
