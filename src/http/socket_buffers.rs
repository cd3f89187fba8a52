//! The buffers of a connection.

use ureq::unversioned::transport::Buffers;

/// Input and output of a connection. Unlike ureq's `LazyBuffers`, which write zeros into all of
/// their memory, they use only the pages that a message has been written to.
#[derive(Debug)]
pub(crate) struct SocketBuffers {
    input: Vec<u8>,
    consumed: usize,
    filled: usize,
    output: Vec<u8>,
    /// Whether the last call of `input_consume` consumed anything.
    has_progressed: bool,
}

/// The least room for a part of a request body, as in `LazyBuffers`.
const MIN_BODY_ROOM: usize = 10 * 1024;

impl SocketBuffers {
    pub(crate) fn new(input_size: usize, output_size: usize) -> Self {
        SocketBuffers {
            input: vec![0; input_size],
            consumed: 0,
            filled: 0,
            output: vec![0; output_size],
            has_progressed: false,
        }
    }

    /// Moves the unconsumed input to the front, so that the front is used again.
    fn shift_input(&mut self) {
        if self.consumed > 0 {
            self.input.copy_within(self.consumed..self.filled, 0);
            self.filled -= self.consumed;
            self.consumed = 0;
        }
    }
}

impl Buffers for SocketBuffers {
    fn output(&mut self) -> &mut [u8] {
        &mut self.output
    }

    fn input(&self) -> &[u8] {
        &self.input[self.consumed..self.filled]
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.shift_input();
        &mut self.input[self.filled..]
    }

    fn input_appended(&mut self, amount: usize) {
        self.filled += amount;
    }

    fn input_consume(&mut self, amount: usize) {
        self.consumed += amount;
        self.has_progressed = amount > 0;
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        self.shift_input();
        let with_room = self.filled + MIN_BODY_ROOM;
        if self.input.len() < with_room {
            self.input.resize(with_room, 0);
        }
        (&mut self.input[self.filled..], &mut self.output)
    }

    fn can_use_input(&self) -> bool {
        self.has_progressed && !self.input().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn append(buffers: &mut SocketBuffers, data: &[u8]) {
        buffers.input_append_buf()[..data.len()].copy_from_slice(data);
        buffers.input_appended(data.len());
    }

    #[test]
    fn input_is_what_was_appended_and_not_consumed() {
        let mut buffers = SocketBuffers::new(8, 8);
        append(&mut buffers, b"abcdef");
        buffers.input_consume(4);
        assert_eq!(buffers.input(), b"ef");
        append(&mut buffers, b"ghijkl");
        assert_eq!(buffers.input(), b"efghijkl");
        assert!(buffers.input_append_buf().is_empty());
        buffers.input_consume(8);
        assert_eq!(buffers.input(), b"");
        assert_eq!(buffers.input_append_buf().len(), 8);
    }

    #[test]
    fn input_cannot_be_used_before_progress() {
        let mut buffers = SocketBuffers::new(8, 8);
        append(&mut buffers, b"ab");
        assert!(!buffers.can_use_input());
        buffers.input_consume(1);
        assert!(buffers.can_use_input());
        buffers.input_consume(0);
        assert!(!buffers.can_use_input());
    }

    #[test]
    fn request_body_has_room_after_early_input() {
        let mut buffers = SocketBuffers::new(8, 8);
        append(&mut buffers, b"abcdefgh");
        let (room, output) = buffers.tmp_and_output();
        assert_eq!((room.len(), output.len()), (MIN_BODY_ROOM, 8));
        assert_eq!(buffers.input(), b"abcdefgh");
    }

    /// Returns the resident memory of this process, in KiB.
    #[cfg(target_os = "linux")]
    fn resident() -> usize {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next());
        kib.unwrap().parse().unwrap()
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn unused_room_takes_no_memory() {
        const COUNT: usize = 1000;
        const SIZE: usize = 64 * 1024;
        let before = resident();
        let mut all: Vec<_> = (0..COUNT).map(|_| SocketBuffers::new(SIZE, SIZE)).collect();
        for buffers in &mut all {
            append(buffers, b"a response");
            buffers.output()[..9].copy_from_slice(b"a request");
        }
        // Other tests of this process use memory, too.
        let limit = COUNT * SIZE / 1024;
        assert!(resident() < before + limit, "{} KiB", resident() - before);
    }
}
