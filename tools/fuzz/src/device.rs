//! Values of device cookies, one a line.

use std::sync::LazyLock;

use gatecrumb_domain::{DeviceId, Timestamp};
use gatecrumb_tokens::device::{DeviceKeys, MAX_ENTRIES};

use crate::fixtures::DEVICE_KEYS;

const NOW: Timestamp = Timestamp(1_800_000_000);

static KEYS: LazyLock<DeviceKeys> = LazyLock::new(|| DeviceKeys::from_json(DEVICE_KEYS).unwrap());

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let browser = KEYS.recognize("ada", text.lines(), NOW);
    assert!(browser.device().is_none(), "forged");
    let new: DeviceId = "A".repeat(22).parse().unwrap();
    let cookie = KEYS.issue("ada", &browser, new.clone(), NOW);
    assert!(cookie.split('~').count() <= MAX_ENTRIES && cookie.len() < 64 * MAX_ENTRIES);
    let octet = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte);
    assert!(cookie.bytes().all(octet), "not a valid cookie value");
    let again = KEYS.recognize("ada", [cookie.as_str()], NOW);
    assert_eq!(again.device(), Some(&new));
    // The entries that were kept are kept again.
    assert_eq!(KEYS.issue("ada", &again, new, NOW), cookie);
}
