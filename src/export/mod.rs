//! Lists into files, by a process that may be killed at any moment: what it had
//! written counts, and the next one goes on from there.

mod directory;
mod format;
mod loader;
mod moment;
mod options;
mod page_text;
mod progress;
mod queue;
mod recent;
mod state;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use crate::auth::token::Token;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::process::fork::PerProcess;
use crate::request::log::LogBuffer;
use directory::{Directory, Output};
use loader::{Event, Told};
use page_text::PageText;
use queue::Queue;
use recent::Recent;
use state::{Entry, Place, Window};

/// Lists that are loaded at the same time.
const AT_ONCE: usize = 4;

/// An export of lists into files of a directory. Threads load the pages, ahead
/// of the caller, who writes them with [`Export::next`].
pub struct Export {
    client: Client,
    /// The client of our threads, which leave what they have to tell in the
    /// backlog.
    loading_client: Client,
    backlog: LogBuffer,
    token: Option<Token>,
    /// None in a forked child: the directory is its parent's.
    work: PerProcess<Option<Mutex<Work>>>,
}

struct Work {
    directory: Directory,
    /// All that `state.json` is about, which may be more than was asked for.
    entries: Vec<Entry>,
    jobs: Vec<Job>,
    /// What was loaded.
    told: Arc<Queue<Told>>,
    /// What was loaded and could not be written.
    pending: Option<Told>,
    loaders: Vec<JoinHandle<()>>,
    /// When the first page was waited for.
    begun: Option<Instant>,
    /// Records read since then.
    read: u64,
}

/// A resource that was asked for.
struct Job {
    /// Which entry is its.
    entry: usize,
    output: Option<Output>,
    /// Versions of records that were written and may come again, and their file.
    recent: Recent,
    recent_file: Option<Output>,
    is_loading: bool,
    is_done: bool,
}

impl Export {
    /// Opens an export into `directory`, or one that was begun there; see
    /// `uservoice_export_new` in the header for `options_json` and the files.
    /// Sends nothing.
    ///
    /// # Errors
    /// `InvalidArgument` for the options, also where they are others than those
    /// of the export that is there; `FileError` for the directory.
    pub fn new(
        client: &Client,
        token: Option<&Token>,
        directory: impl AsRef<Path>,
        options_json: &str,
    ) -> Result<Self> {
        let resources = options::parse(options_json)?;
        let directory = Directory::open(directory.as_ref())?;
        let mut entries = directory.read_state()?;
        let mut jobs = Vec::with_capacity(resources.len());
        for resource in resources {
            let known = entries
                .iter()
                .position(|entry| entry.resource.name == resource.name);
            match known {
                Some(known) => entries[known].check(&resource)?,
                None => {
                    directory.check_unused(&resource)?;
                    entries.push(Entry::new(resource));
                }
            }
            jobs.push(Job {
                entry: known.unwrap_or(entries.len() - 1),
                output: None,
                recent: Recent::default(),
                recent_file: None,
                is_loading: false,
                is_done: false,
            });
        }
        let client = client.child(client.log().cloned());
        let backlog = LogBuffer::default();
        let loading_client = client.child(client.log().map(|log| backlog.buffered(log)));
        Ok(Export {
            client,
            loading_client,
            backlog,
            token: token.cloned(),
            work: PerProcess::new(Some(Mutex::new(Work {
                directory,
                entries,
                jobs,
                told: Arc::new(Queue::new(AT_ONCE)),
                pending: None,
                loaders: Vec::new(),
                begun: None,
                read: 0,
            }))),
        })
    }

    /// Writes the next page that is loaded, of whichever list, and notes in the
    /// state that it is written. Gives how far the export is, as JSON; `None`
    /// when all is written. After an error the next call goes on.
    ///
    /// # Errors
    /// Those of [`crate::Collection::next`], with the resource's name in the
    /// message; `FileError`; `InvalidArgument` in a forked child.
    pub fn next(&self) -> Result<Option<String>> {
        let work = self.work.get(|| None).as_ref().ok_or_else(|| {
            Error::invalid(
                "export",
                "belongs to the process that opened it, not to a forked child",
            )
        })?;
        let result = self.advance(&mut lock(work));
        if let Some(log) = self.client.log() {
            self.backlog.flush(log);
        }
        result
    }

    fn advance(&self, work: &mut Work) -> Result<Option<String>> {
        self.client.check_not_cancelled()?;
        if work.begun.is_none() {
            work.begin()?;
        }
        work.start_loaders(&self.loading_client, self.token.as_ref())?;
        if work.jobs.iter().all(|job| job.is_done) {
            return Ok(None);
        }
        let (number, event) = match work.pending.take() {
            Some(told) => told,
            // A loader is running, and has a last word for every case.
            None => work
                .told
                .take()
                .map_err(|_| Error::internal("the threads that load pages are gone"))?,
        };
        if let Event::Failed(error) = event {
            work.jobs[number].is_loading = false;
            let name = &work.entry(number).resource.name;
            return Err(error.with_remark(format_args!("while exporting \"{name}\"")));
        }
        if let Err(error) = work.write(number, &event) {
            work.pending = Some((number, event));
            return Err(error);
        }
        if let Err(error) = work.finish(number) {
            // Its pages are written; what is left is its file's name.
            work.pending = Some((number, Event::End));
            return Err(error);
        }
        Ok(Some(work.progress()))
    }
}

impl Work {
    fn entry(&self, job: usize) -> &Entry {
        &self.entries[self.jobs[job].entry]
    }

