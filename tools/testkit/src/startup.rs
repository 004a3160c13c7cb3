//! Wrong configuration: the real binary must stop during init, with one line that says what to mend.

use serde_json::Value;

use crate::{
    events,
    fixtures::{self, variables},
    logs,
    runtime_api::{Process, Said},
    secrets::SecretsManager,
    template,
};

/// A variable, the value that it is given (`None`: it is left out), and what the line must say of the mend.
pub type Fault = (&'static str, Option<&'static str>, &'static str);

/// What every function refuses.
pub const OF_ALL: [Fault; 46] = [
    ("TABLE_NAME", None, "set it to the name of the DynamoDB table"),
    ("ISSUER", None, "set it to a stable name"),
    ("ISSUER", Some("white space"), "visible ASCII"),
    ("AUDIENCE", Some("quo\"te"), "visible ASCII"),
    ("ALLOWED_ORIGINS", None, "list the origins"),
    ("ALLOWED_ORIGINS", Some("*"), "list exact origins"),
    (
        "ALLOWED_ORIGINS",
        Some("https://app.example.com/"),
        "list exact origins",
    ),
    (
        "ALLOWED_ORIGINS",
        Some("http://app.example.com"),
        "http is for localhost only",
    ),
    ("ALLOWED_ORIGINS", Some(","), "separated by commas"),
    ("ACCESS_TTL_SECONDS", Some("59"), "a whole number from 60 to 3600"),
    (
        "ACCESS_TTL_SECONDS",
        Some("3601"),
        "a whole number from 60 to 3600",
    ),
    (
        "ACCESS_TTL_SECONDS",
        Some("15m"),
        "a whole number from 60 to 3600",
    ),
    (
        "ACCESS_TTL_SECONDS",
        Some("-900"),
        "a whole number from 60 to 3600",
    ),
    ("SESSION_IDLE_SECONDS", Some("59"), "a whole number from 60"),
    ("SESSION_IDLE_SECONDS", Some("99999999"), "to 34560000"),
    ("SESSION_MAX_SECONDS", Some("59"), "a whole number from 60"),
    ("SESSION_MAX_SECONDS", Some("1e9"), "a whole number"),
    (
        "SESSIONS_NOT_BEFORE",
        Some("1790000000000"),
        "a whole number from 0 to 9999999999",
    ),
    ("SESSIONS_NOT_BEFORE", Some("yesterday"), "a whole number"),
    (
        "REFRESH_MIN_AGE_SECONDS",
        Some("14"),
        "a whole number from 15 to 3600",
    ),
    (
        "REFRESH_MIN_AGE_SECONDS",
        Some("3601"),
        "a whole number from 15 to 3600",
    ),
    ("COOKIE_SAMESITE", Some("strict"), "set it to lax, or to none"),
    (
        "COOKIE_DOMAIN",
        Some("localhost"),
        "a domain of at least two labels",
    ),
    (
        "COOKIE_DOMAIN",
        Some(".example.com"),
        "a domain of at least two labels",
    ),
    (
        "COOKIE_DOMAIN",
        Some("example.com; Secure"),
        "a domain of at least two labels",
    ),
    (
        "COOKIE_DOMAIN",
        Some("192.0.2.1"),
        "a domain of at least two labels",
    ),
    ("COOKIE_INSECURE", Some("yes"), "set it to true or false"),
    ("VERIFYING_KEYS", None, "gatecrumb key public"),
    ("VERIFYING_KEYS", Some("none"), "gatecrumb key public"),
    ("VERIFYING_KEYS", Some("{\"keys\":[]}"), "gatecrumb key public"),
    (
        "VERIFYING_KEYS",
        Some("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}]}"),
        "not 32 bytes",
    ),
    (
        "VERIFYING_KEYS",
        Some("{\"keys\":[{\"kty\":\"RSA\",\"crv\":\"\",\"x\":\"AAAA\"}]}"),
        "not an Ed25519",
    ),
    (
        "PROXY_SECRET",
        Some("a secret of enough characters"),
        "set both, or neither",
    ),
    (
        "CLIENT_ADDRESS_HEADER",
        Some("x-forwarded-for"),
        "set both, or neither",
    ),
    ("AWS_REGION", None, "set it yourself"),
    ("AWS_ACCESS_KEY_ID", None, "set it yourself"),
    ("AWS_SECRET_ACCESS_KEY", None, "set it yourself"),
    (
        "AWS_ENDPOINT_URL_DYNAMODB",
        Some("localhost:8000"),
        "set it to a URL",
    ),
    (
        "AWS_ENDPOINT_URL_DYNAMODB",
        Some("ftp://localhost"),
        "set it to a URL",
    ),
    (
        "AWS_ENDPOINT_URL_SECRETS_MANAGER",
        Some("localhost"),
        "set it to a URL",
    ),
    (
        "AWS_CA_BUNDLE",
        Some("/no/such/file"),
        "set it to a file of certificates in PEM",
    ),
    (
        "AWS_CA_BUNDLE",
        Some("/dev/null"),
        "set it to a file of certificates in PEM",
    ),
    (
        "AWS_LAMBDA_RUNTIME_API",
        None,
        "run it by sam local or cargo lambda",
    ),
    (
        "AWS_LAMBDA_FUNCTION_NAME",
        None,
        "run it by sam local or cargo lambda",
    ),
    (
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        None,
        "run it by sam local or cargo lambda",
    ),
    (
        "AWS_LAMBDA_FUNCTION_VERSION",
        None,
        "run it by sam local or cargo lambda",
    ),
];

/// What every function refuses on Lambda alone.
pub const OF_ALL_ON_LAMBDA: [Fault; 1] = [(
    "COOKIE_INSECURE",
    Some("true"),
    "leave it out: the API is reached by https",
)];

/// What login refuses on Lambda alone.
pub const OF_LOGIN_ON_LAMBDA: [Fault; 2] = [
    (
        "DEVICE_KEYS",
        Some(fixtures::DEVICE_KEYS),
        "set DEVICE_KEYS_SECRET",
    ),
    ("THROTTLE", Some("off"), "leave it out: without it"),
];

/// What login refuses beside that.
pub const OF_LOGIN: [Fault; 19] = [
    ("DEVICE_KEYS", None, "the secret that the template makes"),
    ("DEVICE_KEYS_SECRET", Some("name"), "keep one of the two"),
    ("DEVICE_KEYS", Some("known to all"), "32 to 256 visible ASCII"),
    ("DEVICE_KEYS", Some("[]"), "not a JSON object"),
    ("DEVICE_KEYS", Some("{}"), "holds no key or more than 8"),
    ("DEVICE_KEYS", Some("{\"1\":7}"), "not a JSON object"),
    (
        "DEVICE_KEYS",
        Some("{\"1\":\"short\"}"),
        "32 to 256 visible ASCII",
    ),
    (
        "DEVICE_KEYS",
        Some("{\"1\":\"white space in a text that is long enough\"}"),
        "32 to 256 visible ASCII",
    ),
    (
        "DEVICE_KEYS",
        Some("{\"0\":\"known-to-all-only-for-the-fixtures\"}"),
        "a whole number from 1 to 999",
    ),
    (
        "DEVICE_KEYS",
        Some("{\"01\":\"known-to-all-only-for-the-fixtures\"}"),
        "a whole number from 1 to 999",
    ),
    (
        "DEVICE_KEYS",
        Some("{\"+1\":\"known-to-all-only-for-the-fixtures\"}"),
        "a whole number from 1 to 999",
    ),
    (
        "DEVICE_KEYS",
        Some("{\"1000\":\"known-to-all-only-for-the-fixtures\"}"),
        "a whole number from 1 to 999",
    ),
    (
        "DEVICE_KEYS",
        Some("{\"a\":\"known-to-all-only-for-the-fixtures\"}"),
        "a whole number from 1 to 999",
    ),
    (
        "DEVICE_KEYS",
        Some("{\"1\":\"known-to-all-only-for-the-fixtures\",\"1\":\"known-to-all-only-for-the-fixtures\"}"),
        "a version twice",
    ),
    ("THROTTLE", Some("no"), "set it to off for tests"),
    (
        "THROTTLE_PAIR_FAILURES",
        Some("0"),
        "a whole number from 1 to 100",
    ),
    (
        "THROTTLE_ACCOUNT_FAILURES",
        Some("9"),
        "a whole number from 10 to 10000",
    ),
    (
        "THROTTLE_ADDRESS_FAILURES",
        Some("many"),
        "a whole number from 10 to 100000",
    ),
    ("PASSWORD_ITERATIONS", Some("11"), "a whole number from 1 to 10"),
];

/// What the two functions that sign refuse beside that.
pub const OF_SIGNERS: [Fault; 8] = [
    ("SIGNING_KEYS", None, "gatecrumb key generate --secret"),
    ("SIGNING_KEYS", Some("{}"), "gatecrumb key generate"),
    ("SIGNING_KEYS_SECRET", Some("name"), "keep one of the two"),
    ("SIGNING_KID", None, "as `gatecrumb key public` shows it"),
    (
        "SIGNING_KID",
        Some("other"),
        "publish the key everywhere before it signs",
    ),
    (
        "SIGNING_KEYS",
        Some(
            "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}",
        ),
        "gatecrumb key generate",
    ),
    // Another key than the one published.
    (
        "SIGNING_KEYS",
        Some(
            "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\
             \"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}]}",
        ),
        "set it to one of the signing keys' kids",
    ),
    // A d that belongs to another x.
    (
        "SIGNING_KEYS",
        Some(
            "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"lfaIOIa9Y_2NOUrY_d-mCq3BFAFTMqOP46lgElG5Wyc\",\
             \"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}]}",
        ),
        "gatecrumb key generate",
    ),
];

/// Starts the binary once with each fault.
pub async fn check(binary: &str, faults: &[Fault]) {
    check_with(binary, faults, &variables("http://127.0.0.1:9")).await;
}

/// Starts the binary once with each fault, as on Lambda itself.
pub async fn check_on_lambda(binary: &str, faults: &[Fault]) {
    check_with(
        binary,
        faults,
        &on_lambda("never fetched", "never fetched", "http://127.0.0.1:9"),
    )
    .await;
}

/// The environment on Lambda itself, with its keys in these secrets.
fn on_lambda(signing: &str, devices: &str, secrets: &str) -> Vec<(String, String)> {
    let mut variables = variables("http://127.0.0.1:9");
    variables.retain(|(name, _)| !matches!(name.as_str(), "SIGNING_KEYS" | "DEVICE_KEYS"));
    for (name, value) in [
        ("SIGNING_KEYS_SECRET", signing),
        ("DEVICE_KEYS_SECRET", devices),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets),
        ("AWS_SAM_LOCAL", ""),
    ] {
        variables.push((name.to_owned(), value.to_owned()));
    }
    variables
}

