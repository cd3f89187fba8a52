# frozen_string_literal: true

module UserVoice
  # Collection is a sequence of records that is loaded page by page while it is read. It is
  # created by {Client#collection}.
  #
  # Each {#each} starts at the first record, and prefetches pages while its block runs.
  class Collection
    include Enumerable

    # The default number of records per page.
    PER_PAGE = 100

    # @api private
    def self.new(client, ...)
      equal?(Collection) && CollectionOfGet.suits?(client) ? CollectionOfGet.new(client, ...) : super
    end

    # Creates a collection, as {Client#collection} does. If a test has stubbed +get+ of the
    # client, or a subclass has overridden it, the list is read with that, page by page.
    #
    # @param client [Client]
    # @param path [String]
    # @param params [Hash, nil] query parameters, also as keyword arguments
    # @param limit [Integer, nil] the maximum number of records
    def initialize(client, path, params = nil, limit: nil, **keywords)
      @session = client.session
      @path = Argument.string("path", path)
      @params = Argument.json("params", params.to_h.merge(keywords))
      @limit = limit.nil? ? -1 : Argument.count("limit", limit)
      @lock = Mutex.new
      @shared_reader = nil
      @shared_reader_users = 0
      @size = nil
      with_shared_reader { nil } # validates the arguments
    end

    # Iterates over the records.
    #
    # @yieldparam record [Hash]
    # @return [self, Enumerator] an Enumerator without a block
    # @raise [Error] if a page cannot be loaded, after the records of the pages before it
    def each(&block)
      return enum_for(:each) { nil_if_unknown { size } } unless block

      if @session.json?
        read(:uservoice_collection_next, &block)
      else
        each_page { |page| page.each(&block) }
      end
    end

    # Iterates over the pages.
    #
    # @yieldparam page [Array<Hash>] the records of a page, at least one
    # @return [self, Enumerator] an Enumerator without a block
    # @raise [Error]
    def each_page
      return enum_for(:each_page) unless block_given?

      read(:uservoice_collection_next_page) { |page| yield @session.decode(page) }
    end

    # Iterates over the complete responses, which also contain the paging object and, in the
    # Admin API, the side-loaded records of the parameter "includes". A limit does not
    # truncate the last page.
    #
    # @yieldparam response [Hash] a response body
    # @return [self, Enumerator] an Enumerator without a block
    # @raise [Error]
    # @example
    #   suggestions = owner.collection("/api/v2/admin/suggestions", includes: %w[users])
    #   suggestions.each_whole_page { |page| p page["suggestions"].size, page["users"].size }
    def each_whole_page
      return enum_for(:each_whole_page) unless block_given?

      read(:uservoice_collection_next_page, open_reader(whole_pages: true)) do |response|
        yield @session.decode(response)
      end
    end

    # Returns the number of records that the service reports, or the limit if that is
    # smaller. Loads the first page if necessary. Use {#count} if the service may not report it.
    #
    # @return [Integer]
    # @raise [BadResponse] if the service does not report a number
    # @raise [Error]
    def size
      @size ||= with_shared_reader { |reader| length_of(reader) }
    end
    alias length size

    # Counts the records, or the matching ones. Without arguments and block, returns {#size}
    # and loads all records only if the service does not report it.
    #
    # @return [Integer]
    # @raise [Error]
    def count(*arguments, &block)
      return super unless arguments.empty? && block.nil?

      nil_if_unknown { size } || super
    end

    # @return [Boolean]
    # @raise [Error]
    def empty?
      first.nil?
    end

    # Returns a record, or those of a range. Loads their pages if necessary.
    #
    # @param index [Integer, Range] a negative index counts from the end
    # @return [Hash, Array<Hash>, nil] nil if the index or the begin of the range is out of
    #   range, as for an Array
    # @raise [Error]
    def [](index)
      return (0...size).to_a[index]&.map { |number| record(number) } if index.is_a?(Range)

      index = Argument.integer("index", index)
      index += size if index.negative?
      record(index) if index.between?(0, Argument::INT64.max)
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

      start = [size - Argument.count("number", *number), 0].max
      (start...size).map { |index| self[index] }
    end

    # Returns the paging object of the page loaded last: "response_data", or "pagination" in
    # the Admin API.
    #
    # @return [Hash, nil]
    # @raise [Error]
    def info
      @session.decode(with_shared_reader { |reader| reader.call_string(:uservoice_collection_info) })
    end

    # Discards the pages and the size that {#size}, {#[]} and {#info} loaded.
    #
    # @return [self]
    def reload
      @size = nil
      with_shared_reader { |reader| reader.use { |pointer| Native.uservoice_collection_rewind(pointer) } }
      self
    end

    # Frees the pages that {#size}, {#[]} and {#info} loaded before the object is garbage
    # collected.
    #
    # @return [void]
    def close
      @lock.synchronize { @shared_reader.tap { @shared_reader = nil } }&.close
    end

    # @return [String] the path without its query, which may contain secrets
    def inspect
      "#<#{self.class} #{@path[/\A[^?]*/]}>"
    end

    # Refuses YAML, as Marshal is refused.
    #
    # @api private
    def encode_with(_coder)
      marshal_dump
    end

    private

    def marshal_dump
      raise TypeError, "cannot dump a collection: store its records (to_a), or create it again"
    end

    # @return [Hash, nil] nil if there is no such record
    def record(index)
      @session.decode(with_shared_reader { |reader| reader.call_string(:uservoice_collection_get, index) })
    rescue InvalidArgument => e
      raise unless e.argument == "index"
    end

    def open_reader(**options)
      @session.open_reader(:collection, @path, @params, @limit, **options)
    end

    # Returns a number of records, or nil if the service does not report it. If it returned no
    # list, reading the records fails.
    def nil_if_unknown
      yield
    rescue BadResponse
      nil
    end

    def length_of(reader)
      reader.call(:uservoice_collection_len) { |out| out.get(:size_t, 0) }
    end

    # Yields the reader of {#size}, {#[]} and {#info}, which threads share. If one of them
    # closes it, the others retry with a new one.
    def with_shared_reader
      reader = acquire_shared_reader
      yield reader
    rescue ClosedError
      raise if reader.nil?

      release_shared_reader
      reader = nil
      retry
    ensure
      release_shared_reader if reader
    end

    def acquire_shared_reader
      @lock.synchronize do
        @shared_reader ||= open_reader
        @shared_reader_users += 1
        @shared_reader
      end
    end

    def release_shared_reader
      @lock.synchronize { @shared_reader_users -= 1 }
    end

    # Returns a reader for one iteration: the shared one if nobody uses it, whose first page
    # may be loaded already, or else a new one.
    def reader_for_iteration
      @lock.synchronize { @shared_reader.tap { @shared_reader = nil } if @shared_reader_users.zero? } || open_reader
    end

    def read(function, reader = reader_for_iteration)
      json = reader.call_string(function)
      @size ||= nil_if_unknown { length_of(reader) }
      while json
        yield json
        json = reader.call_string(function)
      end
      self
    ensure
      reader.close
    end
  end
end
