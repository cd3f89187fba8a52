# frozen_string_literal: true

require_relative "helper"

class TestCollection < SandboxTest
  USERS = "/api/v1/users"

  def users(**options)
    client.collection(USERS, **options)
  end

  def test_hides_no_method_of_enumerable
    hidden = Enumerable.public_instance_methods.reject { |name| UserVoice::Collection.public_method_defined?(name) }
    assert_empty hidden
    assert_equal [1, 2], client.collection("/api/v1/users").take(2).map { |user| user["id"] }
  end

  def test_can_be_created_with_a_client
    assert_equal 3, UserVoice::Collection.new(client, USERS, limit: 3).to_a.size
    assert_equal 3, UserVoice::Collection.new(client, USERS, { page: 2 }, limit: 3).to_a.size
    assert_equal 3, client.get_collection(USERS, { "limit" => 3 }).to_a.size
  end

  def test_sends_no_request_before_it_is_read
    users.each
    users.lazy.map { |user| user["id"] }
    assert_empty Sandbox.requests
  end

  def test_is_enumerable
    users = self.users
    assert_equal (1..250).to_a, users.map { |user| user["id"] }
    assert_equal [1, 2, 3], users.first(3).map { |user| user["id"] }
    assert_equal [2, 4], users.lazy.map { |user| user["id"] }.select(&:even?).first(2)
    assert_equal 3, users.each_slice(100).count
    assert_equal 250, users.each.size
    assert_same users, users.each { nil }
    assert_equal [100, 100, 50], users.each_page.map(&:size)
    assert_equal 1, users.count { |user| user["id"] == 7 }
  end

  def test_index_loads_a_record
    users = self.users
    assert_equal [1, 250, 101, 250, nil, nil],
                 [users.first, users.last, users[100], users[-1], users[250], users[-251]].map { |user| user && user["id"] }
    assert_equal [249, 250], users.last(2).map { |user| user["id"] }
    assert_equal [250, 250, 250], [users.size, users.length, users.count]
  end

  def test_range_loads_records
    users, numbers = self.users, (1..250).to_a
    [0..2, 98...101, -2.., ..1, 248..999, 250..251, 251.., -251..3, 5..4].each do |range|
      assert_equal numbers[range], users[range]&.map { |user| user["id"] }, range
    end
  end

  def test_empty_collection
    empty = client.collection("/api/v1/suggestions/search", query: "no such suggestion")
    assert_predicate empty, :empty?
    assert_equal [nil, nil, nil, [], [], []], [empty.first, empty.last, empty[0], empty.first(2), empty.last(2), empty.to_a]
  end

  def test_limit
    assert_equal 7, users(limit: 7).to_a.size
    assert_equal [120, 120], [users(limit: 120).size, users(limit: 120).last["id"]]
    assert_equal 0, users(limit: 0).size
  end

  def test_list_without_a_reported_total
    path = "/api/end_users/forums"
    Sandbox.fault({ path: path, times: 99, status: 200, body: '[{"id":1},{"id":2}]' })
    forums = client.collection(path)
    assert_equal [1, 2], forums.map { |forum| forum["id"] }
    assert_nil forums.each.size
    assert_equal 2, forums.count
    assert_equal [1, 2, nil], [forums.first, forums[1], forums[2]].map { |forum| forum && forum["id"] }
    refute_empty forums
    [:size, :last].each { |method| assert_raises(UserVoice::BadResponse) { forums.public_send(method) } }
    assert_raises(UserVoice::BadResponse) { client.collection("#{USERS}/1").count }
  end

  def test_index_out_of_range_is_nil
    [2**31, 2**63, 2**64, -2**64].each { |index| assert_nil users[index] }
    assert_nil users(limit: 3)[3]
  end

  def test_query_parameters
    assert_equal [30] * 8 + [10], users(per_page: 30).each_page.map(&:size)
    assert_equal 201, client.collection("#{USERS}?page=3").first["id"]
  end

  def test_each_reuses_the_page_that_size_loaded
    users = client.with(prefetch_pages: 0).collection(USERS)
    users.size
    users.each { break }
    assert_equal 1, Sandbox.requests.size
  end

  def test_iterations_are_independent
    users = self.users(limit: 20)
    pairs = users.flat_map { |one| users.map { |other| [one["id"], other["id"]] } }
    assert_equal((1..20).to_a.product((1..20).to_a), pairs)
    enumerators = [users.each, users.each]
    assert_equal [1, 1, 2, 2], [*enumerators.map(&:next), *enumerators.map(&:next)].map { |user| user["id"] }
    counts = Array.new(4) { Thread.new { users.map { |user| user["id"] } } }.map(&:value)
    assert_equal [(1..20).to_a], counts.uniq
  end

  def test_each_yields_the_records_before_an_error
    Sandbox.fault({ path: USERS, after: 1, times: 9, status: 500 })
    seen = []
    no_retries = client.with(prefetch_pages: 0, max_retries: 0)
    assert_raises(UserVoice::ApplicationError) { no_retries.collection(USERS).each { |user| seen << user["id"] } }
    assert_equal (1..100).to_a, seen
  end

  def test_reload_updates_the_size
    suggestions = client.collection("/api/v1/suggestions")
    assert_equal suggestions.size, suggestions.info["total_records"]
    client.login_as_owner.post("/api/v1/forums/1/suggestions", suggestion: { title: "New", votes: 1 })
    assert_equal 1501, suggestions.size
    assert_equal 1502, suggestions.reload.size
  end

  def test_closed_collection_loads_its_pages_again
    users = self.users
    users.size
    users.close
    assert_equal 250, users.last["id"]
  end

  def test_close_does_not_affect_other_threads
    users = self.users
    users.size
    closed = false
    found = users.send(:with_shared_reader) do |reader|
      # Another thread closes the collection before this one uses its reader.
      Thread.new { users.close }.join unless closed
      closed = true
      reader.call_string(:uservoice_collection_get, 0)
    end
    assert_equal 1, JSON.parse(found)["id"]
    client.close
    users.close
    assert_raises(UserVoice::ClosedError) { users[0] }
  end
end
