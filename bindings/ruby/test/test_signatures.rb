# frozen_string_literal: true

require_relative "helper"

# Compares sig/uservoice.rbs with the public classes and methods of the gem.
class TestSignatures < SandboxTest
  # Public methods that only the gem itself calls.
  INTERNAL = { "Configuration" => %i[client_arguments], "Client" => %i[encode_with session],
               "Token" => %i[encode_with from_pointer handle init_with load_handle use],
               "AuthorizationRequest" => %i[initialize], "Collection" => %i[encode_with],
               "Export" => %i[encode_with initialize],
               "ListProgress" => %i[initialize], "Progress" => %i[initialize], "Response" => %i[initialize],
               "Webhook" => %i[initialize] }.freeze

  def test_signatures_have_all_public_classes_and_methods
    signatures = File.read(File.expand_path("../sig/uservoice.rbs", __dir__))
                     .scan(/^  class (\w+)(?: < \w+)?\n(.*?)^  end$/m).to_h
    classes = UserVoice.constants.map { |name| UserVoice.const_get(name) }.grep(Class)
    assert_equal classes.map { |one| one.name.delete_prefix("UserVoice::") }.sort, signatures.keys.sort
    classes.each do |one|
      name = one.name.delete_prefix("UserVoice::")
      declared = signatures[name].scan(/^    (?:def (?:self\.)?|alias |attr_reader )([^\s:]+)/).flatten.map(&:to_sym)
      declared += signatures[name].scan(/attr_accessor (\w+)/).flat_map { |(field)| [:"#{field}", :"#{field}="] }
      defined = one.public_instance_methods(false) + one.singleton_methods(false)
      defined << :initialize if one.private_method_defined?(:initialize, false)
      assert_equal (defined - INTERNAL.fetch(name, [])).sort, declared.sort.uniq, name
    end
  end

  def test_signatures_have_all_module_functions
    declared = File.read(File.expand_path("../sig/uservoice.rbs", __dir__)).scan(/^  def self\.(\w+):/).flatten.map(&:to_sym)
    assert_equal (UserVoice.singleton_methods(false) - %i[configuration]).sort, declared.sort
  end
end
