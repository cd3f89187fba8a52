# frozen_string_literal: true

require_relative "helper"
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
    [%w[tour], %w[export /api/v1/users], %w[sso {}], %w[three_legged 0]].each do |name, *arguments|
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

  def test_an_export_to_standard_output
    output, status = run_example("export", "/api/v1/suggestions?sort=oldest")
    assert_predicate status, :success?
    assert_equal (1..1501).to_a, ids(output)
    assert_equal 2, ids(run_example("export", "--as", "user2@sandbox.example", "/api/v1/forums").first).size
    output, status = run_example("export", "/api/v1/nothing")
    assert_equal 1, status.exitstatus
    assert_includes output, "NOT_FOUND"
    [[], ["suggestions"], ["--as"], ["/a", "b", "c"], ["/api/v1/users?page=2"]].each do |arguments|
      assert_equal 2, run_example("export", *arguments).last.exitstatus
    end
  end

  def test_an_export_that_is_interrupted_goes_on
    Dir.mktmpdir do |directory|
      file = "#{directory}/suggestions.jsonl"
      arguments = ["/api/v1/suggestions?sort=oldest", file]
      Sandbox.fault({ path: "/api/v1/suggestions", times: 99, after: 3, delay_ms: 600_000 })
      pid = spawn(environment, *command("export", *arguments), err: "#{directory}/errors")
      sleep 0.05 until File.exist?("#{file}.state") && JSON.parse(File.read("#{file}.state"))["pages"] == 3
      Process.kill(:INT, pid)
      without_hanging { assert_equal 130, Process.wait2(pid).last.exitstatus }

      File.write(file, '{"half a rec', mode: "a")
      Sandbox.reset
      output, status = run_example("export", "/api/v1/users", file)
      assert_equal 1, status.exitstatus
      assert_includes output, "another export"

      _, status = run_example("export", *arguments)
      assert_predicate status, :success?
      assert_equal (1..1501).to_a, ids(File.read(file))
      refute_includes Sandbox.requests.map { |request| request["query"][/(?<![a-z_])page=\d+/] }, "page=3"
      assert_equal ["errors", "suggestions.jsonl"], Dir.children(directory).sort
    end
  end

  def test_the_progress_of_an_export_is_shown_on_a_terminal_only
    Dir.mktmpdir do |directory|
      line = "#{command('export', '/api/v1/users').map { |word| "'#{word}'" }.join(' ')} >#{directory}/out"
      terminal, = Open3.capture2e(environment, "script", "--quiet", "--return", "--command", line, "/dev/null",
                                  stdin_data: "")
      assert_includes terminal, "250 records"
      assert_equal 250, ids(File.read("#{directory}/out")).size
      assert_empty Open3.capture3(environment, *command("export", "/api/v1/users"))[1]
    end
  end

  # The person begins the login, the application is restarted, and the person comes back.
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

  def ids(lines)
    lines.lines.map { |line| JSON.parse(line)["id"] }
  end
end
