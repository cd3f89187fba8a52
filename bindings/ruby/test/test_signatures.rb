# frozen_string_literal: true

require_relative "helper"

# sig/uservoice.rbs names the classes and public methods that there are.
class TestSignatures < SandboxTest
  # Public for the gem's own classes.
  INTERNAL = { "Client" => %i[native_options], "Configuration" => %i[site], "Token" => %i[own take use], "Error" => %i[take],
               "Collection" => %i[initialize], "Export" => %i[initialize], "Progress" => %i[initialize], "Response" => %i[initialize], "CodeRequest" => %i[initialize],
               "Webhook" => %i[initialize] }.freeze

  def test_they_are_those_of_the_classes
    signatures = File.read(File.expand_path("../sig/uservoice.rbs", __dir__))
                     .scan(/^  class (\w+)(?: < \w+)?\n(.*?)^  end$/m).to_h
    classes = UserVoice.constants.map { |name| UserVoice.const_get(name) }.grep(Class)
    assert_equal classes.map { |one| one.name.delete_prefix("UserVoice::") }.sort, signatures.keys.sort
    classes.each do |one|
      name = one.name.delete_prefix("UserVoice::")
      written = signatures[name].scan(/^    (?:def (?:self\.)?|alias |attr_reader )([^\s:]+)/).flatten.map(&:to_sym)
      written += signatures[name].scan(/attr_accessor (\w+)/).flat_map { |(field)| [:"#{field}", :"#{field}="] }
      there = one.public_instance_methods(false) + one.singleton_methods(false)
      there << :initialize if one.private_method_defined?(:initialize, false)
      assert_equal (there - INTERNAL.fetch(name, [])).sort, written.sort.uniq, name
    end
  end
end
