//! DynamoDB is away.

use gatecrumb_testkit::dynamodb_proxy::Fault;

use crate::stack::Stack;

const ID: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";

#[tokio::test]
async fn a_fault_of_dynamodb_is_503_and_nobody_is_signed_out() {
    let stack = Stack::start().await;
    let admin = stack.signed_in("carol", &["admin"]).await;
    stack.add(&admin, "milk").await;
    for fault in [
        Fault::Internal,
        Fault::Reset,
        Fault::Garbage,
        Fault::Signature,
        Fault::Throttled,
    ] {
        stack.faults.fail(fault, usize::MAX);
        let routes = [
            "GET /notes",
            "DELETE /notes",
            "GET /notes/counts",
            &format!("DELETE /notes/{ID}"),
        ];
        for route in routes {
            let answer = stack.call(&admin, route).await;
            assert_eq!(answer.outcome(), "503 unavailable", "{route} {fault:?}");
            assert_eq!(answer.headers["retry-after"], "1");
        }
        assert_eq!(
            stack.add(&admin, "bread").await.outcome(),
            "503 unavailable",
            "{fault:?}"
        );
        stack.faults.stop();
    }
    assert_eq!(stack.contents(&admin).await, ["milk"], "nothing was changed");
    let answer = stack.call(&admin, "GET /notes/session").await;
    assert_eq!(answer.outcome(), "200");
}

/// The SDK sends the same token again, with which DynamoDB applies the transaction once.
#[tokio::test]
async fn a_lost_response_adds_one_note() {
    let stack = Stack::start().await;
    let alice = stack.signed_in("alice", &[]).await;
    stack.faults.fail(Fault::LostAnswer, 1);
    assert_eq!(stack.add(&alice, "milk").await.outcome(), "201");
    assert_eq!(stack.contents(&alice).await, ["milk"]);
}

#[tokio::test]
async fn requests_that_conflict_every_time_get_503_after_a_few_tries() {
    let stack = Stack::start().await;
    let alice = stack.signed_in("alice", &[]).await;
    stack
        .faults
        .fail_operation(Fault::Contended, "TransactWriteItems");
    let _ = stack.faults.seen();
    assert_eq!(stack.add(&alice, "milk").await.outcome(), "503 unavailable");
    assert_eq!(stack.faults.seen(), ["TransactWriteItems"; 4]);
}

/// It fails the invocation, which is neither an allow nor a denial.
#[tokio::test]
async fn the_strict_authorizer_without_dynamodb_is_500() {
    let stack = Stack::with_authorizer(true).await;
    let alice = stack.signed_in("alice", &[]).await;
    stack.faults.fail(Fault::Internal, usize::MAX);
    assert_eq!(stack.call(&alice, "GET /notes/session").await.outcome(), "500");
    stack.faults.stop();
    assert_eq!(stack.call(&alice, "GET /notes/session").await.outcome(), "200");
}
