# frozen_string_literal: true

require_relative "helper"
require "csv"
require "open3"

# The programs of examples/ruby, as a person would run them.
class TestExamples < SandboxTest
  EXAMPLES = "#{ROOT}/examples/ruby"
  # Nothing of the machine's own environment.
  CLEAN = ENV.keys.grep(/\AUSERVOICE_/).to_h { |name| [name, nil] }.freeze

  def test_the_tour
    output, status = run_example("tour", before: ["#{ROOT}/scripts/tour-unattended"])
    assert_predicate status, :success?, output
    ["/?sso=", '"expires":"', "<user1@sandbox.example>", "of 250 users.", "UserVoice calls me Łukasz Żak.", "Created forum",
     'Posted a suggestion there: "Tea in the afternoon".', "Deleted the forum.", "NotFound says: \"HTTP 404",
     "Unauthorized says: \"HTTP 401", "Logged in: the calls now act for user1@sandbox.example.",
     "The end: 7 steps done, 0 skipped, 0 failed."].each { |text| assert_includes output, text }
    assert_equal 3, client.get("/api/v1/forums")["response_data"]["total_records"]
  end

  def test_the_tour_with_nobody_there_and_a_failure
    output, status = run_example("tour")
    assert_predicate status, :success?
    assert_includes output, "6 steps done, 1 skipped"

    Sandbox.fault({ path: "/api/v1/forums/*", method: "POST", status: 500 })
    output, status = run_example("tour")
    assert_equal 1, status.exitstatus
    ["Deleted the forum.", "APPLICATION_ERROR", "1 failed"].each { |text| assert_includes output, text }
  end

  def test_the_tour_of_a_real_site_asks_before_it_changes_anything
    site = { "USERVOICE_SUBDOMAIN" => "sandbox", "USERVOICE_API_KEY" => Sandbox.api_key,
             "USERVOICE_API_SECRET" => Sandbox.api_secret }
    assert_includes run_example("tour", environment: site).first, "nothing was changed"
    assert_includes run_example("tour", environment: site, input: "y\n").first, "Deleted the forum."
  end

  def test_examples_without_a_site
    [%w[tour], %w[export --to x users], %w[sso {}], %w[three_legged 0]].each do |name, *arguments|
      output, status = run_example(name, *arguments, environment: { "USERVOICE_BASE_URL" => nil })
      assert_equal 2, status.exitstatus, output
      assert_includes output, "USERVOICE_BASE_URL"
    end
  end

  def test_single_sign_on
    user = '{"guid":"1","display_name":"Zoë","expires":"2030-01-01 00:00:00"}'
    token = run_example("sso", "--token", user).first.chomp
    assert_equal "#{Sandbox.url}/?sso=#{token}\n", run_example("sso", input: user).first
    assert_equal "#{user}\n", run_example("sso", "--decrypt", input: "#{token}\n").first
    assert_equal 1, run_example("sso", "--decrypt", token, environment: { "USERVOICE_SSO_KEY" => "x" }).last.exitstatus
    assert_equal 2, run_example("sso", "--what").last.exitstatus
  end

  def test_an_export
    exporting do |export, directory|
      assert_equal "", export.call("suggestions", "users")
      assert_equal (1..1501).to_a, ids("#{directory}/suggestions")
      assert_equal (1..250).to_a, ids("#{directory}/users")
      export.call("/api/v1/forums?per_page=1")
      assert_equal [1, 2, 3], ids("#{directory}/forums")
      export.call("--format", "csv", "--since", "2013-06-05", "/api/v2/admin/suggestions?sort=id", to: "#{directory}/new")
      moments = CSV.read("#{directory}/new/suggestions.csv", headers: true)["updated_at"]
      assert_operator moments.size, :<, 1501
      assert_operator moments.min, :>=, "2013-06-05T00:00:00Z"
    end
  end

  def test_an_export_has_an_exit_status_for_each_kind_of_error
    exporting do |export, _|
      export.call(status: 2)
      export.call("users", "/api/v1/users", status: 2)
      export.call("--format", "xml", "users", status: 2)
      export.call("--since", "yesterday", "users", status: 2)
      assert_includes export.call("nothing", status: 4), "NOT_FOUND"
      { 401 => 3, 422 => 6 }.each do |http_status, status|
        Sandbox.fault({ path: "/api/v2/admin/users", times: 9, status: http_status })
        export.call("users", status: status)
        Sandbox.reset
      end
      Sandbox.fault({ path: "/api/v2/admin/users", times: 9, status: 429, retry_after: "3600" })
      export.call("users", status: 5)
      export.call("users", status: 8, to: "/proc/nothing")
      assert_equal 7, run_example("export", "--to", "x", "users", environment: { "USERVOICE_BASE_URL" => "http://127.0.0.1:1" })
        .last.exitstatus
    end
  end

  def test_an_export_that_is_interrupted_or_killed_goes_on
    exporting do |export, directory|
      { INT: [130, nil], KILL: [nil, 9] }.each do |signal, how|
        Sandbox.fault({ path: "/api/v2/admin/suggestions", after: 3, delay_ms: 600_000 })
        pid = spawn(environment, *command("export", "--to", directory, "suggestions"), err: "#{directory}/errors")
        without_hanging { Sandbox.wait_for_faults }
        Process.kill(signal, pid)
        ended = without_hanging { Process.wait2(pid).last }
        assert_equal how, [ended.exitstatus, ended.termsig]
      end
      export.call("suggestions")
      assert_equal (1..1501).to_a, ids("#{directory}/suggestions")
    end
  end

  def test_the_progress_of_an_export_is_shown_on_a_terminal
    exporting do |_, directory|
      line = command("export", "--to", directory, "users").map { |word| "'#{word}'" }.join(" ")
      shown, = Open3.capture2(environment, "script", "--quiet", "--return", "--command", line, "/dev/null")
      assert_match %r{\[\#{12}-{18}\]  40 %  100 of 250, \d+/s, \d+s left}, shown
      assert_match %r{\[\#{30}\] 100 %  250 of 250, \d+/s, 0s left\r\n\z}, shown
    end
  end

  def test_the_three_legged_login
    Dir.mktmpdir do |directory|
      state = { "THREE_LEGGED_STATE" => "#{directory}/state" }
      port, cookie, authorize_url = application("0", state) do |url|
        assert_includes Net::HTTP.get(URI("#{url}/")), "Connect to UserVoice"
        begun = Net::HTTP.get_response(URI("#{url}/connect"))
        [URI(url).port, begun["Set-Cookie"][/\A[^;]+/], begun["Location"]]
      end
      back = URI(Sandbox.allow(authorize_url[/oauth_token=([^&]+)/, 1])["Location"])

      application(port.to_s, state) do
        assert_equal "400", Net::HTTP.get_response(back).code, "another browser"
        answer = Net::HTTP.get_response(back, "Cookie" => cookie)
        assert_equal "200", answer.code
        assert_match(/Hello .+, your address is user1@sandbox.example/, answer.body)
        assert_equal "400", Net::HTTP.get_response(back, "Cookie" => cookie).code, "for the second time"
      end
      assert_empty Dir.children("#{directory}/state")
    end
  end

  def test_a_three_legged_login_that_is_denied
    Dir.mktmpdir do |directory|
      application("0", { "THREE_LEGGED_STATE" => directory }) do |url|
        begun = Net::HTTP.get_response(URI("#{url}/connect"))
        token = begun["Location"][/oauth_token=([^&]+)/, 1]
        answer = Net::HTTP.get_response(URI(Sandbox.deny(token)["Location"]), "Cookie" => begun["Set-Cookie"][/\A[^;]+/])
        assert_equal "403", answer.code
        assert_includes answer.body, "You did not allow it"
      end
    end
  end

  private

  # A directory, and what runs the example with it.
  def exporting
    Dir.mktmpdir do |directory|
      run = lambda do |*arguments, status: 0, to: directory|
        output, ended = run_example("export", "--to", to, *arguments)
        assert_equal status, ended.exitstatus, output
        output
      end
      yield run, directory
    end
  end

  def environment
    CLEAN.merge("USERVOICE_BASE_URL" => Sandbox.url)
  end

  def command(name, *arguments)
    [RbConfig.ruby, "-w", "-I", LIBRARY, "#{EXAMPLES}/#{name}.rb", *arguments]
  end

  def run_example(name, *arguments, environment: {}, input: "", before: [])
    without_hanging do
      Open3.capture2e(self.environment.merge(environment), *before, *command(name, *arguments), stdin_data: input)
    end
  end

  def application(port, state)
    IO.popen([environment.merge(state), *command("three_legged", port)]) do |output|
      yield output.gets.chomp
    ensure
      Process.kill(:TERM, output.pid)
    end
  end

  def ids(name)
    File.readlines("#{name}.jsonl").map { |line| JSON.parse(line)["id"] }.sort
  end
end
