//! What the sandbox knows: users, forums, suggestions and so on, in memory and
//! the same at every start.

use time::OffsetDateTime;

pub type Id = u64;

/// The first moment of the seeded history: 2013-05-06 12:03:44 UTC.
const EPOCH: i64 = 1_367_841_824;
/// How long it is at most, in seconds: ten years, so that it ends in the past.
const HISTORY: u64 = 10 * 365 * 24 * HOUR;
const HOUR: u64 = 3600;
const USERS: Id = 250;
const TICKETS: Id = 30;
pub const OWNER: Id = 1;
pub const OWNER_EMAIL: &str = "owner@sandbox.example";

/// Records of one kind, in the order of their ids.
pub struct Table<T> {
    rows: Vec<T>,
    next: Id,
}

pub trait Row {
    fn id(&self) -> Id;
}

impl<T: Row> Table<T> {
    fn new() -> Self {
        Table {
            rows: Vec::new(),
            next: 1,
        }
    }

    /// Adds the row that `make` gives for the next id.
    pub fn insert(&mut self, make: impl FnOnce(Id) -> T) -> &T {
        let id = self.next;
        self.next += 1;
        self.rows.push(make(id));
        &self.rows[self.rows.len() - 1]
    }

    fn position(&self, id: Id) -> Option<usize> {
        self.rows.binary_search_by_key(&id, Row::id).ok()
    }

    pub fn get(&self, id: Id) -> Option<&T> {
        self.position(id).map(|at| &self.rows[at])
    }

    pub fn get_mut(&mut self, id: Id) -> Option<&mut T> {
        self.position(id).map(|at| &mut self.rows[at])
    }

    pub fn remove(&mut self, id: Id) -> Option<T> {
        self.position(id).map(|at| self.rows.remove(at))
    }

    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.rows.retain(keep);
    }

    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.rows.iter()
    }
}

macro_rules! rows {
    ($($row:ident),*) => { $(impl Row for $row { fn id(&self) -> Id { self.id } })* };
}
rows!(
    User,
    Forum,
    Suggestion,
    Comment,
    Note,
    Ticket,
    Article,
    Topic,
    Status,
    CustomField,
    Category,
    Label,
    ExternalUser
);

