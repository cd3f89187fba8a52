//! The records of the emulated site, held in memory.
//!
//! `table` stores records by id, `records` defines their types, `store` holds one table per
//! type, `activity` records what people do, and `seed` fills it with the data that every sandbox starts
//! with.

mod activity;
mod records;
mod seed;
mod store;
mod table;
mod uploads;

pub use activity::Act;
pub use records::*;
pub use store::Data;
pub use table::{Id, Row, Table};
pub use uploads::{Upload, UploadSubject};
