# frozen_string_literal: true

module UserVoice
  # Arguments as the C functions take them.
  #
  # @api private
  module Text
    # @raise [TypeError] where it is no text
    # @raise [ArgumentError] where it cannot be text of C
    def self.utf8(value)
      text = String.try_convert(value)
      raise TypeError, "no implicit conversion of #{value.class} into String" unless text

      # Bytes of no declared encoding, as they come from sockets and files.
      text = text.dup.force_encoding(Encoding::UTF_8) if text.encoding == Encoding::BINARY
      raise ArgumentError, "text is not valid #{text.encoding}" unless text.valid_encoding?

      text.encode(Encoding::UTF_8)
    end

    # Text is taken for JSON.
    # @return [String, nil] nil for nil and an empty Hash
    def self.json(value)
      return if value.nil? || (value.is_a?(Hash) && value.empty?)

      value.is_a?(String) ? utf8(value) : JSON.generate(value)
    end
  end
  private_constant :Text
end
