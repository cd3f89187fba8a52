//! Finds the call of a request in the table, and runs its action.

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use time::OffsetDateTime;

use super::context::{ApiError, ApiResult, Context};
use super::{
    attachments, comments, documents, external, input, lists, output, settings, suggestions, users,
};
use crate::api;
use crate::data::{Data, Id};

/// An authenticated request.
pub struct Authenticated<'a> {
    pub user: Id,
    pub method: &'a Method,
    pub path: &'a str,
    pub query: Vec<(String, String)>,
    pub body: input::Body,
    pub now: OffsetDateTime,
    pub origin: &'a str,
    pub lenient: bool,
}

pub fn dispatch(data: &mut Data, request: Authenticated) -> Response {
    match respond(data, request) {
        Ok((status, json)) => (status, axum::Json(json)).into_response(),
        Err(error) => error.into_response(),
    }
}

fn respond(data: &mut Data, request: Authenticated) -> Result<(StatusCode, Value), ApiError> {
    let user = data.users.get(request.user);
    if !user.is_some_and(|user| user.admin) {
        return Err(ApiError::Forbidden);
    }
    // The server omits the body of a response to HEAD.
    let method = match request.method.as_str() {
        "HEAD" => "GET",
        method => method,
    };
    let call = api::find(method, request.path);
    let call = call.ok_or_else(|| ApiError::NoCall(format!("{method} {}", request.path)))?;
    let input = input::parse(data, call, &request.query, request.body, request.lenient)?;
    let mut ctx = Context {
        data,
        user: request.user,
        call,
        input,
        now: request.now,
        origin: request.origin,
        lenient: request.lenient,
    };
    let json = run(&mut ctx)?;
    let status = StatusCode::from_u16(call.call.status()).expect("the table has status codes");
    Ok((status, json))
}

fn run(ctx: &mut Context) -> ApiResult {
    let call = ctx.call;
    match (call.resource.name.as_str(), call.call.does.as_str()) {
        (_, "list") => lists::list(ctx),
        (_, "read") => lists::read(ctx),
        ("users", "current") => output::one(ctx, ctx.user),
        ("users", "find_or_create") => users::find_or_create(ctx),
        ("users", "set_allowed_state") => users::set_allowed_state(ctx),
        ("subdomains", "current") => lists::current_subdomain(ctx),
        (_, "translatable_strings") => lists::translatable_strings(ctx),
        ("suggestions", "create") => suggestions::create(ctx),
        ("suggestions", "import_suggestion") => suggestions::import(ctx),
        ("suggestions", "update") => suggestions::update(ctx),
        ("suggestions", "delete") => suggestions::delete(ctx),
        ("suggestions", "set_state") => suggestions::set_state(ctx),
        ("suggestions", "convert_to_ticket") => suggestions::convert_to_ticket(ctx),
        ("status_updates", "create") => suggestions::create_status_update(ctx),
        ("attachments", "create") => attachments::create(ctx),
        ("attachments", "delete") => attachments::delete(ctx),
        ("comments", "create") => comments::create(ctx),
        ("comments", "delete") => comments::delete(ctx),
        ("comments", "set_state") => comments::set_state(ctx),
        ("notes", "create") => comments::create_note(ctx),
        ("notes", "update") => comments::update_note(ctx),
        ("forums", "create") => settings::create_forum(ctx),
        ("forums", "delete") => settings::delete_forum(ctx),
        ("categories", "create") => settings::create_category(ctx),
        ("categories", "update") => settings::update_category(ctx),
        ("categories", "delete") => settings::delete_category(ctx),
        ("custom_fields", "create") => settings::create_custom_field(ctx),
        ("custom_fields", "update") => settings::update_custom_field(ctx),
        ("custom_fields", "delete") => settings::delete_custom_field(ctx),
        ("labels", "create") => settings::create_label(ctx),
        ("labels", "update") => settings::update_label(ctx),
        ("labels", "delete") => settings::delete_label(ctx),
        ("labels", "attach") => settings::attach_label(ctx),
        ("labels", "detach") => settings::detach_label(ctx),
        ("external_accounts", "import") => external::import_accounts(ctx),
        ("external_users", "import") => external::import_users(ctx),
        ("bulk_identify", _) => external::bulk_identify(ctx),
        (_, "bulk_delete") => external::bulk_delete(ctx),
        (_, "bulk_delete_by_external_id") => external::bulk_delete_by_external_id(ctx),
        ("forum_invitations", "create") => documents::create_invitations(ctx),
        ("nps_ratings", "create") => documents::create_rating(ctx),
        ("messages", "create") => documents::create_on_suggestion(ctx, "message"),
        ("feedback", "create") => documents::create_on_suggestion(ctx, "feedback"),
        (_, "create") => documents::create(ctx),
        (_, "update") => documents::update(ctx),
        (_, "delete") => documents::delete(ctx),
        _ => Err(ApiError::NotFound),
    }
}
