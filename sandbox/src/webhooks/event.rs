//! The events of webhooks and their data.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::changes::AuditStatus;
use super::json::Records;
use crate::data::{Data, Id, Message, OWNER, Row, Table, Ticket};

/// The names of the events, in the order of the service's settings.
pub const NAMES: [&str; 11] = [
    "new_ticket",
    "new_ticket_reply",
    "new_ticket_admin_reply",
    "new_suggestion",
    "new_comment",
    "new_kudo",
    "new_article",
    "new_forum",
    "suggestion_status_update",
    "suggestion_votes_update",
    "test",
];

pub enum Event {
    NewTicket(Id),
    TicketReply {
        ticket: Id,
        message: Id,
    },
    TicketAdminReply {
        ticket: Id,
        message: Id,
    },
    NewSuggestion(Id),
    NewComment(Id),
    Kudo {
        ticket: Id,
        message: Id,
    },
    NewArticle {
        id: Id,
        user: Id,
    },
    NewForum {
        id: Id,
        user: Id,
    },
    StatusUpdate(AuditStatus),
    VotesUpdate(Id),
    /// The service's settings page sends it when an admin tests the receiver.
    Test,
}

fn last_id<T: Row>(table: &Table<T>) -> Option<Id> {
    table.iter().last().map(Row::id)
}

impl Event {
    /// Returns the event of a message that was added to a ticket.
    pub fn reply(data: &Data, ticket: &Ticket, message: &Message) -> Event {
        let sender = data.users.get(message.sender);
        let (ticket, message) = (ticket.id, message.id);
        match sender.is_some_and(|user| user.admin) {
            true => Event::TicketAdminReply { ticket, message },
            false => Event::TicketReply { ticket, message },
        }
    }

    /// Returns an event with this name about the newest record of its kind, as if it had just
    /// happened. `None` if there is no such event or record.
    pub fn sample(name: &str, data: &Data, now: OffsetDateTime) -> Option<Event> {
        let message = || {
            let ticket = data.tickets.iter().last()?;
            Some((ticket.id, ticket.messages.last()?.id))
        };
        let user = OWNER;
        Some(match name {
            "new_ticket" => Event::NewTicket(last_id(&data.tickets)?),
            "new_ticket_reply" => {
                message().map(|(ticket, message)| Event::TicketReply { ticket, message })?
            }
            "new_ticket_admin_reply" => {
                message().map(|(ticket, message)| Event::TicketAdminReply { ticket, message })?
            }
            "new_suggestion" => Event::NewSuggestion(last_id(&data.suggestions)?),
            "new_comment" => Event::NewComment(last_id(&data.comments)?),
            "new_kudo" => message().map(|(ticket, message)| Event::Kudo { ticket, message })?,
            "new_article" => Event::NewArticle {
                id: last_id(&data.articles)?,
                user,
            },
            "new_forum" => Event::NewForum {
                id: last_id(&data.forums)?,
                user,
            },
            "suggestion_status_update" => Event::StatusUpdate(last_status(data, now)?),
            "suggestion_votes_update" => Event::VotesUpdate(last_id(&data.suggestions)?),
            "test" => Event::Test,
            _ => return None,
        })
    }

    pub fn name(&self) -> &'static str {
        match self {
            Event::NewTicket(_) => "new_ticket",
            Event::TicketReply { .. } => "new_ticket_reply",
            Event::TicketAdminReply { .. } => "new_ticket_admin_reply",
            Event::NewSuggestion(_) => "new_suggestion",
            Event::NewComment(_) => "new_comment",
            Event::Kudo { .. } => "new_kudo",
            Event::NewArticle { .. } => "new_article",
            Event::NewForum { .. } => "new_forum",
            Event::StatusUpdate(_) => "suggestion_status_update",
            Event::VotesUpdate(_) => "suggestion_votes_update",
            Event::Test => "test",
        }
    }

    /// Returns the event's data. `audits` are the changes of status until now.
    pub fn data(&self, data: &Data, audits: &[AuditStatus], origin: &str) -> Value {
        let records = Records {
            data,
            audits,
            origin,
        };
        match self {
            Event::NewTicket(id) => json!({ "ticket": records.ticket(*id) }),
            Event::TicketReply { ticket, message }
            | Event::TicketAdminReply { ticket, message } => {
                json!({
                    "ticket": records.ticket_summary(*ticket),
                    "message": records.message(*ticket, *message),
                })
            }
            Event::NewSuggestion(id) | Event::VotesUpdate(id) => {
                json!({ "suggestion": records.suggestion(*id) })
            }
            Event::NewComment(id) => json!({ "comment": records.comment(*id) }),
            Event::Kudo { ticket, message } => {
                json!({ "kudo": records.kudo(*ticket, *message) })
            }
            Event::NewArticle { id, user } => json!({ "article": records.article(*id, *user) }),
            Event::NewForum { id, user } => json!({ "forum": records.forum(*id, *user) }),
            Event::StatusUpdate(audit) => json!({ "audit_status": records.status_update(audit) }),
            Event::Test => json!({}),
        }
    }
}

/// Returns the newest suggestion's status as a change of status.
fn last_status(data: &Data, now: OffsetDateTime) -> Option<AuditStatus> {
    let mut newest = data.suggestions.iter().rev();
    let suggestion = newest.find(|suggestion| suggestion.status.is_some())?;
    Some(AuditStatus {
        id: 1,
        suggestion: suggestion.id,
        user: OWNER,
        initial_status: None,
        final_status: suggestion.status,
        created_at: now,
    })
}
