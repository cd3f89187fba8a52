# frozen_string_literal: true

module UserVoice
  # Webhook is a verified notification of an event on the site. See {UserVoice.read_webhook}.
  class Webhook
    # @return [String] such as "new_suggestion"; the signature does not cover it
    attr_reader :event
    # @return [Hash] the record, under its kind such as "suggestion"
    attr_reader :data

    # @api private
    def initialize(json)
      @event, @data = Native.parse_json(json).values_at("event", "data")
    end

    # For pattern matching.
    #
    # @return [Hash{Symbol => Object}]
    def deconstruct_keys(_names)
      { event: event, data: data }
    end

    # @return [String] without the data
    def inspect
      "#<#{self.class} #{event}>"
    end
  end

  class << self
    # Verifies the signature of a webhook and parses it.
    #
    # @param sso_key [String] Admin Console, Settings, Channels
    # @param body [String] the raw request body, which is form-encoded
    # @return [Webhook]
    # @raise [SignatureVerificationError] if the signature or body is invalid
    # @raise [InvalidArgument] if the SSO key is empty
    # @example Rails
    #   webhook = UserVoice.read_webhook(sso_key, request.raw_post)
    #   puts webhook.data["suggestion"]["title"] if webhook.data.key?("suggestion")
    def read_webhook(sso_key, body)
      body = Argument.bytes("body", body)
      Webhook.new(Native.call_string(:uservoice_webhook_read, Argument.string("sso_key", sso_key), body, body.bytesize))
    end

    # Verifies the signature of a webhook whose form is decoded already.
    #
    # @param sso_key [String] Admin Console, Settings, Channels
    # @param data [String] the form field "data"
    # @param signature [String] the form field "signature"
    # @return [void]
    # @raise [SignatureVerificationError] if the signature is invalid
    # @raise [InvalidArgument] if the SSO key is empty
    def verify_webhook(sso_key, data, signature)
      data = Argument.bytes("data", data)
      Native.call_void(:uservoice_webhook_verify, Argument.string("sso_key", sso_key), data, data.bytesize,
                       Argument.untrusted_string("signature", signature))
    end

    # Signs data as the service signs that of a webhook, for tests of a program that receives
    # webhooks.
    #
    # @param sso_key [String]
    # @param data [String] the form field "data"
    # @return [String] the form field "signature", hexadecimal
    # @raise [InvalidArgument]
    def sign_webhook(sso_key, data)
      data = Argument.bytes("data", data)
      Native.call_string(:uservoice_webhook_sign, Argument.string("sso_key", sso_key), data, data.bytesize)
    end
  end
end