async fn check_with(binary: &str, faults: &[Fault], variables: &[(String, String)]) {
    for (variable, value, mend) in faults {
        let mut variables = variables.to_owned();
        variables.retain(|(name, _)| name != variable);
        // Empty counts as not set, for those that the harness itself would set, too.
        variables.push(((*variable).to_owned(), value.unwrap_or_default().to_owned()));
        let has_api = !variable.starts_with("AWS_LAMBDA_");
        refuses(binary, &variables, has_api, &[variable, mend]).await;
    }
}

/// Starts the binary on Lambda with its signing keys inline, which it must refuse; and with them in Secrets Manager:
/// with what it should find there, when it must answer an event that needs no table, and without.
pub async fn check_secret(binary: &str, event: &str) {
    let mut inline = variables("http://127.0.0.1:9");
    inline.push(("AWS_SAM_LOCAL".to_owned(), String::new()));
    refuses(
        binary,
        &inline,
        true,
        &["SIGNING_KEYS", "on Lambda", "SIGNING_KEYS_SECRET"],
    )
    .await;

    let manager = SecretsManager::default();
    manager.put("good", &fixtures::signing_keys().to_private_json());
    manager.put("public", &fixtures::signing_keys().to_public_json());
    manager.put("password", "correct horse battery staple");
    let endpoint = manager.serve().await;
    manager.put("devices", fixtures::DEVICE_KEYS);
    manager.put("skewed", &fixtures::signing_keys().to_private_json());
    let with = |secret: &str, endpoint: &str| on_lambda(secret, "devices", endpoint);
    for secret in ["good", "skewed"] {
        let mut process = Process::start(binary, &with(secret, &endpoint)).await;
        let answer = process.invoke(&events::named(event)).await;
        assert!(
            answer["statusCode"].as_u64().is_some_and(|status| status < 500),
            "{secret}: {answer}"
        );
        logs::assert_clean(&process.killed().await);
    }

    let cases = [
        ("missing", "ResourceNotFoundException", "check that it exists"),
        (
            "forbidden",
            "AccessDeniedException",
            "that the function may read it",
        ),
        // Never a start without the keys: one that hangs ends inside the 10 s that Lambda gives to it.
        ("hang", "cannot be read", "check that it exists"),
        ("garbage", "cannot be read", "check that it exists"),
        ("broken", "cannot be read", "check that it exists"),
        ("empty", "cannot be read", "check that it exists"),
        ("unsigned", "InvalidSignatureException", "check that it exists"),
        ("password", "JWK Set", "what `gatecrumb key generate` made"),
        ("public", "private", "what `gatecrumb key generate` made"),
    ];
    for (secret, fault, mend) in cases {
        let expected = ["SIGNING_KEYS_SECRET", fault, mend];
        refuses(binary, &with(secret, &endpoint), true, &expected).await;
    }
    let expected = ["SIGNING_KEYS_SECRET", "cannot be read"];
    refuses(binary, &with("good", "http://127.0.0.1:9"), true, &expected).await;
}

