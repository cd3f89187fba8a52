# frozen_string_literal: true

module UserVoice
  # A list of records of any length, loaded page by page as it is read. Made by
  # {Client#collection}.
  #
  # Each {#each} starts at the first record and loads the pages ahead of its block.
  class Collection
    include Enumerable

    # Records a page, unless the client's option or the call says otherwise.
    PER_PAGE = 100

    # @api private
    def initialize(session, path, params, limit)
      @session = session
      @path = Text.utf8(path)
      @params = Text.json(params)
      @limit = limit.nil? ? -1 : integer(limit)
      @lock = Mutex.new
      @readers = 0
      @position = nil
      @size = nil
      position { nil } # tells of wrong arguments now
    end

    # @yieldparam record [Hash]
    # @return [self, Enumerator] an Enumerator without a block
    # @raise [Error] where a page cannot be loaded, after the records before it
    def each(&block)
      return enum_for(:each) { size } unless block

      if @session.json?
        iterate(:uservoice_collection_next, &block)
      else
        each_page { |page| page.each(&block) }
      end
    end

    # @yieldparam page [Array<Hash>] the records of a page, one or more
    # @return [self, Enumerator] an Enumerator without a block
    # @raise [Error]
    def each_page
      return enum_for(:each_page) unless block_given?

      iterate(:uservoice_collection_next_page) { |page| yield @session.decode(page) }
    end

    # How many records there are: what the service said with the first page, which
    # this loads if need be, or the limit.
    # @return [Integer]
    # @raise [Error]
    def size
      @size ||= position(&:size)
    end
    alias length size

    # @return [Integer] {#size}, unless there is something to compare with
    def count(*arguments, &block)
      arguments.empty? && block.nil? ? size : super
    end

    # @return [Boolean]
    def empty?
      size.zero?
    end

    # A record by its index; its page is loaded if need be.
    # @param index [Integer] from 0, or from -1 at the end
    # @return [Hash, nil] nil where there is none
    # @raise [Error]
    def [](index)
      index = integer(index)
      index += size if index.negative?
      return if index.negative? || index >= size

      @session.decode(position { |list| list.text(:uservoice_collection_get, index) })
    end

    # @overload first
    #   @return [Hash, nil]
    # @overload first(number)
    #   @return [Array<Hash>]
    def first(*number)
      return self[0] if number.empty?

      super
    end

    # @overload last
    #   @return [Hash, nil]
    # @overload last(number)
    #   @return [Array<Hash>]
    def last(*number)
      return self[size - 1] if number.empty?

      start = [size - integer(*number), 0].max
      (start...size).map { |index| self[index] }
    end

    # What the service says of the page loaded last ("response_data").
    # @return [Hash, nil]
    # @raise [Error]
    def info
      @session.decode(position { |list| list.text(:uservoice_collection_info) })
    end

    # Forgets what was loaded, the size too.
    # @return [self]
    def reload
      @size = nil
      position(&:rewind)
      self
    end

    # Frees what {#size} and {#[]} keep; otherwise that happens with the object.
    # @return [void]
    def close
      @lock.synchronize { @position.tap { @position = nil } }&.close
    end

    # @return [String] the path without its query
    def inspect
      "#<#{self.class} #{@path[/\A[^?]*/]}>"
    end

    private

    def open_list
      List.new(@session, @path, @params, @limit)
    end

    # The list that is read by index, by any thread. Where another thread was
    # interrupted while it read, which ends a list, it is made anew.
    def position
      list = borrow
      yield list
    rescue Cancelled
      raise if @session.cancelled?

      give_back
      list = nil
      retry
    ensure
      give_back if list
    end

    def borrow
      @lock.synchronize do
        @position = nil if @position&.cancelled?
        @position ||= open_list
        @readers += 1
        @position
      end
    end

    def give_back
      @lock.synchronize { @readers -= 1 }
    end

    # A list of one's own, so that iterations do not disturb each other. The first one
    # takes the list that #size loaded its page with.
    def take
      taken = @lock.synchronize { @position.tap { @position = nil } if @readers.zero? }
      taken && !taken.cancelled? ? taken : open_list
    end

    def iterate(function)
      list = take
      json = list.text(function)
      @size ||= list.size
      while json
        yield json
        json = list.text(function)
      end
      self
    ensure
      list&.close
    end

    def integer(value)
      return value.to_int if value.respond_to?(:to_int)

      raise TypeError, "no implicit conversion of #{value.class} into Integer"
    end

    # A native collection and the copy of the client that it loads its pages with.
    #
    # @api private
    class List
      def initialize(session, path, params, limit)
        @session = session
        @handle = session.copy_handle
        @native = session.open_collection(@handle, path, params, limit)
      end

      def text(function, *arguments)
        run { |pointer| Native.text(function, pointer, *arguments) }
      end

      def size
        run { |pointer| Native.call(:uservoice_collection_len, pointer) { |out| out.get(:size_t, 0) } }
      end

      def rewind
        @native.use { |pointer| Native.uservoice_collection_rewind(pointer) }
      end

      def cancelled?
        @handle.cancelled?
      end

      def close
        @native.close
        @handle.close
      end

      private

      def run(&block)
        @session.track(@handle) { @handle.run { @native.use(&block) } }
      end
    end
    private_constant :List
  end
end
