//! Pages into records: a list that is loaded as it is read.

pub(crate) mod page;
pub(crate) mod page_cache;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::auth::token::Token;
use crate::client::Client;
use crate::collection::page::{Page, Paging};
use crate::collection::page_cache::{Loaded, PageCache};
use crate::encoding::percent::encode;
use crate::error::{Error, Result};
use crate::process::fork::PerProcess;
use crate::process::threads;
use crate::request::Request;
use crate::request::log::LogBuffer;
use crate::request::target;

/// The length of a list that goes on for as long as there are cursors.
const UNKNOWN: usize = usize::MAX;

/// A lazily loaded list of records. Nothing is loaded before it is asked for;
/// read with [`Collection::next`], pages are loaded ahead by threads that end
/// with the collection. A forked child reads on where its parent was, loading
/// anew what it needs.
pub struct Collection {
    source: Arc<Source>,
}

/// What the reader and the threads that load ahead share.
struct Source {
    client: Client,
    /// The client of our threads, which leave what they have to tell in the
    /// backlog.
    ahead_client: Client,
    backlog: LogBuffer,
    token: Option<Token>,
    /// Path and query, without what tells one page from another.
    target: String,
    /// The number of the list's first page.
    first_page: usize,
    /// Where the list begins, when it is read by cursor from there.
    first_cursor: Option<String>,
    /// Records at most.
    limit: Option<usize>,
    /// Read for as long as there are cursors, however long the list was at first.
    to_the_end: bool,
    bookmark: Bookmark,
    reading: PerProcess<Reading>,
}

/// What one process has read, and the threads that load ahead there.
#[derive(Default)]
struct Reading {
    state: Mutex<State>,
    changed: Condvar,
    workers: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Default)]
struct State {
    /// What the first page said; known once it is loaded.
    extent: Option<Extent>,
    /// Of the page loaded last.
    info: Option<String>,
    /// Of a list that is read by cursor, those of the positions reached so far.
    cursors: BTreeMap<usize, String>,
    /// The last position of such a list, once it is known.
    last: Option<usize>,
    /// Loaded pages, by their position in the list.
    pages: PageCache,
    /// Positions that somebody is loading, and who.
    loading: BTreeMap<usize, usize>,
    /// Threads that begin to load ahead: their pages are not yet in `loading`.
    beginning: usize,
    /// Positions below this one were given out by `next`.
    position: Position,
    closed: bool,
    /// Grows with each rewind: what was asked for before it is dropped.
    generation: u64,
}

/// What is left of a page, and what comes after it.
pub(crate) struct PageSlice {
    pub(crate) page: Arc<Page>,
    pub(crate) records: Range<usize>,
    pub(crate) next: NextPage,
}

/// Where a list goes on after a page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NextPage {
    Cursor(String),
    Number(usize),
    /// The page was the last of a list that is read by cursor. Of others the
    /// one after the last tells.
    None,
}

#[derive(Clone, Copy)]
struct Extent {
    /// Records, by what the service said at first and the limit.
    len: usize,
    per_page: usize,
    by_cursor: bool,
}

/// Where `next` reads.
#[derive(Clone, Copy, Default)]
struct Position {
    page: usize,
    record: usize,
    given: usize,
}

/// The position where a forked child can read it: whoever holds the state's
/// lock at the fork never lets go of it in the child.
#[derive(Default)]
struct Bookmark {
    /// One is whole at any moment, while the other is written.
    places: [Place; 2],
    whole: AtomicUsize,
}

#[derive(Default)]
struct Place {
    page: AtomicUsize,
    record: AtomicUsize,
    given: AtomicUsize,
}

impl Bookmark {
    /// By one thread at a time: whoever holds the state's lock.
    fn set(&self, position: Position) {
        let other = 1 - self.whole.load(Ordering::Relaxed);
        let place = &self.places[other];
        place.page.store(position.page, Ordering::Relaxed);
        place.record.store(position.record, Ordering::Relaxed);
        place.given.store(position.given, Ordering::Relaxed);
        self.whole.store(other, Ordering::Release);
    }

    fn get(&self) -> Position {
        let place = &self.places[self.whole.load(Ordering::Acquire)];
        Position {
            page: place.page.load(Ordering::Relaxed),
            record: place.record.load(Ordering::Relaxed),
            given: place.given.load(Ordering::Relaxed),
        }
    }
}

