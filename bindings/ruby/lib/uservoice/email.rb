# frozen_string_literal: true

module UserVoice
  # What is refused before anything is sent, as programs for uservoice-ruby expect it.
  #
  # @api private
  module Email
    # @raise [Unauthorized] where it does not look like an e-mail address
    def self.check(email)
      return if Argument.text("email", email.to_s).match?(/\A[^@\s]+@[^@\s]+\z/)

      raise Argument.unauthorized("#{email.inspect} is not a valid e-mail address")
    end
  end
  private_constant :Email
end
