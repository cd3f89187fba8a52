//! The faults that are still pending.

use fastrand::Rng;

use super::fault::Fault;

/// The pending faults. The same requests meet the same faults at every start.
pub struct Faults {
    pending: Vec<Fault>,
    last_id: u64,
    random: Rng,
}

impl Default for Faults {
    fn default() -> Self {
        Faults {
            pending: Vec::new(),
            last_id: 0,
            random: Rng::with_seed(0),
        }
    }
}

impl Faults {
    pub fn add(&mut self, faults: Vec<Fault>) -> Result<(), String> {
        faults.iter().try_for_each(Fault::validate)?;
        for mut fault in faults {
            if fault.probability.is_none() {
                fault.times.get_or_insert(1);
            }
            if let Some(seed) = fault.seed {
                self.random.seed(seed);
            }
            self.last_id += 1;
            fault.id = self.last_id;
            self.pending.push(fault);
        }
        Ok(())
    }

    pub fn clear(&mut self) {
        self.pending.clear();
    }

    pub fn remove(&mut self, id: u64) {
        self.pending.retain(|fault| fault.id != id);
    }

    pub fn pending(&self) -> &[Fault] {
        &self.pending
    }

    /// Returns the fault that affects this request, and counts it against `times`.
    pub fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        let Faults {
            pending, random, ..
        } = self;
        for fault in pending
            .iter_mut()
            .filter(|fault| fault.matches(method, path))
        {
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            let occurs = |probability| random.f64() < probability;
            if !fault.probability.is_none_or(occurs) {
                continue;
            }
            fault.times = fault.times.map(|times| times.saturating_sub(1));
            let taken = fault.clone();
            pending.retain(|fault| fault.times != Some(0));
            return Some(taken);
        }
        None
    }
}