impl Collection {
    /// A list of the records at `path`; `limit` bounds how many. Sends nothing.
    ///
    /// A `page` or `cursor` in `path` or `params_json` is where the list begins,
    /// a `per_page` stands instead of the option of that name.
    ///
    /// # Errors
    /// `InvalidArgument`, with the name of the argument.
    pub fn new(
        client: &Client,
        token: Option<&Token>,
        path: &str,
        params_json: Option<&str>,
        limit: Option<usize>,
    ) -> Result<Self> {
        Collection::made(client, token, path, params_json, limit, false)
    }

    /// A list at `path` that is read on for as long as there are cursors, also
    /// where it grows meanwhile.
    pub(crate) fn to_the_end(client: &Client, token: Option<&Token>, path: &str) -> Result<Self> {
        Collection::made(client, token, path, None, None, true)
    }

    fn made(
        client: &Client,
        token: Option<&Token>,
        path: &str,
        params_json: Option<&str>,
        limit: Option<usize>,
        to_the_end: bool,
    ) -> Result<Self> {
        let call = Request::new("GET", path, params_json)?;
        let Paging {
            mut target,
            first_page,
            first_cursor,
            has_per_page,
        } = Paging::of(&call.target)?;
        if !has_per_page {
            let per_page = client.options.per_page.to_string();
            target::add_pair(&mut target, "per_page", &per_page);
        }
        let client = client.child(client.log().cloned());
        let backlog = LogBuffer::default();
        let ahead_client = client.child(client.log().map(|log| backlog.buffered(log)));
        Ok(Collection {
            source: Arc::new(Source {
                client,
                ahead_client,
                backlog,
                token: token.cloned(),
                target,
                first_page,
                first_cursor,
                limit,
                to_the_end,
                bookmark: Bookmark::default(),
                reading: PerProcess::default(),
            }),
        })
    }

    /// How many records there are: the smaller of the limit and what the
    /// service said at first. Loads the first page if need be.
    ///
    /// # Errors
    /// Those of [`Client::call`]; `BadResponse` when the response is no list, or
    /// does not say how long it is.
    pub fn len(&self) -> Result<usize> {
        self.source.client.check_not_cancelled()?;
        if self.source.limit == Some(0) {
            return Ok(0);
        }
        match self.source.extent()?.len {
            UNKNOWN => Err(Error::bad_response(
                "the response does not say how long the list is",
            )),
            len => Ok(len),
        }
    }

    /// Whether there are no records.
    ///
    /// # Errors
    /// Those of [`Collection::len`].
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// The record at `index`, from 0. Loads its page if need be.
    ///
    /// # Errors
    /// `InvalidArgument` past the end; else those of [`Collection::len`].
    pub fn get(&self, index: usize) -> Result<String> {
        self.get_as(index, str::to_owned)
    }

    /// The same as what `give` makes of it.
    pub(crate) fn get_as<T>(&self, index: usize, give: impl FnOnce(&str) -> T) -> Result<T> {
        let past_end = || {
            Error::invalid(
                "index",
                format_args!("{index} is past the end of the collection"),
            )
        };
        if index >= self.len()? {
            return Err(past_end());
        }
        let per_page = self.source.extent()?.per_page;
        let page = self.source.page(index / per_page)?;
        let record = page.record(index % per_page).ok_or_else(past_end)?;
        Ok(give(record))
    }

    /// The next record; `None` at the end. After an error, reading goes on at
    /// the same record. Threads that read one collection share its position.
    ///
    /// # Errors
    /// Those of [`Collection::len`].
    pub fn next(&self) -> Result<Option<String>> {
        self.next_as(str::to_owned)
    }

    /// The same as what `give` makes of it.
    pub(crate) fn next_as<T>(&self, give: impl Fn(&str) -> T) -> Result<Option<T>> {
        self.read(|page, position, _| {
            let record = page.record(position.record)?;
            position.record += 1;
            position.given += 1;
            Some(give(record))
        })
    }

