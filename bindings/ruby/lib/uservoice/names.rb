# frozen_string_literal: true

module UserVoice
  # Names and units of arguments where the library's are not Ruby's.
  #
  # @api private
  module Names
    # Options that Ruby takes in seconds; the library's end with "_ms".
    SECONDS = %w[timeout connect_timeout max_retry_wait].freeze
    # Arguments with another name in C.
    ARGUMENTS = { "user_json" => "user", "json" => "text" }.freeze

    IN_SECONDS = Regexp.union(SECONDS)
    RANGE = /\Aoptions: "(#{IN_SECONDS})_ms": must be a whole number from (\d+) to (\d+)\z/
    LISTED = /, (#{IN_SECONDS})_ms\b/
    private_constant :IN_SECONDS, :RANGE, :LISTED

    class << self
      # @param message [String] the library's, of a wrong argument
      # @return [String] with what Ruby's caller wrote; else as it is
      def translate(message)
        message.sub(RANGE) { "#{$1}: must be from #{seconds($2)} to #{seconds($3)} s" }
               .gsub(LISTED, ', \1')
               .sub(/\A(valid_for|leeway)_seconds: (.*)\z/, '\1: \2 s')
               .sub(/\A\w+(?=: )/) { |name| ARGUMENTS.fetch(name, name) }
      end

      private

      def seconds(milliseconds)
        format("%g", Integer(milliseconds) / 1000.0)
      end
    end
  end
  private_constant :Names
end
