#!/usr/bin/env ruby
# frozen_string_literal: true

# A tour of the gem uservoice: what it does, in the order in which you are likely to
# need it. Each step is a method; read them from the top.
#
# It runs against the sandbox, or against a site of yours: see README.md. On a real
# site it asks before it changes anything.

require_relative "site"

class Tour
  STEPS = {
    single_sign_on: "Single sign-on: a link that logs a user in",
    list_users: "A collection: the users of the site",
    act_as_user: "Acting as a user",
    act_as_owner: "Acting as the owner: a private forum",
    handle_not_found: "An error handled: there is no such record",
    handle_unauthorized: "An error handled: not authorized",
    log_in: "A three-legged login: a person decides"
  }.freeze

  def initialize(client)
    @client = client
    @email = nil # of a user who exists, found by the second step
  end

  # A single sign-on token: a link with it logs a user of yours in. It is made from the
  # SSO key alone, nothing is sent.
  def single_sign_on
    return skipped("USERVOICE_SSO_KEY is not set.") unless Site.sso_key

    user = { guid: "1001", email: "jo@example.com", display_name: "Jo" }
    token = UserVoice.sso_token(Site.subdomain, Site.sso_key, user)
    say "This link logs Jo in during the next five minutes:", "#{Site.url}/?sso=#{token}"

    # And back, which is what UserVoice does with it.
    say 'What UserVoice reads in it ("expires" was added for you):',
        UserVoice.sso_user_json(Site.subdomain, Site.sso_key, token)
    :done
  end

  # A collection is a list that is loaded page by page while you read it, the next pages
  # ahead of you. It is Enumerable. Here the API key itself asks.
  def list_users
    users = @client.collection("/api/v1/users")
    users.first(5).each do |user|
      say "#{user['name']} <#{user['email']}>"
      @email = user["email"] || @email # the tour will act as one of them
    end
    say "... of #{users.size} users."
    :done
  end

  # A trusted API key acts for anybody.
  def act_as_user
    return skipped("the list shows no user with an e-mail address.") unless @email

    @client.login_as(@email) do |user|
      say "As #{@email}, UserVoice calls me #{user.get('/api/v1/users/current')['user']['name']}."
    end
    :done
  end

  def act_as_owner
    return skipped("nothing was changed.") unless may_change?("Create a private forum, and delete it again,")

    owner = @client.login_as_owner
    forum = owner.post("/api/v1/forums", forum: {
                         name: "Tour of libuservoice", private: true, allow_by_email_domain: true,
                         allowed_email_domains: [{ domain: "example.com" }]
                       })["forum"]
    say "Created forum #{forum['id']}, for people of example.com only."
    begin
      post_suggestion(owner, forum)
    ensure # the forum goes whether or not the suggestion could be posted
      owner.delete("/api/v1/forums/#{forum['id']}")
      say "Deleted the forum."
    end
    :done
  end

  # The class says what kind of failure it was, so that a program can decide; the
  # exception has the rest: http_status, type, body, retry_after.
  def handle_not_found
    @client.get("/api/v1/forums/999999999")
    raise "Forum 999999999 exists, against all expectation."
  rescue UserVoice::NotFound => e
    say "There is no forum 999999999. #{e.class} says: \"#{e.message}\"."
    :done
  end

  def handle_unauthorized
    stranger = UserVoice::Client.new(Site.subdomain, Site.variable("USERVOICE_API_KEY") || "sandbox-trusted-key",
                                     "not-the-secret", base_url: Site.variable("USERVOICE_BASE_URL"),
                                                       ca_file: Site.variable("USERVOICE_CA_FILE"))
    stranger.get("/api/v1/users/current")
    raise "A wrong secret was accepted."
  rescue UserVoice::Unauthorized => e
    say "A wrong secret opens nothing. #{e.class} says: \"#{e.message}\"."
    :done
  end

  # The three-legged login, for when a person shall decide: the program never sees a
  # password, the person clicks "Allow" at UserVoice. See three_legged.rb for the same
  # in a web application.
  def log_in
    say 'Open this page, click "Allow", and type the verifier that it shows',
        "(an empty line skips this step):", @client.authorize_url
    verifier = read_line
    return skipped("no verifier was typed.") if verifier.empty?

    person = @client.login_with_verifier(verifier) # person.access_token.dump is what to keep
    say "Logged in: the calls now act for #{person.get('/api/v1/users/current')['user']['email']}."
    :done
  end

  def run
    puts "libuservoice #{UserVoice.library_version} and #{Site.sandbox? ? 'the sandbox' : Site.subdomain}"
    results = STEPS.each_with_index.map { |(name, title), index| step(index + 1, title, name) }.tally
    puts "", "The end: #{results.fetch(:done, 0)} steps done, #{results.fetch(:skipped, 0)} skipped, " \
             "#{results.fetch(:failed, 0)} failed."
    !results.key?(:failed)
  end

  private

  def step(number, title, name)
    puts "", "#{number}. #{title}"
    public_send(name)
  rescue UserVoice::Error => e
    Site.failed("This step failed", e)
    :failed
  end

  def post_suggestion(owner, forum)
    suggestion = owner.post("/api/v1/forums/#{forum['id']}/suggestions",
                            suggestion: { title: "Tea in the afternoon", votes: 1 })["suggestion"]
    say "Posted a suggestion there: \"#{suggestion['title']}\"."
  end

  # The sandbox may be changed at will. A real site only after a "y".
  def may_change?(what)
    return true if Site.sandbox?

    say "#{what} on #{Site.subdomain}? [y/N]"
    read_line == "y"
  end

  def skipped(why)
    say "Skipped: #{why}"
    :skipped
  end

  def say(*lines)
    lines.each { |line| puts "   #{line}" }
  end

  def read_line
    $stdin.gets.to_s.chomp
  end
end

$stdout.sync = true
exit Tour.new(Site.client).run
