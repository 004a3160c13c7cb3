use lambda_http::{Request, RequestExt as _, request::RequestContext};

/// What a request wants. API Gateway names the route in the event: behind an API mapping with a path, the path of the
/// request has a prefix.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Route {
    /// `GET /notes`
    List,
    /// `POST /notes`
    Add,
    /// `DELETE /notes`
    RemoveAll,
    /// `DELETE /notes/{id}`
    Remove { id: String },
    /// `GET /notes/counts`
    Counts { after: Option<String> },
}

impl Route {
    /// `None` for a route that `template.yaml` does not have.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
            return None;
        };
        match context.route_key.as_deref()? {
            "GET /notes" => Some(Self::List),
            "POST /notes" => Some(Self::Add),
            "DELETE /notes" => Some(Self::RemoveAll),
            "DELETE /notes/{id}" => Some(Self::Remove {
                id: request.path_parameters().first("id")?.to_owned(),
            }),
            "GET /notes/counts" => Some(Self::Counts {
                after: request
                    .query_string_parameters()
                    .first("after")
                    .map(str::to_owned),
            }),
            _ => None,
        }
    }
}
