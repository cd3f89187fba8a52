//! Single sign-on tokens against an independent implementation of AES, used in the way of the
//! service's own sample programs.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use libaes::Cipher;
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use sha1::{Digest, Sha1};
use uservoice::sso;

const SUBDOMAIN: &str = "acme";

/// The initialization vector of the official sample programs.
const IV: &[u8; 16] = b"OpenSSL for Ruby";

fn cipher(sso_key: &str) -> Cipher {
    let hash = Sha1::digest(format!("{sso_key}{SUBDOMAIN}"));
    Cipher::new_128(hash[..16].try_into().unwrap())
}

fn xor_first_block(mut plaintext: Vec<u8>) -> Vec<u8> {
    for (byte, constant) in plaintext.iter_mut().zip(IV) {
        *byte ^= constant;
    }
    plaintext
}

fn user() -> impl Strategy<Value = String> {
    (any::<String>(), any::<String>()).prop_map(|(guid, name)| {
        let quote = |string: &str| serde_json::to_string(string).unwrap();
        let expires = "2030-01-01 00:00:00";
        format!(
            "{{\"guid\":{},\"display_name\":{},\"expires\":\"{expires}\"}}",
            quote(&guid),
            quote(&name)
        )
    })
}

proptest! {
    #[test]
    fn other_implementation_decrypts_our_tokens(sso_key in "\\PC{1,40}", user in user()) {
        let token = sso::token(SUBDOMAIN, &sso_key, &user, 0).unwrap();
        let base64 = percent_decode_str(&token).decode_utf8().unwrap();
        let ciphertext = BASE64_STANDARD.decode(&*base64).unwrap();
        let plaintext = cipher(&sso_key).cbc_decrypt(IV, &ciphertext);
        prop_assert_eq!(xor_first_block(plaintext), user.as_bytes());
    }

    #[test]
    fn we_decrypt_tokens_of_the_other_implementation(sso_key in "\\PC{1,40}", user in user()) {
        let plaintext = xor_first_block(user.clone().into_bytes());
        let ciphertext = cipher(&sso_key).cbc_encrypt(IV, &plaintext);
        let token = BASE64_STANDARD.encode(ciphertext);
        prop_assert_eq!(sso::decrypt(SUBDOMAIN, &sso_key, &token).unwrap(), user);
    }
}
