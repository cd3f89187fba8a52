#!/usr/bin/env ruby
# frozen_string_literal: true

# A tour of the gem uservoice. Each step is a method; read them from top to bottom.
#
# Runs against the sandbox or your site: see README.md. It asks before it changes a real
# site.

require_relative "site"

class Tour
  STEPS = {
    single_sign_on: "Single sign-on: a link that logs a user in",
    list_users: "A collection: the users of the site",
    act_as_user: "Acting as a user",
    act_as_owner: "Acting as the owner: a private forum",
    handle_not_found: "Handling an error: record not found",
    handle_unauthorized: "Handling an error: unauthorized",
    log_in: "A three-legged login: the user authorizes the program"
  }.freeze

  def initialize(client)
    @client = client
    @email = nil # of an existing user, set by list_users
  end

  # A link with a single sign-on token logs one of your users in. Creating a token sends no
  # request.
  def single_sign_on
    return skipped("USERVOICE_SSO_KEY is not set.") unless Site.sso_key

    user = { guid: "1001", email: "jo@example.com", display_name: "Jo" }
    token = UserVoice.sso_token(Site.subdomain, Site.sso_key, user)
    say "This link logs Jo in for five minutes:", "#{Site.url}/?sso=#{token}"

    # UserVoice decrypts the token. "expires" was added by sso_token.
    say "It contains this user:", JSON.generate(UserVoice.decrypt_sso_token(Site.subdomain, Site.sso_key, token))
    :done
  end

  # A collection is an Enumerable that loads its pages while you read it. This request has no
  # acting user: it is authenticated with the API key alone.
  def list_users
    users = @client.collection("/api/v1/users")
    users.first(5).each do |user|
      say "#{user['name']} <#{user['email']}>"
      @email = user["email"] || @email
    end
    say "... of #{users.size} users."
    :done
  end

  # With a trusted API key you can act as any user.
  def act_as_user
    return skipped("no user with an e-mail address was found.") unless @email

    @client.login_as(@email) do |user|
      say "As #{@email}, UserVoice calls me #{user.get('/api/v1/users/current')['user']['name']}."
    end
    :done
  end

  def act_as_owner
    return skipped("nothing was changed.") unless confirm_change?("Create and delete a private forum")

    owner = @client.login_as_owner
    forum = owner.post("/api/v1/forums", forum: {
                         name: "Tour of libuservoice", private: true, allow_by_email_domain: true,
                         allowed_email_domains: [{ domain: "example.com" }]
                       })["forum"]
    say "Created forum #{forum['id']}, for users of example.com only."
    begin
      post_suggestion(owner, forum)
    ensure
      owner.delete("/api/v1/forums/#{forum['id']}")
      say "Deleted the forum."
    end
    :done
  end

  # Rescue the class of the error. Its attributes, such as http_status, type and body, have
  # the details.
  def handle_not_found
    @client.get("/api/v1/forums/999999999")
    raise "Forum 999999999 exists unexpectedly."
  rescue UserVoice::NotFound => e
    say "Forum 999999999 does not exist. #{e.class}: #{e.message}"
    :done
  end

  def handle_unauthorized
    client = UserVoice::Client.new(Site.subdomain, Site.variable("USERVOICE_API_KEY"), "wrong-secret",
                                   base_url: Site.variable("USERVOICE_BASE_URL"),
                                   ca_file: Site.variable("USERVOICE_CA_FILE"))
    client.get("/api/v1/users/current")
    raise "A wrong secret was accepted."
  rescue UserVoice::Unauthorized => e
    say "A wrong secret is rejected. #{e.class}: #{e.message}"
    :done
  end

  # In a three-legged login the user clicks "Allow" on a page of UserVoice, and the program
  # never sees a password. For a web application see three_legged.rb.
  def log_in
    say 'Open this page, click "Allow" and enter the verifier that it shows',
        "(an empty line skips this step):", @client.authorize_url
    verifier = read_line
    return skipped("no verifier was entered.") if verifier.empty?

    user = @client.login_with_verifier(verifier) # store user.access_token.dump
    say "Logged in as #{user.get('/api/v1/users/current')['user']['email']}."
    :done
  end

  def run
    puts "libuservoice #{UserVoice.library_version} and #{Site.sandbox? ? 'the sandbox' : Site.subdomain}"
    results = STEPS.each_with_index.map { |(name, title), index| step(index + 1, title, name) }.tally
    puts "", "Summary: #{results.fetch(:done, 0)} steps done, #{results.fetch(:skipped, 0)} skipped, " \
             "#{results.fetch(:failed, 0)} failed."
    !results.key?(:failed)
  end

  private

  def step(number, title, name)
    puts "", "#{number}. #{title}"
    public_send(name)
  rescue UserVoice::Error => e
    Site.report("This step failed", e)
    :failed
  end

  def post_suggestion(owner, forum)
    suggestion = owner.post("/api/v1/forums/#{forum['id']}/suggestions",
                            suggestion: { title: "Tea in the afternoon", votes: 1 })["suggestion"]
    say "Posted a suggestion there: \"#{suggestion['title']}\"."
  end

  # Asks before a change of a real site.
  def confirm_change?(change)
    return true if Site.sandbox?

    say "#{change} on #{Site.subdomain}? [y/N]"
    read_line == "y"
  end

  def skipped(reason)
    say "Skipped: #{reason}"
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
