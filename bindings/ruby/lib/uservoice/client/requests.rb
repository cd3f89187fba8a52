# frozen_string_literal: true

module UserVoice
  class Client
    # Sends a GET request.
    #
    # @param path [String] such as "/api/v1/users"
    # @param params [Hash, nil] query parameters, also as keyword arguments
    # @return [Hash, nil] the parsed response body; nil if it is empty
    # @raise [Error]
    # @example
    #   client.get("/api/v1/users", per_page: 5)["users"]
    def get(path, params = nil, **keywords)
      request_json(:get, path, params, keywords)
    end

    # Sends a POST request. It is retried only if the service cannot have processed it.
    #
    # @param path [String]
    # @param params [Hash, Array, String, nil] the JSON body, also as keyword arguments; a
    #   String is JSON already
    # @return [Hash, nil] the parsed response body; nil if it is empty
    # @raise [Error]
    # @example
    #   owner.post("/api/v1/forums", forum: { name: "Ideas" })["forum"]
    def post(path, params = nil, **keywords)
      request_json(:post, path, params, keywords)
    end

    # Sends a PUT request. Takes the arguments of {#post}.
    #
    # @return [Hash, nil]
    # @raise [Error]
    def put(path, params = nil, **keywords)
      request_json(:put, path, params, keywords)
    end

    # Sends a DELETE request. Takes the arguments of {#get}.
    #
    # @return [Hash, nil]
    # @raise [Error]
    def delete(path, params = nil, **keywords)
      request_json(:delete, path, params, keywords)
    end

    # Sends a request as {#get}, {#post}, {#put} or {#delete} does.
    #
    # @param method [Symbol, String] the name of one of them
    # @return [Hash, nil]
    # @raise [Error]
    def request(method, path, params = nil, **keywords)
      method = method.to_s.downcase.to_sym
      unless %i[get post put delete].include?(method)
        raise ArgumentError, "method must be get, post, put or delete (got #{method}): see Client#send_request"
      end

      request_json(method, path, params, keywords)
    end

    # Sends a request with any method and headers, and returns the response whatever its
    # status.
    #
    # @param method [Symbol, String] get, head, delete, post, put or patch
    # @param path [String]
    # @param params [Hash, Array, String, nil] query parameters of GET, HEAD and DELETE, or
    #   the JSON body of POST, PUT and PATCH; also as keyword arguments
    # @param headers [Hash, nil] additional headers; those that the library sets are rejected
    # @return [Response]
    # @raise [Error] if there is no response
    def send_request(method, path, params = nil, headers: nil, **keywords)
      @session.send_request(Argument.string("method", method.to_s.upcase), Argument.string("path", path),
                            Argument.json("params", merge(params, keywords)), Argument.json("headers", headers))
    end

    # Sends a request with a body of any kind, and returns the response whatever its status.
    # The body is read into memory, up to the option +max_request_bytes+.
    #
    # @param method [Symbol, String] post, put, patch or delete
    # @param path [String]
    # @param body [String, Pathname, IO, nil] the bytes, a file, or what +read+ returns
    # @param content_type [String] a form ("application/x-www-form-urlencoded") is part of an
    #   OAuth 1.0a signature
    # @param headers [Hash, nil] additional headers
    # @return [Response]
    # @raise [Error] if there is no response
    # @example
    #   form = URI.encode_www_form("suggestion[title]" => "Dark mode")
    #   client.send_body(:post, "/api/v1/forums/1/suggestions", form,
    #                    content_type: "application/x-www-form-urlencoded")
    def send_body(method, path, body, content_type:, headers: nil)
      headers = Argument.optional_hash("headers", headers)
      headers = headers.merge("Content-Type" => Argument.string("content_type", content_type))
      @session.send_body(Argument.string("method", method.to_s.upcase), Argument.string("path", path),
                         Argument.json("headers", headers), body)
    end

    # Uploads a file: a POST request with the field +file+ as multipart/form-data. It is
    # retried like {#post}.
    #
    # @param path [String] such as "/api/v2/admin/attachments"
    # @param file [Pathname, IO, String] a file, what +read+ returns, or the content
    # @param filename [String, nil] by default the name of the Pathname or File
    # @param content_type [String, nil] by default that of files with such a name
    # @return [Hash, nil] the parsed response body
    # @raise [ArgumentError] if there is no filename
    # @raise [Error]
    # @example
    #   token = owner.upload("/api/v2/admin/attachments", Pathname("screen.png"))["attachments"][0]["token"]
    #   owner.put("/api/v2/admin/suggestions/1", attachment_tokens: token)
    def upload(path, file, filename: nil, content_type: nil)
      filename ||= RequestBody.filename(file)
      raise ArgumentError, "filename is missing: #{file.class} has none" unless filename

      @session.upload(Argument.string("path", path), Argument.string("filename", filename),
                      Argument.optional_string("content_type", content_type), file)
    end

    # Creates a collection of the records of a list. Sends no request until it is read.
    #
    # @param path [String] such as "/api/v1/suggestions"
    # @param params [Hash, nil] query parameters, also as keyword arguments
    # @param limit [Integer, nil] the maximum number of records
    # @return [Collection]
    # @raise [InvalidArgument]
    # @example
    #   client.collection("/api/v1/suggestions", sort: "newest").first(10)
    def collection(path, params = nil, limit: nil, **keywords)
      params = Argument.optional_hash("params", merge(params, keywords))
      limit = params[:limit] || params["limit"] if limit.nil?
      Collection.new(self, path, params.reject { |name, _| name.to_s == "limit" }, limit: limit)
    end
    # The name in the gem uservoice-ruby.
    alias get_collection collection

    # Exports lists into files of a directory, several lists at once.
    #
    # Each list is written to NAME.jsonl, one record per line as the service sent it, or to
    # NAME.csv. If an export was interrupted, killed or ended by an error, the same call
    # resumes it without losing or repeating a record. If it was completed, the same call
    # appends what has changed since.
    #
    # @param directory [String, Pathname] created if missing
    # @param resources [Array<String, Symbol, Hash, Array>] names of Admin API lists
    #   ("suggestions" is /api/v2/admin/suggestions), or Hashes with +name:+ (of the file) and
    #   optionally +path:+ (also of API v1), +params:+, +columns:+ (of CSV) and
    #   +incremental:+ (false rewrites the whole list in each run, as for all lists of API v1)
    # @param options [Hash]
    # @option options [Time, Date, String] :since export only records updated at this time or
    #   later
    # @option options [Time, Date, String] :until export only records updated before this time
    # @option options [String, Symbol] :format ("jsonl") or "csv"
    # @yieldparam progress [Progress] after each page
    # @return [Progress, nil, Export] with a block the last progress, or nil if an earlier run
    #   has reached +until+; without a block an Export, which runs when it is enumerated
    # @raise [FileError] if a file cannot be used
    # @raise [Error]
    # @example
    #   owner = client.login_with_client_credentials
    #   owner.export("backup", "suggestions", "users", since: Time.utc(2026)) do |progress|
    #     puts "#{progress.written} of #{progress.total}"
    #   end
    def export(directory, *resources, **options)
      export = Export.new(@session, directory, resources, options)
      return export unless block_given?

      last = nil
      export.each { |progress| yield(last = progress) }
      last
    end

    private

    def request_json(method, path, params, keywords)
      raise ArgumentError, "#{method} takes no headers: use Client#send_request" if keywords.key?(:headers)

      @session.request(method, Argument.string("path", path), Argument.json("params", merge(params, keywords)))
    end

    def merge(params, keywords)
      return params if keywords.empty?
      raise TypeError, "keyword arguments cannot be added to #{params.class}" unless params.nil? || params.is_a?(Hash)

      params.to_h.merge(keywords)
    end
  end
end
