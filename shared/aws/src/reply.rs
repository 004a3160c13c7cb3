//! What DynamoDB and Secrets Manager always send. Anything else is an answer that was lost, so the SDK calls again.
//!
//! The SDK reads an empty body as `{}`, and `null` as a member that is absent: an answer that a proxy or a broken
//! connection made up would say that a session does not exist.

use std::collections::HashMap;

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::ConnectorError};
use serde_json::value::RawValue;

/// Errors that are answers: the table's content led to them. They come with status 400 alone.
const ANSWERS: [&str; 2] = ["ConditionalCheckFailedException", "TransactionCanceledException"];
/// Errors that a new signature may cure: the clock jumped after the request was signed.
const SIGNATURES: [&str; 4] = [
    "InvalidSignatureException",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

/// Marks an answer that refuses the request's signature.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignatureRefused;

/// Whether an error says that the signature was refused.
pub(crate) fn refuses_signature(code: Option<&str>) -> bool {
    code.is_some_and(|code| SIGNATURES.contains(&code))
}

/// Refuses what is no answer of AWS's JSON protocols
/// (<https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html>). Its body is in memory.
pub(crate) fn check(answer: &mut HttpResponse) -> Result<(), ConnectorError> {
    let body = answer.body().bytes().unwrap_or_default();
    if let Some(sum) = answer.headers().get("x-amz-crc32")
        && sum.parse() != Ok(crc32fast::hash(body))
    {
        return Err(fault("its checksum is another"));
    }
    let members: Option<HashMap<String, Option<&RawValue>>> = serde_json::from_slice(body).ok();
    let code = members.as_ref().and_then(error_code);
    match (answer.status().as_u16(), &members, &code) {
        (200, Some(members), _) if members.values().all(Option::is_some) => {}
        (200, ..) => return Err(fault("status 200 without a whole JSON object")),
        (400, Some(members), Some(_)) if members.get("Item").is_none_or(Option::is_some) => {}
        (401..=499, _, Some(code)) if !ANSWERS.contains(&code.as_str()) => {}
        (500..=599, _, code) if code.as_deref().is_none_or(|code| !ANSWERS.contains(&code)) => {}
        (status, ..) => return Err(fault(&format!("status {status} without an error of AWS's"))),
    }
    // The SDK would believe this header before the body.
    answer.headers_mut().remove("x-amzn-errortype");
    if refuses_signature(code.as_deref()) {
        answer.add_extension(SignatureRefused);
    }
    Ok(())
}

/// `ConditionalCheckFailedException` of `com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException`.
fn error_code(members: &HashMap<String, Option<&RawValue>>) -> Option<String> {
    let name: String = serde_json::from_str((*members.get("__type")?)?.get()).ok()?;
    Some(name.rsplit('#').next()?.to_owned())
}

fn fault(what: &str) -> ConnectorError {
    ConnectorError::io(format!("not an answer: {what}").into())
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn answer(status: u16, body: &str) -> HttpResponse {
        HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body))
    }

    fn condition(name: &str) -> String {
        format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{name}","message":"no"}}"#)
    }

    #[test]
    fn what_aws_sends_passes() {
        let failed = condition("ConditionalCheckFailedException");
        for (status, body) in [
            (200, "{}"),
            (200, r#"{"Item":{"a":{"NULL":true}},"ConsumedCapacity":{}}"#),
            (400, &failed),
            (400, r#"{"__type":"ResourceNotFoundException"}"#),
            (403, r#"{"__type":"AccessDeniedException"}"#),
            // A load balancer's own: the SDK calls again because of the status.
            (502, "<html>"),
            (500, r#"{"__type":"InternalServerError"}"#),
        ] {
            assert!(check(&mut answer(status, body)).is_ok(), "{status} {body}");
        }
    }

    #[test]
    fn an_answer_with_another_checksum_is_refused() {
        for (sum, passes) in [
            ("2745614147", true),
            ("2745614148", false),
            ("", false),
            ("x", false),
        ] {
            let mut answer = answer(200, "{}");
            answer.headers_mut().insert("x-amz-crc32", sum);
            assert_eq!(check(&mut answer).is_ok(), passes, "{sum}");
        }
    }

    #[test]
    fn only_the_body_of_status_400_says_that_a_condition_failed() {
        for name in ANSWERS {
            for status in [200, 201, 401, 403, 404, 429, 500, 503] {
                let refused = check(&mut answer(status, &condition(name))).is_err();
                // Of status 200 it is an answer that lacks what was requested.
                assert_eq!(refused, status != 200, "{status}");
            }
        }
        for body in ["", "[]", "{}", r#"{"message":"no"}"#, r#"{"__type":1}"#] {
            let mut answer = answer(400, body);
            answer
                .headers_mut()
                .insert("x-amzn-errortype", "ConditionalCheckFailedException");
            assert!(check(&mut answer).is_err(), "{body}");
        }
        let null = r#"{"__type":"ConditionalCheckFailedException","Item":null}"#;
        assert!(check(&mut answer(400, null)).is_err());
        let mut other = answer(400, r#"{"__type":"ValidationException"}"#);
        other
            .headers_mut()
            .insert("x-amzn-errortype", "ConditionalCheckFailedException");
        check(&mut other).unwrap();
        assert!(other.headers().get("x-amzn-errortype").is_none());
    }
}