    /// What is left of the page that `next` reads, as a JSON array; `None` at
    /// the end. With the option `whole_pages` the whole response that the page came
    /// in, with what else stands there.
    ///
    /// # Errors
    /// Those of [`Collection::len`].
    pub fn next_page(&self) -> Result<Option<String>> {
        let whole = self.source.client.options.whole_pages;
        self.read(|page, position, most| {
            let end = page.len().min(position.record.saturating_add(most));
            if position.record >= end {
                return None;
            }
            let text = match whole {
                true => page.text().to_owned(),
                false => page.array(position.record..end),
            };
            position.given += end - position.record;
            position.record = end;
            Some(text)
        })
    }

    /// What is left of the page that `next` reads, without copying it; `None` at
    /// the end.
    pub(crate) fn next_page_slice(&self) -> Result<Option<PageSlice>> {
        let by_cursor = self.source.extent()?.by_cursor;
        self.read(|page, position, most| {
            let end = page.len().min(position.record.saturating_add(most));
            if position.record >= end {
                return None;
            }
            let next = match page.cursor() {
                Some(cursor) => NextPage::Cursor(cursor.to_owned()),
                None if by_cursor => NextPage::None,
                None => NextPage::Number(self.source.first_page + position.page + 1),
            };
            let records = position.record..end;
            position.given += records.len();
            position.record = end;
            let page = page.clone();
            Some(PageSlice {
                page,
                records,
                next,
            })
        })
    }

    /// The paging object of the page loaded last, as the service sent it. Loads
    /// the first page if none is.
    ///
    /// # Errors
    /// Those of [`Collection::len`].
    pub fn info(&self) -> Result<String> {
        self.source.client.check_not_cancelled()?;
        self.source.extent()?;
        let info = self.source.lock().info.clone();
        Ok(info.unwrap_or_else(|| "null".to_owned()))
    }

    /// Starts over: forgets what was loaded and reads from the first record.
    pub fn rewind(&self) {
        let mut state = self.source.lock();
        *state = State {
            generation: state.generation + 1,
            beginning: state.beginning,
            closed: state.closed,
            ..State::default()
        };
        self.source.bookmark.set(state.position);
    }

    /// Gives what `take` finds at the position, on this page or a later one.
    fn read<T>(
        &self,
        mut take: impl FnMut(&Arc<Page>, &mut Position, usize) -> Option<T>,
    ) -> Result<Option<T>> {
        self.source.client.check_not_cancelled()?;
        if self.source.limit == Some(0) {
            return Ok(None);
        }
        self.source.tell_backlog();
        loop {
            let mut state = self.source.lock();
            let Some(extent) = state.extent else {
                drop(state);
                self.source.page(0)?;
                continue;
            };
            let wanted = state.position.page;
            if wanted >= state.pages_of(extent) {
                return Ok(None);
            }
            if state.position.record == 0 {
                self.load_ahead(&mut state, extent);
            }
            let Some(Ok(page)) = state.pages.get(wanted) else {
                drop(state);
                self.source.page(wanted)?;
                continue;
            };
            let left = extent.len.saturating_sub(state.position.given);
            if left == 0 || page.len() == 0 {
                // Nothing more to give, or a list that has shrunk.
                state.position.page = state.pages_of(extent);
                self.source.bookmark.set(state.position);
                return Ok(None);
            }
            let taken = take(&page, &mut state.position, left);
            if taken.is_none() {
                state.position.page += 1;
                state.position.record = 0;
                let window = self.source.window(&state);
                state.pages.shrink(&window);
            }
            self.source.bookmark.set(state.position);
            if taken.is_some() {
                return Ok(taken);
            }
        }
    }

    /// Starts threads for the pages after the reader's, as many as the options
    /// allow, and at first no more than were read: who wants ten records does
    /// not load five pages.
    fn load_ahead(&self, state: &mut State, extent: Extent) {
        let wanted = self.source.ahead(state, extent).len();
        let more = wanted.saturating_sub(state.beginning);
        if more == 0 {
            return;
        }
        let mut workers = self.source.reading().workers();
        workers.retain(|worker| !worker.is_finished());
        for _ in 0..more {
            let source = self.source.clone();
            // Without a thread the reader loads the pages itself.
            let Ok(worker) = threads::spawn("uservoice-pages", move || source.work(extent)) else {
                return;
            };
            state.beginning += 1;
            workers.push(worker);
        }
    }
}

