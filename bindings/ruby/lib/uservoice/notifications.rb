# frozen_string_literal: true

module UserVoice
  # Reports attempts of requests to ActiveSupport::Notifications, if the program has loaded it.
  #
  # @api private
  module Notifications
    EVENT = "request.uservoice"
    FIELD = /\G(\w+)=(\S+) ?/
    ERROR = / error=(".*")\z/
    NAMES = { "duration_ms" => :duration, "rate_limit_wait_ms" => :rate_limit_wait, "retry_in_ms" => :retry_in }.freeze
    private_constant :FIELD, :ERROR, :NAMES

    class << self
      def available?
        defined?(ActiveSupport::Notifications) ? true : false
      end

      # @param line [String] a line of the library's log
      def publish(line)
        return unless available? && ActiveSupport::Notifications.notifier.listening?(EVENT)

        ActiveSupport::Notifications.instrument(EVENT, payload(line))
      end

      # @return [Hash{Symbol => Object}] durations are in milliseconds, as in ActiveSupport
      def payload(line)
        error = line[ERROR, 1]
        fields = line.sub(ERROR, "").scan(FIELD).to_h do |name, value|
          [NAMES.fetch(name, name.to_sym), value.match?(/\A\d+\z/) ? value.to_i : value]
        end
        fields[:path] = fields[:path][/\A[^?]*/]
        fields[:status] = nil if fields[:status].zero?
        error ? fields.merge(error: JSON.parse(error)) : fields
      end
    end
  end
  private_constant :Notifications
end
