//! The records in the data of webhooks. They have more fields than those of API v1, and other
//! timestamps.

use maud::html;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::changes::AuditStatus;
use crate::data::{Data, Forum, Id, Message, Suggestion};

pub struct Records<'a> {
    pub data: &'a Data,
    pub audits: &'a [AuditStatus],
    pub origin: &'a str,
}

fn format_time(time: OffsetDateTime) -> String {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    time.format(format)
        .expect("every timestamp has the fields of this format")
}

fn formatted(text: &str) -> String {
    html! { div class="typeset" { @for line in text.lines() { p { (line) } } } }.into_string()
}

fn set(record: &mut Value, name: &str, value: Value) {
    if let Value::Object(fields) = record {
        fields.insert(name.into(), value);
    }
}

impl Records<'_> {
    fn user(&self, id: Id) -> Value {
        let user = self.data.users.get(id);
        user.map_or(Value::Null, |user| {
            json!({
                "id": user.id,
                "name": user.name,
                "email": user.email,
                "title": null,
                "url": format!("{}/users/{}", self.origin, user.id),
                "avatar_url": format!("{}/avatars/{}.png", self.origin, user.id),
                "karma_score": user.id * 3,
                "created_at": format_time(user.created_at),
                "updated_at": format_time(user.updated_at),
            })
        })
    }

    fn status(&self, id: Option<Id>) -> Value {
        let status = id.and_then(|id| self.data.statuses.get(id));
        status.map_or(Value::Null, |status| {
            json!({
                "id": status.id,
                "name": status.name,
                "hex_color": status.hex_color,
                "key": status.key,
            })
        })
    }

    fn suggestion_counts(&self, forum: Id) -> (usize, usize) {
        let suggestions = self.data.suggestions.iter();
        let in_forum = suggestions.filter(|suggestion| suggestion.forum == forum);
        let open = in_forum
            .clone()
            .filter(|suggestion| closed_at(suggestion).is_none());
        (in_forum.count(), open.count())
    }

    fn topic_of(&self, forum: &Forum) -> Value {
        let (all, open) = self.suggestion_counts(forum.id);
        json!({
            "id": forum.id,
            "prompt": "I suggest you ...",
            "example": "Enter your idea",
            "votes_allowed": 10,
            "suggestions_count": all,
            "open_suggestions_count": open,
            "closed": false,
            "anonymous_access": !forum.private,
            "unlimited_votes": false,
            "classic_voting": "true",
            "closed_at": null,
            "created_at": format_time(forum.created_at),
            "updated_at": format_time(forum.updated_at),
            "forum": { "id": forum.id.to_string(), "name": forum.name },
        })
    }

    pub fn suggestion(&self, id: Id) -> Value {
        let Some(suggestion) = self.data.suggestions.get(id) else {
            return Value::Null;
        };
        let forum = self.data.forums.get(suggestion.forum);
        let comments = self.data.comments.iter();
        let path = format!("/forums/{}/suggestions/{id}", suggestion.forum);
        let category = suggestion
            .category
            .and_then(|id| self.data.categories.get(id));
        json!({
            "url": format!("{}{path}", self.origin),
            "path": path,
            "id": id,
            "state": if suggestion.state == "published" { "approved" } else { suggestion.state },
            "title": suggestion.title,
            "text": suggestion.text,
            "formatted_text": formatted(&suggestion.text),
            "referrer": null,
            "vote_count": suggestion.vote_count(),
            "subscriber_count": suggestion.votes.len(),
            "comments_count": comments.filter(|comment| comment.suggestion == id).count(),
            "supporters_count": suggestion.votes.len(),
            "merged_into_suggestion_id": null,
            "topic": forum.map(|forum| self.topic_of(forum)),
            "category": category.map(|category| json!({ "id": category.id, "name": category.name })),
            "closed_at": closed_at(suggestion).map(format_time),
            "status": self.status(suggestion.status),
            "creator": self.user(suggestion.creator),
            "response": suggestion.response.as_ref().map(|response| json!({
                "text": response.text,
                "formatted_text": formatted(&response.text),
                "created_at": format_time(response.created_at),
                "creator": self.user(response.user),
            })),
            "attachments": [],
            "created_at": format_time(suggestion.created_at),
            "updated_at": format_time(suggestion.updated_at),
        })
    }

    fn audit(&self, audit: &AuditStatus) -> Value {
        json!({
            "id": audit.id,
            "initial_status": self.status(audit.initial_status),
            "final_status": self.status(audit.final_status),
            "created_at": format_time(audit.created_at),
            "updated_at": format_time(audit.created_at),
        })
    }

    pub fn status_update(&self, audit: &AuditStatus) -> Value {
        let mut suggestion = self.suggestion(audit.suggestion);
        set(&mut suggestion, "status_changed_by", self.user(audit.user));
        // The last change only, and not a list as in a comment's suggestion.
        set(&mut suggestion, "audit_statuses", self.audit(audit));
        let mut update = self.audit(audit);
        set(&mut update, "suggestion", suggestion);
        set(&mut update, "user", self.user(audit.user));
        update
    }

    pub fn comment(&self, id: Id) -> Value {
        let Some(comment) = self.data.comments.get(id) else {
            return Value::Null;
        };
        let mut suggestion = self.suggestion(comment.suggestion);
        let forum = suggestion["topic"]["forum"]["id"].clone();
        let audits = self
            .audits
            .iter()
            .filter(|audit| audit.suggestion == comment.suggestion);
        let audits = audits.map(|audit| self.audit(audit)).collect();
        set(&mut suggestion, "audit_statuses", Value::Array(audits));
        json!({
            "id": id,
            "state": "approved",
            "text": comment.text,
            "formatted_text": formatted(&comment.text),
            "suggestion": suggestion,
            "suggestion_id": comment.suggestion.to_string(),
            "forum_id": forum,
            "creator": self.user(comment.user),
            "created_at": format_time(comment.created_at),
            "updated_at": format_time(comment.created_at),
        })
    }

    pub fn forum(&self, id: Id, updated_by: Id) -> Value {
        let Some(forum) = self.data.forums.get(id) else {
            return Value::Null;
        };
        let (all, open) = self.suggestion_counts(id);
        let categories = self
            .data
            .categories
            .iter()
            .filter(|category| category.forum == id);
        let categories =
            categories.map(|category| json!({ "id": category.id, "name": category.name }));
        json!({
            "url": format!("{}/forums/{id}", self.origin),
            "id": id,
            "name": forum.name,
            "welcome": (!forum.welcome.is_empty()).then_some(&forum.welcome),
            "topics": [{
                "id": id,
                "prompt": "I suggest you ...",
                "example": "Enter your idea",
                "votes_allowed": 10,
                "suggestions_count": all,
                "open_suggestions_count": open,
                "closed_at": null,
                "created_at": format_time(forum.created_at),
                "updated_at": format_time(forum.updated_at),
                "categories": categories.collect::<Vec<_>>(),
            }],
            "updated_by": self.user(updated_by),
            "private": forum.private,
            "anonymous_access": !forum.private,
            "suggestions_count": all,
            "created_at": format_time(forum.created_at),
            "updated_at": format_time(forum.updated_at),
        })
    }

    pub fn article(&self, id: Id, updated_by: Id) -> Value {
        let Some(article) = self.data.articles.get(id) else {
            return Value::Null;
        };
        let path = format!("/knowledgebase/articles/{id}");
        json!({
            "url": format!("{}{path}", self.origin),
            "path": path,
            "id": id,
            "title": article.question,
            "text": article.answer,
            "formatted_text": article.answer,
            "uses": 0,
            "instant_answers": 0,
            "published": true,
            "updated_by": self.user(updated_by),
            "topic": self.data.topics.get(article.topic)
                .map(|topic| json!({ "id": topic.id, "name": topic.name })),
            "created_at": format_time(article.created_at),
            "updated_at": format_time(article.created_at),
            "question": article.question,
            "answer_html": article.answer,
        })
    }

    pub fn ticket_summary(&self, id: Id) -> Value {
        let ticket = self.data.tickets.get(id);
        ticket.map_or(Value::Null, |ticket| {
            json!({
                "id": ticket.id,
                "ticket_number": ticket.id,
                "subject": ticket.subject,
                "state": ticket.state,
                "url": format!("{}/admin/tickets/{id}", self.origin),
                "contact": self.user(ticket.contact),
            })
        })
    }

    pub fn ticket(&self, id: Id) -> Value {
        let Some(ticket) = self.data.tickets.get(id) else {
            return Value::Null;
        };
        let messages = ticket.messages.iter().rev();
        let mut record = self.ticket_summary(id);
        let last_message = ticket.messages.last();
        for (name, value) in [
            (
                "from_email_address",
                self.user(ticket.contact)["email"].take(),
            ),
            (
                "custom_fields",
                ticket
                    .custom_fields
                    .iter()
                    .map(|(key, value)| json!({ "key": key, "value": value }))
                    .collect(),
            ),
            (
                "messages",
                messages.map(|message| self.message_json(message)).collect(),
            ),
            // A new ticket has no notes.
            ("notes", json!([])),
            (
                "assignee",
                ticket.assignee.map_or(Value::Null, |id| self.user(id)),
            ),
            ("created_by", self.user(ticket.contact)),
            (
                "updated_by",
                self.user(last_message.map_or(ticket.contact, |message| message.sender)),
            ),
            (
                "last_message_at",
                last_message
                    .map(|message| format_time(message.created_at))
                    .into(),
            ),
            ("created_at", format_time(ticket.created_at).into()),
            ("updated_at", format_time(ticket.updated_at).into()),
        ] {
            set(&mut record, name, value);
        }
        record
    }

    fn message_json(&self, message: &Message) -> Value {
        let sender = self.data.users.get(message.sender);
        json!({
            "id": message.id,
            "channel": "api",
            "body": message.body,
            "plaintext_body": message.body,
            "is_admin_response": sender.is_some_and(|user| user.admin),
            "referrer": null,
            "sender": self.user(message.sender),
            "attachments": message.attachments.iter().map(|attachment| json!({
                "name": attachment.name,
                "content_type": attachment.content_type,
                "size": attachment.size,
            })).collect::<Vec<_>>(),
            "ccs": [],
            "bccs": [],
            "created_at": format_time(message.created_at),
            "updated_at": format_time(message.created_at),
        })
    }

    pub fn message(&self, ticket: Id, id: Id) -> Value {
        let ticket = self.data.tickets.get(ticket);
        let mut messages = ticket.into_iter().flat_map(|ticket| &ticket.messages);
        let message = messages.find(|message| message.id == id);
        message.map_or(Value::Null, |message| self.message_json(message))
    }

    /// The thanks of a ticket's contact for a message.
    pub fn kudo(&self, ticket: Id, message: Id) -> Value {
        let mut summary = self.ticket_summary(ticket);
        let contact = summary["contact"].clone();
        let message = self.message(ticket, message);
        let created_at = message["created_at"].clone();
        json!({
            "id": message["id"],
            "ticket": summary.take(),
            "message": message,
            "sender": contact,
            "created_at": created_at,
            "updated_at": created_at,
        })
    }
}

/// When the suggestion was closed by its status, if it was.
fn closed_at(suggestion: &Suggestion) -> Option<OffsetDateTime> {
    let is_closed = suggestion.status.is_some_and(|status| status > 3);
    is_closed.then_some(suggestion.updated_at)
}