/// Starts the binary, which knows devices, with their keys in Secrets Manager, where they are or are not.
pub async fn check_device_secret(binary: &str) {
    let manager = SecretsManager::default();
    manager.put("good", &fixtures::signing_keys().to_private_json());
    manager.put("jwk", &fixtures::signing_keys().to_private_json());
    manager.put("no-key", "{}");
    let endpoint = manager.serve().await;
    for (secret, fault, help) in [
        ("missing", "ResourceNotFoundException", "check that it exists"),
        (
            "forbidden",
            "AccessDeniedException",
            "that the function may read it",
        ),
        ("hang", "cannot be read", "check that it exists"),
        ("jwk", "not a JSON object of version", "32 to 256 visible ASCII"),
        ("no-key", "holds no key", "32 to 256 visible ASCII"),
    ] {
        let variables = on_lambda("good", secret, &endpoint);
        refuses(binary, &variables, true, &["DEVICE_KEYS_SECRET", fault, help]).await;
    }
}

/// Changes to the defaults of the template that `CloudFormation` takes, and how many lifetimes are capped by them.
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

/// Starts the binary of the function named as in the template with each of [`SETS`], its signing keys in Secrets
/// Manager: it must answer the event, which needs no table, and say each cap once.
pub async fn check_parameters(function: &str, binary: &str, event: &str) {
    let manager = SecretsManager::default();
    manager.put(template::SECRET_ARN, &fixtures::signing_keys().to_private_json());
    // What the template's own secret is called here.
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
        // Nothing is there: the tests call nobody outside this machine.
        let dynamodb = (
            "AWS_ENDPOINT_URL_DYNAMODB".to_owned(),
            "http://127.0.0.1:9".to_owned(),
        );
        variables.push(dynamodb);
        let mut process = Process::start(binary, &variables).await;
        for _ in 0..2 {
            let answer = process.invoke(&events::named(event)).await;
            let status = answer["statusCode"].as_u64();
            assert!(status.is_some_and(|status| status < 500), "{changes:?}: {answer}");
        }
        let log = process.killed().await;
        let said = log.lines().filter(|line| line.contains("\"setting_capped\""));
        assert_eq!(said.count(), capped, "{changes:?}: {log}");
        logs::assert_clean(&log);
    }
}

/// Starts the binary, which must say one line that holds all of `expected`, also to the Runtime API.
async fn refuses(binary: &str, variables: &[(String, String)], has_api: bool, expected: &[&str]) {
    let mut process = Process::start(binary, variables).await;
    let said = process.said().await;
    let (status, written) = process.ended().await;
    assert!(!status.success(), "{expected:?}: it starts");
    assert_eq!(
        written.lines().count(),
        1,
        "{expected:?}: not one line: {written}"
    );
    let line: Value = serde_json::from_str(&written).expect("a line of JSON");
    let message = line["message"].as_str().unwrap();
    for text in expected {
        assert!(message.contains(text), "{text}: {message}");
    }
    match said {
        Some(Said::InitError(error)) => assert_eq!(error["errorMessage"], message),
        other => assert!(!has_api && other.is_none(), "{expected:?}: {other:?}"),
    }
    logs::never_log(&fixtures::signing_keys().to_private_json());
    logs::never_log("a25vd24gdG8gYWxsOyBvbmx5IGZvciBmaXh0dXJlcyE");
    logs::never_log("known-to-all-only-for-the-fixtures");
    logs::assert_clean(&written);
}
