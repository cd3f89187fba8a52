# frozen_string_literal: true

require_relative "helper"
require "csv"
require "logger"
require "stringio"

# Tests the Ruby interface of exports. The tests of the library cover crashes and damaged files.
class TestExport < SandboxTest
  PATH = "/api/v2/admin/suggestions"
  EVERY = (1..1501).to_a

  def setup
    super
    @temporary = Dir.mktmpdir
    @directory = "#{@temporary}/backup"
    @owner = Sandbox.client(timeout: 3600).login_with_client_credentials
  end

  def teardown
    FileUtils.remove_entry(@temporary)
  end

  def records(name = "suggestions")
    File.readlines("#{@directory}/#{name}.jsonl").map { |line| JSON.parse(line) }.sort_by { |record| record["id"] }
  end

  def ids
    records.map { |record| record["id"] }
  end

  def test_accepts_an_array_of_lists
    last = @owner.export(@directory, %w[users forums], [{ name: "labels" }], :comments) { nil }
    assert_equal %w[comments forums labels users], last.resources.keys.sort
  end

  def test_writes_all_records_and_reports_progress
    reported = []
    last = @owner.export(@directory, "suggestions", :users) { |progress| reported << progress }
    assert_same reported.last, last
    { "suggestions" => 1501, "users" => 250 }.each do |name, number|
      assert_equal @owner.collection("/api/v2/admin/#{name}").sort_by { |record| record["id"] }, records(name)
      list = last.resources[name]
      assert_equal [number, number, true], [list.written, list.total, list.done?]
    end
    assert_equal [1751, 1751, 0.0], [last.written, last.total, last.seconds_left]
    assert_operator last.records_per_second, :>, 0
    assert_equal reported.map(&:written).sort, reported.map(&:written)
    assert_equal "#<UserVoice::Progress 1751 of 1751>", last.inspect
  end

  def test_next_run_appends_changes
    export = @owner.export(Pathname(@directory), "suggestions")
    assert_equal "#<UserVoice::Export into #{@directory}>", export.inspect
    assert_equal 1501, export.to_a.last.written
    @owner.put("#{PATH}/7", title: "Darker")
    assert_equal(1, @owner.export(@directory, "suggestions") { nil }.written)
    assert_equal ["Darker"], records.map { |record| record["title"] }.grep("Darker")
    assert_equal 1502, records.size
  end

  def test_resumes_after_break_and_exceptions
    @owner.export(@directory, "suggestions") { |progress| break if progress.written >= 300 }
    assert_operator records.size, :<, 1501
    assert_operator @owner.export(@directory, "suggestions").first.written, :>, 300
    assert_raises(IOError) { @owner.export(@directory, "suggestions") { raise IOError } }
    @owner.export(@directory, "suggestions") { nil }
    assert_equal EVERY, ids
  end

  def test_resumes_after_interruptions
    Sandbox.fault({ path: PATH, after: 3, delay_ms: 600_000 })
    without_hanging do
      assert_raises(Timeout::Error) { Timeout.timeout(2) { @owner.export(@directory, "suggestions") { nil } } }
    end
    Sandbox.fault({ path: PATH, delay_ms: 600_000 })
    thread = Thread.new { @owner.export(@directory, "suggestions") { nil } }
    Sandbox.wait_for_faults
    without_hanging { thread.kill.join }
    @owner.export(@directory, "suggestions") { nil }
    assert_equal EVERY, ids
  end

  def test_cancel_ends_an_export
    Sandbox.fault({ path: PATH, delay_ms: 600_000 })
    copy = @owner.dup
    thread = Thread.new { @owner.export(@directory, "suggestions") { nil } }
    thread.report_on_exception = false
    Sandbox.wait_for_faults
    @owner.cancel
    without_hanging { assert_raises(UserVoice::Cancelled) { thread.value } }
    assert_raises(UserVoice::Cancelled) { @owner.export(@directory, "suggestions").first }
    assert_equal(1501, copy.export(@directory, "suggestions") { nil }.written)
  end

  def test_other_lists_continue_after_an_error
    error = assert_raises(UserVoice::NotFound) { @owner.export(@directory, "nothing", "suggestions") { nil } }
    assert_match(/\AGET \S+nothing: HTTP 404: .* \(while exporting "nothing"\)\z/, error.message)
    @owner.export(@directory, "suggestions") { nil }
    assert_equal EVERY, ids
  end

  def test_rejects_a_directory_in_use
    error = assert_raises(UserVoice::FileError) do
      @owner.export(@directory, "users") { @owner.export(@directory, "users").first }
    end
    assert_equal [:file_error, :not_sent], [error.status, error.outcome]
    assert_includes error.message, @directory
    assert_raises(UserVoice::FileError) { @owner.export("/proc/nothing", "users").first }
  end

  def test_since_until_and_csv
    june = Time.utc(2013, 6)...Time.utc(2013, 7)
    expected = @owner.collection(PATH, updated_after: june.begin, updated_before: june.end - 1)
    @owner.export(@directory, { name: "june", path: PATH, columns: %w[id title] },
                  since: june.begin, until: june.end, format: :csv) { nil }
    rows = CSV.read("#{@directory}/june.csv", headers: true)
    refute_empty rows
    assert_equal expected.map { |record| [record["id"].to_s, record["title"]] }.sort, rows.map(&:fields).sort
  end

  def test_exports_lists_of_api_v1
    user = client.login_as("user2@sandbox.example")
    user.export(@directory, { name: "suggestions", path: "/api/v1/suggestions", params: { sort: "oldest" } }) { nil }
    assert_equal EVERY, ids
  end

  def test_invalid_arguments_send_no_request
    { "options.resources: " => -> { @owner.export(@directory).first },
      "name" => -> { @owner.export(@directory, "us/ers").first },
      "colums" => -> { @owner.export(@directory, { name: "users", colums: [] }).first },
      "options.sinc: " => -> { @owner.export(@directory, "users", sinc: 1).first },
      "options.since: " => -> { @owner.export(@directory, "users", since: "yesterday").first },
      "options.format: " => -> { @owner.export(@directory, "users", format: :xml).first } }.each do |expected, call|
      assert_includes assert_raises(UserVoice::InvalidArgument, &call).message, expected
    end
    assert_raises(TypeError) { @owner.export(nil, "users") }
    assert_raises(TypeError) { @owner.export(@directory, Object.new) }
    assert_raises(ArgumentError) { @owner.export("a\0b", "users") }
    assert_empty Sandbox.requests
  end

  def test_child_cannot_continue_an_export
    output, = without_hanging { ruby(<<~RUBY, @directory) }
      require "uservoice"
      owner = UserVoice::Client.from_environment.login_with_client_credentials
      pages = owner.export(ARGV.first, "suggestions").each
      pages.next
      Process.wait(fork { begin; pages.next; rescue UserVoice::Error => e; puts e.class; end; $stdout.flush; exit! })
      loop { pages.next }
      puts "all"
    RUBY
    assert_equal "UserVoice::InvalidArgument\nall\n", output
    assert_equal EVERY, ids
  end

  def test_logs_its_requests
    output = StringIO.new
    @owner.with(logger: Logger.new(output)).export(@directory, "users") { nil }
    assert_operator output.string.lines.grep(%r{/api/v2/admin/users}).size, :>, 2
  end
end
