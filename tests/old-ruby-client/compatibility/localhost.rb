# frozen_string_literal: true

require "socket"

# Connects names below localhost to this machine (RFC 6761), which not every resolver does.
TCPSocket.singleton_class.prepend(
  Module.new do
    def open(host, *rest)
      super(host.end_with?(".localhost") ? "127.0.0.1" : host, *rest)
    end
  end
)
