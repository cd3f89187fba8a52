# frozen_string_literal: true

module UserVoice
  # Converts the options of a client to those of the library.
  #
  # @api private
  module Options
    # Options in seconds. The library takes them in milliseconds, under names that end with
    # "_ms".
    IN_SECONDS = %w[timeout connect_timeout max_retry_wait].freeze

    # Merges options with keyword arguments, which take precedence. The keys of either may be
    # strings, and options may be an ActiveSupport::HashWithIndifferentAccess.
    #
    # @return [Hash{Symbol => Object}] without nil values
    # @raise [TypeError] if the options are not a Hash
    def self.merge(options, keywords)
      [Argument.optional_hash("options", options), keywords]
        .map { |hash| hash.to_h { |name, value| [name.to_sym, value] }.compact }.reduce(:merge)
    end

    # @param options [Hash]
    # @return [String, nil] JSON
    # @raise [ArgumentError, TypeError, InvalidArgument]
    def self.to_json(options)
      options = options.transform_keys(&:to_s)
      if options.key?("whole_pages")
        raise ArgumentError, "whole_pages is not an option of a client: see Collection#each_whole_page"
      end

      in_milliseconds = IN_SECONDS.find { |name| options.key?("#{name}_ms") }
      raise ArgumentError, "#{in_milliseconds}_ms is not an option: pass #{in_milliseconds}, in seconds" if in_milliseconds

      Argument.json("options", options.to_h do |name, value|
        IN_SECONDS.include?(name) ? ["#{name}_ms", Argument.milliseconds(name, value)] : [name, value]
      end)
    end
  end
  private_constant :Options
end
