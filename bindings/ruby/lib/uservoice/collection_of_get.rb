# frozen_string_literal: true

module UserVoice
  # Reads a list with the +get+ of its client, page by page, and keeps the pages: {Collection.new}
  # returns it if a test has stubbed +get+, or a subclass has overridden it.
  #
  # @api private
  class CollectionOfGet < Collection
    # Returns whether +get+ is another method than that of {Client}.
    def self.suits?(client)
      !client.is_a?(Client) || client.method(:get).owner != Client
    end

    def initialize(client, path, params = nil, limit: nil, **keywords)
      @client = client
      @path = Argument.string("path", path)
      @limit = limit.nil? ? Argument::INT64.max : Argument.count("limit", limit)
      @query = URI.encode_www_form({ **params.to_h, **keywords, per_page: @limit.clamp(1, PER_PAGE) })
      reload
    end

    def each(&block)
      return enum_for(:each) { size } unless block

      each_page { |page| page.each(&block) }
    end

    def each_page
      return enum_for(:each_page) unless block_given?

      left = size
      1.step do |number|
        records = page(number).first(left)
        return self if records.empty?

        yield records
        left -= records.size
        return self unless left.positive?
      end
    end

    def each_whole_page
      raise NotImplementedError, "each_whole_page requires a UserVoice::Client whose get is not overridden"
    end

    def size
      page(1)
      total = @info["total_records"]
      raise BadResponse, "the response does not report how many records there are" unless total.is_a?(Integer)

      [total, @limit].min
    end
    alias length size

    attr_reader :info

    def reload
      @pages = {}
      @info = nil
      self
    end

    def close
      reload
      nil
    end

    private

    def record(index)
      page(index / PER_PAGE + 1)[index % PER_PAGE] if index < size
    end

    def page(number)
      @pages[number] ||= begin
        response = @client.get("#{@path}#{@path.include?("?") ? "&" : "?"}#{@query}&page=#{number}").to_h
        @info = response["response_data"] || response["pagination"]
        raise NotFound, "The resource you requested is not a collection" unless @info

        response.values.find { |value| value.is_a?(Array) }.to_a
      end
    end
  end
  private_constant :CollectionOfGet
end
