//! One run of an export: starts the workers and writes the pages that they load.

use std::time::Instant;

use super::batch::Batch;
use super::directory::Directory;
use super::job::Job;
use super::page_loader::Event;
use super::page_source::{Access, JobEvent, PageSource};
use super::progress;
use super::resource::ResourceOptions;
use super::state::{ResourceState, Window};
use crate::error::{Error, Result};

pub(super) struct Run {
    directory: Directory,
    /// Everything in `state.json`, which may have more resources than this run exports. Includes
    /// what is not saved yet.
    states: Vec<ResourceState>,
    jobs: Vec<Job>,
    source: PageSource,
    /// An error that follows pages of the same call.
    failure: Option<(usize, Error)>,
    /// Pages that the next call may write.
    max_pages: usize,
    /// `states` has changed since it was saved.
    is_unsaved: bool,
    /// Set by the first call of `next`.
    started: Option<Instant>,
    /// Records read since then.
    read: u64,
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
            let state = known.unwrap_or(states.len());
            match known {
                Some(known) if states[known].is_untouched() => {
                    states[known] = ResourceState::new(options);
                }
                Some(known) => states[known].check_options(&options)?,
                None => {
                    directory.check_unused(&options)?;
                    states.push(ResourceState::new(options));
                }
            }
            jobs.push(Job::new(state));
        }
        Ok(Run {
            directory,
            states,
            jobs,
            source: PageSource::new(),
            failure: None,
            max_pages: 1,
            is_unsaved: false,
            started: None,
            read: 0,
        })
    }

    /// Writes the next pages of any resources and saves the state. Returns the progress, or `None`
    /// if all resources are done.
    pub(super) fn next(&mut self, access: Access<'_>) -> Result<Option<String>> {
        if self.started.is_none() {
            self.start()?;
        }
        // Otherwise an earlier call could not save what it loaded.
        let mut result = Ok(());
        if !self.is_unsaved {
            if self.is_complete() {
                return Ok(None);
            }
            result = self.write_batch(access);
        }
        self.save()?;
        result?;
        Ok(Some(self.progress()))
    }

    /// Stops the workers and waits for them. The caller cancels their requests first.
    pub(super) fn stop(&mut self) {
        self.source.stop();
    }

    /// Starts a new window for each resource that an earlier run completed, and opens the
    /// files.
    fn start(&mut self) -> Result<()> {
        let mut states = self.states.clone();
        let mut obsolete = Vec::new();
        let is_interrupted = |state: &ResourceState| state.in_incomplete_run && !state.is_at_end();
        let mut jobs = self.jobs.iter();
        let resumes = jobs.any(|job| is_interrupted(&states[job.state]));
        for job in &mut self.jobs {
            let state = &mut states[job.state];
            if state.is_at_end() {
                // The process may have been killed before this step.
                self.directory.publish(state)?;
                if resumes && state.in_incomplete_run {
                    job.finish();
                    continue;
                }
                let Some(window) = state.next_window() else {
                    state.window.counts = Default::default();
                    job.finish();
                    continue;
                };
                obsolete.push((state.options.name.clone(), state.window.versions_file));
                start_window(&mut self.directory, state, window)?;
            }
            state.in_incomplete_run = true;
            job.open(&mut self.directory, state)?;
        }
        self.directory.write_state(&states)?;
        self.states = states;
        for (name, file) in obsolete {
            self.directory.remove_versions(&name, file);
        }
        self.started = Some(Instant::now());
        Ok(())
    }

    /// Adds pages to the files and states until the batch is full or nothing is left to load.
    fn write_batch(&mut self, access: Access<'_>) -> Result<()> {
        if let Some((job, error)) = self.failure.take() {
            return Err(self.fail(job, error));
        }
        let mut batch = Batch::new(self.max_pages);
        self.max_pages = self.max_pages.saturating_mul(2);
        while !batch.is_full() && !self.is_complete() {
            let Some((job, event)) = self.next_event(access, &batch)? else {
                break;
            };
            match self.add(job, event) {
                Ok(bytes) => batch.add(bytes),
                Err(error) if batch.is_empty() => return Err(self.fail(job, error)),
                Err(error) => {
                    self.failure = Some((job, error));
                    break;
                }
            }
        }
        Ok(())
    }

    /// Returns the next event of any resource; `None` at the end of the batch.
    fn next_event(&mut self, access: Access<'_>, batch: &Batch) -> Result<Option<JobEvent>> {
        let (jobs, states) = (&self.jobs, &self.states);
        let jobs = jobs.iter().map(|job| &states[job.state]).enumerate();
        let unread: Vec<_> = jobs.filter(|(_, state)| !state.is_at_end()).collect();
        self.source.next(access, &unread, batch.deadline())
    }

    /// Adds an event to the files and the state of its resource. Returns the length of what it
    /// adds, in bytes.
    fn add(&mut self, number: usize, event: Event) -> Result<usize> {
        let job = &mut self.jobs[number];
        let state = &mut self.states[job.state];
        let bytes = match event {
            Event::Failed(error) => return Err(error),
            Event::End => job.end(state),
            Event::Page(page) => {
                let added = job.add_page(&page, state);
                // The next call loads it again.
                let bytes = added.inspect_err(|_| self.source.discard(number))?;
                self.read += page.slice.records.len() as u64;
                bytes
            }
        };
        self.is_unsaved = true;
        Ok(bytes)
    }

    /// Adds the name of its resource to an error.
    fn fail(&self, number: usize, error: Error) -> Error {
        let job = &self.jobs[number];
        let name = &self.states[job.state].options.name;
        error.with_remark(format_args!("while exporting \"{name}\""))
    }

    /// Saves what was added, in an order in which a kill between any two steps loses nothing:
    /// first the files, then the state that refers to them.
    fn save(&mut self) -> Result<()> {
        if !self.is_unsaved {
            return Ok(());
        }
        for job in &mut self.jobs {
            job.save(&mut self.directory)?;
        }
        if self.is_complete() {
            for job in &self.jobs {
                self.states[job.state].in_incomplete_run = false;
            }
        }
        self.directory.write_state(&self.states)?;
        for job in self.jobs.iter_mut().filter(|job| !job.is_done) {
            let state = &self.states[job.state];
            if state.is_at_end() {
                self.directory.publish(state)?;
                job.finish();
            }
        }
        self.is_unsaved = false;
        Ok(())
    }

    /// Returns whether all lists are read to their end.
    fn is_complete(&self) -> bool {
        let mut jobs = self.jobs.iter();
        jobs.all(|job| self.states[job.state].is_at_end())
    }

    fn progress(&self) -> String {
        let states = self.jobs.iter().map(|job| &self.states[job.state]);
        let elapsed = self.started.map(|started| started.elapsed());
        progress::to_json(states, self.read, elapsed.unwrap_or_default())
    }
}

/// Starts a window after one that is complete, and copies the written versions that it may
/// receive again to its own file.
fn start_window(
    directory: &mut Directory,
    state: &mut ResourceState,
    mut window: Window,
) -> Result<()> {
    let name = &state.options.name;
    let after = window.updated_after.map(|after| after.unix_timestamp());
    let mut versions = directory.read_versions(name, state.window.versions_file)?;
    versions.retain(|version| Some(version.updated_at) >= after);
    if !versions.is_empty() {
        let file = window.versions_file;
        window.versions_file.bytes = directory.write_versions(name, file, &versions)?;
    }
    state.start_window(window);
    Ok(())
}
