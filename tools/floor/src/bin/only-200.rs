//! A Lambda function behind API Gateway that responds with 200 and does nothing else: the floor for every function.

use lambda_http::{Error, Request, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(async |_: Request| Ok::<_, Error>("ok"))).await
}
