# frozen_string_literal: true

module UserVoice
  # Reads what a request sends into memory, because a retry sends it again.
  #
  # @api private
  module RequestBody
    # The default of the option max_request_bytes.
    DEFAULT_MAX_BYTES = 67_108_864
    PIECE = 1 << 20

    class << self
      # @param source [String, Pathname, IO, nil] an IO is read from its position
      # @param max_bytes [Integer, nil] the option max_request_bytes
      # @return [String] frozen
      # @raise [TypeError] if the source is something else
      # @raise [InvalidArgument] if a stream is too long
      # @raise [SystemCallError] if a file cannot be read
      def read(name, source, max_bytes)
        max_bytes ||= DEFAULT_MAX_BYTES
        return "" if source.nil?
        # Shares the bytes: another thread that changes the string gets a copy.
        return source.to_str.dup.freeze if source.respond_to?(:to_str)
        return source.open("rb") { |file| read_stream(name, file, max_bytes) } if source.is_a?(Pathname)
        return read_stream(name, source, max_bytes) if source.respond_to?(:read)

        raise TypeError, "#{name} must be a String, a Pathname or an IO, not #{source.class}"
      end

      # @return [String, nil] the name of a file without its directories
      def filename(source)
        path = source.is_a?(Pathname) ? source : (source.path if source.respond_to?(:path))
        File.basename(path) if path
      end

      private

      # Reads one byte more than permitted to see that a stream is too long.
      def read_stream(name, stream, max_bytes)
        bytes = +"".b
        while bytes.bytesize <= max_bytes && (piece = stream.read([max_bytes + 1 - bytes.bytesize, PIECE].min))
          bytes << piece.b
        end
        raise Argument.invalid(name, "is longer than max_request_bytes (#{max_bytes})") if bytes.bytesize > max_bytes

        bytes.freeze
      end
    end
  end
  private_constant :RequestBody
end
