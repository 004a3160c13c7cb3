//! Invalid values that functions refuse, by section of the configuration. What only one function refuses is in its own
//! tests.

use super::Fault;

/// What every function that reads the entire configuration refuses.
pub const EVERYWHERE: [&[Fault]; 8] = [
    TABLE, TOKENS, ORIGINS, NOT_BEFORE, LIFETIMES, COOKIES, PROXY, RUNTIME,
];

/// The table and the connection to AWS.
pub const TABLE: &[Fault] = &[
    ("TABLE_NAME", None, "set it to the name of the DynamoDB table"),
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
];

/// Issuer and keys of the tokens.
pub const TOKENS: &[Fault] = &[
    ("ISSUER", None, "set it to a stable name"),
    ("ISSUER", Some("white space"), "visible ASCII"),
    ("AUDIENCE", Some("quo\"te"), "visible ASCII"),
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
];

/// Which origins may call it.
pub const ORIGINS: &[Fault] = &[
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
];

/// The time before which sessions are over.
pub const NOT_BEFORE: &[Fault] = &[
    (
        "SESSIONS_NOT_BEFORE",
        Some("1790000000000"),
        "a whole number from 0 to 9999999999",
    ),
    ("SESSIONS_NOT_BEFORE", Some("yesterday"), "a whole number"),
];

/// How long tokens and sessions last.
pub const LIFETIMES: &[Fault] = &[
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
        "REFRESH_MIN_AGE_SECONDS",
        Some("14"),
        "a whole number from 15 to 3600",
    ),
    (
        "REFRESH_MIN_AGE_SECONDS",
        Some("3601"),
        "a whole number from 15 to 3600",
    ),
];

/// Attributes of the cookies.
pub const COOKIES: &[Fault] = &[
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
];

/// The proxy in front of the API.
pub const PROXY: &[Fault] = &[
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
];

/// What Lambda itself sets.
pub const RUNTIME: &[Fault] = &[
    (
        "AWS_LAMBDA_RUNTIME_API",
        None,
        "run it with sam local or cargo lambda",
    ),
    (
        "AWS_LAMBDA_FUNCTION_NAME",
        None,
        "run it with sam local or cargo lambda",
    ),
    (
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        None,
        "run it with sam local or cargo lambda",
    ),
    (
        "AWS_LAMBDA_FUNCTION_VERSION",
        None,
        "run it with sam local or cargo lambda",
    ),
];

/// What every function refuses only on Lambda.
pub const EVERYWHERE_ON_LAMBDA: &[Fault] = &[(
    "COOKIE_INSECURE",
    Some("true"),
    "leave it out: the API uses https",
)];

/// The keys of the functions that sign.
pub const SIGNING: &[Fault] = &[
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
    // Not the published key.
    (
        "SIGNING_KEYS",
        Some(
            "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\
             \"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}]}",
        ),
        "set it to one of the signing keys' kids",
    ),
    // The private part belongs to another public key.
    (
        "SIGNING_KEYS",
        Some(
            "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"lfaIOIa9Y_2NOUrY_d-mCq3BFAFTMqOP46lgElG5Wyc\",\
             \"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}]}",
        ),
        "gatecrumb key generate",
    ),
];
