//! The records that a sandbox starts with, the same at every start.

use time::OffsetDateTime;

use super::records::{
    Article, Category, Comment, CustomField, Forum, Label, Message, Note, NoteSubject, OWNER,
    OWNER_EMAIL, Response, Status, Suggestion, Ticket, Topic, User, Vote,
};
use super::store::Data;
use super::table::{Id, Table};

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
            statuses: Table::new(),
            custom_fields: Table::new(),
            categories: Table::new(),
            labels: Table::new(),
            external_users: Table::new(),
            uploads: Table::new(),
        };
        data.seed_users();
        data.seed_settings();
        data.seed_forums();
        data.seed_suggestions(suggestions);
        data.seed_tickets();
        data.seed_articles();
        data
    }

    fn seed_users(&mut self) {
        self.users.insert(|id| User {
            id,
            name: "Olivia Owner".into(),
            email: OWNER_EMAIL.into(),
            guid: Some("owner".into()),
            admin: true,
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
            self.categories.insert(|id| Category { id, forum: 1, name });
        }
        for name in ["quick win", "next year"] {
            self.labels.insert(|id| Label { id, name });
        }
        self.custom_fields.insert(|id| CustomField {
            id,
            key: "Type",
            kind: "predefined",
            possible_values: &["Question", "Problem", "Praise"],
        });
        self.custom_fields.insert(|id| CustomField {
            id,
            key: "Order number",
            kind: "string",
            possible_values: &[],
        });
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
            let suggestion = self.suggestions.insert(|id| Suggestion {
                id,
                forum: if n % 5 == 4 { 2 } else { 1 },
                title: format!("{} ({id})", TITLES[n as usize % TITLES.len()]),
                text: format!("It would help me every day.\nI thought of it {id} times."),
                state: "published",
                creator,
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
                external_ids: vec![],
                created_at,
                updated_at: seconds(101 * HOUR + n * interval),
            });
            let suggestion = suggestion.id;
            if n % 10 == 0 {
                self.comments.insert(|id| Comment {
                    id,
                    suggestion,
                    user: 1 + (n + 7) % USERS,
                    text: "+1, please!".into(),
                    created_at,
                });
            }
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
            });
        }
    }

    fn seed_articles(&mut self) {
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
}
