# frozen_string_literal: true

module UserVoice
  # How far an {Export} is.
  class Progress
    # How far it is with one of its lists.
    class OfResource
      # @return [Integer] records that were written in this run, also before an interruption
      attr_reader :written
      # @return [Integer, nil] how many there will be; nil while that is not known
      attr_reader :total

      # @api private
      def initialize(part)
        @written, @total, @done = part.values_at("written", "total", "done")
      end

      # @return [Boolean]
      def done?
        @done
      end
    end

    # @return [Integer] records of all lists that were written in this run, also before an
    #   interruption
    attr_reader :written
    # @return [Integer, nil] how many there will be, by what the service said at first; nil
    #   while that is not known
    attr_reader :total
    # @return [Float] seconds since the run or what is left of it began
    attr_reader :elapsed
    # @return [Float]
    attr_reader :records_per_second
    # @return [Float, nil] nil while it is not known
    attr_reader :seconds_left
    # @return [Hash{String => OfResource}] each list's part, by its name
    attr_reader :resources

    # @api private
    def initialize(json)
      decoded = JSON.parse(json)
      @written, @total, @seconds_left = decoded.values_at("written", "total", "seconds_left")
      @elapsed = decoded["elapsed_ms"] / 1000.0
      @records_per_second = decoded["records_per_second"].to_f
      @resources = decoded["resources"].transform_values { |part| OfResource.new(part) }
    end

    # @return [String]
    def inspect
      "#<#{self.class} #{written} of #{total || 'unknown'}>"
    end
  end
end
