//! Single sign-on tokens against another implementation of AES, used as the service's
//! own programs use it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use libaes::Cipher;
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use sha1::{Digest, Sha1};
use uservoice::sso;

const SUBDOMAIN: &str = "acme";

/// The constant of the official programs.
const IV: &[u8; 16] = b"OpenSSL for Ruby";

fn cipher(sso_key: &str) -> Cipher {
    let hash = Sha1::digest(format!("{sso_key}{SUBDOMAIN}"));
    Cipher::new_128(hash[..16].try_into().unwrap())
}

fn with_constant_in_the_first_block(mut text: Vec<u8>) -> Vec<u8> {
    for (byte, constant) in text.iter_mut().zip(IV) {
        *byte ^= constant;
    }
    text
}

fn user() -> impl Strategy<Value = String> {
    (any::<String>(), any::<String>()).prop_map(|(guid, name)| {
        let text = |text: &str| serde_json::to_string(text).unwrap();
        let expires = "2030-01-01 00:00:00";
        format!(
            "{{\"guid\":{},\"display_name\":{},\"expires\":\"{expires}\"}}",
            text(&guid),
            text(&name)
        )
    })
}

proptest! {
    #[test]
    fn they_read_what_we_make(sso_key in "\\PC{1,40}", user in user()) {
        let token = sso::token(SUBDOMAIN, &sso_key, &user, 0).unwrap();
        let base64 = percent_decode_str(&token).decode_utf8().unwrap();
        let sealed = BASE64_STANDARD.decode(&*base64).unwrap();
        let text = cipher(&sso_key).cbc_decrypt(IV, &sealed);
        prop_assert_eq!(with_constant_in_the_first_block(text), user.as_bytes());
    }

    #[test]
    fn we_read_what_they_make(sso_key in "\\PC{1,40}", user in user()) {
        let text = with_constant_in_the_first_block(user.clone().into_bytes());
        let sealed = cipher(&sso_key).cbc_encrypt(IV, &text);
        let token = BASE64_STANDARD.encode(sealed);
        prop_assert_eq!(sso::decrypt(SUBDOMAIN, &sso_key, &token).unwrap(), user);
    }
}
