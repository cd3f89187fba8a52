# frozen_string_literal: true

module UserVoice
  # Lists that are written into the files of a directory. Made by {Client#export}.
  #
  # Each {#each} is a run. One that ended early, by an error, an interruption or a kill, is
  # gone on with by the next one; one that came to its end is followed by another, which
  # adds what has changed since. Only one run at a time may use a directory.
  class Export
    include Enumerable

    # @return [String]
    attr_reader :directory

    # @api private
    def initialize(session, directory, resources, options)
      directory = directory.to_path if directory.respond_to?(:to_path)
      @session = session
      @directory = Argument.text("directory", directory)
      @options = Argument.generate("options", { resources: resources.flatten, **options.compact })
    end

    # Writes page by page.
    #
    # @yieldparam progress [Progress] after each page
    # @return [self, Enumerator] an Enumerator without a block
    # @raise [FileError] where a file cannot be used, also where another run uses the
    #   directory
    # @raise [Error] of a list; its name stands before the message
    def each
      return enum_for(:each) unless block_given?

      handle = @session.copy_handle
      reader = Reader.new(handle, @session, @session.open_export(handle, @directory, @options))
      while (progress = reader.text(:uservoice_export_next))
        yield Progress.new(progress)
      end
      self
    ensure
      reader ? reader.close : handle&.close
    end

    # @return [String]
    def inspect
      "#<#{self.class} into #{directory}>"
    end

    private

    def marshal_dump
      raise TypeError, "an export cannot be marshalled: its directory knows how far it is, make it anew"
    end
  end
end
