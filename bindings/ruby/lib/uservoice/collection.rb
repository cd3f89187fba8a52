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
      @path = Argument.text("path", path)
      @params = Argument.json("params", params)
      @limit = limit.nil? ? -1 : number("limit", limit)
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

    # The answers that the pages came in, with what stands there beside the records: in
    # the Admin API the records that the parameter "includes" asks for, and the next
    # page's cursor. A limit ends the list, but takes nothing from its last page.
    #
    # @yieldparam answer [Hash]
    # @return [self, Enumerator] an Enumerator without a block
    # @raise [Error]
    # @example
    #   list = owner.collection("/api/v2/admin/suggestions", includes: %w[users])
    #   list.each_whole_page { |answer| p answer["suggestions"].size, answer["users"].size }
    def each_whole_page
      return enum_for(:each_whole_page) unless block_given?

      iterate(:uservoice_collection_next_page, open_list(whole_pages: true)) do |answer|
        yield @session.decode(answer)
      end
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
      index = Argument.integer("index", index)
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

      start = [size - number("number", *number), 0].max
      (start...size).map { |index| self[index] }
    end

    # What the service says of the page loaded last ("response_data", in the Admin API
    # "pagination").
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

    def marshal_dump
      raise TypeError, "a collection cannot be marshalled: keep its records (to_a), or make it anew"
    end

    def open_list(**options)
      handle = @session.copy_handle(Argument.json("options", options))
      List.new(handle, @session, @session.open_collection(handle, @path, @params, @limit))
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

    def iterate(function, list = take)
      json = list.text(function)
      @size ||= list.size
      while json
        yield json
        json = list.text(function)
      end
      self
    ensure
      list.close
    end

    def number(name, value)
      value = Argument.whole(name, value)
      value.negative? ? raise(Argument.invalid("#{name} must not be negative")) : value
    end

    # @api private
    class List < Reader
      def size
        run { |pointer| Native.call(:uservoice_collection_len, pointer) { |out| out.get(:size_t, 0) } }
      end

      def rewind
        @native.use { |pointer| Native.uservoice_collection_rewind(pointer) }
      end
    end
    private_constant :List
  end
end
