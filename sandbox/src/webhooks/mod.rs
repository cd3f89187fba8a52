//! Webhooks: notifies another program of changes, as the service does.
//!
//! `changes` finds out what a request has changed, by whatever API, and `event` describes the
//! changes with the records of `json`. `delivery` sends them, one after the other.

mod changes;
mod delivery;
mod event;
mod json;

pub use changes::Changes;
pub use delivery::{Delivery, parse_receiver, send, send_changes};
pub use event::{Event, NAMES};

use std::collections::VecDeque;

use crate::data::Data;

/// The number of deliveries that are kept.
const MAX_DELIVERIES: usize = 20;

/// Where webhooks are sent, and what was sent.
pub struct Webhooks {
    /// `None` if no webhooks are sent.
    receiver: Option<String>,
    changes: Changes,
    /// The last deliveries, newest first.
    pub deliveries: VecDeque<Delivery>,
}

impl Webhooks {
    pub fn new(receiver: Option<String>, data: &Data) -> Webhooks {
        Webhooks {
            receiver,
            changes: Changes::new(data),
            deliveries: VecDeque::new(),
        }
    }

    pub fn receiver(&self) -> Option<&str> {
        self.receiver.as_deref()
    }

    /// Changes the receiver, which is sent the changes from now on.
    pub fn set_receiver(&mut self, receiver: Option<String>, data: &Data) {
        self.receiver = receiver;
        self.changes = Changes::new(data);
    }

    fn add_delivery(&mut self, delivery: Delivery) {
        self.deliveries.push_front(delivery);
        self.deliveries.truncate(MAX_DELIVERIES);
    }
}
