//! The fields of queries and forms.

use axum::Form;
use axum::extract::{FromRequest, Request};
use axum::response::Response;
use serde::de::DeserializeOwned;

use super::html::error_page;

/// The fields of a query or a form. If they cannot be parsed, the response is an HTML page.
pub struct Fields<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Fields<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let form = Form::from_request(request, state).await;
        form.map(|Form(fields)| Fields(fields))
            .map_err(|rejection| error_page(&rejection.body_text()))
    }
}
