//! Memory for what is written to a file.

use std::fs::File;
use std::io::{self, ErrorKind, Write};

/// Bytes that wait to be written. A response decides how many there are, so memory for them is
/// reserved fallibly, and in blocks, which are not copied when more is added.
#[derive(Default)]
pub(super) struct Buffer {
    /// None is empty, and all but the last one are full.
    blocks: Vec<Vec<u8>>,
}

/// The size of the first blocks. Later ones have an eighth of what is there already: where the
/// memory ends, some of it must be left for the rest of the process.
const MIN_BLOCK_BYTES: usize = 256 << 10;

impl Buffer {
    pub(super) fn len(&self) -> usize {
        self.blocks.iter().map(Vec::len).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Removes what was added after the first `len` bytes.
    pub(super) fn truncate(&mut self, len: usize) {
        let mut rest = len;
        self.blocks.retain_mut(|block| {
            block.truncate(rest);
            rest -= block.len();
            !block.is_empty()
        });
    }

    #[cfg(test)]
    pub(super) fn contents(&self) -> Vec<u8> {
        self.blocks.concat()
    }

    pub(super) fn write_to(&self, file: &mut File) -> io::Result<()> {
        let mut blocks = self.blocks.iter();
        blocks.try_for_each(|block| file.write_all(block))
    }

    /// Returns a block that is not full.
    fn last_block(&mut self) -> io::Result<&mut Vec<u8>> {
        let is_full = |block: &Vec<u8>| block.len() == block.capacity();
        if self.blocks.last().is_none_or(is_full) {
            let mut block = Vec::new();
            let reserved = block.try_reserve_exact(MIN_BLOCK_BYTES.max(self.len() / 8));
            reserved.map_err(|_| ErrorKind::OutOfMemory)?;
            self.blocks.push(block);
        }
        self.blocks.last_mut().ok_or(ErrorKind::OutOfMemory.into())
    }
}

/// Fails only if there is no memory.
impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let block = self.last_block()?;
        let written = bytes.len().min(block.capacity() - block.len());
        block.extend_from_slice(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The lines of one page. Together with what else is kept of the page, they may take as much
/// memory as a response.
pub(super) struct PageLines<'a> {
    buffer: &'a mut Buffer,
    bytes_left: usize,
}

impl<'a> PageLines<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, max_bytes: usize) -> Self {
        PageLines {
            buffer,
            bytes_left: max_bytes,
        }
    }

    /// Fails unless there is room for a copy of `len` bytes, and for lines of it that are twice
    /// as long, because of quotes.
    pub(super) fn check_copy(&self, len: usize) -> io::Result<()> {
        match len <= self.bytes_left / 3 {
            true => Ok(()),
            false => Err(ErrorKind::FileTooLarge.into()),
        }
    }
}

/// Fails with `FileTooLarge` or `OutOfMemory`.
impl Write for PageLines<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.bytes_left {
            return Err(ErrorKind::FileTooLarge.into());
        }
        let written = self.buffer.write(bytes)?;
        self.bytes_left -= written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_bytes_in_blocks() {
        const LEN: usize = 10 * MIN_BLOCK_BYTES + 7;
        let bytes: Vec<u8> = (0..LEN).map(|at| (at % 251) as u8).collect();
        let mut buffer = Buffer::default();
        assert!(buffer.is_empty());
        for part in bytes.chunks(1000) {
            buffer.write_all(part).unwrap();
        }
        assert_eq!(buffer.contents(), bytes);
        assert!(buffer.blocks.len() < 11);
        for len in [LEN, LEN - 1, MIN_BLOCK_BYTES + 1, MIN_BLOCK_BYTES, 5, 0] {
            buffer.truncate(len);
            assert_eq!(buffer.len(), len);
            assert_eq!(buffer.contents(), bytes[..len]);
        }
        assert!(buffer.is_empty());
        buffer.write_all(b"again").unwrap();
        assert_eq!(buffer.contents(), b"again");
    }

    #[test]
    fn lines_of_a_page_are_bounded() {
        let mut buffer = Buffer::default();
        let mut lines = PageLines::new(&mut buffer, 6);
        lines.write_all(b"abc").unwrap();
        assert!(lines.check_copy(1).is_ok() && lines.check_copy(2).is_err());
        let error = lines.write_all(b"defg").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        lines.write_all(b"def").unwrap();
        assert_eq!(buffer.contents(), b"abcdef");
    }
}
