# frozen_string_literal: true

require "ffi"

require "uservoice/native/functions"
require "uservoice/native/library"
require "uservoice/native/errors"
require "uservoice/native/interruption"
require "uservoice/native/calls"
