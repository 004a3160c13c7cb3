//! A layer for services of `lambda_http`.

use std::{
    future::ready,
    pin::Pin,
    task::{Context, Poll},
};

use lambda_http::{Body, IntoResponse, Request, Response, Service, tower::Layer};

use super::{Guard, Refusal};

type Responding<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Answers what the guard refuses, and adds the [`Access`](super::Access) of all other requests to their extensions.
#[derive(Clone)]
pub struct GuardLayer(Guard);

impl GuardLayer {
    /// A layer with this guard.
    #[must_use]
    pub fn new(guard: Guard) -> Self {
        Self(guard)
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded {
            guard: self.0.clone(),
            inner,
        }
    }
}

/// A service behind a [`GuardLayer`].
#[derive(Clone)]
pub struct Guarded<S> {
    guard: Guard,
    inner: S,
}

impl<S> Service<Request> for Guarded<S>
where
    S: Service<Request>,
    S::Response: IntoResponse + Send + 'static,
    S::Error: Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Responding<Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        match self.guard.check_request(&request) {
            Ok(access) => {
                request.extensions_mut().insert(access);
                let response = self.inner.call(request);
                Box::pin(async move { Ok(response.await?.into_response().await) })
            }
            Err(refusal) => Box::pin(ready(Ok(refusal.response().map(Body::from)))),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> {
        Box::pin(ready(self.response().map(Body::from)))
    }
}
