# frozen_string_literal: true

require_relative "helper"
require "csv"
require "open3"

# Runs the programs of examples/ruby.
class TestExamples < SandboxTest
  EXAMPLES = "#{ROOT}/examples/ruby"
  # Unsets the variables of the developer's environment.
  CLEAN = ENV.keys.grep(/\AUSERVOICE_/).to_h { |name| [name, nil] }.freeze

  def test_tour
    output, status = run_example("tour", before: ["#{ROOT}/scripts/tour-unattended"])
    assert_predicate status, :success?, output
    ["/?sso=", '"expires":"', "<user1@sandbox.example>", "of 250 users.", "UserVoice calls me Łukasz Żak.", "Created forum",
     'Posted a suggestion there: "Tea in the afternoon".', "Deleted the forum.", "UserVoice::NotFound: GET /api/v1/forums/999999999: HTTP 404",
     "UserVoice::Unauthorized: GET /api/v1/users/current: HTTP 401", "Logged in as user1@sandbox.example.",
     "Summary: 7 steps done, 0 skipped, 0 failed."].each { |text| assert_includes output, text }
    assert_equal 3, client.get("/api/v1/forums")["response_data"]["total_records"]
  end

  def test_tour_skips_steps_and_reports_failures
    output, status = run_example("tour")
    assert_predicate status, :success?
    assert_includes output, "6 steps done, 1 skipped"

    Sandbox.fault({ path: "/api/v1/forums/*", method: "POST", status: 500 })
    output, status = run_example("tour")
    assert_equal 1, status.exitstatus
    ["Deleted the forum.", "APPLICATION_ERROR", "1 failed"].each { |text| assert_includes output, text }
  end

  def test_tour_asks_before_it_changes_a_real_site
    site = { "USERVOICE_SUBDOMAIN" => "sandbox", "USERVOICE_API_KEY" => Sandbox.api_key,
             "USERVOICE_API_SECRET" => Sandbox.api_secret }
    assert_includes run_example("tour", environment: site).first, "nothing was changed"
    assert_includes run_example("tour", environment: site, input: "y\n").first, "Deleted the forum."
  end

  def test_examples_explain_how_to_name_a_site
    [%w[tour], %w[export --to x users], %w[sso {}], %w[three_legged 0]].each do |name, *arguments|
      output, status = run_example(name, *arguments, environment: { "USERVOICE_BASE_URL" => nil })
      assert_equal 2, status.exitstatus, output
      assert_includes output, "USERVOICE_BASE_URL"
    end
  end

  def test_sso
    user = '{"guid":"1","display_name":"Zoë","expires":"2030-01-01 00:00:00"}'
    token = run_example("sso", "--token", user).first.chomp
    assert_equal "#{Sandbox.url}/?sso=#{token}\n", run_example("sso", input: user).first
    assert_equal "#{user}\n", run_example("sso", "--decrypt", input: "#{token}\n").first
    assert_equal 1, run_example("sso", "--decrypt", token, environment: { "USERVOICE_SSO_KEY" => "x" }).last.exitstatus
    assert_equal 2, run_example("sso", "--unknown").last.exitstatus
  end

  def test_export
    with_export do |export, directory|
      assert_equal "", export.call("suggestions", "users")
      assert_equal (1..1501).to_a, ids("#{directory}/suggestions")
      assert_equal (1..250).to_a, ids("#{directory}/users")
      export.call("/api/v1/forums?per_page=1")
      assert_equal [1, 2, 3], ids("#{directory}/forums")
      export.call("--format", "csv", "--since", "2013-06-05", "/api/v2/admin/suggestions?sort=id", to: "#{directory}/new")
      times = CSV.read("#{directory}/new/suggestions.csv", headers: true)["updated_at"]
      assert_operator times.size, :<, 1501
      assert_operator times.min, :>=, "2013-06-05T00:00:00Z"
    end
  end

  def test_export_exit_status
    with_export do |export, _|
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

  def test_export_resumes_after_an_interruption_or_kill
    with_export do |export, directory|
      { INT: [130, nil], KILL: [nil, 9] }.each do |signal, expected|
        Sandbox.fault({ path: "/api/v2/admin/suggestions", after: 3, delay_ms: 600_000 })
        pid = spawn(environment, *command("export", "--to", directory, "suggestions"), err: "#{directory}/errors")
        without_hanging { Sandbox.wait_for_faults }
        Process.kill(signal, pid)
        status = without_hanging { Process.wait2(pid).last }
        assert_equal expected, [status.exitstatus, status.termsig]
      end
      export.call("suggestions")
      assert_equal (1..1501).to_a, ids("#{directory}/suggestions")
    end
  end

  def test_export_shows_progress_on_a_terminal
    with_export do |_, directory|
      line = command("export", "--to", directory, "users").map { |word| "'#{word}'" }.join(" ")
      output, = Open3.capture2(environment, "script", "--quiet", "--return", "--command", line, "/dev/null")
      assert_match %r{\[\#{12}-{18}\]  40 %  100 of 250, \d+/s, \d+s left}, output
      assert_match %r{\[\#{30}\] 100 %  250 of 250, \d+/s, 0s left\r\n\z}, output
    end
  end

  def test_three_legged_login
    Dir.mktmpdir do |directory|
      state = { "THREE_LEGGED_STATE" => "#{directory}/state" }
      port, cookie, authorize_url = application("0", state) do |url|
        assert_includes Net::HTTP.get(URI("#{url}/")), "Connect to UserVoice"
        redirect = Net::HTTP.get_response(URI("#{url}/connect"))
        [URI(url).port, redirect["Set-Cookie"][/\A[^;]+/], redirect["Location"]]
      end
      callback = URI(Sandbox.allow(authorize_url[/oauth_token=([^&]+)/, 1])["Location"])

      application(port.to_s, state) do
        assert_equal "400", Net::HTTP.get_response(callback).code, "another browser"
        response = Net::HTTP.get_response(callback, "Cookie" => cookie)
        assert_equal "200", response.code
        assert_match(/Hello .+, your address is user1@sandbox.example/, response.body)
        assert_equal "400", Net::HTTP.get_response(callback, "Cookie" => cookie).code, "the request token was used"
      end
      assert_empty Dir.children("#{directory}/state")
    end
  end

  def test_denied_three_legged_login
    Dir.mktmpdir do |directory|
      application("0", { "THREE_LEGGED_STATE" => directory }) do |url|
        redirect = Net::HTTP.get_response(URI("#{url}/connect"))
        token = redirect["Location"][/oauth_token=([^&]+)/, 1]
        response = Net::HTTP.get_response(URI(Sandbox.deny(token)["Location"]), "Cookie" => redirect["Set-Cookie"][/\A[^;]+/])
        assert_equal "403", response.code
        assert_includes response.body, "Access was denied"
      end
    end
  end

  private

  # Yields a lambda that runs the export example into a temporary directory.
  def with_export
    Dir.mktmpdir do |directory|
      run = lambda do |*arguments, status: 0, to: directory|
        output, process_status = run_example("export", "--to", to, *arguments)
        assert_equal status, process_status.exitstatus, output
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
