//! The operator's access to AWS, and what its errors mean. The messages name what to set or to run.

use std::error::Error;

use aws_config::BehaviorVersion;
use aws_credential_types::provider::{
    ProvideCredentials as _, SharedCredentialsProvider, error::CredentialsError,
};
use gatecrumb_aws::{Fault, SdkConfig, Unavailable, operator_client};

use crate::{Failure, failure::Exit};

/// What a command works on, for its errors.
pub(crate) enum Resource<'a> {
    /// A table on AWS, by name.
    Table(&'a str),
    /// A secret on AWS, by name or ARN.
    Secret(&'a str),
    /// The files of this machine.
    Local,
}

/// The SDK's default chain: environment, profiles, SSO, metadata services. Reads the credentials once, so that a missing
/// one has an error of its own and a process that provides them runs once.
pub(crate) async fn config() -> Result<SdkConfig, Failure> {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(operator_client())
        .load()
        .await;
    if config.region().is_none() {
        return Err(Failure::new(
            "no AWS region: set AWS_REGION, or `region` in your AWS profile",
        ));
    }
    let Some(provider) = config.credentials_provider() else {
        return Err(no_credentials());
    };
    let credentials = provider.provide_credentials().await;
    let credentials = credentials.map_err(|error| explain_credentials(&error))?;
    let provider = SharedCredentialsProvider::new(credentials);
    Ok(config.into_builder().credentials_provider(provider).build())
}

fn no_credentials() -> Failure {
    Failure::with(
        Exit::NotPermitted,
        "no AWS credentials: set AWS_PROFILE to a profile that has them, or AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY, or run `aws login`",
    )
}

/// The sources of a `CredentialsError` have private types: their messages tell which one failed.
fn explain_credentials(error: &CredentialsError) -> Failure {
    let causes = causes(error);
    let lower = causes.to_lowercase();
    let mentions = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let message = match error {
        CredentialsError::CredentialsNotLoaded(_) => return no_credentials(),
        // The metadata service of EC2 is the last in the chain: nothing before it has credentials.
        _ if mentions(&["imds", "instance metadata"]) => return no_credentials(),
        _ if mentions(&["sso token", "sso oidc"]) => {
            format!("the AWS SSO sign-in is missing or has expired: run `aws sso login` ({causes})")
        }
        _ if mentions(&["login token"]) => {
            format!("the AWS sign-in is missing or has expired: run `aws login` ({causes})")
        }
        CredentialsError::InvalidConfiguration(_) => {
            format!(
                "the AWS profile is not valid: correct it in ~/.aws/config, or set AWS_PROFILE to another ({causes})"
            )
        }
        _ => format!(
            "cannot read the AWS credentials: check AWS_PROFILE and its settings in ~/.aws/config ({causes})"
        ),
    };
    Failure::with(Exit::NotPermitted, message)
}

/// Explains a request to DynamoDB or Secrets Manager that failed.
pub(crate) fn explain(resource: &Resource<'_>, error: &Unavailable) -> Failure {
    let (what, option, create) = match resource {
        Resource::Table(name) => (
            format!("table {name}"),
            "--table",
            "deploy the stack, whose outputs have the table's name",
        ),
        Resource::Secret(id) => (
            format!("secret {id}"),
            "--secret",
            "create it with `gatecrumb key generate`",
        ),
        Resource::Local if *error.fault() == Fault::File => return Failure::new(error.cause()),
        Resource::Local => {
            return Failure::with(
                Exit::Unavailable,
                format!("the local table does not respond: run the command again ({error})"),
            );
        }
    };
    let (exit, problem) = match error.fault() {
        Fault::Code(code) => match code.as_str() {
            "ResourceNotFoundException" => (
                Exit::Failed,
                format!("there is no {what} in this account and region: check {option}, AWS_PROFILE and AWS_REGION, or {create}"),
            ),
            "ResourceExistsException" => (
                Exit::Failed,
                format!("{what} exists already: add a key to it with `gatecrumb key rotate`, or choose another name"),
            ),
            "AccessDeniedException" | "UnauthorizedOperation" => (
                Exit::NotPermitted,
                format!("your AWS credentials may not do this with {what}: allow it in IAM, or set AWS_PROFILE to another profile"),
            ),
            "ExpiredTokenException" | "ExpiredToken" | "RequestExpired" => (
                Exit::NotPermitted,
                "your AWS credentials have expired: sign in again with `aws login` or `aws sso login`, or set new ones"
                    .to_owned(),
            ),
            "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignatureException"
            | "MissingAuthenticationTokenException" => (
                Exit::NotPermitted,
                "AWS does not accept your credentials: check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN \
                 and this machine's clock"
                    .to_owned(),
            ),
            "ThrottlingException"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "InternalServerError"
            | "InternalServiceError"
            | "ServiceUnavailable" => (
                Exit::Unavailable,
                format!("AWS is too busy for a request to {what}: run the command again"),
            ),
            _ => (Exit::Unavailable, format!("AWS refused a request to {what}")),
        },
        Fault::NoResponse => (
            Exit::Unavailable,
            format!("AWS did not respond to a request to {what}: check the network, AWS_REGION and the AWS_ENDPOINT_URL variables"),
        ),
        Fault::Other | Fault::File => (Exit::Failed, format!("{what} has something that gatecrumb cannot read")),
    };
    Failure::with(exit, format!("{problem} ({error})"))
}

/// The messages of the error's sources, without repetitions.
fn causes(error: &dyn Error) -> String {
    let mut text = String::new();
    let mut source = error.source();
    while let Some(cause) = source {
        let message = cause.to_string();
        if !text.contains(&message) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&message);
        }
        source = cause.source();
    }
    if text.is_empty() { error.to_string() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_missing_credentials_names_what_to_run() {
        let not_loaded = CredentialsError::not_loaded("no providers in chain provided credentials");
        let metadata =
            CredentialsError::provider_error("failed to load IMDS session token: dispatch failure");
        let sso = CredentialsError::provider_error("the SSO token has expired and cannot be refreshed");
        let login = CredentialsError::provider_error("cached Login token is expired");
        let profile =
            CredentialsError::invalid_configuration("ProfileFile provider could not be built: no x");
        let process = CredentialsError::provider_error("error running credential process: status 1");
        for (error, message) in [
            (&not_loaded, "set AWS_PROFILE"),
            (&metadata, "set AWS_PROFILE"),
            (&sso, "run `aws sso login`"),
            (&login, "run `aws login`"),
            (&profile, "could not be built: no x"),
            (&process, "credential process: status 1"),
        ] {
            let failure = explain_credentials(error);
            assert_eq!(failure.exit(), Exit::NotPermitted);
            let text = failure.to_string();
            assert!(text.contains(message) && !text.contains('\n'), "{text}");
        }
        assert!(!explain_credentials(&metadata).to_string().contains("IMDS"));
    }
}
