use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gatecrumb_domain::{DeviceId, Timestamp};
use subtle::ConstantTimeEq as _;

use super::keys::{DeviceKey, MAX_VERSION};

/// 128 bits: half of the hash, which is the minimum in RFC 2104 section 5.
const MAC_BYTES: usize = 16;
/// The length of a [`DeviceId::random`].
const ID_BYTES: usize = 22;
const MAX_TIME_DIGITS: usize = 12;

/// The proof that somebody has signed in to an account from a device: `version.issued_at.device.mac`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Entry {
    /// The version of the key that made the MAC.
    pub(super) version: u16,
    /// When the last sign-in was.
    pub(super) issued_at: Timestamp,
    pub(super) device: DeviceId,
    mac: [u8; MAC_BYTES],
}

impl Entry {
    /// Parses an entry exactly as [`fmt::Display`] writes it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split('.');
        let (version, issued_at, device, mac) =
            (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        if device.len() != ID_BYTES || issued_at.len() > MAX_TIME_DIGITS {
            return None;
        }
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        let entry = Self {
            version: version.parse().ok().filter(|version| *version <= MAX_VERSION)?,
            issued_at: Timestamp(issued_at.parse().ok()?),
            device: device.parse().ok()?,
            mac: mac.try_into().ok()?,
        };
        // We write no plus signs, leading zeros or further fields.
        (entry.to_string() == text).then_some(entry)
    }

    pub(super) fn issue(key: &DeviceKey, name: &str, device: DeviceId, issued_at: Timestamp) -> Self {
        let mut entry = Self {
            version: key.version,
            issued_at,
            device,
            mac: [0; MAC_BYTES],
        };
        entry.mac = entry.expected_mac(key, name);
        entry
    }

    /// Whether `key`, which has the entry's version, made the entry for the account with this name.
    pub(super) fn verifies(&self, key: &DeviceKey, name: &str) -> bool {
        self.expected_mac(key, name).ct_eq(&self.mac).into()
    }

    /// No field contains a full stop, so different entries have different messages.
    fn expected_mac(&self, key: &DeviceKey, name: &str) -> [u8; MAC_BYTES] {
        let Self {
            version,
            issued_at,
            device,
            ..
        } = self;
        let name = key.pseudonym(name);
        let tag = key.mac(&format!("{version}.{issued_at}.{device}.{name}"));
        let mut mac = [0; MAC_BYTES];
        mac.copy_from_slice(&tag.as_ref()[..MAC_BYTES]);
        mac
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mac = URL_SAFE_NO_PAD.encode(self.mac);
        write!(f, "{}.{}.{}.{mac}", self.version, self.issued_at, self.device)
    }
}
