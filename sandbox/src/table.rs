//! Records by their ids.

use crate::data::Id;

/// Records of one kind, in the order of their ids.
pub struct Table<T> {
    rows: Vec<T>,
    next: Id,
}

pub trait Row {
    fn id(&self) -> Id;
}

impl<T: Row> Table<T> {
    pub fn new() -> Self {
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
