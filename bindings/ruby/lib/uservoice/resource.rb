# frozen_string_literal: true

module UserVoice
  # A native handle with an owner: freed when it was closed and its last user is done
  # with it, or with the object.
  #
  # @api private
  class Resource
    # Frees a handle, and keeps until then what the handle refers to.
    Free = Struct.new(:function, :kept) do
      def call(pointer)
        Native.public_send(function, pointer)
      end
    end
    private_constant :Free

    # @param free [Symbol] the function that frees the handle
    # @param kept [Object, nil] what must live as long as the handle
    def initialize(name, pointer, free, kept = nil)
      @name = name
      @pointer = FFI::AutoPointer.new(pointer, Free.new(free, kept))
      @kept = kept
      @lock = Mutex.new
      @users = 0
      @closed = false
    end

    # @yieldparam pointer [FFI::Pointer] stays valid until the block ends
    def use
      pointer = acquire
      begin
        yield pointer
      ensure
        release
      end
    end

    # Frees the handle, or lets its last user do so.
    def close
      exclusively do
        @closed = true
        free if @users.zero?
      end
    end

    def closed?
      @closed
    end

    # @return [Object, nil] what must live as long as the handle
    attr_reader :kept

    private

    def acquire
      exclusively do
        raise ClosedError.new("the #{@name} is closed", outcome: :not_sent) if @closed

        @users += 1
        @pointer
      end
    end

    def release
      exclusively do
        @users -= 1
        free if @closed && @users.zero?
      end
    end

    def free
      @pointer&.free
      @pointer = nil
    end

    # Not to be left half done by Thread#raise or Thread#kill.
    def exclusively(&block)
      Thread.handle_interrupt(Object => :never) { @lock.synchronize(&block) }
    end
  end
  private_constant :Resource

  # A native client.
  #
  # A C function that waits cannot be interrupted by Ruby, but by cancelling the
  # handle that it was called with. So it runs on a thread of its own ({#run}), while
  # the caller's waits in a way that Timeout, Thread#raise, Thread#kill and Ctrl-C can
  # interrupt. Each call has its own copy of the client, so that only it is cancelled.
  #
  # @api private
  class Handle < Resource
    def initialize(pointer, log = nil)
      super("client", pointer, :uservoice_client_free, log)
      @cancelled = false
    end

    # @param log [Log, nil]
    def self.open(subdomain, api_key, api_secret, options, log)
      Native.call(:uservoice_client_new, subdomain, api_key, api_secret, options) do |out|
        new(out.read_pointer, log).tap { |handle| handle.tell(log) if log }
      end
    end

    # Another handle of the same site, to be cancelled alone.
    #
    # @param log [Log, nil] instead of this handle's
    def copy(options = nil, log = nil)
      use do |pointer|
        Native.call(:uservoice_client_clone, pointer, options) do |out|
          Handle.new(out.read_pointer, log || kept).tap { |handle| handle.tell(log) if log }
        end
      end
    end

    def tell(log)
      use { |pointer| Native.check(:uservoice_client_set_log, pointer, log.level, log.function, nil) }
    end

    # Ends the calls made with this handle, now and for good.
    def cancel
      exclusively do
        @cancelled = true
        Native.uservoice_client_cancel(@pointer) if @pointer
      end
    end

    def cancelled?
      @cancelled
    end

    # Runs the block on a thread of its own, and cancels this handle when the thread
    # that waits for it is interrupted.
    #
    # @yieldparam pointer [FFI::Pointer]
    def run(&block)
      worker = nil
      # The new thread inherits the mask: nothing ends it but the end of the call.
      Thread.handle_interrupt(Object => :never) { worker = Thread.new { work(&block) } }
      result = worker.value
      return result unless result.is_a?(Exception)

      # The worker's backtrace says nothing of who made the call.
      result.set_backtrace(caller) if result.is_a?(Error)
      raise result
    ensure
      stop(worker) if worker&.alive?
    end

    private

    # The caller's thread is to raise the exception.
    def work(&block)
      use(&block)
    rescue Exception => e
      e
    end

    def stop(worker)
      Thread.handle_interrupt(Object => :never) do
        cancel
        worker.join
      end
    end
  end
  private_constant :Handle
end
