//! Device cookies: what tells a browser in which somebody has signed in from all others
//! (OWASP, "Slow down online guessing attacks with device cookies").
//!
//! Such a browser has a counter of failures of its own, so that nobody else's failures delay its owner. The cookie
//! grants nothing else. It holds up to [`MAX_ENTRIES`] entries, one for each account, the latest sign-in first; an
//! entry is bound to its account by a key of the server, and nothing of it is stored.

mod entry;
mod keys;

use std::time::Duration;

pub use keys::{DeviceKeys, InvalidDeviceKeys};

use entry::Entry;
use gatecrumb_domain::{DeviceId, Timestamp};

/// How long an entry counts after its last sign-in, and the cookie's `Max-Age`: the longest that browsers keep a cookie
/// (RFC 6265bis section 5.5).
pub const LIFETIME: Duration = Duration::from_secs(400 * 24 * 3600);
/// Accounts that one browser is known for.
pub const MAX_ENTRIES: usize = 4;
/// Entries that are looked at, of all cookies of the name together. API Gateway takes no headers that hold more.
const MAX_LOOKED_AT: usize = 256;
/// Clocks of two of Lambda's machines differ by less.
const MAX_CLOCK_SKEW: Duration = Duration::from_secs(300);

/// What the device cookies of a request say of the browser that sent it.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    device: Option<DeviceId>,
    /// Entries of other accounts. Without those accounts' names nobody can tell whether they are good.
    others: Vec<Entry>,
}

impl Browser {
    /// The device that somebody has signed in from under the name that was asked about.
    #[must_use]
    pub fn device(&self) -> Option<&DeviceId> {
        self.device.as_ref()
    }
}

impl DeviceKeys {
    /// Reads the values of all cookies under the device cookie's name. `name` is the account's name as typed. Junk is
    /// passed over, and of several good entries for the name the first counts.
    #[must_use]
    pub fn recognise<'a>(
        &self,
        name: &str,
        values: impl IntoIterator<Item = &'a str>,
        now: Timestamp,
    ) -> Browser {
        let mut browser = Browser::default();
        let entries = values.into_iter().flat_map(|value| value.split('~'));
        for text in entries.take(MAX_LOOKED_AT) {
            let Some(entry) = Entry::parse(text) else {
                continue;
            };
            let Some(key) = self.version(entry.version) else {
                continue;
            };
            let is_over = now >= entry.issued_at + LIFETIME || entry.issued_at > now + MAX_CLOCK_SKEW;
            if is_over {
                continue;
            }
            if entry.is_of(key, name) {
                browser.device.get_or_insert(entry.device);
            } else if browser.others.len() < MAX_ENTRIES && !browser.others.contains(&entry) {
                browser.others.push(entry);
            }
        }
        browser
    }

    /// The cookie's value after a sign-in under `name`. A known device keeps its id, so that a copy of the cookie
    /// shares its counter; any other becomes `new`.
    #[must_use]
    pub fn issue(&self, name: &str, browser: &Browser, new: DeviceId, now: Timestamp) -> String {
        let device = browser.device.clone().unwrap_or(new);
        let entry = Entry::issue(self.newest(), name, device, now);
        let entries = std::iter::once(&entry).chain(&browser.others);
        let texts: Vec<String> = entries.take(MAX_ENTRIES).map(Entry::to_string).collect();
        texts.join("~")
    }
}
