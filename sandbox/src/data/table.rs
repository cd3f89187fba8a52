//! Tables of records, looked up by id.

pub type Id = u64;

pub trait Row {
    fn id(&self) -> Id;
}

/// Records of one type, in ascending order of their ids.
pub struct Table<T> {
    rows: Vec<T>,
    next_id: Id,
}

impl<T: Row> Table<T> {
    pub fn new() -> Self {
        Table {
            rows: Vec::new(),
            next_id: 1,
        }
    }

    /// Adds the row that `build` returns for the next free id.
    pub fn insert(&mut self, build: impl FnOnce(Id) -> T) -> &T {
        let id = self.next_id;
        self.next_id += 1;
        self.rows.push(build(id));
        &self.rows[self.rows.len() - 1]
    }

    fn position(&self, id: Id) -> Option<usize> {
        self.rows.binary_search_by_key(&id, Row::id).ok()
    }

    pub fn get(&self, id: Id) -> Option<&T> {
        self.position(id).map(|index| &self.rows[index])
    }

    pub fn get_mut(&mut self, id: Id) -> Option<&mut T> {
        self.position(id).map(|index| &mut self.rows[index])
    }

    pub fn remove(&mut self, id: Id) -> Option<T> {
        self.position(id).map(|index| self.rows.remove(index))
    }

    /// Puts a row that was removed back in its place.
    pub fn restore(&mut self, row: T) -> &mut T {
        let index = self.rows.partition_point(|other| other.id() < row.id());
        self.rows.insert(index, row);
        &mut self.rows[index]
    }

    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.rows.retain(keep);
    }

    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.rows.iter_mut()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.rows.iter()
    }
}
