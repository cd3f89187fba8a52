//! `/admin/tickets/…`: tickets in the Admin Console.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};

use super::html::{not_found, site_page};
use super::parts::{self, avatar, count, date, text, user};
use super::visitor::Visitor;
use crate::data::{Data, NoteSubject, Ticket};
use crate::site::Site;

pub async fn ticket(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let state = site.lock();
    match id.parse().ok().and_then(|id| state.data.tickets.get(id)) {
        Some(ticket) => site_page(
            &visitor,
            "",
            &ticket.subject,
            ticket_page(&state.data, ticket),
        ),
        None => not_found(),
    }
}

fn ticket_page(data: &Data, ticket: &Ticket) -> Markup {
    let notes = data.notes.iter();
    let notes = notes.filter(|note| note.subject == NoteSubject::Ticket(ticket.id));
    html! {
        p .crumbs { a href="/" { "Overview" } " / Ticket " (ticket.id) }
        h1 { (ticket.subject) " " span .tag { (ticket.state) } }
        p .meta {
            (user(data, ticket.contact)) " · " (date(ticket.created_at)) " · assigned to "
            @match ticket.assignee { Some(id) => (user(data, id)), None => "nobody" }
        }
        @if !ticket.custom_fields.is_empty() {
            dl .pairs { @for (key, value) in &ticket.custom_fields { dt { (key) } dd { (value) } } }
        }
        section {
            h2 { (count(ticket.messages.len(), "message")) }
            ol .entries {
                @for message in &ticket.messages {
                    li {
                        (avatar(message.sender))
                        div {
                            p .meta { (user(data, message.sender)) " · " (date(message.created_at)) }
                            (text(&message.body))
                            @for attachment in &message.attachments {
                                p .meta { (attachment.name) " · " (attachment.content_type) " · " (count(attachment.size, "byte")) }
                            }
                        }
                    }
                }
            }
        }
        (parts::notes(data, notes))
    }
}
