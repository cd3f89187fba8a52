//! One run of an export: starts the workers and writes the pages that they load.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use super::dedup::{self, WrittenVersions};
use super::directory::{Directory, OutputFile};
use super::page_output::PageOutput;
use super::progress;
use super::queue::BoundedQueue;
use super::resource::ResourceOptions;
use super::state::{Position, ResourceState, Window};
use super::worker::{self, Event, Message};
use crate::auth::token::Token;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::http::cancel::Stop;
use crate::http::interrupt::Interrupt;

/// Resources that are loaded at the same time.
const MAX_WORKERS: usize = 4;

pub(super) struct Run {
    directory: Directory,
    /// Everything in `state.json`, which may have more resources than this run exports.
    states: Vec<ResourceState>,
    jobs: Vec<Job>,
    /// Pages that were loaded.
    queue: Arc<BoundedQueue<Message>>,
    /// A page that was loaded and could not be written.
    pending: Option<Message>,
    workers: Vec<JoinHandle<()>>,
    /// Set by the first call of `next`.
    started: Option<Instant>,
    /// Records read since then.
    read: u64,
}

/// A resource that this run exports.
struct Job {
    /// Index of its state.
    state: usize,
    output: Option<OutputFile>,
    /// The versions of records that were written and may be received again.
    written: WrittenVersions,
    versions_file: Option<OutputFile>,
    is_loading: bool,
    is_done: bool,
}

impl Run {
    /// Reads the state in `directory` and adds the resources that are new.
    pub(super) fn new(directory: Directory, resources: Vec<ResourceOptions>) -> Result<Self> {
        let mut states = directory.read_state()?;
        let mut jobs = Vec::with_capacity(resources.len());
        for options in resources {
            let known = states
                .iter()
                .position(|state| state.options.name == options.name);
            match known {
                Some(known) => states[known].check_options(&options)?,
                None => {
                    directory.check_unused(&options)?;
                    states.push(ResourceState::new(options));
                }
            }
            jobs.push(Job {
                state: known.unwrap_or(states.len() - 1),
                output: None,
                written: WrittenVersions::default(),
                versions_file: None,
                is_loading: false,
                is_done: false,
            });
        }
        Ok(Run {
            directory,
            states,
            jobs,
            queue: Arc::new(BoundedQueue::new(MAX_WORKERS)),
            pending: None,
            workers: Vec::new(),
            started: None,
            read: 0,
        })
    }

    /// Writes the next page of any resource and saves the state. Returns the progress, or
    /// `None` if all resources are done.
    pub(super) fn next(
        &mut self,
        client: &Client,
        token: Option<&Token>,
        interrupt: &Interrupt,
    ) -> Result<Option<String>> {
        if self.started.is_none() {
            self.start()?;
        }
        self.start_workers(client, token)?;
        if self.jobs.iter().all(|job| job.is_done) {
            return Ok(None);
        }
        let (job, event) = match self.pending.take() {
            Some(message) => message,
            // At least one worker is running, and each one ends with a message.
            None => self
                .queue
                .pop(interrupt)
                .map_err(Stop::from)?
                .ok_or_else(|| Error::internal("the threads that load pages have ended"))?,
        };
        if let Event::Failed(error) = event {
            self.jobs[job].is_loading = false;
            let name = &self.states[self.jobs[job].state].options.name;
            return Err(error.with_remark(format_args!("while exporting \"{name}\"")));
        }
        if let Err(error) = self.write(job, &event) {
            self.pending = Some((job, event));
            return Err(error);
        }
        if let Err(error) = self.finish(job) {
            // All pages are written. Only the final file name is missing.
            self.pending = Some((job, Event::End));
            return Err(error);
        }
        Ok(Some(self.progress()))
    }

    /// Stops the workers and waits for them. The caller cancels their requests first.
    pub(super) fn stop(&mut self) {
        self.queue.close();
        for worker in self.workers.drain(..) {
            // A panic was caught in the worker and reported.
            let _ = worker.join();
        }
    }

