# frozen_string_literal: true

require_relative "helper"
require "stringio"
require "tempfile"

# Tests requests whose body is not JSON, and uploads.
class TestBody < SandboxTest
  FORM = "application/x-www-form-urlencoded"
  ATTACHMENTS = "/api/v2/admin/attachments"
  BYTES = ([0, 255, 13, 10] * 50_000).pack("C*")

  def owner
    @owner ||= client.login_with_client_credentials
  end

  def with_file(content)
    Tempfile.create(["data é", ".png"]) do |file|
      file.binmode
      file.write(content)
      file.rewind
      yield file
    end
  end

  def upload(file, **options)
    owner.upload(ATTACHMENTS, file, **options)["attachments"][0]
  end

  def test_form_is_signed
    user = client.login_as("user4@sandbox.example")
    form = URI.encode_www_form("suggestion[title]" => "Tea & é")
    [form, StringIO.new(form)].each do |body|
      response = user.send_body(:post, "/api/v1/forums/1/suggestions", body, content_type: FORM)
      assert_equal [201, "Tea & é"], [response.status, response.value["suggestion"]["title"]]
    end
  end

  def test_sends_delete_with_a_body_and_headers
    # The sandbox rejects a field that it does not know: the body arrived.
    { nil => 404, "" => 404, "unknown=1" => 422 }.each do |body, status|
      response = owner.send_body("delete", "/api/v2/admin/suggestions/999999", body, content_type: FORM,
                                                                                      headers: { "X-A" => "b" })
      assert_equal status, response.status
    end
    assert_equal "b", Sandbox.requests.last["headers"]["x-a"]
  end

  def test_uploads_strings_files_and_streams
    with_file(BYTES) do |file|
      name = File.basename(file.path)
      [[file, {}, name], [Pathname(file.path), {}, name], [StringIO.new(BYTES), { filename: "s.png" }, "s.png"],
       [BYTES, { filename: "a b.png" }, "a b.png"]].each do |source, options, expected|
        attachment = upload(source, **options)
        assert_equal [expected, "image/png", BYTES.bytesize],
                     attachment.values_at("file_name", "content_type", "size_in_bytes")
      end
    end
    assert_equal ["text/x-a", 0], upload("", filename: "a", content_type: "text/x-a").values_at("content_type", "size_in_bytes")
  end

  def test_upload_is_attached_by_its_token
    attachment = upload("...", filename: "screen.png")
    owner.put("/api/v2/admin/suggestions/1", attachment_tokens: attachment["token"])
    listed = owner.get(ATTACHMENTS, suggestion: 1)["attachments"]
    assert_equal [attachment["id"]], listed.map { |one| one["id"] }
  end

  def test_file_is_read_from_its_position
    with_file("0123456789") do |file|
      file.seek(4)
      assert_equal 6, upload(file)["size_in_bytes"]
    end
  end

  # A stream without end.
  class Endless
    attr_reader :bytes_read

    def read(length)
      @bytes_read = @bytes_read.to_i + length
      "a" * length
    end
  end

  def test_streams_are_read_up_to_max_request_bytes
    limited = Sandbox.client(max_request_bytes: 1000)
    [limited, limited.with(timeout: 5), limited.login_with_access_token("t", "s")].each do |client|
      stream = Endless.new
      error = assert_raises(UserVoice::InvalidArgument) { client.send_body(:put, "/a", stream, content_type: FORM) }
      assert_equal ["body", 1001], [error.argument, stream.bytes_read]
      error = assert_raises(UserVoice::InvalidArgument) { client.upload("/a", stream, filename: "a") }
      assert_equal "file", error.argument
    end
    assert_equal 400, limited.with(max_request_bytes: 2000).send_body(:put, "/api/v1/no", "a" * 1500, content_type: "a/b").status
  end

  def test_rejects_invalid_arguments
    assert_raises(UserVoice::InvalidArgument) { client.send_body(:get, "/", "", content_type: FORM) }
    assert_raises(UserVoice::InvalidArgument) { client.send_body(:put, "/", "\xff", content_type: FORM) }
    assert_raises(UserVoice::InvalidArgument) { client.upload("/", "", filename: "a", content_type: "png") }
    assert_raises(TypeError) { client.send_body(:put, "/", 5, content_type: FORM) }
    assert_raises(TypeError) { client.send_body(:put, "/", "", content_type: nil) }
    assert_raises(ArgumentError) { client.upload("/", "content") }
    assert_raises(Errno::ENOENT) { client.upload("/", Pathname("/not/there")) }
    assert_empty Sandbox.requests
  end
end
