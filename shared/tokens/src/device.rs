//! Device cookies: they identify browsers in which somebody has signed in before
//! (OWASP, "Slow down online guessing attacks with device cookies").
//!
//! Such a browser has its own counter of failures, so failures of others do not delay its owner. The cookie grants
//! nothing else. It contains up to [`MAX_ENTRIES`] entries, one for each account, latest sign-in first. A MAC with a
//! key of the server binds an entry to its account. The server stores no entries.

mod entry;
mod keys;

use std::time::Duration;

pub use keys::{DeviceKeys, InvalidDeviceKeys};

use entry::Entry;
use gatecrumb_domain::{DeviceId, Timestamp};

/// How long an entry is valid after its last sign-in, and the cookie's `Max-Age`: the longest time that browsers keep a
/// cookie (RFC 6265bis section 5.5).
pub const LIFETIME: Duration = Duration::from_secs(400 * 24 * 3600);
/// The maximum number of accounts that a browser is known for.
pub const MAX_ENTRIES: usize = 4;
/// The maximum number of entries that a new cookie keeps: all but the one of its own account.
const MAX_OTHERS: usize = MAX_ENTRIES - 1;
/// The maximum number of entries that are parsed, in all cookies of the name. API Gateway accepts no headers with more.
const MAX_PARSED: usize = 256;
/// The clocks of two Lambda hosts differ by less.
const MAX_CLOCK_SKEW: Duration = Duration::from_secs(300);

/// What the device cookies of a request say about its browser.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    device: Option<DeviceId>,
    /// At most [`MAX_OTHERS`] entries of other accounts. They can be verified only with the names of those accounts.
    others: Vec<Entry>,
}

impl Browser {
    /// The device, if somebody has signed in from it with the name given to [`DeviceKeys::recognize`].
    #[must_use]
    pub fn device(&self) -> Option<&DeviceId> {
        self.device.as_ref()
    }
}

impl DeviceKeys {
    /// Parses the values of all cookies of the device cookie's name. `name` is the account's name as typed. Skips
    /// invalid entries; of several valid ones for the name, uses the first.
    #[must_use]
    pub fn recognize<'a>(
        &self,
        name: &str,
        values: impl IntoIterator<Item = &'a str>,
        now: Timestamp,
    ) -> Browser {
        let mut browser = Browser::default();
        let entries = values.into_iter().flat_map(|value| value.split('~'));
        for entry in entries.take(MAX_PARSED) {
            let Some(entry) = Entry::parse(entry) else {
                continue;
            };
            let Some(key) = self.version(entry.version) else {
                continue;
            };
            let is_expired = now >= entry.issued_at + LIFETIME;
            let is_in_the_future = entry.issued_at > now + MAX_CLOCK_SKEW;
            if is_expired || is_in_the_future {
                continue;
            }
            if entry.verifies(key, name) {
                browser.device.get_or_insert(entry.device);
            } else if browser.others.len() < MAX_OTHERS && !browser.others.contains(&entry) {
                browser.others.push(entry);
            }
        }
        browser
    }

    /// The cookie's value after a sign-in with `name`. A known device keeps its id, so that a copy of the cookie shares
    /// its counter. Any other device gets the id `new`.
    #[must_use]
    pub fn issue(&self, name: &str, browser: &Browser, new: DeviceId, now: Timestamp) -> String {
        let device = browser.device.clone().unwrap_or(new);
        let entry = Entry::issue(self.newest(), name, device, now);
        let entries = std::iter::once(&entry).chain(&browser.others);
        let entries: Vec<String> = entries.map(Entry::to_string).collect();
        entries.join("~")
    }
}
