//! A Lambda function behind API Gateway that answers 200 and does nothing: no function starts or answers sooner.

use lambda_http::{Error, Request, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(async |_: Request| Ok::<_, Error>("ok"))).await
}
