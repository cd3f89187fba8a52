//! The fixed credentials of every sandbox, and the generator of random ones.

pub const SUBDOMAIN: &str = "sandbox";
pub const SSO_KEY: &str = "sandbox-sso-key";

/// The password of every user.
pub const PASSWORD: &str = "sandbox-password";

pub struct ApiKey {
    pub key: &'static str,
    pub secret: &'static str,
    /// A trusted key may act as any user.
    pub trusted: bool,
}

pub const TRUSTED: ApiKey = ApiKey {
    key: "sandbox-trusted-key",
    secret: "sandbox-trusted-secret",
    trusted: true,
};
pub const UNTRUSTED: ApiKey = ApiKey {
    key: "sandbox-untrusted-key",
    secret: "sandbox-untrusted-secret",
    trusted: false,
};

pub fn find_api_key(key: &str) -> Option<&'static ApiKey> {
    [&TRUSTED, &UNTRUSTED]
        .into_iter()
        .find(|api_key| api_key.key == key)
}

/// Returns 96 random bits as 24 hexadecimal digits, for tokens, secrets and codes.
pub fn random_token() -> String {
    let mut bytes = [0u8; 12];
    getrandom::fill(&mut bytes).expect("the operating system provides random bytes");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
