# frozen_string_literal: true

module UserVoice
  # Progress reports the progress of an {Export} after each page.
  class Progress
    # @return [Integer] records of all lists written in this run, including before an
    #   interruption
    attr_reader :written
    # @return [Integer, nil] the total that the service reported at first; nil if unknown
    attr_reader :total
    # @return [Float] seconds since the run was started or resumed
    attr_reader :elapsed
    # @return [Float]
    attr_reader :records_per_second
    # @return [Float, nil] estimated seconds until the end; nil if unknown
    attr_reader :seconds_left
    # @return [Hash{String => ListProgress}] the progress of each list by its name
    attr_reader :resources

    # @api private
    def initialize(json)
      fields = Native.parse_json(json)
      @written, @total, @seconds_left = fields.values_at("written", "total", "seconds_left")
      @elapsed = fields["elapsed_ms"] / 1000.0
      @records_per_second = fields["records_per_second"].to_f
      @resources = fields["resources"].transform_values { |list| ListProgress.new(list) }
    end

    # For pattern matching.
    #
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(_names)
      { written: written, total: total, elapsed: elapsed, records_per_second: records_per_second,
        seconds_left: seconds_left, resources: resources }
    end

    # @return [String]
    def inspect
      "#<#{self.class} #{written} of #{total || 'unknown'}>"
    end
  end
end
