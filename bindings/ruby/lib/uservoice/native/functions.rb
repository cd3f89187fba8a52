# frozen_string_literal: true

module UserVoice
  module Native
    # The functions of uservoice.h: parameter types, result type, and :blocking for those
    # that may wait for the network, a disk or another thread. FFI releases the global VM
    # lock during a blocking function. Missing are uservoice_json_quote and uservoice_json_get,
    # because Ruby has a JSON library, and uservoice_client_take_log, because Ruby can be called
    # back: its calls run on threads that cannot be killed.
    FUNCTIONS = {
      uservoice_string_free: [[:pointer], :void],
      uservoice_version: [[], :string],

      uservoice_client_new: [%i[string string string string pointer pointer], :int32],
      uservoice_client_clone: [%i[pointer string pointer pointer], :int32],
      uservoice_client_cancel: [[:pointer], :void],
      uservoice_client_free: [[:pointer], :void],
      uservoice_client_set_log: [%i[pointer int32 pointer pointer pointer], :int32],

      uservoice_collection_new: [%i[pointer pointer string string int64 pointer pointer], :int32],
      uservoice_collection_len: [%i[pointer pointer pointer], :int32, :blocking],
      uservoice_collection_get: [%i[pointer size_t pointer pointer], :int32, :blocking],
      uservoice_collection_next: [%i[pointer pointer pointer], :int32, :blocking],
      uservoice_collection_next_page: [%i[pointer pointer pointer], :int32, :blocking],
      uservoice_collection_info: [%i[pointer pointer pointer], :int32, :blocking],
      uservoice_collection_rewind: [[:pointer], :void, :blocking],
      uservoice_collection_free: [[:pointer], :void, :blocking],

      uservoice_export_new: [%i[pointer pointer string string pointer pointer], :int32, :blocking],
      uservoice_export_next: [%i[pointer pointer pointer], :int32, :blocking],
      uservoice_export_free: [[:pointer], :void, :blocking],

      uservoice_error_status: [[:pointer], :int32],
      uservoice_error_message: [[:pointer], :string],
      uservoice_error_http_status: [[:pointer], :int32],
      uservoice_error_type: [[:pointer], :string],
      uservoice_error_body: [[:pointer], :string],
      uservoice_error_header: [%i[pointer string], :string],
      uservoice_error_request: [[:pointer], :string],
      uservoice_error_argument: [[:pointer], :string],
      uservoice_error_outcome: [[:pointer], :int32],
      uservoice_error_retry_after_ms: [[:pointer], :int64],
      uservoice_error_free: [[:pointer], :void],
      uservoice_status_name: [[:int32], :string],

      uservoice_request_token: [%i[pointer pointer pointer], :int32, :blocking],
      uservoice_authorize_url: [%i[pointer pointer pointer pointer], :int32],
      uservoice_login_with_verifier: [%i[pointer pointer string pointer pointer], :int32, :blocking],
      uservoice_login_as: [%i[pointer pointer string pointer pointer], :int32, :blocking],
      uservoice_login_as_owner: [%i[pointer pointer pointer pointer], :int32, :blocking],
      uservoice_login_with_client_credentials: [%i[pointer pointer pointer], :int32, :blocking],
      uservoice_login_with_password: [%i[pointer string string pointer pointer], :int32, :blocking],
      uservoice_authorize_code_url: [%i[pointer string string pointer pointer pointer], :int32],
      uservoice_login_with_code: [%i[pointer string string string pointer pointer], :int32, :blocking],

      uservoice_get: [%i[pointer pointer string string pointer pointer], :int32, :blocking],
      uservoice_post: [%i[pointer pointer string string pointer pointer], :int32, :blocking],
      uservoice_put: [%i[pointer pointer string string pointer pointer], :int32, :blocking],
      uservoice_delete: [%i[pointer pointer string string pointer pointer], :int32, :blocking],
      uservoice_request: [%i[pointer pointer string string string string pointer pointer], :int32,
                          :blocking],
      uservoice_send: [%i[pointer pointer string string string buffer_in size_t pointer pointer], :int32, :blocking],
      uservoice_upload: [%i[pointer pointer string string string buffer_in size_t pointer pointer], :int32, :blocking],

      uservoice_sso_token: [%i[string string string int64 pointer pointer], :int32],
      uservoice_sso_decrypt: [%i[string string string pointer pointer], :int32],
      uservoice_sso_jwt: [%i[string string int64 pointer pointer], :int32],
      uservoice_sso_jwt_verify: [%i[string string int64 pointer pointer], :int32],
      uservoice_sso_url: [%i[pointer string string pointer pointer], :int32],

      uservoice_token_new: [%i[string string pointer pointer], :int32],
      uservoice_token_from_json: [%i[string pointer pointer], :int32],
      uservoice_token_json: [%i[pointer pointer pointer], :int32],
      uservoice_token_value: [[:pointer], :string],
      uservoice_token_secret: [[:pointer], :string],
      uservoice_token_free: [[:pointer], :void],

      uservoice_webhook_verify: [%i[string buffer_in size_t string pointer], :int32],
      uservoice_webhook_read: [%i[string buffer_in size_t pointer pointer], :int32],
      uservoice_webhook_sign: [%i[string buffer_in size_t pointer pointer], :int32]
    }.freeze
  end
end
