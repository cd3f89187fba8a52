# frozen_string_literal: true

module UserVoice
  # Arguments as the C functions take them. What is wrong with one is told with its name.
  #
  # @api private
  module Argument
    # A moment as the API takes it, and as single sign-on does; both in GMT.
    API_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
    SSO_MOMENT = "%Y-%m-%d %H:%M:%S"
    NUMBERS = (-2**63...2**63)
    # As deep as the library reads JSON.
    DEEPEST = 128

    class << self
      # @raise [TypeError] where it is no text
      # @raise [ArgumentError] where it cannot be text of C
      def text(name, value)
        text = bytes(name, value)
        # Bytes of no declared encoding, as they come from sockets and files.
        text = text.dup.force_encoding(Encoding::UTF_8) if text.encoding == Encoding::BINARY
        raise ArgumentError, "#{name} is not valid #{text.encoding}" unless text.valid_encoding?

        text = text.encode(Encoding::UTF_8)
        raise ArgumentError, "#{name} contains a null byte" if text.include?("\0")

        text
      end

      # @return [String, nil]
      def optional_text(name, value)
        value && text(name, value)
      end

      # Text that may come from anybody, and is refused as a wrong signature is.
      # @raise [TypeError] where it is no text
      # @raise [InvalidArgument] where it cannot be text of C
      def received(name, value)
        text(name, value)
      rescue ArgumentError => e
        raise invalid(e.message)
      end

      # @return [String] as it came, whatever its encoding
      # @raise [TypeError] where it is no text
      def bytes(name, value)
        String.try_convert(value) || raise(TypeError, "#{name} must be a String, not #{described(value)}")
      end

      # Text is taken for JSON.
      # @return [String, nil] nil for nil and an empty Hash
      def json(name, value)
        return if value.nil? || (value.is_a?(Hash) && value.empty?)

        value.is_a?(String) ? text(name, value) : generate(name, value)
      end

      # @return [String] the JSON of any value
      # @raise [TypeError] for what has no form in JSON
      # @raise [InvalidArgument] for text and numbers that JSON does not have
      def generate(name, value, moment = API_MOMENT)
        JSON.generate(plain(name, value, moment, 0), max_nesting: 0)
      rescue JSON::GeneratorError => e
        raise invalid("#{name}: #{e.message}")
      end

      # @return [Integer] of any size
      # @raise [TypeError]
      def integer(name, value)
        return value.to_int if value.respond_to?(:to_int)

        raise TypeError, "#{name} must be an Integer, not #{described(value)}"
      end

      # @return [Integer] of the library's numbers
      # @raise [TypeError, InvalidArgument]
      def whole(name, value)
        number = integer(name, value)
        NUMBERS.cover?(number) ? number : raise(invalid("#{name} is too large"))
      end

      # @return [Integer] of seconds
      # @raise [TypeError, InvalidArgument]
      def milliseconds(name, value)
        raise TypeError, "#{name} must be a number of seconds, not #{described(value)}" unless value.respond_to?(:to_f)

        seconds = Float(value)
        seconds.finite? ? (seconds * 1000).round : raise(invalid("#{name} must be a number of seconds, not #{value}"))
      rescue ArgumentError
        raise invalid("#{name} must be a number of seconds")
      end

      # @return [InvalidArgument] as the library's own are
      def invalid(message)
        InvalidArgument.new(message, status: :invalid_argument, outcome: :not_sent)
      end

      # @return [Unauthorized] as the service's own are, but before anything was sent
      def unauthorized(message)
        Unauthorized.new(message, status: :unauthorized, outcome: :not_sent)
      end

      private

      # Only what JSON has; of other objects it would generate their to_s.
      def plain(name, value, moment, depth)
        raise invalid("#{name}: nested deeper than #{DEEPEST} levels") if depth > DEEPEST

        case value
        when nil, true, false, Integer, Float, String, Symbol then value
        when Hash then value.to_h { |key, part| [key, plain(name, part, moment, depth + 1)] }
        when Array, Set then value.map { |part| plain(name, part, moment, depth + 1) }
        when Time, DateTime then value.to_time.getutc.strftime(moment)
        when Date, Pathname then value.to_s
        else of_its_own(name, value, moment, depth)
        end
      end

      def of_its_own(name, value, moment, depth)
        return plain(name, value.as_json, moment, depth + 1) if value.respond_to?(:as_json)
        return value if value.method(:to_json).owner != Object.instance_method(:to_json).owner

        raise TypeError, "#{name}: #{value.class} has no form in JSON"
      end

      def described(value)
        value.nil? ? "nil" : value.class
      end
    end
  end
  private_constant :Argument
end