    /// Begins the windows of what was exported before, and opens the files.
    fn begin(&mut self) -> Result<()> {
        let mut ended = Vec::new();
        for job in &mut self.jobs {
            let entry = &mut self.entries[job.entry];
            if entry.window.place == Place::End {
                // Where a kill came in between.
                self.directory.publish(&entry.resource)?;
                let Some(window) = entry.next_window() else {
                    job.is_done = true;
                    continue;
                };
                ended.push((entry.resource.name.clone(), entry.window.recent));
                begin_window(&self.directory, entry, window)?;
            }
            let name = &entry.resource.name;
            let recent = self.directory.read_recent(name, entry.window.recent)?;
            job.recent.add(&recent);
        }
        self.directory.write_state(&self.entries)?;
        for (name, recent) in ended {
            self.directory.remove_recent(&name, recent);
        }
        for job in self.jobs.iter_mut().filter(|job| !job.is_done) {
            let output = self.directory.open_output(&self.entries[job.entry])?;
            job.output = Some(output);
        }
        self.begun = Some(Instant::now());
        Ok(())
    }

    fn start_loaders(&mut self, client: &Client, token: Option<&Token>) -> Result<()> {
        self.loaders.retain(|loader| !loader.is_finished());
        let loading = self.jobs.iter().filter(|job| job.is_loading).count();
        let idle = self.jobs.iter_mut().enumerate();
        let idle = idle.filter(|(_, job)| !job.is_loading && !job.is_done);
        for (number, job) in idle.take(AT_ONCE.saturating_sub(loading)) {
            let entry = &self.entries[job.entry];
            let loader = loader::start(client, token, entry, number, self.told.clone())?;
            self.loaders.push(loader);
            job.is_loading = true;
        }
        Ok(())
    }

    /// Writes what a loader told, and then notes that it is written.
    fn write(&mut self, number: usize, event: &Event) -> Result<()> {
        let job = &mut self.jobs[number];
        let mut entry = self.entries[job.entry].clone();
        let start = entry.bytes;
        let text = match event {
            Event::Page { part, asked_at } => entry.take(part, *asked_at, &job.recent),
            Event::End | Event::Failed(_) => {
                entry.window.place = Place::End;
                PageText::default()
            }
        };
        if let Some(output) = &mut job.output {
            output.write(start, &text.lines)?;
        }
        job.write_notes(&self.directory, &mut entry, &text)?;
        let read_before = self.entries[job.entry].window.counts.read;
        let read = entry.window.counts.read - read_before;
        let before = std::mem::replace(&mut self.entries[job.entry], entry);
        if let Err(error) = self.directory.write_state(&self.entries) {
            self.entries[self.jobs[number].entry] = before;
            return Err(error);
        }
        self.jobs[number].recent.add(&text.notes);
        self.read += read;
        Ok(())
    }

    /// Marks a resource that has come to its end.
    fn finish(&mut self, number: usize) -> Result<()> {
        let job = &mut self.jobs[number];
        let entry = &self.entries[job.entry];
        if entry.window.place != Place::End {
            return Ok(());
        }
        self.directory.publish(&entry.resource)?;
        job.is_loading = false;
        job.is_done = true;
        (job.output, job.recent_file) = (None, None);
        job.recent = Recent::default();
        Ok(())
    }

    fn progress(&self) -> String {
        let entries = self.jobs.iter().map(|job| &self.entries[job.entry]);
        let elapsed = self.begun.map(|begun| begun.elapsed()).unwrap_or_default();
        progress::to_json(entries, self.read, elapsed)
    }
}

impl Job {
    /// Adds what may come again to its file, which is there where it is needed.
    fn write_notes(
        &mut self,
        directory: &Directory,
        entry: &mut Entry,
        text: &PageText,
    ) -> Result<()> {
        if text.notes.is_empty() {
            return Ok(());
        }
        let file = match &mut self.recent_file {
            Some(file) => file,
            none => {
                let name = &entry.resource.name;
                none.insert(directory.open_recent(name, entry.window.recent)?)
            }
        };
        let lines = recent::to_lines(&text.notes);
        file.write(entry.window.recent.bytes, lines.as_bytes())?;
        entry.window.recent.bytes += lines.len() as u64;
        Ok(())
    }
}

/// Begins the window after one that has come to its end, with those of the
/// versions written that it may meet.
fn begin_window(directory: &Directory, entry: &mut Entry, mut window: Window) -> Result<()> {
    let name = &entry.resource.name;
    let after = window.after.map(|after| after.unix_timestamp());
    let mut recent = directory.read_recent(name, entry.window.recent)?;
    recent.retain(|note| Some(note.at) >= after);
    if !recent.is_empty() {
        let lines = recent::to_lines(&recent);
        let mut file = directory.open_recent(name, window.recent)?;
        file.write(0, lines.as_bytes())?;
        window.recent.bytes = lines.len() as u64;
    }
    entry.begin(window);
    Ok(())
}

/// What it guards is whole at every moment, whoever panicked.
fn lock(work: &Mutex<Work>) -> MutexGuard<'_, Work> {
    work.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the threads that load pages, and waits for them. In a forked child there
/// are none.
impl Drop for Export {
    fn drop(&mut self) {
        let Some(work) = self.work.get(|| None) else {
            return;
        };
        self.loading_client.cancel();
        let mut work = lock(work);
        work.told.close();
        for loader in std::mem::take(&mut work.loaders) {
            // Its panic was caught and told.
            let _ = loader.join();
        }
        drop(work);
        if let Some(log) = self.client.log() {
            self.backlog.flush(log);
        }
    }
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").finish_non_exhaustive()
    }
}
