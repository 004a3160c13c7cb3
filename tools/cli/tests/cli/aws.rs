//! What the commands say when AWS cannot be used. AWS is a server on the loopback address.

use std::{
    fs,
    process::{Command, Output},
};

use axum::{
    Router,
    http::{HeaderMap, StatusCode},
};
use tokio::net::TcpListener;

use super::State;

/// A server that answers every request with this status and body. Returns its URL.
async fn server(status: u16, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let respond = move || {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/x-amz-json-1.0".parse().unwrap());
        let crc = crc32fast::hash(body.as_bytes()).to_string();
        headers.insert("x-amz-crc32", crc.parse().unwrap());
        std::future::ready((StatusCode::from_u16(status).unwrap(), headers, body))
    };
    let app = Router::new().fallback(respond);
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

/// The URL of a port on which nothing listens.
fn nothing() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// Runs the command with only these variables: no profile of this machine, and no metadata service.
async fn run(state: &State, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatecrumb"));
    command.args(arguments).arg("--state").arg(&state.0).env_clear();
    let home = state.0.to_str().unwrap();
    command.envs([
        ("HOME", home),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_MAX_ATTEMPTS", "1"),
    ]);
    command.envs(variables.iter().copied());
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

const SHOW: [&str; 5] = ["user", "show", "ada", "--table", "users-of-ours"];
const KEYS: [(&str, &str); 3] = [
    ("AWS_REGION", "eu-central-1"),
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "a-secret-access-key"),
];

/// One line that contains all of these, and no secret.
fn assert_says(output: &Output, code: i32, parts: &[&str]) {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(output.stdout.is_empty());
    assert!(
        text.starts_with("gatecrumb: ") && text.lines().count() == 1,
        "{text}"
    );
    for part in parts {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    assert!(
        !text.contains("a-secret-access-key") && !text.contains("secret-token"),
        "{text}"
    );
}

#[tokio::test]
async fn each_refusal_of_aws_says_what_to_do() {
    let state = State::new();
    for (status, body, code, parts) in [
        (
            400,
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}"#,
            1,
            &[
                "there is no table users-of-ours in this account and region",
                "--table",
                "AWS_REGION",
            ][..],
        ),
        (
            400,
            r#"{"__type":"com.amazon.coral.service#AccessDeniedException"}"#,
            77,
            &[
                "your AWS credentials may not do this with table users-of-ours",
                "IAM",
            ],
        ),
        (
            400,
            r#"{"__type":"com.amazon.coral.service#ExpiredTokenException"}"#,
            77,
            &["your AWS credentials have expired", "aws sso login"],
        ),
        (
            400,
            r#"{"__type":"com.amazon.coral.service#UnrecognizedClientException"}"#,
            77,
            &["AWS does not accept your credentials", "AWS_ACCESS_KEY_ID"],
        ),
        (
            400,
            r#"{"__type":"com.amazon.coral.service#InvalidSignatureException"}"#,
            77,
            &["AWS does not accept your credentials", "clock"],
        ),
        (
            400,
            r#"{"__type":"com.amazon.coral.service#ThrottlingException"}"#,
            69,
            &["AWS is too busy", "run the command again"],
        ),
        (
            400,
            r#"{"__type":"com.amazon.coral.service#SomethingNewException"}"#,
            69,
            &[
                "AWS refused a request to table users-of-ours",
                "SomethingNewException",
            ],
        ),
    ] {
        let url = server(status, body).await;
        let variables = [&KEYS[..], &[("AWS_ENDPOINT_URL_DYNAMODB", url.as_str())]].concat();
        assert_says(&run(&state, &SHOW, &variables).await, code, parts);
    }
}

#[tokio::test]
async fn no_response_of_aws_says_what_to_check() {
    let state = State::new();
    let url = nothing();
    let variables = [&KEYS[..], &[("AWS_ENDPOINT_URL_DYNAMODB", url.as_str())]].concat();
    let parts = [
        "AWS did not respond to a request to table users-of-ours",
        "check the network, AWS_REGION",
    ];
    assert_says(&run(&state, &SHOW, &variables).await, 69, &parts);
}

#[tokio::test]
async fn without_credentials_or_region_one_line_names_what_to_set() {
    let state = State::new();
    let set = ["no AWS credentials: set AWS_PROFILE", "AWS_ACCESS_KEY_ID"];
    let region = [("AWS_REGION", "eu-central-1")];
    for arguments in [&SHOW[..], &["key", "public", "--secret", "gatecrumb"]] {
        let output = run(&state, arguments, &[]).await;
        assert_says(&output, 1, &["no AWS region: set AWS_REGION"]);
        assert_says(&run(&state, arguments, &region).await, 77, &set);
    }
    // The metadata service is the last source: that it fails is not what to say.
    for url in [nothing(), server(403, "").await, server(500, "").await] {
        let metadata = [
            ("AWS_REGION", "eu-central-1"),
            ("AWS_EC2_METADATA_DISABLED", "false"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.as_str()),
        ];
        assert_says(&run(&state, &SHOW, &metadata).await, 77, &set);
    }
}

#[tokio::test]
async fn an_sso_sign_in_that_is_missing_or_expired_names_the_command() {
    /// The SHA-1 of the session's name, `gatecrumb`.
    const CACHED: &str = "237b1a667a71a53c74799a2cdc169349f61a6736";
    let state = State::new();
    let cache = state.0.join(".aws/sso/cache");
    fs::create_dir_all(&cache).unwrap();
    let config = "[profile ours]\nsso_session = gatecrumb\nsso_account_id = 123456789012\nsso_role_name = admin\n\
                  region = eu-central-1\n\n[sso-session gatecrumb]\nsso_region = eu-central-1\n\
                  sso_start_url = https://example.awsapps.com/start\nsso_registration_scopes = sso:account:access\n";
    fs::write(state.0.join(".aws/config"), config).unwrap();
    let profile = [("AWS_PROFILE", "ours")];
    let parts = ["the AWS SSO sign-in is missing or has expired: run `aws sso login`"];
    assert_says(&run(&state, &SHOW, &profile).await, 77, &parts);
    let token = r#"{"accessToken":"secret-token","expiresAt":"2020-01-01T00:00:00Z","region":"eu-central-1","startUrl":"https://example.awsapps.com/start"}"#;
    fs::write(cache.join(format!("{CACHED}.json")), token).unwrap();
    assert_says(&run(&state, &SHOW, &profile).await, 77, &parts);
}

#[tokio::test]
async fn a_profile_that_does_not_exist_is_named() {
    let state = State::new();
    let variables = [("AWS_PROFILE", "nope"), ("AWS_REGION", "eu-central-1")];
    assert_says(
        &run(&state, &SHOW, &variables).await,
        77,
        &["no AWS credentials", "AWS_PROFILE"],
    );
}
