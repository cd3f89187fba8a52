# frozen_string_literal: true

require "rspec"

# Excludes the specifications that replace `get` to stub a list, which our collections do not call (the gem's README says
# so).
RSpec.configure { |config| config.filter_run_excluding(full_description: /\AUserVoice::Collection|collection enumerator/) }
