# frozen_string_literal: true

# The name under which programs of the gem uservoice-ruby may require it.
require "uservoice"
