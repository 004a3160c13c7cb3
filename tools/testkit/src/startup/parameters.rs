//! Sets of parameters that `CloudFormation` accepts.

use crate::{events, fixtures, logs, runtime_api::Process, secrets::SecretsManager, template};

/// Changes to the template's defaults that `CloudFormation` accepts, each with the number of lifetimes that they cap.
pub const SETS: [(&[(&str, &str)], usize); 12] = [
    (&[], 0),
    (&[("SessionIdleSeconds", "15552000")], 0),
    (
        &[
            ("SessionIdleSeconds", "15552000"),
            ("SessionMaxSeconds", "7776000"),
        ],
        1,
    ),
    (&[("AccessTtlSeconds", "120"), ("RefreshMinAgeSeconds", "300")], 1),
    (
        &[("SessionMaxSeconds", "60"), ("RefreshMinAgeSeconds", "3600")],
        3,
    ),
    (&[("SessionIdleSeconds", "60"), ("AccessTtlSeconds", "3600")], 1),
    (
        &[
            ("AccessTtlSeconds", "60"),
            ("RefreshMinAgeSeconds", "15"),
            ("SessionIdleSeconds", "60"),
            ("SessionMaxSeconds", "60"),
            ("SessionsNotBefore", "0"),
        ],
        0,
    ),
    (
        &[
            ("AccessTtlSeconds", "3600"),
            ("RefreshMinAgeSeconds", "3600"),
            ("SessionIdleSeconds", "34560000"),
            ("SessionMaxSeconds", "34560000"),
            ("SessionsNotBefore", "9999999999"),
        ],
        0,
    ),
    (
        &[
            ("PasswordMemoryKib", "131072"),
            ("PasswordIterations", "10"),
            ("PasswordParallelism", "4"),
        ],
        0,
    ),
    (
        &[
            ("PasswordMemoryKib", "7168"),
            ("PasswordIterations", "1"),
            ("PasswordParallelism", "4"),
        ],
        0,
    ),
    (
        &[
            ("CookieSameSite", "none"),
            ("CookieDomain", "a-1.example.com"),
            (
                "AllowedOrigins",
                "https://a-1.example.com:65535, http://[::1]:1,http://localhost",
            ),
        ],
        0,
    ),
    (
        &[
            ("ProxySecret", "!#0123456789abc~"),
            ("ClientAddressHeader", "CloudFront-Viewer-Address"),
            ("DynamoDbEndpointUrl", "https://vpce.example.com:65535/"),
        ],
        0,
    ),
];

/// Whether a function reads the lifetimes of tokens and sessions.
#[derive(Clone, Copy, Debug)]
pub enum Lifetimes {
    /// It logs those that are capped.
    Read,
    /// It does not read them.
    Unread,
}

/// Starts the binary with each of [`SETS`] and its signing keys in Secrets Manager. `function` is the name in the
/// template. The binary must respond to the event, which needs no table, and log each capped lifetime once if it reads
/// lifetimes.
pub async fn check_parameters(function: &str, binary: &str, event: &str, lifetimes: Lifetimes) {
    let manager = SecretsManager::default();
    manager.put(template::SECRET_ARN, &fixtures::signing_keys().to_private_json());
    // The template's own secret, by the name that the tests resolve it to.
    manager.put("devicekeys", fixtures::DEVICE_KEYS);
    let endpoint = manager.serve().await;
    for (changes, capped) in SETS {
        let mut set = template::chosen();
        set.extend(
            changes
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        assert!(
            template::takes_all(&set),
            "{changes:?}: CloudFormation refuses it"
        );
        let mut variables = template::variables(function, &set);
        for (name, value) in [
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", endpoint.as_str()),
            ("AWS_REGION", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
        ] {
            variables.push((name.to_owned(), value.to_owned()));
        }
        // Nothing listens there. Tests send nothing to other machines.
        let dynamodb = (
            "AWS_ENDPOINT_URL_DYNAMODB".to_owned(),
            "http://127.0.0.1:9".to_owned(),
        );
        variables.push(dynamodb);
        let mut process = Process::start(binary, &variables).await;
        for _ in 0..2 {
            let answer = process.invoke(&events::named(event)).await;
            assert!(events::is_served(&answer), "{changes:?}: {answer}");
        }
        let log = process.killed().await;
        let said = log.lines().filter(|line| line.contains("\"setting_capped\""));
        let expected = match lifetimes {
            Lifetimes::Read => capped,
            Lifetimes::Unread => 0,
        };
        assert_eq!(said.count(), expected, "{changes:?}: {log}");
        logs::assert_clean(&log);
    }
}
