//! The records that a sandbox starts with, the same at every start.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::records::{
    Article, Category, Comment, CustomField, Forum, Message, Note, NoteSubject, OWNER, OWNER_EMAIL,
    Response, Status, Suggestion, SupportQueue, Ticket, Topic, User, Vote,
};
use super::store::Data;
use super::table::{Id, Table};
use super::uploads::{Upload, UploadSubject};
use crate::api::{Base, Resource, api};

/// The start of the seeded history: 2013-05-06 12:03:44 UTC.
const EPOCH: i64 = 1_367_841_824;
/// The maximum length of the history in seconds: ten years, so that it ends in the past.
const HISTORY: u64 = 10 * 365 * 24 * HOUR;
const HOUR: u64 = 3600;
const USERS: Id = 250;
const TICKETS: Id = 30;

fn hours(after_epoch: Id) -> OffsetDateTime {
    seconds(after_epoch * HOUR)
}

fn seconds(after_epoch: u64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(EPOCH + after_epoch as i64)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Names with characters that clients often mishandle.
const NAMES: [&str; 8] = [
    "Ada Lovelace",
    "Zoë Åström",
    "李小龍",
    "Maria O'Neil",
    "Łukasz Żak",
    "José García",
    "Анна Каренина",
    "Sam \"Quote\" <Tag>",
];
const TITLES: [&str; 6] = [
    "Dark mode",
    "Export to CSV",
    "Sync with my calendar",
    "Größere Schrift",
    "Keyboard shortcuts",
    "日本語の翻訳",
];

impl Data {
    pub fn seeded(suggestions: u64) -> Data {
        let mut data = Data {
            users: Table::new(),
            forums: Table::new(),
            suggestions: Table::new(),
            comments: Table::new(),
            notes: Table::new(),
            tickets: Table::new(),
            articles: Table::new(),
            topics: Table::new(),
            support_queues: Table::new(),
            assets: Table::new(),
            statuses: Table::new(),
            custom_fields: Table::new(),
            categories: Table::new(),
            documents: HashMap::new(),
            deleted_suggestions: vec![],
            deleted_comments: vec![],
            uploads: Table::new(),
        };
        data.seed_users();
        data.seed_settings();
        data.seed_forums();
        data.seed_suggestions(suggestions);
        data.seed_tickets();
        data.seed_articles();
        data.seed_documents();
        data.seed_uploads();
        data
    }

    fn seed_users(&mut self) {
        self.users.insert(|id| User {
            id,
            name: "Olivia Owner".into(),
            email: OWNER_EMAIL.into(),
            guid: Some("owner".into()),
            admin: true,
            blocked: false,
            created_at: hours(0),
            updated_at: hours(0),
        });
        for n in 1..USERS {
            self.users.insert(|id| User {
                id,
                name: NAMES[n as usize % NAMES.len()].into(),
                email: format!("user{n}@sandbox.example"),
                guid: (n % 3 == 0).then(|| format!("guid-{n}")),
                admin: n == 1,
                blocked: false,
                created_at: hours(n),
                updated_at: hours(n * 2),
            });
        }
    }

    fn seed_settings(&mut self) {
        for (name, key, hex_color) in [
            ("Under review", "under_review", "#999999"),
            ("Planned", "planned", "#F0BA00"),
            ("Started", "started", "#7D7EDF"),
            ("Completed", "completed", "#7D7EDF"),
            ("Declined", "declined", "#BBBBBB"),
        ] {
            self.statuses.insert(|id| Status {
                id,
                name,
                key,
                hex_color,
            });
        }
        for name in ["Design", "Speed", "Languages"] {
            self.categories.insert(|id| Category {
                id,
                forum: 1,
                name: name.into(),
                created_at: hours(0),
                updated_at: hours(0),
            });
        }
        let types: &'static [&'static str] = &["Question", "Problem", "Praise"];
        for (name, kind, possible_values) in [
            ("Type", "predefined", types),
            ("Order number", "string", &[]),
        ] {
            self.custom_fields.insert(|id| CustomField {
                id,
                key: name.into(),
                name: name.into(),
                kind: kind.into(),
                object_type: "ticket".into(),
                possible_values,
                created_at: hours(0),
                updated_at: hours(0),
            });
        }
    }

    fn seed_forums(&mut self) {
        for (name, private) in [
            ("General", false),
            ("Mobile apps", false),
            ("Beta testers", true),
        ] {
            self.forums.insert(|id| Forum {
                id,
                name: name.into(),
                welcome: format!("What should we do next in {name}?"),
                private,
                email_domains: vec![],
                created_at: hours(id),
                updated_at: hours(id),
            });
        }
    }

    fn seed_suggestions(&mut self, count: u64) {
        // One suggestion per hour, or more if they would not fit into the history.
        let interval = (HISTORY / count.max(1)).min(HOUR);
        for n in 0..count {
            let created_at = seconds(100 * HOUR + n * interval);
            let creator = 1 + n % USERS;
            let forum = if n % 5 == 4 { 2 } else { 1 };
            let title = |id| format!("{} ({id})", TITLES[n as usize % TITLES.len()]);
            let suggestion = self.suggestions.insert(|id| Suggestion {
                text: format!("It would help me every day.\nI thought of it {id} times."),
                state: "published",
                category: (n % 4 == 0).then_some(1 + n % 3),
                status: (n % 7 == 0).then_some(1 + n % 5),
                response: (n % 35 == 0).then(|| Response {
                    text: "Thank you, we are on it.".into(),
                    user: OWNER,
                    created_at,
                }),
                other_votes: (count - n) / 4,
                votes: vec![Vote {
                    user: creator,
                    count: 1 + n % 3,
                    created_at,
                }],
                labels: if n % 9 == 0 { vec![1 + n % 2] } else { vec![] },
                updated_at: seconds(101 * HOUR + n * interval),
                ..Suggestion::new(id, forum, title(id), creator, created_at)
            });
            let suggestion = suggestion.id;
            if n % 35 == 0 {
                self.seed_status_update(suggestion, created_at);
            }
            if n % 10 == 0 {
                let (user, text) = (1 + (n + 7) % USERS, "+1, please!".into());
                self.comments
                    .insert(|id| Comment::new(id, suggestion, user, text, created_at));
            }
        }
    }

    /// Adds the status update that a suggestion's response belongs to.
    fn seed_status_update(&mut self, id: Id, now: OffsetDateTime) {
        let Some(suggestion) = self.suggestions.get(id) else {
            return;
        };
        let body = suggestion.response.as_ref().map(|response| &response.text);
        let fields = json!({
            "body": body,
            "html_body": body.map(|body| format!("<p>{body}</p>")),
            "supporters_notified": true,
            "notification_email_address": OWNER_EMAIL,
            "mail_sent_count": 1,
            "links.suggestion": id,
            "links.user": OWNER,
            "links.new_status": suggestion.status,
        });
        let fields = fields.as_object().cloned().unwrap_or_default();
        let update = self.insert_document("status_updates", fields, now);
        if let Some(suggestion) = self.suggestions.get_mut(id) {
            suggestion.last_status_update = Some(update);
        }
    }

    fn seed_tickets(&mut self) {
        for n in 0..TICKETS {
            let created_at = hours(200 + n);
            let contact = 2 + n;
            let ticket = self.tickets.insert(|id| Ticket {
                id,
                subject: format!("I need help with number {id}"),
                state: if n % 3 == 0 { "closed" } else { "open" }.into(),
                contact,
                assignee: (n % 2 == 0).then_some(OWNER),
                custom_fields: vec![("Type".into(), "Question".into())],
                messages: vec![Message {
                    id,
                    body: "It does not work.\nWhat can I do?".into(),
                    sender: contact,
                    attachments: vec![],
                    created_at,
                }],
                created_at,
                updated_at: created_at,
            });
            let ticket = ticket.id;
            self.notes.insert(|id| Note {
                id,
                subject: NoteSubject::Ticket(ticket),
                user: OWNER,
                text: "A regular customer.".into(),
                created_at,
                updated_at: created_at,
            });
        }
    }

    fn seed_articles(&mut self) {
        for name in ["Support", "Sales"] {
            self.support_queues.insert(|id| SupportQueue {
                id,
                name: name.into(),
            });
        }
        for name in ["Getting started", "Billing"] {
            self.topics.insert(|id| Topic {
                id,
                name: name.into(),
            });
        }
        for n in 0..12 {
            self.articles.insert(|id| Article {
                id,
                topic: 1 + n % 2,
                question: format!("How do I do thing {id}?"),
                answer: format!("<p>Press button {id}.</p>"),
                created_at: hours(n),
            });
        }
    }

    fn seed_uploads(&mut self) {
        for (file_name, content_type, content, suggestion) in [
            ("numbers.csv", "text/csv", "month,votes\n5,12\n", 3),
            ("steps.txt", "text/plain", "Open the settings.\n", 4),
        ] {
            if self.suggestions.get(suggestion).is_none() {
                continue;
            }
            self.uploads.insert(|id| Upload {
                id,
                token: format!("attachment-{id}"),
                file_name: file_name.into(),
                content_type: content_type.into(),
                content: content.into(),
                attached_to: Some(UploadSubject::Suggestion(suggestion)),
                created_at: hours(id),
                updated_at: hours(id),
            });
        }
    }

    /// Adds the records of the table of the API, without those whose links lead nowhere
    /// because a sandbox has few suggestions.
    fn seed_documents(&mut self) {
        for resource in &api().resources {
            for (record, hour) in resource.seed.iter().zip(10..) {
                let mut fields = record.clone();
                if let Some(Value::Object(links)) = fields.remove("links") {
                    let links = links.into_iter();
                    fields.extend(links.map(|(name, value)| (format!("links.{name}"), value)));
                }
                if self.has_linked_suggestions(resource, &fields) {
                    self.insert_document(&resource.name, fields, hours(hour));
                }
            }
        }
    }

    fn has_linked_suggestions(&self, resource: &Resource, fields: &Map<String, Value>) -> bool {
        let links = resource.all_links().filter(
            |(_, kind, _)| matches!(&kind.base, Base::Id(resource) if resource == "suggestions"),
        );
        let ids = links.flat_map(|(name, ..)| match fields.get(&format!("links.{name}")) {
            Some(Value::Array(ids)) => ids.clone(),
            Some(id) => vec![id.clone()],
            None => vec![],
        });
        let mut ids = ids.filter_map(|id| id.as_u64());
        ids.all(|id| self.suggestions.get(id).is_some())
    }
}
