# frozen_string_literal: true

require_relative "helper"

class TestCollection < SandboxTest
  USERS = "/api/v1/users"

  def list(**options)
    client.collection(USERS, **options)
  end

  def test_nothing_is_sent_before_it_is_read
    list.each
    list.lazy.map { |user| user["id"] }
    assert_empty Sandbox.requests
  end

  def test_it_is_enumerable
    users = list
    assert_equal (1..250).to_a, users.map { |user| user["id"] }
    assert_equal [1, 2, 3], users.first(3).map { |user| user["id"] }
    assert_equal [2, 4], users.lazy.map { |user| user["id"] }.select(&:even?).first(2)
    assert_equal 3, users.each_slice(100).count
    assert_equal 250, users.each.size
    assert_same users, users.each { nil }
    assert_equal [100, 100, 50], users.each_page.map(&:size)
    assert_equal 1, users.count { |user| user["id"] == 7 }
  end

  def test_records_by_their_index
    users = list
    assert_equal [1, 250, 101, 250, nil, nil],
                 [users.first, users.last, users[100], users[-1], users[250], users[-251]].map { |user| user && user["id"] }
    assert_equal [249, 250], users.last(2).map { |user| user["id"] }
    assert_equal [250, 250, 250], [users.size, users.length, users.count]
  end

  def test_an_empty_one
    empty = client.collection("/api/v1/suggestions/search", query: "nobody wants this")
    assert_predicate empty, :empty?
    assert_equal [nil, nil, nil, [], [], []], [empty.first, empty.last, empty[0], empty.first(2), empty.last(2), empty.to_a]
  end

  def test_a_limit
    assert_equal 7, list(limit: 7).to_a.size
    assert_equal [120, 120], [list(limit: 120).size, list(limit: 120).last["id"]]
    assert_equal 0, list(limit: 0).size
  end

  def test_parameters
    assert_equal [30] * 8 + [10], list(per_page: 30).each_page.map(&:size)
    assert_equal 201, client.collection("#{USERS}?page=3").first["id"]
  end

  def test_the_page_that_tells_the_size_is_not_loaded_again
    users = client.with(prefetch_pages: 0).collection(USERS)
    users.size
    users.each { break }
    assert_equal 1, Sandbox.requests.size
  end

  def test_iterations_do_not_disturb_each_other
    users = list(limit: 20)
    pairs = users.flat_map { |one| users.map { |other| [one["id"], other["id"]] } }
    assert_equal((1..20).to_a.product((1..20).to_a), pairs)
    enumerators = [users.each, users.each]
    assert_equal [1, 1, 2, 2], [*enumerators.map(&:next), *enumerators.map(&:next)].map { |user| user["id"] }
    counts = Array.new(4) { Thread.new { users.map { |user| user["id"] } } }.map(&:value)
    assert_equal [(1..20).to_a], counts.uniq
  end

  def test_an_error_is_raised_after_the_records_before_it
    Sandbox.fault({ path: USERS, after: 1, times: 9, status: 500 })
    seen = []
    careful = client.with(prefetch_pages: 0, max_retries: 0)
    assert_raises(UserVoice::ApplicationError) { careful.collection(USERS).each { |user| seen << user["id"] } }
    assert_equal (1..100).to_a, seen
  end

  def test_info_and_reload
    suggestions = client.collection("/api/v1/suggestions")
    assert_equal suggestions.size, suggestions.info["total_records"]
    client.login_as_owner.post("/api/v1/forums/1/suggestions", suggestion: { title: "New", votes: 1 })
    assert_equal 1501, suggestions.size
    assert_equal 1502, suggestions.reload.size
  end

  def test_close
    users = list
    users.size
    users.close
    assert_equal 250, users.last["id"], "what is needed is loaded again"
  end
end
