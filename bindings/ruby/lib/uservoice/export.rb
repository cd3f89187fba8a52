# frozen_string_literal: true

module UserVoice
  # Export writes lists into the files of a directory. It is created by {Client#export}.
  #
  # Each {#each} performs a run. If a run was interrupted, killed or ended by an error, the
  # next one resumes it; if it was completed, the next one appends what has changed since.
  # Only one run at a time may use a directory.
  class Export
    include Enumerable

    # @return [String]
    attr_reader :directory

    # @api private
    def initialize(session, directory, resources, options)
      directory = directory.to_path if directory.respond_to?(:to_path)
      @session = session
      @directory = Argument.string("directory", directory)
      @options = Argument.generate_json("options", { resources: resources.flatten, **options.compact })
    end

    # Performs a run.
    #
    # @yieldparam progress [Progress] after the pages that were written are synced to disk
    # @return [self, Enumerator] an Enumerator without a block
    # @raise [FileError] if a file cannot be used, or another run uses the directory
    # @raise [Error] if a list cannot be exported; the message names the list
    def each
      return enum_for(:each) unless block_given?

      reader = @session.open_reader(:export, @directory, @options)
      while (progress = reader.call_string(:uservoice_export_next))
        yield Progress.new(progress)
      end
      self
    ensure
      reader&.close
    end

    # @return [String]
    def inspect
      "#<#{self.class} into #{directory}>"
    end

    # Refuses YAML, as Marshal is refused.
    #
    # @api private
    def encode_with(_coder)
      marshal_dump
    end

    private

    def marshal_dump
      raise TypeError, "cannot dump an export: its directory contains its state, create it again"
    end
  end
end