    /// Starts a new window for each resource that an earlier run completed, and opens the
    /// files.
    fn start(&mut self) -> Result<()> {
        let mut obsolete = Vec::new();
        for job in &mut self.jobs {
            let state = &mut self.states[job.state];
            if state.window.position == Position::End {
                // The process may have been killed before this step.
                self.directory.publish(&state.options)?;
                let Some(window) = state.next_window() else {
                    job.is_done = true;
                    continue;
                };
                obsolete.push((state.options.name.clone(), state.window.versions_file));
                start_window(&self.directory, state, window)?;
            }
            let name = &state.options.name;
            let file = state.window.versions_file;
            job.written
                .extend(&self.directory.read_versions(name, file)?);
        }
        self.directory.write_state(&self.states)?;
        for (name, file) in obsolete {
            self.directory.remove_versions(&name, file);
        }
        for job in self.jobs.iter_mut().filter(|job| !job.is_done) {
            let output = self.directory.open_output(&self.states[job.state])?;
            job.output = Some(output);
        }
        self.started = Some(Instant::now());
        Ok(())
    }

    fn start_workers(&mut self, client: &Client, token: Option<&Token>) -> Result<()> {
        self.workers.retain(|worker| !worker.is_finished());
        let loading = self.jobs.iter().filter(|job| job.is_loading).count();
        let idle = self.jobs.iter_mut().enumerate();
        let idle = idle.filter(|(_, job)| !job.is_loading && !job.is_done);
        for (number, job) in idle.take(MAX_WORKERS.saturating_sub(loading)) {
            let state = &self.states[job.state];
            let worker = worker::start(client, token, state, number, self.queue.clone())?;
            self.workers.push(worker);
            job.is_loading = true;
        }
        Ok(())
    }

    /// Writes a page and then saves the state that includes it.
    fn write(&mut self, number: usize, event: &Event) -> Result<()> {
        let job = &mut self.jobs[number];
        let mut state = self.states[job.state].clone();
        let offset = state.bytes;
        let output = match event {
            Event::Page {
                slice,
                requested_at,
            } => state.add_page(slice, *requested_at, &job.written),
            Event::End | Event::Failed(_) => {
                state.window.position = Position::End;
                PageOutput::default()
            }
        };
        if let Some(file) = &mut job.output {
            file.write(offset, &output.lines)?;
        }
        job.write_versions(&self.directory, &mut state, &output)?;
        let read_before = self.states[job.state].window.counts.read;
        let read = state.window.counts.read - read_before;
        let before = std::mem::replace(&mut self.states[job.state], state);
        if let Err(error) = self.directory.write_state(&self.states) {
            self.states[self.jobs[number].state] = before;
            return Err(error);
        }
        self.jobs[number].written.extend(&output.versions);
        self.read += read;
        Ok(())
    }

    /// Marks a resource as done if its last page is written.
    fn finish(&mut self, number: usize) -> Result<()> {
        let job = &mut self.jobs[number];
        let state = &self.states[job.state];
        if state.window.position != Position::End {
            return Ok(());
        }
        self.directory.publish(&state.options)?;
        job.is_loading = false;
        job.is_done = true;
        (job.output, job.versions_file) = (None, None);
        job.written = WrittenVersions::default();
        Ok(())
    }

    fn progress(&self) -> String {
        let states = self.jobs.iter().map(|job| &self.states[job.state]);
        let elapsed = self.started.map(|started| started.elapsed());
        progress::to_json(states, self.read, elapsed.unwrap_or_default())
    }
}

impl Job {
    /// Appends versions that may be received again to their file, which is created when it
    /// is needed.
    fn write_versions(
        &mut self,
        directory: &Directory,
        state: &mut ResourceState,
        output: &PageOutput,
    ) -> Result<()> {
        if output.versions.is_empty() {
            return Ok(());
        }
        let file = match &mut self.versions_file {
            Some(file) => file,
            none => {
                let name = &state.options.name;
                none.insert(directory.open_versions(name, state.window.versions_file)?)
            }
        };
        let lines = dedup::to_lines(&output.versions);
        file.write(state.window.versions_file.bytes, lines.as_bytes())?;
        state.window.versions_file.bytes += lines.len() as u64;
        Ok(())
    }
}

/// Starts a window after one that is complete, and copies the written versions that it may
/// receive again to its own file.
fn start_window(
    directory: &Directory,
    state: &mut ResourceState,
    mut window: Window,
) -> Result<()> {
    let name = &state.options.name;
    let after = window.updated_after.map(|after| after.unix_timestamp());
    let mut versions = directory.read_versions(name, state.window.versions_file)?;
    versions.retain(|version| Some(version.updated_at) >= after);
    if !versions.is_empty() {
        let lines = dedup::to_lines(&versions);
        let mut file = directory.open_versions(name, window.versions_file)?;
        file.write(0, lines.as_bytes())?;
        window.versions_file.bytes = lines.len() as u64;
    }
    state.start_window(window);
    Ok(())
}