pub struct User {
    pub id: Id,
    pub name: String,
    pub email: String,
    pub guid: Option<String>,
    pub admin: bool,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

pub struct Forum {
    pub id: Id,
    pub name: String,
    pub welcome: String,
    pub private: bool,
    /// Who may enter a private forum by the domain of their e-mail address.
    pub email_domains: Vec<String>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

pub struct Suggestion {
    pub id: Id,
    pub forum: Id,
    pub title: String,
    pub text: String,
    /// API v2's word: "published", "approved" or "spam".
    pub state: &'static str,
    pub creator: Id,
    pub category: Option<Id>,
    pub status: Option<Id>,
    pub response: Option<Response>,
    /// Votes of people who are not users of the sandbox.
    pub other_votes: u64,
    pub votes: Vec<Vote>,
    pub labels: Vec<Id>,
    pub external: Vec<External>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

impl Suggestion {
    pub fn vote_count(&self) -> u64 {
        self.other_votes + self.votes.iter().map(|vote| vote.count).sum::<u64>()
    }
}

pub struct Response {
    pub text: String,
    pub user: Id,
    pub created_at: OffsetDateTime,
}

pub struct Vote {
    pub user: Id,
    pub count: u64,
    pub created_at: OffsetDateTime,
}

/// What another system calls a record (`identify`).
pub struct External {
    pub scope: String,
    pub id: String,
}

#[derive(Clone)]
pub struct Comment {
    pub id: Id,
    pub suggestion: Id,
    pub user: Id,
    pub text: String,
    pub created_at: OffsetDateTime,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Subject {
    Suggestion(Id),
    Ticket(Id),
}

#[derive(Clone)]
pub struct Note {
    pub id: Id,
    pub on: Subject,
    pub user: Id,
    pub text: String,
    pub created_at: OffsetDateTime,
}

pub struct Ticket {
    pub id: Id,
    pub subject: String,
    pub state: String,
    pub contact: Id,
    pub assignee: Option<Id>,
    pub custom_fields: Vec<(String, String)>,
    pub messages: Vec<Message>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

pub struct Message {
    pub id: Id,
    pub body: String,
    pub sender: Id,
    pub attachments: Vec<Attachment>,
    pub created_at: OffsetDateTime,
}

pub struct Attachment {
    pub name: String,
    pub content_type: String,
    pub size: usize,
}

pub struct Article {
    pub id: Id,
    pub topic: Id,
    pub question: String,
    pub answer: String,
    pub created_at: OffsetDateTime,
}

pub struct Topic {
    pub id: Id,
    pub name: String,
}

pub struct Status {
    pub id: Id,
    pub name: &'static str,
    pub key: &'static str,
    pub hex_color: &'static str,
}

pub struct CustomField {
    pub id: Id,
    pub key: &'static str,
    pub kind: &'static str,
    pub possible_values: &'static [&'static str],
}

pub struct Category {
    pub id: Id,
    pub forum: Id,
    pub name: &'static str,
}

pub struct Label {
    pub id: Id,
    pub name: &'static str,
}

/// Somebody whom another system knows (API v2).
pub struct ExternalUser {
    pub id: Id,
    pub external_id: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

/// A vote as API v2 tells of it.
pub struct Supporter {
    pub id: Id,
    pub suggestion: Id,
    pub user: Id,
    pub created_at: OffsetDateTime,
}

pub struct Data {
    pub users: Table<User>,
    pub forums: Table<Forum>,
    pub suggestions: Table<Suggestion>,
    pub comments: Table<Comment>,
    pub notes: Table<Note>,
    pub tickets: Table<Ticket>,
    pub articles: Table<Article>,
    pub topics: Table<Topic>,
    pub statuses: Table<Status>,
    pub custom_fields: Table<CustomField>,
    pub categories: Table<Category>,
    pub labels: Table<Label>,
    pub external_users: Table<ExternalUser>,
}

fn hours(after_epoch: Id) -> OffsetDateTime {
    seconds(after_epoch * HOUR)
}

fn seconds(after_epoch: u64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(EPOCH + after_epoch as i64)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Names that not every client gets right.
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
const WISHES: [&str; 6] = [
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
        // One an hour, or more where there are many.
        let apart = (HISTORY / count.max(1)).min(HOUR);
        for n in 0..count {
            let created_at = seconds(100 * HOUR + n * apart);
            let creator = 1 + n % USERS;
            let suggestion = self.suggestions.insert(|id| Suggestion {
                id,
                forum: if n % 5 == 4 { 2 } else { 1 },
                title: format!("{} ({id})", WISHES[n as usize % WISHES.len()]),
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
                external: vec![],
                created_at,
                updated_at: seconds(101 * HOUR + n * apart),
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
                on: Subject::Ticket(ticket),
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

    /// Removes a suggestion, and what hangs on it.
    pub fn remove_suggestion(&mut self, id: Id) -> Option<Suggestion> {
        let removed = self.suggestions.remove(id)?;
        self.comments.retain(|comment| comment.suggestion != id);
        self.notes.retain(|note| note.on != Subject::Suggestion(id));
        Some(removed)
    }

    /// Removes a forum with its suggestions.
    pub fn remove_forum(&mut self, id: Id) -> Option<Forum> {
        let removed = self.forums.remove(id)?;
        let suggestions = self.suggestions.iter().filter(|one| one.forum == id);
        let suggestions: Vec<Id> = suggestions.map(|one| one.id).collect();
        for suggestion in suggestions {
            self.remove_suggestion(suggestion);
        }
        Some(removed)
    }

    /// Every vote of a user, with an id that stays.
    pub fn supporters(&self) -> Vec<Supporter> {
        let votes = self.suggestions.iter().flat_map(|suggestion| {
            suggestion.votes.iter().map(|vote| Supporter {
                id: suggestion.id * 1_000_000 + vote.user,
                suggestion: suggestion.id,
                user: vote.user,
                created_at: vote.created_at,
            })
        });
        votes.collect()
    }

    pub fn user_by_email(&self, email: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|user| user.email.eq_ignore_ascii_case(email))
    }

    /// The user with that address, who is created where there is none.
    pub fn find_or_create_user(
        &mut self,
        email: &str,
        name: Option<&str>,
        now: OffsetDateTime,
    ) -> Id {
        if let Some(user) = self.user_by_email(email) {
            return user.id;
        }
        let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or(email));
        self.users
            .insert(|id| User {
                id,
                name: name.into(),
                email: email.into(),
                guid: None,
                admin: false,
                created_at: now,
                updated_at: now,
            })
            .id
    }
}
