//! Finds the changes that webhooks report, by comparing the records with those seen before.

use std::collections::HashMap;

use time::OffsetDateTime;

use super::event::Event;
use crate::data::{Data, Id, Row, Suggestion, Table};

/// A change of a suggestion's status or response.
#[derive(Clone)]
pub struct AuditStatus {
    pub id: Id,
    pub suggestion: Id,
    pub user: Id,
    pub initial_status: Option<Id>,
    pub final_status: Option<Id>,
    pub created_at: OffsetDateTime,
}

/// What the webhooks depend on in a suggestion.
#[derive(Clone, Copy, PartialEq)]
struct Seen {
    status: Option<Id>,
    responded_at: Option<OffsetDateTime>,
    votes: u64,
}

impl Seen {
    fn new(suggestion: &Suggestion) -> Seen {
        let response = suggestion.response.as_ref();
        Seen {
            status: suggestion.status,
            responded_at: response.map(|response| response.created_at),
            votes: suggestion.vote_count(),
        }
    }
}

/// The records that were seen, and the changes of status since the start.
pub struct Changes {
    suggestions: HashMap<Id, Seen>,
    last: LastIds,
    pub audits: Vec<AuditStatus>,
}

/// The highest id of each kind of record.
struct LastIds {
    comment: Id,
    forum: Id,
    article: Id,
    ticket: Id,
    message: Id,
}

fn last_id<T: Row>(table: &Table<T>) -> Id {
    table.iter().last().map_or(0, Row::id)
}

impl LastIds {
    fn new(data: &Data) -> LastIds {
        let tickets = data.tickets.iter();
        let messages = tickets.flat_map(|ticket| ticket.messages.iter().map(|message| message.id));
        LastIds {
            comment: last_id(&data.comments),
            forum: last_id(&data.forums),
            article: last_id(&data.articles),
            ticket: last_id(&data.tickets),
            message: messages.max().unwrap_or(0),
        }
    }
}

fn seen_suggestions(data: &Data) -> HashMap<Id, Seen> {
    let suggestions = data.suggestions.iter();
    suggestions
        .map(|suggestion| (suggestion.id, Seen::new(suggestion)))
        .collect()
}

impl Changes {
    pub fn new(data: &Data) -> Changes {
        Changes {
            suggestions: seen_suggestions(data),
            last: LastIds::new(data),
            audits: vec![],
        }
    }

    /// Returns the events of the changes that `user` made since the last call.
    pub fn observe(&mut self, data: &Data, user: Id, now: OffsetDateTime) -> Vec<Event> {
        let mut events = vec![];
        for suggestion in data.suggestions.iter() {
            let seen = Seen::new(suggestion);
            match self.suggestions.get(&suggestion.id) {
                None => events.push(Event::NewSuggestion(suggestion.id)),
                Some(before) if *before == seen => {}
                Some(before) => {
                    let before = *before;
                    events.extend(self.changed_suggestion(suggestion, before, seen, user, now));
                }
            }
        }
        events.extend(self.new_records(data, user));
        self.suggestions = seen_suggestions(data);
        self.last = LastIds::new(data);
        events
    }

    fn changed_suggestion(
        &mut self,
        suggestion: &Suggestion,
        before: Seen,
        seen: Seen,
        user: Id,
        now: OffsetDateTime,
    ) -> Vec<Event> {
        let mut events = vec![];
        if (before.status, before.responded_at) != (seen.status, seen.responded_at) {
            let audit = AuditStatus {
                id: self.audits.len() as Id + 1,
                suggestion: suggestion.id,
                user,
                initial_status: before.status,
                final_status: seen.status,
                created_at: now,
            };
            self.audits.push(audit.clone());
            events.push(Event::StatusUpdate(audit));
        }
        if before.votes != seen.votes {
            events.push(Event::VotesUpdate(suggestion.id));
        }
        events
    }

    fn new_records(&self, data: &Data, user: Id) -> Vec<Event> {
        fn new_ids<T: Row>(table: &Table<T>, last: Id) -> impl Iterator<Item = Id> {
            table.iter().map(Row::id).filter(move |id| *id > last)
        }
        let last = &self.last;
        let comments = new_ids(&data.comments, last.comment).map(Event::NewComment);
        let forums = new_ids(&data.forums, last.forum).map(|id| Event::NewForum { id, user });
        let articles =
            new_ids(&data.articles, last.article).map(|id| Event::NewArticle { id, user });
        let tickets = new_ids(&data.tickets, last.ticket).map(Event::NewTicket);
        // The messages of a new ticket are part of its event.
        let known_tickets = data
            .tickets
            .iter()
            .filter(|ticket| ticket.id <= last.ticket);
        let replies = known_tickets.flat_map(|ticket| {
            let new = ticket
                .messages
                .iter()
                .filter(|message| message.id > last.message);
            new.map(|message| Event::reply(data, ticket, message))
        });
        comments
            .chain(forums)
            .chain(articles)
            .chain(tickets)
            .chain(replies)
            .collect()
    }
}
