# frozen_string_literal: true

require_relative "helper"
require "csv"
require "open3"

# Runs the programs of examples/ruby.
class TestExamples < SandboxTest
  EXAMPLES = "#{ROOT}/examples/ruby"
  # Unsets the variables of the developer's environment.
  CLEAN = ENV.keys.grep(/\AUSERVOICE_/).to_h { |name| [name, nil] }.freeze
  PROGRAMS = { "sso_link" => [], "list_to_csv" => [], "act_as_user" => %w[jo@example.com 1], "three_legged_login" => %w[0],
               "export" => %w[/nowhere users], "worker_threads" => [], "webhook_receiver" => %w[0],
               "log_and_interrupt" => [] }.freeze

  def test_all_programs_are_tested
    assert_equal PROGRAMS.keys.sort, Dir.children(EXAMPLES).grep(/\.rb\z/).map { |file| File.basename(file, ".rb") }.sort - ["site"]
  end

  def test_programs_explain_how_to_name_a_site
    PROGRAMS.each do |name, arguments|
      assert_match(/\ASet USERVOICE_\w+, or USERVOICE_BASE_URL alone/,
                   run_example(name, *arguments, status: 1, environment: { "USERVOICE_BASE_URL" => nil }))
    end
  end

  def test_real_site_does_not_get_the_keys_of_the_sandbox
    assert_includes run_example("list_to_csv", status: 1, environment: { "USERVOICE_SUBDOMAIN" => "acme" }), "Set USERVOICE_API_KEY"
    acme = { "USERVOICE_SUBDOMAIN" => "acme", "USERVOICE_API_KEY" => "key", "USERVOICE_API_SECRET" => "secret", "USERVOICE_BASE_URL" => "" }
    assert_includes run_example("sso_link", status: 1, environment: acme), "Set USERVOICE_SSO_KEY"
    assert_match %r{\Ahttps://acme\.uservoice\.com/\?sso=}, run_example("sso_link", environment: acme.merge("USERVOICE_SSO_KEY" => "k"))
  end

  def test_programs_report_errors_of_the_service
    %w[list_to_csv act_as_user export worker_threads log_and_interrupt].each do |name|
      output = run_example(name, *PROGRAMS[name], status: 1, environment: { "USERVOICE_BASE_URL" => "http://127.0.0.1:1" })
      assert_includes output, "127.0.0.1:1"
      refute_includes output, "site.rb:", "a backtrace"
    end
    Sandbox.fault({ path: "/api/v1/forums/1/suggestions/*", after: 3, times: 9, status: 422 })
    assert_match(/\AGET .* HTTP 422.*\n\z/, run_example("worker_threads", status: 1))
  end

  def test_sso_link
    assert_includes Net::HTTP.get(URI(run_example("sso_link").chomp)), "jo@example.com"
  end

  def test_list_to_csv
    rows = CSV.parse(run_example("list_to_csv"))
    assert_equal %w[id name email], rows[0]
    assert_equal ["8", 'Sam "Quote" <Tag>', "user7@sandbox.example"], rows[8]
    assert_equal 251, rows.size
  end

  def test_programs_report_a_full_disk
    %w[sso_link list_to_csv act_as_user worker_threads log_and_interrupt].each do |name|
      error, status = without_hanging do
        Open3.capture2e(environment, "sh", "-c", 'exec 3>&1; "$@" 2>&3 >/dev/full', "sh", *command(name, *PROGRAMS[name]))
      end
      assert_equal 1, status.exitstatus, error
      assert_includes error, "No space left on device"
    end
  end

  def test_act_as_user
    assert_equal "Maria O'Neil sees: Dark mode (7)\n", run_example("act_as_user", "user3@sandbox.example", "7")
    assert_equal "Maria O'Neil sees no suggestion 99999.\n", run_example("act_as_user", "user3@sandbox.example", "99999", status: 1)
    assert_includes run_example("act_as_user", "user3@sandbox.example", "x", status: 1), "usage"
    untrusted = { "USERVOICE_API_KEY" => "sandbox-untrusted-key", "USERVOICE_API_SECRET" => "sandbox-untrusted-secret" }
    assert_includes run_example("act_as_user", "user3@sandbox.example", "7", status: 1, environment: untrusted), "Is the API key trusted?"
  end

  def test_export
    Dir.mktmpdir do |directory|
      assert_match(/\r1751 of 1751 records\r\n\z/, run_example("export", directory, "suggestions", "users"))
      assert_equal (1..1501).to_a, ids("#{directory}/suggestions")
      assert_equal (1..250).to_a, ids("#{directory}/users")
      assert_includes run_example("export", directory, status: 1), "usage"
    end
    Dir.mktmpdir { |directory| assert_includes run_example("export", directory, "nothing", status: 1), "HTTP 404" }
  end

  def test_export_resumes_after_an_interruption
    Dir.mktmpdir do |directory|
      assert_includes interrupt("export", directory, "suggestions", path: "/api/v2/admin/suggestions"),
                      "The same command resumes the export."
      run_example("export", directory, "suggestions")
      assert_equal (1..1501).to_a, ids("#{directory}/suggestions")
    end
  end

  def test_worker_threads
    lines = run_example("worker_threads").lines(chomp: true)
    assert_equal 20, lines.size
    assert_includes lines, "Dark mode (1): +1, please!"
    assert_includes lines, "Dark mode (7): (no comment)"
  end

  def test_log_and_interrupt
    output = run_example("log_and_interrupt")
    assert_includes output, "\n1501 suggestions\n"
    assert_equal 16, output.scan("INFO -- : uservoice: method=GET path=/api/v1/suggestions?per_page&page status=200").size, output
    assert_match(/^Interrupted after \d+ suggestions$/, interrupt("log_and_interrupt", path: "/api/v1/suggestions"))
  end

  def test_web_servers_reject_invalid_ports
    %w[webhook_receiver three_legged_login].product(%w[x -1 99999]).each do |name, port|
      assert_equal "#{port}: must be a port, a number from 0 to 65535\n", run_example(name, port, status: 1)
    end
  end

  def test_web_servers_report_a_port_that_is_used
    listener = TCPServer.new("127.0.0.1", 0)
    port = listener.addr[1]
    %w[webhook_receiver three_legged_login].each do |name|
      assert_includes run_example(name, port.to_s, status: 1), "port #{port}: Address already in use"
    end
  ensure
    listener&.close
  end

  def test_webhook_receiver_accepts_what_the_service_sends
    serve("webhook_receiver") do |url, output|
      Sandbox.with_webhooks(url) do |site|
        %w[new_comment new_suggestion].each do |event|
          Net::HTTP.post(URI("#{site}/_sandbox/webhooks"), JSON.generate(event: event), "Content-Type" => "application/json")
        end
        assert_match(/\ASuggestion: ./, without_hanging { output.gets })
      end
    end
  end

  def test_webhook_receiver_rejects_forged_and_large_bodies
    data = '{"suggestion":{"title":"Tea"}}'
    serve("webhook_receiver") do |url, output|
      { "another" => "401", Sandbox.sso_key => "204" }.each do |key, status|
        form = URI.encode_www_form(event: "new_suggestion", data: data, signature: UserVoice.sign_webhook(key, data))
        assert_equal status, post(url, form).code
      end
      assert_equal "Suggestion: Tea\n", output.gets
      assert_equal "401", Net::HTTP.get_response(URI(url)).code
      assert_equal "413", post(url, "x" * 1_000_001).code
    end
  end

  def test_three_legged_login
    serve("three_legged_login") do |url|
      assert_includes Net::HTTP.get(URI(url)), '<a href="/connect">Connect to UserVoice</a>'
      cookie, token = connect(url)
      callback = URI(Sandbox.allow(token, email: "user3@sandbox.example")["Location"])
      other_cookie, = connect(url)
      ["", other_cookie].each do |wrong|
        response = Net::HTTP.get_response(callback, "Cookie" => wrong)
        assert_equal "403", response.code
        assert_includes response.body, "This login was started in another browser."
      end
      assert_equal "403", Net::HTTP.get_response(callback, "Cookie" => "login=x").code
      response = Net::HTTP.get_response(callback, "Cookie" => cookie)
      assert_equal "200", response.code
      assert_includes response.body, "Hello Maria O&#39;Neil &lt;user3@sandbox.example&gt;!"
      assert_equal "403", Net::HTTP.get_response(callback, "Cookie" => cookie).code, "the verifier was used"
    end
  end

  def test_three_legged_login_shows_denials_and_errors
    serve("three_legged_login") do |url|
      cookie, token = connect(url)
      response = Net::HTTP.get_response(URI(Sandbox.deny(token)["Location"]), "Cookie" => cookie)
      assert_equal "403", response.code
      assert_includes response.body, "You did not allow the access."
      Sandbox.fault({ path: "/oauth/request_token", times: 9, status: 500 })
      assert_equal "502", Net::HTTP.get_response(URI("#{url}connect")).code
    end
  end

  private

  def environment
    CLEAN.merge("USERVOICE_BASE_URL" => Sandbox.url)
  end

  def command(name, *arguments)
    [RbConfig.ruby, "-w", "-I", LIBRARY, "#{EXAMPLES}/#{name}.rb", *arguments]
  end

  def run_example(name, *arguments, environment: {}, status: 0)
    output, process_status = without_hanging do
      Open3.capture2e(self.environment.merge(environment), *command(name, *arguments))
    end
    assert_equal status, process_status.exitstatus, output
    output
  end

  # Sends SIGINT to a program while one of its requests waits, and returns its output.
  def interrupt(*arguments, path:)
    Sandbox.fault({ path: path, after: 3, delay_ms: 600_000 })
    Open3.popen2e(environment, *command(*arguments)) do |_, output, process|
      without_hanging do
        Sandbox.wait_for_faults
        Process.kill(:INT, process.pid)
        assert_equal 130, process.value.exitstatus
      end
      output.read
    end
  end

  # Yields the URL and the output of a web server.
  def serve(name)
    IO.popen([environment, *command(name, "0")], err: File::NULL) do |output|
      yield output.gets[%r{http://.*/}], output
    ensure
      Process.kill(:TERM, output.pid)
    end
    assert_predicate $?, :success?
  end

  def post(url, form)
    Net::HTTP.post(URI(url), form, "Content-Type" => "application/x-www-form-urlencoded")
  end

  # Clicks on the link of the web application. Returns the cookie and the request token.
  def connect(url)
    redirect = Net::HTTP.get_response(URI("#{url}connect"))
    assert_equal "303", redirect.code
    assert_includes redirect["Set-Cookie"], "HttpOnly; SameSite=Lax"
    assert_equal Sandbox.url, redirect["Location"][%r{\A(.*)/oauth/authorize\?}, 1]
    [redirect["Set-Cookie"][/\A[^;]+/], redirect["Location"][/oauth_token=([^&]+)/, 1]]
  end

  def ids(name)
    File.readlines("#{name}.jsonl").map { |line| JSON.parse(line)["id"] }.sort
  end
end
