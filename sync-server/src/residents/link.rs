//! Tracking links: `/r/` and 43 letters, which hold the request's id and the secret that its sender made.
//!
//! The server keeps only the secret's hash. The id finds the request, the hash is compared; so guessing must hit 128 bits
//! whatever the index does.

use crate::entropy;
use crate::storage::Hash;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use coldpatch_shared::ids::ServiceRequestId;
use uuid::Uuid;

/// A request's id and the secret that opens its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// Which request.
    pub(super) request: ServiceRequestId,
    /// 128 bits, made by the sender.
    secret: [u8; 16],
}

impl Link {
    /// From the two hidden fields of a form: a UUID, and 32 hexadecimal digits.
    pub(super) fn from_form(request: &str, secret: &str) -> Option<Self> {
        let id: ServiceRequestId = request.parse().ok()?;
        let digits = secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
        let secret = u128::from_str_radix(secret, 16).ok().filter(|_| digits)?.to_be_bytes();
        // A constant is no secret, and the nil id is nobody's.
        (secret != [0; 16] && !id.0.is_nil()).then_some(Self { request: id, secret })
    }

    /// A new one.
    pub(super) fn new(now: i64) -> Result<Self, entropy::EntropyError> {
        Ok(Self { request: ServiceRequestId(entropy::uuid(now)?), secret: entropy::bytes()? })
    }

    /// From the last part of an address.
    pub(super) fn from_path(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (id, secret) = bytes.split_at_checked(16)?;
        let id = Uuid::from_slice(id).ok()?;
        Some(Self { request: ServiceRequestId(id), secret: secret.try_into().ok()? })
    }

    /// From whatever a person pasted: the whole address, or its end.
    pub(super) fn from_pasted(text: &str) -> Option<Self> {
        let text = text.trim().split(['?', '#']).next()?.trim_end_matches('/');
        Self::from_path(text.rsplit('/').next()?)
    }

    /// The address of the page on this server.
    pub(super) fn path(&self) -> String {
        let mut bytes = self.request.0.into_bytes().to_vec();
        bytes.extend(self.secret);
        format!("/r/{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// As a form carries it.
    pub(super) fn secret_hex(&self) -> String {
        entropy::hex(&self.secret)
    }

    /// What the server keeps.
    pub(super) fn hash(&self) -> Hash {
        entropy::hash(self.secret_hex().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_survives_form_path_and_paste() {
        let link = Link::new(1_700_000_000_000).unwrap();
        assert_eq!(Link::from_form(&link.request.to_string(), &link.secret_hex()).as_ref(), Some(&link));
        let path = link.path();
        assert_eq!(path.len(), 3 + 43);
        assert_eq!(Link::from_path(path.trim_start_matches("/r/")).as_ref(), Some(&link));
        assert_eq!(Link::from_pasted(&format!(" https://311.example{path}/?x=1 ")).as_ref(), Some(&link));
    }

    #[test]
    fn what_is_no_link_is_none() {
        for text in ["", "26-000123", "/r/", "https://example.org", "AAAA", "é", &"A".repeat(44)] {
            assert_eq!(Link::from_pasted(text), None, "{text}");
        }
        let id = Uuid::from_u128(7).to_string();
        for secret in ["", "0", &"0".repeat(32), &"+".repeat(32), &"g".repeat(32), &"a".repeat(33)] {
            assert_eq!(Link::from_form(&id, secret), None, "{secret}");
        }
        assert_eq!(Link::from_form("not a uuid", &"a".repeat(32)), None);
    }
}
