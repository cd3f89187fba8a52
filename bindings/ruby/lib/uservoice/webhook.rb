# frozen_string_literal: true

module UserVoice
  # What the service tells when something happens on the site: see {UserVoice.webhook}.
  class Webhook
    # @return [String] such as "new_suggestion"
    attr_reader :event
    # @return [Hash] what it is about: the record under its kind, such as "suggestion"
    attr_reader :data

    # @api private
    def initialize(json)
      @event, @data = JSON.parse(json).values_at("event", "data")
    end

    # @return [String] without the data
    def inspect
      "#<#{self.class} #{event}>"
    end
  end

  class << self
    # Reads a web hook's delivery after a check of its signature.
    #
    # @param sso_key [String] Admin Console, Settings, Channels
    # @param body [String] the request's body as it came, form-encoded
    # @return [Webhook]
    # @raise [InvalidArgument] also for a signature that does not fit
    # @example in Rails
    #   hook = UserVoice.webhook(sso_key, request.raw_post)
    #   puts hook.data["suggestion"]["title"] if hook.event == "new_suggestion"
    def webhook(sso_key, body)
      body = Argument.bytes("body", body)
      Webhook.new(Native.text(:uservoice_webhook_read, Argument.text("sso_key", sso_key), body, body.bytesize))
    end

    # Checks the signature of a web hook whose form was decoded already.
    #
    # @param sso_key [String]
    # @param data [String] the field "data"
    # @param signature [String] the field "signature"
    # @return [void]
    # @raise [InvalidArgument] where it does not fit
    def verify_webhook(sso_key, data, signature)
      data = Argument.bytes("data", data)
      Native.check(:uservoice_webhook_verify, Argument.text("sso_key", sso_key), data, data.bytesize,
                   Argument.received("signature", signature))
    end
  end
end
