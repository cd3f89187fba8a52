# frozen_string_literal: true

# For programs written for the gem uservoice-ruby, which require it by this name.
require "uservoice"
