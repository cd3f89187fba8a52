# frozen_string_literal: true

module UserVoice
  # Converts Ruby arguments to those of the C functions. Error messages begin with the name
  # of the argument.
  #
  # @api private
  module Argument
    # The formats of a point in time in the API and in single sign-on, both in UTC.
    API_TIME = "%Y-%m-%dT%H:%M:%SZ"
    SSO_TIME = "%Y-%m-%d %H:%M:%S"
    INT64 = (-2**63...2**63)
    # The nesting depth up to which the library parses JSON.
    MAX_NESTING = 128
    EMAIL = /\A[^@\s]+@[^@\s]+\z/

    class << self
      # @return [String] in UTF-8
      # @raise [TypeError] if the value is not a String
      # @raise [ArgumentError] if the value cannot be a C string
      def string(name, value)
        utf8(name, value) { |problem| raise ArgumentError, "#{name} #{problem}" }
      end

      # @return [String, nil]
      def optional_string(name, value)
        string(name, value) unless value.nil?
      end

      # Converts a token or signature that a third party sent.
      #
      # @raise [TypeError] if the value is not a String
      # @raise [SignatureVerificationError] if the value cannot be a C string
      def untrusted_string(name, value)
        utf8(name, value) do |problem|
          raise SignatureVerificationError.new("the #{name} #{problem}", status: :not_verified, outcome: :not_sent)
        end
      end

      # @return [Token]
      # @raise [TypeError] if the value is not a Token
      def token(name, value)
        value.is_a?(Token) ? value : raise(TypeError, "#{name} must be a UserVoice::Token, not #{class_of(value)}")
      end

      # @return [Hash] empty for nil
      # @raise [TypeError] if the value is neither a Hash nor nil
      def optional_hash(name, value)
        Hash.try_convert(value.nil? ? {} : value) || raise(TypeError, "#{name} must be a Hash, not #{class_of(value)}")
      end

      # @return [String] in its own encoding
      # @raise [TypeError] if the value is not a String
      def bytes(name, value)
        String.try_convert(value) || raise(TypeError, "#{name} must be a String, not #{class_of(value)}")
      end

      # Checks an e-mail address before a request, as the gem uservoice-ruby does.
      #
      # @raise [Unauthorized] if the value does not look like an e-mail address
      def check_email(value)
        return if string("email", value.to_s).match?(EMAIL)

        raise unauthorized("#{value.inspect} is not a valid e-mail address")
      end

      # @param value [Object] a String is JSON already
      # @return [String, nil] nil for nil and an empty Hash
      def json(name, value)
        return if value.nil? || (value.is_a?(Hash) && value.empty?)

        value.is_a?(String) ? string(name, value) : generate_json(name, value)
      end

      # @return [String] JSON
      # @raise [TypeError] if an object cannot be converted to JSON
      # @raise [InvalidArgument] if a string or number cannot be represented in JSON
      def generate_json(name, value, time_format: API_TIME)
        JSON.generate(json_value(name, value, time_format, 0), max_nesting: 0)
      end

      # @return [Integer] of any size
      # @raise [TypeError]
      def integer(name, value)
        return value.to_int if value.respond_to?(:to_int)

        raise TypeError, "#{name} must be an Integer, not #{class_of(value)}"
      end

      # @return [Integer] in the range of int64_t
      # @raise [TypeError, InvalidArgument]
      def int64(name, value)
        number = integer(name, value)
        INT64.cover?(number) ? number : raise(invalid(name, "is too large"))
      end

      # @return [Integer] the validity of a single sign-on token in seconds, or 0 for the default
      # @raise [TypeError, InvalidArgument]
      def validity(value)
        number = int64("valid_for", value)
        # A part of a second must not become 0, which means 300 seconds.
        number.zero? && value != 0 ? raise(invalid("valid_for", "must be at least 1 second")) : number
      end

      # @return [Integer] an int64_t that is not negative
      # @raise [TypeError, InvalidArgument]
      def count(name, value)
        number = int64(name, value)
        number.negative? ? raise(invalid(name, "must not be negative")) : number
      end

      # @param value [Numeric] seconds
      # @return [Integer]
      # @raise [TypeError, InvalidArgument]
      def milliseconds(name, value)
        raise TypeError, "#{name} must be a number of seconds, not #{class_of(value)}" unless value.respond_to?(:to_f)

        seconds = Float(value)
        seconds.finite? ? (seconds * 1000).round : raise(invalid(name, "must be a number of seconds (got #{value})"))
      rescue ArgumentError
        raise invalid(name, "must be a number of seconds (got #{value.inspect})")
      end

      # @return [Unauthorized] an error that is raised without a request
      def unauthorized(message)
        Unauthorized.new(message, status: :unauthorized, outcome: :not_sent)
      end

      # @return [InvalidArgument]
      def invalid(name, problem)
        InvalidArgument.new("#{name}: #{problem}", status: :invalid_argument, argument: name, outcome: :not_sent)
      end

      private

      # @yieldparam problem [String] if the value cannot be a C string
      def utf8(name, value)
        string = convert_to_utf8(bytes(name, value)) { |problem| yield problem }
        yield "contains a null byte" if string.include?("\0")

        string
      end

      # @yieldparam problem [String] if the string cannot be converted
      def convert_to_utf8(string)
        # Strings from sockets and binary files have no declared encoding.
        string = string.dup.force_encoding(Encoding::UTF_8) if string.encoding == Encoding::BINARY
        yield "is not valid #{string.encoding}" unless string.valid_encoding?

        string.encode(Encoding::UTF_8)
      rescue EncodingError
        yield "cannot be converted from #{string.encoding} to UTF-8"
      end

      # Converts a value to one that JSON has. JSON.generate alone would call to_s on others.
      def json_value(name, value, time_format, depth)
        raise invalid(name, "must not be nested deeper than #{MAX_NESTING} levels") if depth > MAX_NESTING

        case value
        when nil, true, false, Integer then value
        when Float then value.finite? ? value : raise(invalid(name, "contains #{value}, which JSON cannot represent"))
        when String, Symbol then json_string(name, value.to_s)
        when Hash
          value.to_h { |key, member| [json_string(name, key.to_s), json_value(name, member, time_format, depth + 1)] }
        when Array, Set then value.map { |element| json_value(name, element, time_format, depth + 1) }
        when Time, DateTime then value.to_time.getutc.strftime(time_format)
        when Date, Pathname then json_string(name, value.to_s)
        else converted_value(name, value, time_format, depth)
        end
      end

      # JSON.generate alone would accept or reject binary strings depending on its version.
      def json_string(name, value)
        convert_to_utf8(value) { |problem| raise invalid(name, "contains a string that #{problem}") }
      end

      def converted_value(name, value, time_format, depth)
        return json_value(name, value.as_json, time_format, depth + 1) if value.respond_to?(:as_json)
        return value if value.method(:to_json).owner != Object.instance_method(:to_json).owner

        raise TypeError, "#{name}: #{value.class} cannot be converted to JSON"
      end

      def class_of(value)
        value.nil? ? "nil" : value.class
      end
    end
  end
  private_constant :Argument
end
