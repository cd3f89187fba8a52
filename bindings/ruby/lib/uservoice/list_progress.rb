# frozen_string_literal: true

module UserVoice
  # ListProgress reports the progress of one list of an {Export}.
  class ListProgress
    # @return [Integer] records written in this run, including before an interruption
    attr_reader :written
    # @return [Integer, nil] the total that the service reported; nil if unknown
    attr_reader :total

    # @api private
    def initialize(fields)
      @written, @total, @done = fields.values_at("written", "total", "done")
    end

    # @return [Boolean] whether the list is complete
    def done?
      @done
    end

    # For pattern matching.
    #
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(_names)
      { written: written, total: total, done: done? }
    end
  end
end
