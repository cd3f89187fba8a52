# frozen_string_literal: true

module UserVoice
  module Native
    # Ends a native call when the calling thread is interrupted: by Timeout.timeout,
    # Thread#raise, Thread#kill, or a signal. The library calls back at least every 50 ms while
    # a call waits, on the thread that made it.
    #
    # Nothing must unwind through the library. So the callback rescues exceptions, and what
    # cannot be rescued is deferred until the call has returned.
    module Interruption
      # Ruby queues Thread#kill as an Integer, and other interruptions as exceptions. Before
      # timeout 0.3, Timeout::Error is one that throws when it is raised.
      THROWS = Timeout::Error.method_defined?(:exception, false)
      DEFERRED = { Integer => :never, **(THROWS ? { Timeout::Error => :never } : {}) }.freeze
      # The fiber-local variable that holds the exception that ended the call.
      KEY = :uservoice_interruption
      private_constant :THROWS, :DEFERRED, :KEY

      class << self
        # Runs a native call, and raises the exception that ended it.
        #
        # @return [Object] the result of the block
        def watch(&call)
          result = Thread.handle_interrupt(DEFERRED, &call)
          exception = Thread.current[KEY]
          exception ? raise(exception) : result
        ensure
          Thread.current[KEY] = nil
        end

        # @return [Boolean] whether the running native call must end
        def pending?
          check
          Thread.pending_interrupt? && deferred_by_us?
        rescue Exception => e
          Thread.current[KEY] = e
          true
        end

        private

        # Lets Ruby run trap handlers and raise what is pending, unless the program defers it.
        def check
          # A fiber scheduler must not switch fibers during a native call.
          Fiber.current_scheduler ? Thread.pass : sleep(0)
        end

        # Returns whether an interruption of {DEFERRED} is pending. Ruby tells only whether any
        # is: so take the exceptions that the program defers from the queue, and put them back.
        def deferred_by_us?
          others = []
          begin
            Thread.handle_interrupt(Exception => :immediate, **DEFERRED) { check }
          rescue Exception => e
            others << e
            retry
          end
          Thread.pending_interrupt?
        ensure
          others.each { |exception| Thread.current.raise(exception) }
        end
      end

      # For uservoice_client_set_interrupt.
      CALLBACK = FFI::Function.new(:int32, %i[pointer]) { |_| pending? ? 1 : 0 }
    end
  end
end