impl Reading {
    fn at(position: Position) -> Self {
        let state = State {
            position,
            ..State::default()
        };
        Reading {
            state: Mutex::new(state),
            ..Reading::default()
        }
    }

    fn workers(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source {
    fn reading(&self) -> &Reading {
        self.reading.get(|| Reading::at(self.bookmark.get()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        let state = self.reading().state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }

    /// Loads the first page if need be.
    fn extent(&self) -> Result<Extent> {
        loop {
            if let Some(extent) = self.lock().extent {
                return Ok(extent);
            }
            // Forgotten again where another thread starts over at this moment.
            self.page(0)?;
        }
    }

    /// The page at `position`, and what our threads have to tell meanwhile.
    fn page(&self, position: usize) -> Result<Arc<Page>> {
        let page = self.find_or_load(position);
        self.tell_backlog();
        page
    }

    fn tell_backlog(&self) {
        if let Some(log) = self.client.log() {
            self.backlog.flush(log);
        }
    }

    /// The page at `position`. In a list that is read by cursor those before it
    /// tell where it is; past the end it is empty.
    fn find_or_load(&self, position: usize) -> Result<Arc<Page>> {
        loop {
            let way = self.lock().way_to(position);
            let known = match way {
                Way::Known => position,
                Way::PastEnd => return Ok(Arc::new(Page::default())),
                Way::Over(before) => before,
            };
            let page = self.find_or_load_known(known)?;
            if known == position
                && let Some(page) = page
            {
                return Ok(page);
            }
        }
    }

    /// The page at `position`, from memory, from a thread that is loading it,
    /// or loaded here. `None` where the way to it is forgotten, since another
    /// thread starts over at this moment.
    fn find_or_load_known(&self, position: usize) -> Result<Option<Arc<Page>>> {
        let mut state = self.lock();
        loop {
            if !matches!(state.way_to(position), Way::Known) {
                return Ok(None);
            }
            if let Some(loaded) = state.pages.get(position) {
                if loaded.is_err() {
                    // The error is told once; the next reader tries again.
                    state.pages.remove(position);
                }
                return loaded.map(Some);
            }
            match state.loading.entry(position) {
                Entry::Vacant(place) => {
                    place.insert(threads::this_one());
                    break;
                }
                Entry::Occupied(by) if *by.get() == threads::this_one() => {
                    return Err(Error::invalid(
                        "collection",
                        "must not be used by the log callback while it loads a page",
                    ));
                }
                Entry::Occupied(_) => {}
            }
            let woken = self.reading().changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
        let generation = state.generation;
        drop(state);
        let load = AssertUnwindSafe(|| self.load(position, &self.client));
        let loaded = catch_unwind(load).unwrap_or_else(|panic| {
            // Such as that of a log. Those who wait for the page load it.
            self.give_up(position, generation);
            resume_unwind(panic)
        });
        let mut state = self.lock();
        self.keep(&mut state, position, generation, &loaded);
        if loaded.is_err() {
            state.pages.remove(position);
        }
        loaded.map(Some)
    }

    fn give_up(&self, position: usize, generation: u64) {
        let mut state = self.lock();
        if state.generation == generation {
            state.loading.remove(&position);
        }
        drop(state);
        self.reading().changed.notify_all();
    }

    fn load(&self, position: usize, client: &Client) -> Loaded {
        let mut target = self.target.clone();
        let cursor = match position {
            0 => self.first_cursor.clone(),
            _ => self.lock().cursors.get(&position).cloned(),
        };
        if let Some(cursor) = cursor {
            target::add_encoded(&mut target, "cursor", &cursor);
        } else if position > 0 || self.first_page > 1 || !target::is_v2(&target) {
            let number = self.first_page.saturating_add(position);
            target::add_pair(&mut target, "page", &number.to_string());
        }
        let call = Request::new("GET", &target, None)?;
        client.send(self.token.as_ref(), call, |response| {
            Page::read(response, &self.target).map(Arc::new)
        })
    }

    fn keep(&self, state: &mut State, position: usize, generation: u64, loaded: &Loaded) {
        if state.generation == generation {
            state.loading.remove(&position);
            if let Ok(page) = loaded {
                let extent = self.extent_of(page, position);
                if state.extent.get_or_insert(extent).by_cursor {
                    state.note_cursor(position, page.cursor());
                }
                state.info = page.info().map(str::to_owned);
            }
            state.pages.insert(position, loaded.clone());
            let window = self.window(state);
            state.pages.shrink(&window);
        }
        // Auth waits for a page of before a rewind, too.
        self.reading().changed.notify_all();
    }

    fn extent_of(&self, page: &Page, position: usize) -> Extent {
        // The page size that the service used, whatever was asked for.
        let per_page = page.per_page().unwrap_or(page.len()).max(1);
        let number = match &self.first_cursor {
            // Only the service knows where a cursor leads.
            Some(_) => page.number().unwrap_or(1),
            None => self.first_page.saturating_add(position),
        };
        let before = (number - 1).saturating_mul(per_page);
        let by_cursor = page.cursor().is_some() || self.first_cursor.is_some();
        let len = match page.total() {
            Some(_) if by_cursor && self.to_the_end => UNKNOWN,
            Some(total) => total.saturating_sub(before),
            None if by_cursor => UNKNOWN,
            None => page.len(),
        };
        Extent {
            len: len.min(self.limit.unwrap_or(UNKNOWN)),
            per_page,
            by_cursor,
        }
    }

    /// The reader's page and those that may be loaded ahead of it.
    fn window(&self, state: &State) -> Range<usize> {
        let reader = state.position.page;
        let ahead = self.client.options.prefetch_pages.min(reader);
        reader..reader.saturating_add(1 + ahead)
    }

    /// Positions that are worth loading ahead of the reader now.
    fn ahead(&self, state: &State, extent: Extent) -> Vec<usize> {
        let window = self.window(state);
        let end = window.end.min(state.pages_of(extent));
        (window.start.saturating_add(1)..end)
            .filter(|&position| matches!(state.way_to(position), Way::Known))
            .filter(|&position| !state.pages.contains(position))
            .filter(|position| !state.loading.contains_key(position))
            .collect()
    }

    /// The work of one thread: loads ahead while there is something to load.
    fn work(&self, extent: Extent) {
        let mut state = self.lock();
        state.beginning -= 1;
        while let Some(position) = self.ahead(&state, extent).first().copied() {
            if state.closed {
                return;
            }
            let generation = state.generation;
            state.loading.insert(position, threads::this_one());
            drop(state);
            let loaded = catch_unwind(AssertUnwindSafe(|| self.load(position, &self.ahead_client)))
                .unwrap_or_else(|_| Err(Error::internal("a thread that loads pages panicked")));
            state = self.lock();
            self.keep(&mut state, position, generation, &loaded);
        }
    }
}

/// How a page is found.
enum Way {
    /// By its number, or by a cursor that is known.
    Known,
    /// After the page at this position is loaded, which has the next cursor.
    Over(usize),
    PastEnd,
}

impl State {
    /// How many pages there are, as far as it is known.
    fn pages_of(&self, extent: Extent) -> usize {
        if !extent.by_cursor {
            return extent.len.div_ceil(extent.per_page);
        }
        self.last.map_or(UNKNOWN, |last| last + 1)
    }

    fn way_to(&self, position: usize) -> Way {
        if position == 0 {
            return Way::Known;
        }
        // The first page tells how the others are found.
        let Some(extent) = self.extent else {
            return Way::Over(0);
        };
        if !extent.by_cursor || self.cursors.contains_key(&position) {
            return Way::Known;
        }
        if self.last.is_some_and(|last| position > last) {
            return Way::PastEnd;
        }
        let reached = self.cursors.range(..position).next_back();
        Way::Over(reached.map_or(0, |(&position, _)| position))
    }

    fn note_cursor(&mut self, position: usize, cursor: Option<&str>) {
        match cursor {
            Some(cursor) => {
                let encoded = encode(cursor).to_string();
                self.cursors.insert(position + 1, encoded);
            }
            None => self.last = Some(position),
        }
    }
}

/// Ends the threads that load ahead, and waits for them.
impl Drop for Collection {
    fn drop(&mut self) {
        self.source.lock().closed = true;
        self.source.client.cancel();
        let workers = std::mem::take(&mut *self.source.reading().workers());
        for worker in workers {
            // Its panic was caught and told to the reader.
            let _ = worker.join();
        }
        self.source.tell_backlog();
    }
}

impl fmt::Debug for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collection").finish_non_exhaustive()
    }
}
