//! Checks that a response has what `DynamoDB` and Secrets Manager always send. Otherwise it counts as lost and the SDK
//! retries.
//!
//! The SDK reads an empty body as `{}` and `null` as an absent member, so that a response made up by a proxy or a
//! broken connection would mean that a session does not exist.

use std::collections::HashMap;

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::ConnectorError};
use serde_json::value::RawValue;

/// Errors that the table's contents cause. They only come with status 400.
const CONDITIONS: [&str; 2] = ["ConditionalCheckFailedException", "TransactionCanceledException"];
/// Errors that a new signature may fix: the clock jumped after the request was signed.
const SIGNATURES: [&str; 4] = [
    "InvalidSignatureException",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

/// Marks a response that rejects the request's signature.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignatureRejected;

/// Whether this is an error code for a rejected signature.
pub(crate) fn rejects_signature(code: Option<&str>) -> bool {
    code.is_some_and(|code| SIGNATURES.contains(&code))
}

/// Rejects what is not a response of AWS's JSON protocols
/// (<https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html>). The body must be in memory.
pub(crate) fn check(response: &mut HttpResponse) -> Result<(), ConnectorError> {
    let body = response.body().bytes().unwrap_or_default();
    if let Some(sum) = response.headers().get("x-amz-crc32")
        && sum.parse() != Ok(crc32fast::hash(body))
    {
        return Err(fault("its checksum does not match"));
    }
    let members: Option<HashMap<String, Option<&RawValue>>> = serde_json::from_slice(body).ok();
    let code = members.as_ref().and_then(error_code);
    match (response.status().as_u16(), &members, &code) {
        (200, Some(members), _) if members.values().all(Option::is_some) => {}
        (200, ..) => return Err(fault("status 200 without a complete JSON object")),
        (400, Some(members), Some(_)) if members.get("Item").is_none_or(Option::is_some) => {}
        (401..=499, _, Some(code)) if !CONDITIONS.contains(&code.as_str()) => {}
        (500..=599, _, code) if code.as_deref().is_none_or(|code| !CONDITIONS.contains(&code)) => {}
        (status, ..) => return Err(fault(&format!("status {status} without an AWS error"))),
    }
    // The SDK would prefer this header to the body.
    response.headers_mut().remove("x-amzn-errortype");
    if rejects_signature(code.as_deref()) {
        response.add_extension(SignatureRejected);
    }
    Ok(())
}

/// `ConditionalCheckFailedException` of `com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException`.
fn error_code(members: &HashMap<String, Option<&RawValue>>) -> Option<String> {
    let name: String = serde_json::from_str((*members.get("__type")?)?.get()).ok()?;
    Some(name.rsplit('#').next()?.to_owned())
}

fn fault(what: &str) -> ConnectorError {
    ConnectorError::io(format!("not an AWS response: {what}").into())
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn response(status: u16, body: &str) -> HttpResponse {
        HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body))
    }

    fn condition(name: &str) -> String {
        format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{name}","message":"no"}}"#)
    }

    #[test]
    fn responses_of_aws_pass() {
        let failed = condition("ConditionalCheckFailedException");
        for (status, body) in [
            (200, "{}"),
            (200, r#"{"Item":{"a":{"NULL":true}},"ConsumedCapacity":{}}"#),
            (400, &failed),
            (400, r#"{"__type":"ResourceNotFoundException"}"#),
            (403, r#"{"__type":"AccessDeniedException"}"#),
            // From a load balancer: the SDK retries because of the status.
            (502, "<html>"),
            (500, r#"{"__type":"InternalServerError"}"#),
        ] {
            assert!(check(&mut response(status, body)).is_ok(), "{status} {body}");
        }
    }

    #[test]
    fn a_wrong_checksum_is_rejected() {
        for (sum, passes) in [
            ("2745614147", true),
            ("2745614148", false),
            ("", false),
            ("x", false),
        ] {
            let mut response = response(200, "{}");
            response.headers_mut().insert("x-amz-crc32", sum);
            assert_eq!(check(&mut response).is_ok(), passes, "{sum}");
        }
    }

    #[test]
    fn only_the_body_of_status_400_can_report_a_failed_condition() {
        for name in CONDITIONS {
            for status in [200, 201, 401, 403, 404, 429, 500, 503] {
                let rejected = check(&mut response(status, &condition(name))).is_err();
                // With status 200 the store rejects it, because it lacks the consumed capacity.
                assert_eq!(rejected, status != 200, "{status}");
            }
        }
        for body in ["", "[]", "{}", r#"{"message":"no"}"#, r#"{"__type":1}"#] {
            let mut response = response(400, body);
            response
                .headers_mut()
                .insert("x-amzn-errortype", "ConditionalCheckFailedException");
            assert!(check(&mut response).is_err(), "{body}");
        }
        let null = r#"{"__type":"ConditionalCheckFailedException","Item":null}"#;
        assert!(check(&mut response(400, null)).is_err());
        let mut other = response(400, r#"{"__type":"ValidationException"}"#);
        other
            .headers_mut()
            .insert("x-amzn-errortype", "ConditionalCheckFailedException");
        check(&mut other).unwrap();
        assert!(other.headers().get("x-amzn-errortype").is_none());
    }
}
