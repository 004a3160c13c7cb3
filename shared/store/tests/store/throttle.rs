//! The throttle's counters in the table: `gatecrumb_domain::throttle` as DynamoDB conditions.

mod counters;
mod networks;
mod rule;
mod waits;

use std::{collections::BTreeMap, net::IpAddr, time::Duration};

use aws_sdk_dynamodb::Client;
use gatecrumb_admin::Admin as _;
use gatecrumb_aws::Connection;
use gatecrumb_domain::{
    DeviceId, Timestamp,
    throttle::{Limit, Limits, Network, Trio},
};
use gatecrumb_local::DynamoDb;
use gatecrumb_store::{
    Store,
    counters::{Attempt, Permit, Visitor},
};

use super::store;

const WAIT_1: Permit = Permit::Denied { retry_after: 1 };
const DAY: u64 = 24 * 3600;

fn limits() -> Limits {
    Limits {
        device: Limit::new(5),
        trio: Trio {
            pair: Limit::new(5),
            name: Limit::new(100),
            network: Limit::new(50),
        },
    }
}

fn stranger(name: &str, address: &str) -> Visitor {
    let address: IpAddr = address.parse().unwrap();
    Visitor::stranger(name.to_owned(), Network::of(Some(address)))
}

fn device(id: &str) -> Visitor {
    let id: DeviceId = id.parse().unwrap();
    Visitor::Device(id)
}

/// An attempt with a wrong password.
async fn fail(store: &Store, visitor: Visitor, now: Timestamp) -> Permit {
    store.attempt(limits(), visitor, now).count().await.unwrap()
}

/// A granted attempt whose password is still being checked.
async fn begin(store: &Store, visitor: Visitor, now: Timestamp) -> Attempt<'_> {
    let mut attempt = store.attempt(limits(), visitor, now);
    assert_eq!(attempt.count().await.unwrap(), Permit::Granted);
    attempt
}

async fn succeed(store: &Store, visitor: Visitor, now: Timestamp) -> Permit {
    let mut attempt = store.attempt(limits(), visitor, now);
    let permit = attempt.count().await.unwrap();
    if permit == Permit::Granted {
        attempt.succeeded().await.unwrap();
    }
    permit
}

fn address(host: usize) -> String {
    IpAddr::from([192, 0, 2, u8::try_from(host).unwrap()]).to_string()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A table with access to its raw items.
struct Table {
    store: Store,
    client: Client,
}

impl Table {
    async fn new() -> Self {
        let address = DynamoDb::in_memory().unwrap().spawn().await.unwrap();
        let config = Connection::local(&format!("http://{address}")).dynamodb();
        let store = Store::new(&config, "test");
        assert!(store.create_table().await.unwrap());
        Self {
            store,
            client: Client::new(&config),
        }
    }

    /// The failures and the last attempt's time of every counter.
    async fn counters(&self) -> BTreeMap<String, (u64, Timestamp)> {
        let scan = self.client.scan().table_name("test").send().await.unwrap();
        let mut counters = BTreeMap::new();
        for item in scan.items() {
            let number = |name: &str| -> u64 { item[name].as_n().unwrap().parse().unwrap() };
            let pk = item["pk"].as_s().unwrap().clone();
            assert!(
                number("expires_at") > number("last_at"),
                "TTL deletes it after its window"
            );
            counters.insert(pk, (number("failures"), Timestamp(number("last_at"))));
        }
        counters
    }
}
